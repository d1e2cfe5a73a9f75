"""Money out: a run that was approved is reserved, sent item by item, and settled.

How one item is asked for and never paid twice: `items.py`, by the protocol of `payouts/attempts`. `now` is the co-operative's
clock; `wall` is wall time, by which the rail's keys age.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from coop.audit.actions import record
from coop.ground import invariants
from coop.ground.actor import PLATFORM
from coop.members.models import Member
from coop.notices.actions import tell
from payouts import rails
from payouts.actions.batch_files import write_batch_files
from payouts.actions.items import PURPOSE, PayoutErrand, locked_item, mark_paid, mark_returned, name_unpaid
from payouts.attempts import protocol
from payouts.ledger import chart
from payouts.ledger.actions import balances, hold
from payouts.ledger.models import Account, Transaction
from payouts.models.attempts import Attempt
from payouts.models.items import NotPaid, PayoutItem
from payouts.models.rails import ExchangeRate, RailDetails
from payouts.occasions import not_paid
from payouts.rails import Found, LookupFailed
from payouts.sharing.models import PayoutRun

CHUNK = 100
"""How many items of a run one round asks about: a round must end before its task is given to another worker."""

State = PayoutItem.State


def advance_payout_items(*, now: datetime, wall: datetime) -> int:
    """One round over everything that can go on: reserve, write files, send, look up, confirm, settle. The steps taken."""
    steps = 0
    for run in PayoutRun.objects.approved():
        reserve_run(run=run, now=now)
        steps += 1
    for run in PayoutRun.objects.filter(state__in=[PayoutRun.State.RESERVED, PayoutRun.State.EXECUTING]):
        _begin_run(run, now)
        steps += write_batch_files(run=run, now=now)
        steps += _send(run, now, wall)
        steps += confirm_sent(run=run, now=now)
        steps += _settle_run(run, now)
    return steps


# --- reserving


@dataclass(frozen=True)
class Plan:
    """What one member will be sent."""

    member: Member
    details: RailDetails
    sending: rails.Sending


@transaction.atomic
def reserve_run(*, run: PayoutRun, now: datetime) -> PayoutRun:
    """Set aside what every member can be sent, and plan one item each. Doing it twice changes nothing.

    Everything payable goes, earlier remainders too; InvariantBroken, and nothing is kept, where that is more than approved runs
    gave. Left payable, and named with the reason: less than the rule `payout.minimum`, members without details, rails that are off, currencies without a rate. What
    a rail's quantum cuts off is left too.
    """
    run = PayoutRun.objects.select_for_update(of=("self",)).select_related("rule_book").get(pk=run.pk)
    if run.state != PayoutRun.State.APPROVED:
        return run
    now = run.not_before(now)
    plans, unpaid = _plans(run)
    NotPaid.objects.bulk_create(unpaid)
    for one in unpaid:
        tell(occasion=not_paid.OCCASION, of=one, now=now)
    if plans:
        held = hold(
            idem=f"run:{run.pk}:reserve",
            amounts={plan.member.pseudonym.hex: plan.sending.spent for plan in plans},
            run=run.pk,
            rule_book=run.rule_book_id,
            by=PLATFORM,
            now=now,
        )
        PayoutItem.objects.bulk_create([_item(run, plan, held, now) for plan in plans])
    run.state, run.reserved_at = PayoutRun.State.RESERVED, now
    run.save(update_fields=["state", "reserved_at"])
    invariants.require_intact()
    _record(run, "reserved", now)
    return run


def _item(run: PayoutRun, plan: Plan, held: Transaction, now: datetime) -> PayoutItem:
    """The item of a plan, not saved yet; what is asked per item has its attempt from the beginning."""
    item = PayoutItem(
        run=run,
        member=plan.member,
        rail=plan.details.rail,
        details=plan.details,
        amount=plan.sending.spent,
        currency=plan.sending.currency,
        local_amount=plan.sending.local,
        rate_id=plan.sending.rate.id if plan.sending.rate else None,
        hold=held,
        planned_at=now,
    )
    if rails.call_rail(item.rail) is not None:
        item.attempt = protocol.prepare(errand=PayoutErrand(item.rail), subject=item.pk)
    return item


def _plans(run: PayoutRun) -> tuple[list[Plan], list[NotPaid]]:
    """What each can be sent, and everybody who can't be sent what is payable, or has a statement and nothing due."""
    minimum = max(int(run.rule_book.rules["payout.minimum"]["value"]), 1)
    owners = Account.objects.filter(owner__isnull=False, code__endswith=":payable").values_list("owner", flat=True)
    payable = balances([chart.payable(str(owner)) for owner in owners])
    members = {member.pseudonym.hex: member for member in Member.objects.filter(pseudonym__in=list(owners))}
    current = {details.member_id: details for details in RailDetails.objects.current()}
    plans, unpaid = [], []
    for pseudonym, member in sorted(members.items()):
        if not (amount := payable[chart.payable(pseudonym)]):
            continue
        plan = _plan(member, current.get(member.pk), amount, minimum, run.currency)
        if isinstance(plan, Plan):
            plans.append(plan)
        else:
            unpaid.append(NotPaid(run=run, member=member, why=plan, amount=amount))
    named = {plan.member.pk for plan in plans} | {one.member_id for one in unpaid}
    for share in run.shares.live().filter(payable=0).exclude(member__in=named):
        unpaid.append(NotPaid(run=run, member_id=share.member_id, why=NotPaid.Why.NOTHING_DUE, amount=0))
    return plans, unpaid


