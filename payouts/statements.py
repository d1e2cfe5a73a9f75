"""A member's statement: each line in words, with the rule behind it, the vote behind the rule, its sources and its number."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from coop.ground.money import written
from coop.rules.actions import book_pinned_as
from coop.rules.book import RuleBook
from coop.rules.catalogue import CATALOGUE
from coop.rules.models import RuleVersion
from payouts.actions.runs import terms, works
from payouts.models import MemberShare
from payouts.waterfall import STRATEGIES, seniority_permille


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


def lines(share: MemberShare) -> list[Line]:
    """The statement of one member in one run, from counted time down to what is payable."""
    return list(_Statement(share).lines())


class _Statement:
    """What the lines of one statement are written from."""

    def __init__(self, share: MemberShare) -> None:
        self.share = share
        self.run = share.run
        self.book: RuleBook = book_pinned_as(self.run.rule_book_id)
        self.terms = terms(self.book)
        inputs, result = self.run.inputs, self.run.result
        assert inputs is not None and result is not None, "statements come from computed runs"
        self.result: dict[str, Any] = result
        self.work = next(work for work in works(inputs) if work.member == share.pseudonym)
        self.entries: dict[str, list[str]] = defaultdict(list)
        for member in inputs["members"]:
            if member["member"] == share.pseudonym:
                for entry in member["entries"]:
                    self.entries[entry["kind"]].append(f"time:{entry['id']}")

    def _money(self, amount: int) -> str:
        return written(amount, self.run.currency)

    def rules(self, *keys: str) -> tuple[RuleBehind, ...]:
        """The rules behind a line, as the run pinned them."""
        found = RuleVersion.objects.filter(key__in=keys)
        decisions = {(version.key, version.number): version.decision for version in found}
        return tuple(
            RuleBehind(
                key=key,
                title=_(CATALOGUE[key].title) if key in CATALOGUE else key,
                version=self.book.version(key),
                value=self.book[key],
                decision=decisions.get((key, self.book.version(key))),
            )
            for key in keys
        )

    def lines(self) -> Iterator[Line]:
        """From time to pay."""
        yield from self.time()
        if self.share.weight:
            yield self.floor()
            if self.share.cap is not None:
                yield self.cap()
            yield self.part()
        yield self.rounding()
        if self.share.owed_paid or self.share.owed_left:
            yield self.owed()
        yield self.total()
        if self.share.shortfall:
            yield self.shortfall()

    def time(self) -> Iterator[Line]:
        """Counted time by kind, and the weight it makes."""
        for kind, seconds in sorted(self.work.seconds.items()):
            yield Line(
                key=f"time.{kind}",
                title=_("Counted time: %(kind)s") % {"kind": _(kind)},
                formula=_("%(seconds)d s, weighted %(permille)d thousandths")
                % {"seconds": seconds, "permille": self.terms.kind_permille[kind]},
                rules=self.rules("pay.kind_weights"),
                sources=tuple(self.entries[kind]),
            )
        if self.share.weight:
            permille = seniority_permille(self.work.seniority_years, self.terms)
            by_kind = sum(seconds * self.terms.kind_permille[kind] for kind, seconds in self.work.seconds.items())
            formula = _("%(weighted)d × %(permille)d (seniority, %(years)d full years) = %(weight)d") % {
                "weighted": by_kind,
                "permille": permille,
                "years": self.work.seniority_years,
                "weight": by_kind * permille,
            }
            if STRATEGIES[self.terms.share_strategy](by_kind * permille) != by_kind * permille:
                formula = _("Everybody who worked counts the same: 1")
            yield Line(
                key="weight",
                title=_("Your weight in the pool"),
                formula=formula,
                rules=self.rules("pay.kind_weights", "pay.seniority_step_permille", "pay.share_strategy"),
            )

    def floor(self) -> Line:
        """The least this time is paid."""
        return Line(
            key="floor",
            title=_("Hourly floor: the least this time is paid"),
            formula=_("%(seconds)d s × %(floor)s / 3600 s, rounded up")
            % {"seconds": self.share.seconds, "floor": self._money(self.terms.hourly_floor)},
            rules=self.rules("pay.hourly_floor"),
            amount=self.share.floor,
        )

    def cap(self) -> Line:
        """The most this time is paid."""
        return Line(
            key="cap",
            title=_("Hourly cap: the most this time is paid"),
            formula=_("%(seconds)d s × %(cap)s / 3600 s, rounded down, never under the floor")
            % {"seconds": self.share.seconds, "cap": self._money(self.terms.hourly_cap)},
            rules=self.rules("pay.hourly_cap"),
            amount=self.share.cap,
        )

    def part(self) -> Line:
        """The exact share, and how it came about."""
        share, pool, regime = self.share, self.result["pool"], self.result["regime"]
        exact = share.exact_share
        if regime == "floors_prorated":
            floors = sum(member["floor"] for member in self.result["members"])
            formula = _(
                "The pool did not cover all floors: your floor %(floor)s × pool %(pool)s / all floors %(floors)s"
            ) % {
                "floor": self._money(share.floor),
                "pool": self._money(pool),
                "floors": self._money(floors),
            }
        elif regime == "all_capped":
            formula = _("Everybody reached the hourly cap; the rest went to the stabilisation reserve")
        elif exact == share.floor:
            formula = _("Your part by weight was not above the floor: you receive the floor")
        elif share.cap is not None and exact == share.cap:
            formula = _("Your part by weight was above the cap: you receive the cap")
        else:
            formula = self._by_level(pool)
        return Line(
            key="share",
            title=_("Your exact share of the labour pool"),
            formula=formula,
            rules=self.rules("pay.share_strategy", "pay.equal_base_share"),
            sources=(f"run:{self.run.pk}",),
            exact=share.exact,
        )

    def _by_level(self, pool: int) -> str:
        working = [member for member in self.result["members"] if member["weight"] > 0]
        whole = sum(member["weight"] for member in working)
        left = pool - self.result["reserve_draw"]
        base = min(left, self.result["distributable"] * self.terms.equal_base_share // 10_000)
        entitled = base * whole + (pool - base) * len(working) * self.share.weight
        factor = self.share.exact_share * len(working) * whole / entitled
        said = _(
            "equal base %(base)s / %(people)d members + (pool %(pool)s − %(base)s) × your weight %(weight)d / all weights %(whole)d"
        ) % {
            "base": written(base, self.run.currency),
            "pool": written(pool, self.run.currency),
            "people": len(working),
            "weight": self.share.weight,
            "whole": whole,
        }
        if factor == 1:
            return said
        return _(
            "(%(said)s) × %(num)d/%(den)d, the one factor at which the pool is used up when nobody is under the floor or over the cap"
        ) % {"said": said, "num": factor.numerator, "den": factor.denominator}

    def rounding(self) -> Line:
        """Whole minor units."""
        return Line(
            key="pay",
            title=_("Pay of the period, in whole cents"),
            formula=_(
                "Rounded down, and the cents left over to the largest remainders; equals by lot of the run's hash"
            ),
            sources=(f"inputs:{self.run.inputs_sha256}",),
            exact=self.share.exact,
            amount=self.share.amount,
        )

    def owed(self) -> Line:
        """What earlier periods owed."""
        return Line(
            key="owed",
            title=_("Owed from earlier periods, paid first"),
            formula=_("Paid now; %(left)s stays owed") % {"left": self._money(self.share.owed_left)},
            sources=(f"ledger:member:{self.share.pseudonym}:owed",),
            amount=self.share.owed_paid,
        )

    def total(self) -> Line:
        """What can be paid out."""
        return Line(
            key="payable",
            title=_("Payable to you"),
            formula=f"{self._money(self.share.amount)} + {self._money(self.share.owed_paid)}",
            rules=self.rules("payout.minimum"),
            sources=(f"ledger:transaction:{self.run.distribution_id}",) if self.run.distribution_id else (),
            amount=self.share.payable,
        )

    def shortfall(self) -> Line:
        """What is missing to the floor."""
        return Line(
            key="shortfall",
            title=_("Missing to the floor: owed to you, and paid first in the next period"),
            formula=f"{self._money(self.share.floor)} − {self._money(self.share.amount)}",
            rules=self.rules("pay.hourly_floor", "pay.reserve_draw_limit"),
            sources=(f"ledger:member:{self.share.pseudonym}:owed",),
            amount=self.share.shortfall,
        )
