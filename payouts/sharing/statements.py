"""A member's statement: each line in words, with the rule behind it, the vote behind the rule, its sources and its number.

Nothing is reckoned here. Every number was found by the waterfall and stands in the run's result and in its public bundle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from coop.ground.amounts import shown_duration, shown_share
from coop.rules.actions import book_pinned_as
from coop.rules.book import RuleBook
from coop.rules.models import RuleVersion
from payouts.sharing.inputs import takings
from payouts.sharing.lines import Line, Material
from payouts.sharing.models import MemberShare


def lines(share: MemberShare) -> list[Line]:
    """The statement of one member in one run, from counted time down to what is payable."""
    return list(statement_of(share).lines())


def statement_of(share: MemberShare) -> Statement:
    """The statement of one member in one version of a run."""
    book = book_pinned_as(share.run.rule_book_id)
    return Statement(share.version, share.pseudonym, book, decisions(book), before(share))


def before(share: MemberShare) -> UUID | None:
    """The member's statement of the run before, which left what this one carries; None where there is none."""
    of_member = MemberShare.objects.live().filter(member=share.member_id)
    earlier = of_member.filter(run__period__number=share.run.period.number - 1)
    return earlier.values_list("pk", flat=True).first()


def decisions(book: RuleBook) -> dict[str, UUID | None]:
    """Which proposal set each rule of the waterfall as it stands in this book; None for the founding."""
    versions = RuleVersion.objects.filter(key__in=[key for key in book.rules if key.startswith(("pay.", "payout."))])
    return {one.key: one.decision for one in versions if one.number == book.version(one.key)}


