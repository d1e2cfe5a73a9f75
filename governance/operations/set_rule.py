"""Give a rule a new value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from coop.ground.canonical import instant
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, check_fit, check_value, head, in_force
from coop.rules.catalogue import CATALOGUE
from coop.rules.catalogue.rule import Effect
from governance.changes import Operation, value, whole, word
from governance.electorate import voters_at
from governance.procedures import PREFIX, book_after, governing, in_book, outgrown, procedure_keys
from governance.tally import is_satisfiable
from payouts.sharing.periods import next_period_start


@dataclass(frozen=True)
class SetRule(Operation):
    """Give a rule a new value, written against version `base_version` of it."""

    op: ClassVar[str] = "set_rule"
    key: Annotated[str, word(gettext_noop("a rule is named by its key"))]
    base_version: Annotated[int, whole(gettext_noop("a version is a whole number"))]
    new_value: Annotated[Any, value(gettext_noop("a value is made of whole numbers and words"))]

    def title(self) -> str:
        """The rule."""
        rule = CATALOGUE.get(self.key)
        return _(rule.title) if rule else self.key

    def procedure(self) -> str:
        """The one of the rule's layer."""
        return governing(self.key)

    def check(self, *, now: datetime) -> None:
        """The rule exists, the value is within bounds and fits with the other rules, and the base is its newest version.

        Refused `unknown_rule`, `value_not_allowed`, `rules_conflict`, `stale_base`, `nothing_changes`.
        """
        try:
            checked = check_value(self.key, self.new_value)
            check_fit(key=self.key, value=checked, at=now)
        except Refused as refused:
            tail = (refused.field or "").removeprefix("value").removeprefix("key")
            name = "key" if refused.code == "unknown_rule" else "new_value"
            raise Refused(refused.message, code=refused.code, field=f"{name}{tail}") from None
        newest = head(self.key)
        if newest.number != self.base_version:
            raise Refused(
                _("This was written against version %(base)s of the rule; the newest is %(newest)s.")
                % {"base": self.base_version, "newest": newest.number},
                code="stale_base",
                field="base_version",
            )
        if newest.value == checked:
            raise Refused(_("The rule has this value already."), code="nothing_changes", field="new_value")

    @classmethod
    def check_together(cls, changes: Sequence[Self], *, now: datetime) -> None:
        """Each rule once; no weaker procedure changes a stronger one, and something can still be decided afterwards.

        Refused `rule_set_twice`, `entrenched`, `no_procedure_satisfiable`.
        """
        values = {change.key: change.new_value for change in changes}
        if len(values) < len(changes):
            raise Refused(_("One proposal sets a rule once."), code="rule_set_twice")
        if touched := [key for key in values if key.startswith(PREFIX)]:
            _check_procedures(values, touched, now=now)

    def apply(self, *, decision: UUID, now: datetime) -> dict[str, Any]:
        """A new version of the rule. Refused `stale_base`, and as `amend_rule`."""
        newest = head(self.key)
        if newest.number != self.base_version and newest.decision != decision:
            raise Refused(
                _("This was voted on version %(base)s of the rule; by now it is at version %(newest)s.")
                % {"base": self.base_version, "newest": newest.number},
                code="stale_base",
                field="base_version",
            )
        version = amend_rule(
            key=self.key,
            value=self.new_value,
            effective_from=begins_at(self.key, head_from=newest.effective_from, now=now),
            decision=decision,
            supersedes=newest,
            now=now,
        )
        return {"key": self.key, "version": version.number, "effective_from": instant(version.effective_from)}

    def decline(self, *, decision: UUID, now: datetime) -> None:
        """The rule stays as it is."""


KIND = SetRule


def begins_at(key: str, *, head_from: datetime, now: datetime) -> datetime:
    """When a new value of the rule begins: money rules with the next payout period, others at once.

    A second decision on a money rule in the same period begins one period after the first.
    """
    if CATALOGUE[key].effect is Effect.AT_ONCE:
        return now
    return next_period_start(max(now, head_from))


def _check_procedures(values: dict[str, Any], touched: list[str], *, now: datetime) -> None:
    book = in_force(now)
    after = book_after(book, values)
    if outgrown(book, touched) or set(outgrown(after, procedure_keys())) - set(outgrown(book, procedure_keys())):
        raise Refused(
            _("A procedure is changed only by one that asks at least as much: %(governing)s would not.")
            % {"governing": ", ".join(sorted({governing(key) for key in touched}))},
            code="entrenched",
        )
    for key in touched:
        procedure = in_book(after, key)
        voters = voters_at(procedure, now).count()
        if not voters and not voters_at(in_book(book, key), now).exists():
            voters = 1  # the office is vacant, which this change neither makes nor mends
        if not is_satisfiable(procedure, voters):
            raise Refused(
                _("With %(procedure)s like this nothing could ever be decided by it again.") % {"procedure": key},
                code="no_procedure_satisfiable",
            )
