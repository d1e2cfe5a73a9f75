"""Which procedure decides what, and that no weaker one changes a stronger one. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from coop.rules.book import RuleBook
from coop.rules.catalogue import CATALOGUE
from governance.changes import Admit, Appoint, ChangeSet, GrantAccess, Operation, Resolution, SetRule
from governance.tally import Procedure, is_as_demanding

PREFIX = "procedure."


def procedure_keys() -> list[str]:
    """The rules that are procedures."""
    return sorted(key for key in CATALOGUE if key.startswith(PREFIX))


def governing(key: str) -> str:
    """The procedure that changes the rule `key`: the one of the rule's layer."""
    return f"{PREFIX}{CATALOGUE[key].layer}"


def procedure_for(change: Operation) -> str:
    """The key of the procedure by which this operation is decided."""
    match change:
        case SetRule(key=key):
            return governing(key)
        case Admit():
            return f"{PREFIX}admission"
        case GrantAccess():
            return f"{PREFIX}stewards"
        case Resolution() | Appoint():
            return f"{PREFIX}parameter"


def in_book(book: RuleBook, key: str) -> Procedure:
    """The procedure `key` as the book has it."""
    return Procedure.from_table(book.table(key))


def book_after(book: RuleBook, changes: ChangeSet) -> RuleBook:
    """The book as it would be with the changes in force."""
    rules = dict(book.rules)
    for change in changes:
        if isinstance(change, SetRule):
            rules[change.key] = (rules[change.key][0] + 1, change.new_value)
    return RuleBook(rules=rules)


def outgrown(book: RuleBook, keys: Iterable[str]) -> list[str]:
    """Of these procedures, those that ask more than the procedure by which they are themselves changed."""
    return [key for key in keys if not is_as_demanding(in_book(book, governing(key)), in_book(book, key))]
