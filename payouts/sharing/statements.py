"""A member's statement: each line in words, with the rule behind it, the vote behind the rule, its sources and its number.

Nothing is reckoned here. Every number was found by the waterfall and stands in the run's result and in its public bundle.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from coop.ground.amounts import shown_amount
from coop.rules.actions import book_pinned_as
from coop.rules.book import RuleBook
from coop.rules.catalogue import CATALOGUE
from coop.rules.models import RuleVersion
from payouts.sharing.inputs import works
from payouts.sharing.models import MemberShare, RunVersion


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
    book = book_pinned_as(share.run.rule_book_id)
    return list(Statement(share.version, share.pseudonym, book, decisions(book)).lines())


def decisions(book: RuleBook) -> dict[str, UUID | None]:
    """Which proposal set each rule of the waterfall as it stands in this book; None for the founding."""
    versions = RuleVersion.objects.filter(key__in=[key for key in book.rules if key.startswith(("pay.", "payout."))])
    return {one.key: one.decision for one in versions if one.number == book.version(one.key)}


class Statement:
    """What one member received in a run, written from the run's inputs and result."""

    def __init__(
        self, version: RunVersion, pseudonym: str, book: RuleBook, decisions: Mapping[str, UUID | None] | None = None
    ) -> None:
        self.run, self.version = version.run, version
        self.pseudonym, self.book, self.decisions = pseudonym, book, decisions or {}
        self.inputs: dict[str, Any] = version.inputs
        self.result: dict[str, Any] = version.result
        self.mine: dict[str, Any] = next(one for one in self.result["members"] if one["member"] == pseudonym)
        self.work = next(work for work in works(self.inputs) if work.member == pseudonym)

    def _money(self, amount: int) -> str:
        return shown_amount(amount, self.run.currency)

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

    def lines(self) -> Iterator[Line]:
        """From time to pay."""
        yield from self.time()
        if self.mine["weight"]:
            yield self.weight()
            yield self.floor()
            if self.mine["cap"] is not None:
                yield self.cap()
            yield self.part()
        yield self.rounding()
        if self.mine["owed_paid"] or self.mine["owed_left"]:
            yield self.owed()
        yield from self.adjustments()
        yield self.total()
        if self.mine["shortfall"]:
            yield self.shortfall()

    def time(self) -> Iterator[Line]:
        """Counted time by kind."""
        sources: dict[str, list[str]] = defaultdict(list)
        for member in self.inputs["members"]:
            if member["member"] == self.pseudonym:
                for entry in member["entries"]:
                    sources[entry["kind"]].append(f"time:{entry['id']}")
        for correction in self._mine("corrections"):
            sources[correction["kind"]].append(f"objection:{correction['objection']}")
        for kind, seconds in sorted(self.work.seconds.items()):
            yield Line(
                key=f"time.{kind}",
                title=_("Counted time: %(kind)s") % {"kind": _(kind)},
                formula=_("%(seconds)d s, weighted %(permille)d thousandths")
                % {"seconds": seconds, "permille": self.book.table("pay.kind_weights")[kind]},
                rules=self.rules("pay.kind_weights"),
                sources=tuple(sources[kind]),
            )

    def weight(self) -> Line:
        """The weight that the time makes, and what the voted way of sharing makes of it."""
        formula = _("%(weighted)d × %(permille)d (seniority, %(years)d full years) = %(weight)d") % {
            "weighted": self.mine["weighted_seconds"],
            "permille": self.mine["seniority_permille"],
            "years": self.work.seniority_years,
            "weight": self.mine["weight"],
        }
        if self.mine["counted_weight"] != self.mine["weight"]:
            formula = _("%(formula)s; everybody who worked counts the same: %(counted)d") % {
                "formula": formula,
                "counted": self.mine["counted_weight"],
            }
        return Line(
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
            % {"seconds": self.mine["seconds"], "floor": self._money(self.book.whole("pay.hourly_floor"))},
            rules=self.rules("pay.hourly_floor"),
            amount=self.mine["floor"],
        )

    def cap(self) -> Line:
        """The most this time is paid."""
        return Line(
            key="cap",
            title=_("Hourly cap: the most this time is paid"),
            formula=_("%(seconds)d s × %(cap)s / 3600 s, rounded down, never under the floor")
            % {"seconds": self.mine["seconds"], "cap": self._money(self.book.whole("pay.hourly_cap"))},
            rules=self.rules("pay.hourly_cap"),
            amount=self.mine["cap"],
        )

    def part(self) -> Line:
        """The exact share, and how it came about."""
        return Line(
            key="share",
            title=_("Your exact share of the labour pool"),
            formula=self._prorated() or self._capped() or self._by_level(),
            rules=self.rules("pay.share_strategy", "pay.equal_base_share"),
            sources=(f"run:{self.run.pk}",),
            exact=self.mine["exact"],
        )

    def _prorated(self) -> str:
        if self.mine["regime"] != "prorated":
            return ""
        return _("The pool did not cover all floors: your floor %(floor)s × pool %(pool)s / all floors %(floors)s") % {
            "floor": self._money(self.mine["floor"]),
            "pool": self._money(self.result["pool"]),
            "floors": self._money(self.result["floors"]),
        }

    def _capped(self) -> str:
        if self.result["regime"] != "all_capped":
            return ""
        return _(
            "Everybody reached the hourly cap: you receive your cap %(cap)s; the rest went to the stabilisation reserve"
        ) % {"cap": self._money(self.mine["cap"])}

    def _by_level(self) -> str:
        """The entitlement times the level, in numbers; held where it is at the floor or at the cap."""
        factor = Fraction(self.result["level"])
        part = _(
            "equal base %(base)s / %(people)d members + (pool %(pool)s − %(base)s) × your weight %(weight)d / all weights %(whole)d"
        ) % {
            "base": self._money(self.result["base"]),
            "pool": self._money(self.result["pool"]),
            "people": self.result["working"],
            "weight": self.mine["counted_weight"],
            "whole": int(self.result["counted_weight"]),
        }
        if factor != 1:
            part = _("(%(part)s) × %(num)d/%(den)d") % {
                "part": part,
                "num": factor.numerator,
                "den": factor.denominator,
            }
        match self.mine["regime"]:
            case "floor":
                return _("%(part)s is not above the floor: you receive the floor %(floor)s") % {
                    "part": part,
                    "floor": self._money(self.mine["floor"]),
                }
            case "cap":
                return _("%(part)s is not below the cap: you receive the cap %(cap)s") % {
                    "part": part,
                    "cap": self._money(self.mine["cap"]),
                }
        if factor == 1:
            return part
        return _(
            "%(part)s, the one factor at which the pool is used up when nobody is under the floor or over the cap"
        ) % {"part": part}

    def rounding(self) -> Line:
        """Whole minor units."""
        exact = Fraction(self.mine["exact"])
        if self.mine["amount"] > exact:
            formula = _(
                "%(exact)s cents, rounded up: the cents left over go to the largest remainders; equals by lot of the run's hash"
            )
        elif self.mine["amount"] < exact:
            formula = _(
                "%(exact)s cents, rounded down: the cents left over go to the largest remainders; equals by lot of the run's hash"
            )
        else:
            formula = _("%(exact)s cents")
        return Line(
            key="pay",
            title=_("Pay of the period, in whole cents"),
            formula=formula % {"exact": str(exact)},
            sources=(f"inputs:{self.version.inputs_sha256}",),
            exact=self.mine["exact"],
            amount=self.mine["amount"],
        )

    def owed(self) -> Line:
        """What earlier periods owed."""
        return Line(
            key="owed",
            title=_("Owed from earlier periods"),
            formula=_(
                "%(owed)s owed − %(left)s that stays owed; debts take at most %(share)d basis points of the labour pool %(pool)s, "
                "each the same part"
            )
            % {
                "owed": self._money(self.inputs["owed"][self.pseudonym]),
                "left": self._money(self.mine["owed_left"]),
                "share": self.book.whole("pay.debt_share"),
                "pool": self._money(self.result["labour_pool"]),
            },
            rules=self.rules("pay.debt_share"),
            sources=(f"ledger:member:{self.pseudonym}:owed",),
            amount=self.mine["owed_paid"],
        )

    def _mine(self, key: str) -> list[dict[str, Any]]:
        """The member's own of a list of the inputs."""
        return [one for one in self.inputs[key] if one["member"] == self.pseudonym]

    def adjustments(self) -> Iterator[Line]:
        """Mistakes of earlier runs, each with its reason, and what this run settled of them."""
        listed = self._mine("adjustments")
        carried = self.inputs["adjustments_carried"].get(self.pseudonym, 0)
        if not listed and not carried:
            return
        for one in listed:
            yield Line(
                key=f"adjusted.{one['id']}",
                title=_("A mistake of an earlier run, put right"),
                formula=one["reason"],
                sources=(f"adjustment:{one['id']}",),
                amount=one["amount"],
            )
        whole = carried + sum(one["amount"] for one in listed)
        yield Line(
            key="adjustment",
            title=_("Adjustments that this run settles"),
            formula=_("%(whole)s in all − %(left)s left for the next run")
            % {"whole": self._money(whole), "left": self._money(self.mine["adjustment_left"])},
            amount=self.mine["adjustment"],
        )

    def total(self) -> Line:
        """What can be paid out."""
        return Line(
            key="payable",
            title=_("Payable to you"),
            formula=" + ".join(
                self._money(self.mine[part])
                for part in ("amount", "owed_paid", "adjustment")
                if part != "adjustment" or self.mine[part]
            ),
            rules=self.rules("payout.minimum"),
            sources=(f"ledger:transaction:{self.run.distribution_id}",) if self.run.distribution_id else (),
            amount=self.mine["payable"],
        )

    def shortfall(self) -> Line:
        """What is missing to the floor."""
        return Line(
            key="shortfall",
            title=_("Missing to the floor: owed to you, and paid from the next pools"),
            formula=f"{self._money(self.mine['floor'])} − {self._money(self.mine['amount'])}",
            rules=self.rules("pay.hourly_floor", "pay.reserve_draw_limit"),
            sources=(f"ledger:member:{self.pseudonym}:owed",),
            amount=self.mine["shortfall"],
        )
