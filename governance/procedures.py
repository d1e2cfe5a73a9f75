"""Which procedure decides what, and that no weaker one changes a stronger one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coop.rules.book import RuleBook
from coop.rules.catalogue import CATALOGUE
from coop.rules.catalogue.rule import RuleValue
from governance.tally import Procedure, is_as_demanding

PREFIX = "procedure."
PARAMETER, ADMISSION, STEWARDS = f"{PREFIX}parameter", f"{PREFIX}admission", f"{PREFIX}stewards"


def procedure_keys() -> list[str]:
    """The rules that are procedures."""
    return sorted(key for key in CATALOGUE if key.startswith(PREFIX))


def governing(key: str) -> str:
    """The procedure that changes the rule `key`: the one of the rule's layer."""
    return f"{PREFIX}{CATALOGUE[key].layer}"


def in_book(book: RuleBook, key: str) -> Procedure:
    """The procedure `key` as the book has it."""
    return Procedure.from_table(book.table(key))


def book_after(book: RuleBook, values: Mapping[str, RuleValue]) -> RuleBook:
    """The book as it would be with these new values in force."""
    changed = {key: (book.version(key) + 1, value) for key, value in values.items()}
    return RuleBook(rules={**book.rules, **changed})


def outgrown(book: RuleBook, keys: Iterable[str]) -> list[str]:
    """Of these procedures, those that ask more than the procedure by which they are themselves changed."""
    return [key for key in keys if not is_as_demanding(in_book(book, governing(key)), in_book(book, key))]