class Statement(Material):
    """What one member receives by a version of a run, in words."""

    def lead(self) -> str:
        """The time and what comes of it, in two sentences; debts and adjustments are no pay for the time, and named apart."""
        worked = _("You worked %(time)s.") % {"time": shown_duration(self.mine["seconds"])}
        amount = self._money(self.mine["payable"])
        if others := [
            words % {"amount": self._money(abs(self.mine[part]))}
            for part, words in (
                ("owed_paid", _("+ %(amount)s of what earlier periods owed you")),
                (
                    "adjustment",
                    _("+ %(amount)s by which mistakes of earlier runs are put right")
                    if self.mine["adjustment"] > 0
                    else _("− %(amount)s by which mistakes of earlier runs are put right"),
                ),
            )
            if self.mine[part]
        ]:
            pay = _("%(amount)s for this time") % {"amount": self._money(self.mine["amount"])}
            amount = f"{amount} = {' '.join((pay, *others))}"
        received = _("You would have received %(amount)s.") if self.replaced else _("You are to receive %(amount)s.")
        return f"{worked} {received % {'amount': amount}}"

    def lines(self) -> Iterator[Line]:
        """From time to pay."""
        yield from self.corrections()
        yield from self.time()
        yield self.labour_pool()
        if self.mine["weight"]:
            yield self.weight()
            yield self.floor()
            if self.mine["cap"] is not None:
                yield self.cap()
            yield self.pool()
            if self.result["regime"] == "ok":
                yield self.base()
            yield self.part()
        yield self.rounding()
        if self.mine["owed_paid"] or self.mine["owed_left"]:
            yield self.debts()
            yield self.owed()
        yield from self.adjustments()
        yield self.total()
        if self.mine["shortfall"]:
            yield self.shortfall()

    def corrections(self) -> Iterator[Line]:
        """What upheld objections added to the counted time, each a line."""
        for one in self.of_mine("corrections"):
            yield Line(
                key=f"corrected.{one['objection']}",
                title=_("Your objection was right: counted time added"),
                formula=_("%(seconds)d s more: %(kind)s") % {"seconds": one["seconds"], "kind": _(one["kind"])},
                sources=(f"objection:{one['objection']}",),
            )

    def time(self) -> Iterator[Line]:
        """Counted time by kind: the entries, and what corrections add."""
        entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for entry in next(iter(self.of_mine("members")))["entries"]:
            entries[entry["kind"]].append(entry)
        for kind, seconds in sorted(self.work.seconds.items()):
            corrected = [one["seconds"] for one in self.of_mine("corrections") if one["kind"] == kind]
            parts = f"{sum(entry['seconds'] for entry in entries[kind])} s"
            parts += "".join(f" + {one} s" for one in corrected)
            counted = f"{parts} = {seconds} s" if corrected else parts
            yield Line(
                key=f"time.{kind}",
                title=_("Counted time: %(kind)s") % {"kind": _(kind)},
                formula=_("%(counted)s, weighted %(permille)d thousandths")
                % {"counted": counted, "permille": self.book.table("pay.kind_weights")[kind]},
                rules=self.rules("pay.kind_weights"),
                sources=tuple(f"time:{entry['id']}" for entry in entries[kind]),
            )

    def labour_pool(self) -> Line:
        """What this period has for labour."""
        funds = [levy["amount"] for levy in self.result["levies"]]
        return Line(
            key="labour_pool",
            title=_("The labour pool of the period"),
            formula=_("%(distributable)s that can be distributed − %(funds)s for the funds")
            % {"distributable": self._money(self.result["distributable"]), "funds": self._money(sum(funds))},
            rules=self.rules(*(fund["rule"] for fund in self.inputs["funds"])),
            sources=(f"run:{self.run.pk}",),
            amount=self.result["labour_pool"],
        )

    def pool(self) -> Line:
        """What is left of the labour pool for the work of the period."""
        formula = _("labour pool %(pool)s") % {"pool": self._money(self.result["labour_pool"])}
        for key, words in (
            ("adjustments_paid", _("%(before)s − %(amount)s by which mistakes of earlier runs are put right first")),
            ("owed_paid", _("%(before)s − %(amount)s of debts")),
            ("reserve_draw", _("%(before)s + %(amount)s from the stabilisation reserve for the floor")),
        ):
            if self.result[key]:
                formula = words % {"before": formula, "amount": self._money(self.result[key])}
        return Line(
            key="pool",
            title=_("The pool that is shared by work"),
            formula=formula,
            rules=self.rules("pay.debt_share", "pay.reserve_draw_limit"),
            sources=(f"run:{self.run.pk}",),
            amount=self.result["pool"],
        )

    def base(self) -> Line:
        """What everybody who worked shares equally."""
        formula = _("%(share)s × %(distributable)s that can be distributed, rounded down") % {
            "share": shown_share(self.book.whole("pay.equal_base_share")),
            "distributable": self._money(self.result["distributable"]),
        }
        left = self.result["pool"] - self.result["reserve_draw"]
        if self.result["base"] == left:
            formula = _("%(formula)s, at most %(left)s of the pool") % {"formula": formula, "left": self._money(left)}
        return Line(
            key="base",
            title=_("Equal base: what everybody who worked shares equally"),
            formula=formula,
            rules=self.rules("pay.equal_base_share"),
            amount=self.result["base"],
        )

    def weight(self) -> Line:
        """The weight that the time makes, and what the voted way of sharing makes of it."""
        formula = _(
            "%(weighted)d (seconds × thousandths) × %(permille)d thousandths (seniority, %(years)d full years) = %(weight)d"
        ) % {
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

    def debts(self) -> Line:
        """What this pool pays of everybody's debts."""
        pool, first = self.result["labour_pool"], self.result["adjustments_paid"]
        formula = _("all debts %(all)s, at most %(share)s × labour pool %(pool)s, rounded down") % {
            "all": self._money(sum(self.inputs["owed"].values())),
            "share": shown_share(self.book.whole("pay.debt_share")),
            "pool": self._money(pool),
        }
        if first:
            formula = _(
                "%(formula)s, at most labour pool %(pool)s − %(first)s by which mistakes of earlier runs are put right first"
            ) % {"formula": formula, "pool": self._money(pool), "first": self._money(first)}
        return Line(
            key="debts",
            title=_("All members' debts: what this pool pays of them"),
            formula=formula,
            rules=self.rules("pay.debt_share"),
            sources=(f"run:{self.run.pk}",),
            amount=self.result["owed_paid"],
        )

    def owed(self) -> Line:
        """What earlier periods owed."""
        return Line(
            key="owed",
            title=_("Owed to you from earlier periods: what this run pays of it"),
            formula=_("%(owed)s × %(paid)s / all debts %(all)s, in whole cents; %(left)s left of the debt")
            % {
                "owed": self._money(self.inputs["owed"][self.pseudonym]),
                "paid": self._money(self.result["owed_paid"]),
                "all": self._money(sum(self.inputs["owed"].values())),
                "left": self._money(self.mine["owed_left"]),
            },
            rules=self.rules("pay.debt_share"),
            sources=(f"ledger:member:{self.pseudonym}:owed",),
            amount=self.mine["owed_paid"],
        )

    def adjustments(self) -> Iterator[Line]:
        """Mistakes of earlier runs, each with its reason, and what this run settled of them."""
        listed = self.of_mine("adjustments")
        carried = self.inputs["adjustments_carried"].get(self.pseudonym, 0)
        if carried:
            yield Line(
                key="carried",
                title=_("Left over by the run before"),
                formula=_("what the run before left of its adjustments to you")
                if carried > 0
                else _("what the run before left to take off"),
                sources=(f"statement:{self.before}",) if self.before else (),
                amount=carried,
            )
        for one in listed:
            yield Line(
                key=f"adjusted.{one['id']}",
                title=_("A mistake of an earlier run, put right"),
                formula=one["reason"],
                sources=(f"adjustment:{one['id']}",),
                amount=one["amount"],
            )
        if amounts := [amount for amount in (carried, *(one["amount"] for one in listed)) if amount]:
            yield Line(
                key="adjustment",
                title=_("Adjustments that this run settles"),
                formula="; ".join((self._sum(amounts), *self._settled(sum(amounts)))),
                amount=self.mine["adjustment"],
            )

    def _settled(self, whole: int) -> Iterator[str]:
        """Why not all adjustments of the member are settled, and what is left of them; nothing where they are."""
        left = self.mine["adjustment_left"]
        if left > 0:
            due = sum(amount for amount in (takings(self.inputs).adjustments or {}).values() if amount > 0)
            yield _("%(whole)s × labour pool %(pool)s / all adjustments above zero %(due)s, in whole cents") % {
                "whole": self._money(whole),
                "pool": self._money(self.result["labour_pool"]),
                "due": self._money(due),
            }
            yield _("%(left)s left for the next run") % {"left": self._money(left)}
        elif left < 0:
            yield _("no more is taken off than the %(received)s that you receive") % {
                "received": self._sum((self.mine["amount"], self.mine["owed_paid"]))
            }
            yield _("%(left)s left for the next run to take off") % {"left": self._money(-left)}

    def total(self) -> Line:
        """What can be paid out."""
        return Line(
            key="payable",
            title=_("Would have been payable; nothing of this version was booked")
            if self.replaced
            else _("Payable to you"),
            formula=self._sum(
                self.mine[part] for part in ("amount", "owed_paid", "adjustment") if part == "amount" or self.mine[part]
            ),
            rules=self.rules("payout.minimum"),
            sources=(f"ledger:transaction:{self.run.distribution_id}",)
            if self.booked and self.run.distribution_id
            else (),
            amount=self.mine["payable"],
        )

    def shortfall(self) -> Line:
        """What is missing to the floor."""
        return Line(
            key="shortfall",
            title=_("Missing to the floor")
            if self.replaced
            else _("Missing to the floor: owed to you, and paid from the next pools"),
            formula=f"{self._money(self.mine['floor'])} − {self._money(self.mine['amount'])}",
            rules=self.rules("pay.hourly_floor", "pay.reserve_draw_limit"),
            sources=(f"ledger:member:{self.pseudonym}:owed",) if self.booked else (),
            amount=self.mine["shortfall"],
        )
