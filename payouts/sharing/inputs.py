"""What a run is reckoned from: money, counted time, what is owed, adjusted and corrected, as it stands in the public bundle."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from coop.members.models import Member
from coop.rules.book import RuleBook
from coop.work.models import TimeEntry
from coop.work.models.assignments import TimeEntryQuerySet
from payouts import funds
from payouts.ledger import chart
from payouts.ledger.models import Account, Entry
from payouts.sharing.corrections import Adjustment
from payouts.sharing.models import MemberShare, PaidTime, Period
from payouts.sharing.periods import recognised
from payouts.sharing.waterfall import Takings, Terms, Work


def gathered(period: Period, book: RuleBook) -> dict[str, Any]:
    """The funds, revenue, costs, what is left from before, and everybody's counted time: as it stands in the public bundle."""
    owed, adjustments, carried = _owed(), _adjustments(), _carried(period)
    named = {*owed, *carried, *(str(one["member"]) for one in adjustments)}
    return {
        "funds": [
            {"key": fund.key, "account": fund.account, "rule": fund.rule}
            for fund in funds.FUNDS
            if fund.rule in book.rules
        ],
        "revenue": recognised(period),
        "refunds": _spent(chart.REFUNDS, period),
        "rail_fees": _spent(chart.RAIL_FEES, period),
        "direct_costs": _spent(chart.DIRECT_COSTS, period),
        "deficit_carried": _spent(chart.POOL, period),
        "reserve_balance": max(-Entry.objects.of(chart.RESERVE).before(period.ends_at).total(), 0),
        "owed": owed,
        "adjustments": adjustments,
        "adjustments_carried": carried,
        "corrections": [],
        "members": _worked(period, named),
    }


def _spent(code: str, period: Period) -> int:
    """What stands on the debit side of an account at the end of the period; a credit balance waits for the next run."""
    return max(Entry.objects.of(code).before(period.ends_at).total(), 0)


def _owed() -> dict[str, int]:
    """What is owed of the floor from earlier periods, as the books have it now: {pseudonym: minor units}.

    Not at the end of the period: what was corrected since then is no longer owed, and can't be paid a second time.
    """
    kept = Account.objects.filter(code__endswith=":owed", locked_balance__balance__gt=0).order_by("owner")
    return {str(owner): amount for owner, amount in kept.values_list("owner", "locked_balance__balance")}


def _adjustments() -> list[dict[str, Any]]:
    """The mistakes of approved runs that no run has put right yet."""
    waiting = Adjustment.objects.filter(taken_in=None).select_related("member").order_by("made_at", "pk")
    return [
        {"id": str(one.pk), "member": one.member.pseudonym.hex, "amount": one.amount, "reason": one.reason}
        for one in waiting
    ]


def _carried(period: Period) -> dict[str, int]:
    """What the run before could not settle of its adjustments: {pseudonym: minor units, above zero to the member}."""
    before = MemberShare.objects.live().filter(run__period__number=period.number - 1).exclude(adjustment_left=0)
    return dict(before.order_by("pseudonym").values_list("pseudonym", "adjustment_left"))


def unpaid(period: Period) -> TimeEntryQuerySet:
    """The entries up to the end of the period that no run has paid.

    Looking one period back finds an entry that was being committed while that period closed.
    """
    since = period.follows.starts_at if period.follows else period.starts_at
    paid = PaidTime.objects.filter(superseded_by=None, entry__counted_at__gte=since)
    return TimeEntry.objects.counted_between(min(since, period.starts_at), period.ends_at).exclude(
        pk__in=paid.values("entry")
    )


def _worked(period: Period, named: Collection[str]) -> list[dict[str, Any]]:
    """Who worked, is owed or has something adjusted, with seniority at the start of the period and the entries that no run has paid.

    Only frozen ones: what was written since the freeze can still be corrected, so it waits for the next run.
    """
    by_member: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    entries = unpaid(period).filter(frozen=True).order_by("pk")
    for key, member, kind, seconds in entries.values_list("pk", "member", "kind", "counted_seconds"):
        by_member[member].append({"id": str(key), "kind": kind, "seconds": seconds})
    members = Member.objects.filter(pk__in=by_member) | Member.objects.filter(pseudonym__in=named)
    return [
        {
            "member": member.pseudonym.hex,
            "seniority_years": member.full_years_on(period.starts_at),
            "entries": by_member.get(member.pk, []),
        }
        for member in sorted(members, key=lambda member: member.pseudonym.hex)
    ]


def takings(inputs: Mapping[str, Any]) -> Takings:
    """The money of the inputs, as the waterfall takes it."""
    return Takings(
        revenue=sum(line["amount"] for line in inputs["revenue"]),
        refunds=inputs["refunds"],
        rail_fees=inputs["rail_fees"],
        direct_costs=inputs["direct_costs"],
        deficit_carried=inputs["deficit_carried"],
        reserve_balance=inputs["reserve_balance"],
        owed=inputs["owed"],
        adjustments=_adjusted(inputs),
    )


def _adjusted(inputs: Mapping[str, Any]) -> dict[str, int]:
    """All adjustments of each member together, with what is carried from the run before."""
    sums: dict[str, int] = defaultdict(int, inputs["adjustments_carried"])
    for one in inputs["adjustments"]:
        sums[one["member"]] += one["amount"]
    return dict(sums)


def works(inputs: Mapping[str, Any]) -> list[Work]:
    """The work of the inputs, as the waterfall takes it."""
    found = []
    for member in inputs["members"]:
        seconds: dict[str, int] = defaultdict(int)
        for entry in member["entries"]:
            seconds[entry["kind"]] += entry["seconds"]
        for correction in inputs["corrections"]:
            if correction["member"] == member["member"]:
                seconds[correction["kind"]] += correction["seconds"]
        found.append(Work(member["member"], dict(seconds), member["seniority_years"]))
    return found


def terms(book: RuleBook, inputs: Mapping[str, Any]) -> Terms:
    """The voted numbers of the waterfall in this book, with a share for each fund of the inputs."""
    return Terms(
        levies=tuple((fund["key"], book.whole(fund["rule"])) for fund in inputs["funds"]),
        equal_base_share=book.whole("pay.equal_base_share"),
        hourly_floor=book.whole("pay.hourly_floor"),
        hourly_cap=book.whole("pay.hourly_cap"),
        kind_permille=book.table("pay.kind_weights"),
        seniority_step_permille=book.whole("pay.seniority_step_permille"),
        reserve_draw_limit=book.whole("pay.reserve_draw_limit"),
        debt_share=book.whole("pay.debt_share"),
        share_strategy=book.choice("pay.share_strategy"),
    )