def _plan(member: Member, details: RailDetails | None, amount: int, minimum: int, pool: str) -> Plan | NotPaid.Why:
    """What the member will be sent, or why nothing."""
    if details is None:
        return NotPaid.Why.NO_DETAILS
    if amount < minimum:
        return NotPaid.Why.BELOW_MINIMUM
    if not rails.is_on(details.rail):
        return NotPaid.Why.RAIL_OFF
    asked: list[rails.Rate | None] = []

    def rate(currency: str) -> rails.Rate | None:
        asked.append(_rate(currency))
        return asked[-1]

    if sending := rails.RAILS[details.rail].sends(details.opened(), amount, pool=pool, rate=rate):
        return Plan(member, details, sending)
    return NotPaid.Why.NO_RATE if None in asked else NotPaid.Why.TOO_LITTLE


def _rate(currency: str) -> rails.Rate | None:
    """The rate used now for a currency."""
    found = ExchangeRate.objects.used_now(currency)
    return rails.Rate(found.pk, found.num, found.den) if found else None


@transaction.atomic
def _begin_run(run: PayoutRun, now: datetime) -> None:
    locked = PayoutRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.state == PayoutRun.State.RESERVED:
        now = locked.not_before(now)
        locked.state, locked.executing_at = PayoutRun.State.EXECUTING, now
        locked.save(update_fields=["state", "executing_at"])


# --- sending


def _send(run: PayoutRun, now: datetime, wall: datetime) -> int:
    """Every item of the run that a rail can be asked about now; a rail that is empty or off is left for later."""
    steps, resting = 0, set[str]()
    for attempt in Attempt.objects.filter(purpose=PURPOSE, payout_item__run=run).due(wall)[:CHUNK]:
        rail = rails.call_rail(attempt.rail)
        if rail is None or attempt.rail in resting or not rail.is_on():
            continue
        steps += 1
        if protocol.advance(attempt=attempt, errand=PayoutErrand(attempt.rail), now=now, wall=wall) == "empty":
            resting.add(attempt.rail)
    return steps


# --- confirming, settling


def confirm_sent(*, run: PayoutRun, now: datetime) -> int:
    """Ask the rail how what was sent stands now. The number that ended."""
    ended = 0
    for name in PayoutItem.objects.filter(run=run, state=State.SENT).values_list("rail", flat=True).distinct():
        rail = rails.call_rail(name)
        if rail is None or not rail.is_on():
            continue
        try:
            listed = rail.all_of(f"run:{run.pk}")
        except LookupFailed:
            continue
        ended += _confirm(run, name, listed, now)
    return ended


@transaction.atomic
def _confirm(run: PayoutRun, rail: str, listed: Iterable[Found], now: datetime) -> int:
    by_reference = {payment.reference: payment for payment in listed}
    ended = 0
    sent = PayoutItem.objects.select_for_update(of=("self",)).select_related("member", "attempt")
    for item in sent.filter(run=run, rail=rail, state=State.SENT).order_by("pk"):
        payment = by_reference.get(item.reference)
        if payment is not None:
            now = item.not_before(now)
            mark_returned(item=item, now=now) if payment.returned else mark_paid(item=item, now=now)
            ended += 1
    return ended


def note_return(*, reference: str, now: datetime) -> bool:
    """A payment of ours may have come back: ask, and write it. For what is no payment of ours nothing happens.

    LookupFailed when the rail can't be asked. Call it with no transaction open.
    """
    item = PayoutItem.objects.filter(reference=reference, state__in=[State.SENT, State.PAID]).first()
    rail = rails.call_rail(item.rail) if item is not None else None
    if item is None or rail is None or rail.standing(reference) != "returned":
        return False
    with transaction.atomic():
        locked = locked_item(item.pk)
        if locked.state not in (State.SENT, State.PAID):
            return False
        now = locked.not_before(now)
        mark_returned(item=locked, now=now)
    return True


@transaction.atomic
def _settle_run(run: PayoutRun, now: datetime) -> int:
    locked = PayoutRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    items = PayoutItem.objects.filter(run=run)
    if locked.state != PayoutRun.State.EXECUTING or items.under_way().exists():
        return 0
    now = locked.not_before(now)
    for item in items.held().filter(reserved=True):
        name_unpaid(item=item, why=NotPaid.Why.UNKNOWN, now=now)
    all_paid = not items.exclude(state=State.PAID).exists()
    locked.state = PayoutRun.State.SETTLED if all_paid else PayoutRun.State.SETTLED_WITH_HOLDS
    locked.settled_at = now
    locked.save(update_fields=["state", "settled_at"])
    _record(locked, "settled", now)
    return 1


def _record(run: PayoutRun, verb: str, now: datetime) -> None:
    """That it was done, and no sum or number: with the pay in the bundle, they said which few were not paid."""
    record(kind=f"run.{verb}", subject=f"run:{run.pk}", payload={}, by=PLATFORM, now=now)
