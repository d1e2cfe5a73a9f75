"""What a line of a statement is, and what its words are made of: the inputs and the result of one version of a run, and its rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from coop.ground.amounts import shown_amount
from coop.rules.book import RuleBook
from coop.rules.catalogue import CATALOGUE
from payouts.sharing.inputs import works
from payouts.sharing.models import RunVersion


@dataclass(frozen=True, slots=True)
class RuleBehind:
    """The version of a rule that a line follows, its value, and the proposal that set it (None: the founding)."""

    key: str
    title: str
    version: int
    value: Any
    decision: UUID | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is, how it is reckoned with the numbers in it, and what comes out.

    `exact` is a fraction "num/den" where the line has one before rounding, `amount` minor units, `sources` what it is taken from.
    """

    key: str
    title: str
    formula: str
    rules: tuple[RuleBehind, ...] = ()
    sources: tuple[str, ...] = ()
    exact: str = ""
    amount: int | None = None


class Material:
    """What the lines of one member in a version of a run are made of.

    Of a version that another has `replaced` nothing is ever booked: its statement names no place in the books and promises nothing.
    """

    def __init__(
        self,
        version: RunVersion,
        pseudonym: str,
        book: RuleBook,
        decisions: Mapping[str, UUID | None] | None = None,
        before: UUID | None = None,
    ) -> None:
        self.run, self.version, self.before = version.run, version, before
        self.replaced = version.pk != version.run.current_id
        self.booked = version.run.approved_at is not None and not self.replaced
        self.pseudonym, self.book, self.decisions = pseudonym, book, decisions or {}
        self.inputs: dict[str, Any] = version.inputs
        self.result: dict[str, Any] = version.result
        self.mine: dict[str, Any] = next(one for one in self.result["members"] if one["member"] == pseudonym)
        self.work = next(work for work in works(self.inputs) if work.member == pseudonym)

    def _money(self, amount: int) -> str:
        return shown_amount(amount, self.run.currency)

    def _sum(self, amounts: Iterable[int]) -> str:
        """A sum in words, each part with its sign: €0.30 − €0.04."""
        first, *others = amounts
        text = f"−{self._money(-first)}" if first < 0 else self._money(first)
        return text + "".join(f" {'−' if one < 0 else '+'} {self._money(abs(one))}" for one in others)

    def rules(self, *keys: str) -> tuple[RuleBehind, ...]:
        """The rules behind a line, as the run pinned them."""
        return tuple(
            RuleBehind(
                key=key,
                title=_(CATALOGUE[key].title) if key in CATALOGUE else key,
                version=self.book.version(key),
                value=self.book[key],
                decision=self.decisions.get(key),
            )
            for key in keys
        )

    def of_mine(self, key: str) -> list[dict[str, Any]]:
        """The member's own of a list of the inputs."""
        return [one for one in self.inputs[key] if one["member"] == self.pseudonym]
