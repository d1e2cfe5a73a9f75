"""Makers for what is paid out: something payable, a way to be paid, a run that was approved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from coop.audit.actions import record
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.members.models import Member
from coop.rules.actions import in_force, pin
from payouts.actions.rail_details import record_rate, set_rail_details
from payouts.ledger import chart
from payouts.ledger.actions import credit, debit, open_accounts, post
from payouts.ledger.models import Transaction
from payouts.models import PayoutRun, Period, RailDetails, RunVersion
from payouts.sharing.approval import objection_window
from payouts.sharing.approvers import approvers
from tests import make


def payable(member: Member, amount: int) -> Member:
    """So much of the pool is the member's: a run of before gave it, of which nothing is left to be done."""
    account = chart.payable(member.pseudonym.hex)
    open_accounts(codes=[account], now=coop_now())
    given = post(
        idem=f"test:{member.pk}:{coop_now().isoformat()}",
        kind="distribution",
        legs=[debit(chart.POOL, amount), credit(account, amount)],
        by=PLATFORM,
        now=coop_now(),
    )
    given_before(given, member)
    return member


def given_before(distribution: Transaction, by: Member) -> PayoutRun:
    """A run that was approved, and closed since, booked this."""
    lines = [
        {"account": leg.account.code, "amount": leg.amount} for leg in distribution.entries.select_related("account")
    ]
    return _run(by, ("reserved", "executing", "settled", "closed"), distribution=distribution, postings=lines)


def paid_by(member: Member, rail: str, **details: Any) -> RailDetails:
    """The member is paid on this rail."""
    return set_rail_details(member=member, rail=rail, details=details, by=member.actor, now=coop_now())


def on_connect(account: Any, amount: int, name: str = "") -> Member:
    """A member in France with a Connect account, and something payable."""
    member = make.member(name, country="FR")
    paid_by(member, "stripe", account=account())
    return payable(member, amount)


def on_mvola(amount: int, name: str = "", number: str = "+261341234567") -> Member:
    """A member in Madagascar who is paid by MVola."""
    member = make.member(name, country="MG")
    paid_by(member, "mobile_money", operator="mvola", number=number)
    return payable(member, amount)


def ariary(theo: Member, num: int = 4_913) -> None:
    """So many ariary for one euro."""
    now = coop_now()
    record_rate(currency="MGA", num=num, den=1, source="the central bank", read_at=now, by=theo.actor, now=now)


def approved_run(theo: Member | None = None) -> PayoutRun:
    """A run as it is when the treasurer has approved it. (Its lines are not looked at by what pays.)"""
    return _run(theo or make.treasurer(f"theo{Period.objects.count() + 1}"))


def _run(
    by: Member,
    then: tuple[str, ...] = (),
    *,
    distribution: Transaction | None = None,
    postings: list[dict[str, Any]] | None = None,
) -> PayoutRun:
    now = coop_now()
    drafted = now - timedelta(days=10)
    last = Period.objects.order_by("-number").first()
    period = Period.objects.create(
        number=last.number + 1 if last else 1,
        starts_at=last.ends_at if last else now - timedelta(days=30),
        ends_at=last.ends_at + timedelta(seconds=1) if last else now - timedelta(days=29),
        follows=last,
    )
    entry = record(kind="run.computed", subject="run:test", payload={}, by=PLATFORM, now=now)
    run = PayoutRun.objects.create(
        period=period, rule_book=pin(book=in_force(now), now=now), currency="EUR", drafted_at=drafted
    )
    empty: dict[str, Any] = dict.fromkeys(("inputs_sha256", "result_sha256", "bundle_sha256"), "0" * 64)
    empty |= {"inputs": {}, "result": {}, "postings": postings or [], "payable_total": 0}
    run.frozen_inputs, run.frozen_sha256 = {}, "0" * 64
    may = approvers(run, now)
    run.approved_by = may.filter(pk=by.pk).first() or may[0]
    run.distribution = distribution
    for run.state in ("frozen", "computed", "approved", *then):
        moment = f"{run.state}_at"
        if run.state == "computed":
            run.current = RunVersion.objects.create(run=run, number=1, log_entry=entry, made_at=drafted, **empty)
            run.objections_until = objection_window(run, drafted)
        setattr(run, moment, drafted if run.state in ("frozen", "computed") else now)
        run.save(update_fields=["state", moment, *BY_STATE.get(run.state, [])])
    return run


BY_STATE = {
    "frozen": ["frozen_inputs", "frozen_sha256"],
    "computed": ["current", "objections_until"],
    "approved": ["approved_by", "distribution"],
}
"""What each state of a run has that the ones before have not."""
