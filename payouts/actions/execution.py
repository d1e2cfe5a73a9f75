"""Money out: a run that was approved is reserved, sent item by item, and settled.

Never pay twice, never lose:
1. the key and the exact request are written before the call, and no transaction is open across it;
2. a definite no burns the key: recorded, and the epoch raised, in one commit;
3. an unknown outcome is asked again under the same key, for twenty hours after the first try;
4. after that it is never asked again: the rail's own list is read, and the payment adopted, proved absent, or held for a person.

`now` is the co-operative's clock; `wall` is wall time, by which the rail's keys age.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import PLATFORM, Actor
from coop.ground.errors import Refused
from coop.ground.laws import refused_by
from coop.members.actors import must_hold
from coop.members.models import Member, OfficeKind
from payouts import rails, sealing
from payouts.ledger import chart
from payouts.ledger.actions import Leg, balances, credit, debit, hold, open_accounts, post, send_held, void_held
from payouts.ledger.models import Account, Entry
from payouts.models.items import PayoutItem, PayoutStep
from payouts.models.rails import ExchangeRate, RailDetails
from payouts.rails import CallRail, Declined, Found, Instruction, LookupFailed, Outcome, Sent
from payouts.rails.exchange import Rate, convert
from payouts.rails.mobile_money import operators
from payouts.sharing.models import PayoutRun

KEY_LIVES = timedelta(hours=20)
"""How long after its first try a key may be used again. Stripe keeps one for 24 hours."""
QUIET = timedelta(minutes=10)
"""How long after the last try the rail's list is believed: no request is under way for longer."""
EMPTY_PAUSE = timedelta(minutes=5)
"""How long a rail whose balance is too small is left alone."""
LONGEST_PAUSE = 600  # seconds between two tries
CHUNK = 100
"""How many items of a run one round asks about: a round must end before its task is given to another worker."""

State = PayoutItem.State


def advance_payout_items(*, now: datetime, wall: datetime) -> int:
    """One round over everything that can go on: reserve, write files, send, look up, confirm, settle. The steps taken."""
    from payouts.actions.batch_files import write_batch_files

    steps = 0
    for run in PayoutRun.objects.approved():
        reserve_run(run=run, now=now, wall=wall)
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
    amount: int
    currency: str
    local_amount: int
    rate: ExchangeRate | None


@transaction.atomic
def reserve_run(*, run: PayoutRun, now: datetime, wall: datetime) -> PayoutRun:
    """Set aside what every member can be sent, and plan one item each. Doing it twice changes nothing.

    Everything payable goes, earlier remainders too. Left payable: less than the rule `payout.minimum`, members without
    details, rails that are off, currencies without a rate, and what a rail's quantum cuts off.
    """
    run = PayoutRun.objects.select_for_update(of=("self",)).select_related("rule_book").get(pk=run.pk)
    if run.state != PayoutRun.State.APPROVED:
        return run
    plans = _plans(run)
    if plans:
        held = hold(
            idem=f"run:{run.pk}:reserve",
            amounts={plan.member.pseudonym.hex: plan.amount for plan in plans},
            run=run.pk,
            rule_book=run.rule_book_id,
            by=PLATFORM,
            now=now,
        )
        PayoutItem.objects.bulk_create(
            PayoutItem(
                run=run,
                member=plan.member,
                rail=plan.details.rail,
                details=plan.details,
                amount=plan.amount,
                currency=plan.currency,
                local_amount=plan.local_amount,
                rate=plan.rate,
                hold=held,
                planned_at=now,
                next_try_at=wall,
            )
            for plan in plans
        )
    run.state, run.reserved_at = PayoutRun.State.RESERVED, now
    run.save(update_fields=["state", "reserved_at"])
    total = sum(plan.amount for plan in plans)
    _record(run, "reserved", {"items": len(plans), "amount": total, "currency": run.currency}, now)
    return run


def _plans(run: PayoutRun) -> list[Plan]:
    minimum = int(run.rule_book.rules["payout.minimum"]["value"])
    owners = Account.objects.filter(owner__isnull=False, code__endswith=":payable").values_list("owner", flat=True)
    payable = balances([chart.payable(str(owner)) for owner in owners])
    members = {member.pseudonym.hex: member for member in Member.objects.filter(pseudonym__in=list(owners))}
    current = {details.member_id: details for details in RailDetails.objects.current()}
    plans = []
    for pseudonym, member in sorted(members.items()):
        amount, details = payable[chart.payable(pseudonym)], current.get(member.pk)
        if amount >= max(minimum, 1) and details is not None and rails.get(details.rail).is_on():
            plan = _plan(member, details, amount, run.currency)
            if plan is not None:
                plans.append(plan)
    return plans


def _plan(member: Member, details: RailDetails, amount: int, pool: str) -> Plan | None:
    if rails.call_rail(details.rail) is not None:
        return Plan(member, details, amount, pool, amount, None)
    operator = operators()[details.opened()["operator"]]
    rate = ExchangeRate.objects.used_now(operator.currency)
    if rate is None:
        return None
    done = convert(
        amount,
        rate=Rate(rate.currency, rate.num, rate.den),
        exponent=operator.exponent,
        quantum=operator.quantum,
        pool=pool,
    )
    return Plan(member, details, done.spent, operator.currency, done.local, rate) if done.local else None


@transaction.atomic
def _begin_run(run: PayoutRun, now: datetime) -> None:
    PayoutRun.objects.filter(pk=run.pk, state=PayoutRun.State.RESERVED).update(
        state=PayoutRun.State.EXECUTING, executing_at=now
    )


# --- sending


def _send(run: PayoutRun, now: datetime, wall: datetime) -> int:
    """Every item of the run that a rail can be asked about now; a rail that is empty or off is left for later."""
    steps, resting = 0, set[str]()
    for item in PayoutItem.objects.filter(run=run, file__isnull=True).due(wall)[:CHUNK]:
        rail = rails.call_rail(item.rail)
        if rail is None or item.rail in resting or not rail.is_on():
            continue
        steps += 1
        if advance_item(item=item, rail=rail, now=now, wall=wall) == "empty":
            resting.add(item.rail)
    return steps


def advance_item(*, item: PayoutItem, rail: CallRail, now: datetime, wall: datetime) -> str:
    """One step of one item: ask, or look up. What it came to: "sent", "burnt", "empty", "held", "unknown" or "nothing"."""
    begun = _begin(item, rail, now, wall)
    if begun is None:
        return "nothing"
    if begun.look_after is not None and wall >= begun.look_after:
        try:
            found = rail.find(begun.group, str(begun.pk))
        except LookupFailed:
            return "unknown"
        return _after_looking(begun, found, now, wall)
    outcome = rail.submit(begun.request(), begun.key)
    return _after_asking(begun, outcome, now, wall)


@transaction.atomic
def _begin(item: PayoutItem, rail: CallRail, now: datetime, wall: datetime) -> PayoutItem | None:
    """Write what is about to be done, before it is done. None when there is nothing to do, or another worker does it."""
    locked = (
        PayoutItem.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("details", "member")
        .filter(pk=item.pk)
        .due(wall)
        .first()
    )
    if locked is None:
        return None
    if locked.state == State.SUBMITTING and locked.look_after is not None and wall >= locked.look_after:
        quiet = locked.last_try_at is None or wall >= locked.last_try_at + QUIET
        return locked if quiet else None
    if locked.state == State.PLANNED:
        request = rail.request(
            Instruction(
                item=str(locked.pk),
                group=locked.group,
                key=locked.key,
                amount=locked.local_amount,
                currency=locked.currency,
                details=locked.details.opened(),
            )
        )
        locked.state = State.SUBMITTING
        locked.sealed_request = sealing.seal(request, about=locked.key)
        locked.first_try_at, locked.look_after = wall, wall + KEY_LIVES
        _note(locked, "submitting", now)
    locked.tries += 1
    locked.last_try_at = wall
    locked.next_try_at = wall + timedelta(seconds=min(2**locked.tries, LONGEST_PAUSE))
    locked.save(
        update_fields=[
            "state",
            "sealed_request",
            "first_try_at",
            "look_after",
            "tries",
            "last_try_at",
            "next_try_at",
        ]
    )
    return locked


@transaction.atomic
def _after_asking(asked: PayoutItem, outcome: Outcome, now: datetime, wall: datetime) -> str:
    item = _still(asked)
    if item is None:
        return "nothing"
    if isinstance(outcome, Sent):
        mark_sent(item=item, reference=outcome.reference, now=now)
        return "sent"
    if isinstance(outcome, Declined):
        trouble = f"{outcome.code}: {outcome.message}"
        if outcome.then == "later":
            _burn(item, trouble, now, again_at=wall + EMPTY_PAUSE)
            return "empty"
        give_back(item=item, trouble=trouble, now=now)
        return "held"
    item.trouble = outcome.message[:300]
    if outcome.settled and item.look_after is not None:
        item.look_after = min(item.look_after, wall)  # the rail will say the same again: look instead
    item.save(update_fields=["trouble", "look_after"])
    _note(item, "unknown", now, outcome.message)
    return "unknown"


@transaction.atomic
def _after_looking(looked: PayoutItem, found: list[Found], now: datetime, wall: datetime) -> str:
    item = _still(looked)
    if item is None:
        return "nothing"
    standing = [payment for payment in found if not payment.returned]
    if not standing:
        _burn(item, "", now, again_at=wall)
        return "burnt"
    right = len(standing) == 1 and (standing[0].amount, standing[0].currency) == (item.local_amount, item.currency)
    taken = PayoutItem.objects.filter(rail=item.rail, reference=standing[0].reference).exists()
    if right and not taken:
        mark_sent(item=item, reference=standing[0].reference, now=now)
        return "sent"
    item.state, item.ended_at = State.HELD, now  # the money stays reserved: it may have left
    listed = ", ".join(payment.reference for payment in standing)
    item.trouble = f"unresolved: the rail shows {len(standing)} payment(s) ({listed}), not the one asked for"[:300]
    item.save(update_fields=["state", "ended_at", "trouble"])
    _note(item, "held", now, item.trouble)
    return "held"


def _still(before: PayoutItem) -> PayoutItem | None:
    """The item, locked, if nobody else has finished this try in the meantime."""
    item = PayoutItem.objects.select_for_update(of=("self",)).select_related("member").get(pk=before.pk)
    return item if (item.state, item.epoch) == (State.SUBMITTING, before.epoch) else None


def _burn(item: PayoutItem, trouble: str, now: datetime, *, again_at: datetime) -> None:
    """Nothing was or will be paid under this key: the next try has another."""
    _note(item, "burnt", now, trouble)
    item.state, item.epoch, item.trouble, item.next_try_at = State.PLANNED, item.epoch + 1, trouble[:300], again_at
    item.sealed_request, item.first_try_at, item.last_try_at, item.look_after, item.tries = None, None, None, None, 0
    item.save(
        update_fields=[
            *("state", "epoch", "trouble", "next_try_at"),
            *("sealed_request", "first_try_at", "last_try_at", "look_after", "tries"),
        ]
    )


# --- what comes of an item; each within the caller's transaction, the item locked


def _held_entry(item: PayoutItem) -> Entry:
    return Entry.objects.select_related("account", "transaction").get(
        transaction_id=item.hold_id, account__code=chart.reserved(item.member.pseudonym.hex), amount__lt=0
    )


def mark_sent(*, item: PayoutItem, reference: str, now: datetime, by: Actor = PLATFORM) -> None:
    """The rail has it: the reserved money has left the house."""
    entry, idem = _held_entry(item), f"{item.key}:sent"
    if item.rate_id is None:
        send_held(hold=entry, idem=idem, paid_from=chart.CASH_STRIPE, by=by, now=now, source_event=reference)
    else:
        post(
            idem=idem,
            kind="sent",
            legs=_exchanged(item, entry, now),
            resolves=entry,
            run=item.run_id,
            source_event=reference,
            memo=f"rate {item.rate_id}",
            by=by,
            now=now,
        )
    item.state, item.reference, item.reserved, item.sent_at, item.trouble = State.SENT, reference, False, now, ""
    item.ended_at = None
    item.save(update_fields=["state", "reference", "reserved", "sent_at", "trouble", "ended_at"])
    _note(item, "sent", now, reference, by=by)


def _exchanged(item: PayoutItem, entry: Entry, now: datetime) -> list[Leg]:
    """Through trading accounts: euros leave the reserve into `fx:EUR`, the local amount leaves `fx:XXX` and the operator's float."""
    pool, local = f"fx:{entry.currency}", f"fx:{item.currency}"
    cash = f"{chart.CASH_MOBILE_MONEY}:{item.currency}"
    open_accounts(codes=[pool], now=now, currency=entry.currency)
    open_accounts(codes=[local, cash], now=now, currency=item.currency)
    return [
        debit(entry.account.code, item.amount, entry.currency),
        credit(pool, item.amount, entry.currency),
        debit(local, item.local_amount, item.currency),
        credit(cash, item.local_amount, item.currency),
    ]


def give_back(*, item: PayoutItem, trouble: str, now: datetime, by: Actor = PLATFORM) -> None:
    """It was definitely not paid and a person has to mend something: held, and the money is payable again."""
    void_held(hold=_held_entry(item), idem=f"{item.key}:void", by=by, now=now, memo=trouble[:200])
    item.state, item.reserved, item.trouble, item.ended_at = State.HELD, False, trouble[:300], now
    item.save(update_fields=["state", "reserved", "trouble", "ended_at"])
    _note(item, "held", now, trouble, by=by)


def mark_paid(*, item: PayoutItem, now: datetime, by: Actor = PLATFORM) -> None:
    """It stands at the rail."""
    item.state, item.ended_at = State.PAID, now
    item.save(update_fields=["state", "ended_at"])
    _note(item, "paid", now, by=by)


def mark_returned(*, item: PayoutItem, now: datetime) -> None:
    """It came back after it was sent: the money is payable again, and goes out with the next run."""
    post(
        idem=f"{item.key}:returned",
        kind="returned",
        legs=[debit(chart.CASH_STRIPE, item.amount), credit(chart.payable(item.member.pseudonym.hex), item.amount)],
        run=item.run_id,
        source_event=item.reference,
        by=PLATFORM,
        now=now,
    )
    item.state, item.ended_at, item.trouble = State.RETURNED, now, "the rail sent it back"
    item.save(update_fields=["state", "ended_at", "trouble"])
    _note(item, "returned", now, item.reference)


def _note(item: PayoutItem, what: str, now: datetime, note: str = "", *, by: Actor = PLATFORM) -> None:
    PayoutStep.objects.create(item=item, epoch=item.epoch, what=what, note=note[:300], by=by.stands_as, at=now)


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
    sent = PayoutItem.objects.select_for_update(of=("self",)).select_related("member")
    for item in sent.filter(run=run, rail=rail, state=State.SENT).order_by("pk"):
        payment = by_reference.get(item.reference)
        if payment is not None:
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
        locked = PayoutItem.objects.select_for_update(of=("self",)).select_related("member").get(pk=item.pk)
        if locked.state not in (State.SENT, State.PAID):
            return False
        mark_returned(item=locked, now=now)
    return True


@transaction.atomic
def _settle_run(run: PayoutRun, now: datetime) -> int:
    locked = PayoutRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    items = PayoutItem.objects.filter(run=run)
    if locked.state != PayoutRun.State.EXECUTING or items.under_way().exists():
        return 0
    paid = items.filter(state=State.PAID)
    all_paid = not items.exclude(state=State.PAID).exists()
    locked.state = PayoutRun.State.SETTLED if all_paid else PayoutRun.State.SETTLED_WITH_HOLDS
    locked.settled_at = now
    locked.save(update_fields=["state", "settled_at"])
    facts: dict[str, Any] = {
        "paid": paid.count(),
        "held": items.held().count(),
        "returned": items.filter(state=State.RETURNED).count(),
        "amount": paid.aggregate(total=Sum("amount"))["total"] or 0,
        "currency": locked.currency,
    }
    _record(locked, "settled", facts, now)
    return 1


@transaction.atomic
def resolve_item(*, item: PayoutItem, paid: bool, reference: str, by: Actor, now: datetime) -> PayoutItem:
    """The treasurer found out, at the rail, what became of an unresolved item. The same again changes nothing.

    Refused `not_in_office`, `item_not_unresolved`, `reference_missing`.
    """
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    locked = PayoutItem.objects.select_for_update(of=("self",)).select_related("member").get(pk=item.pk)
    if locked.state == State.PAID and paid and locked.reference == reference:
        return locked
    if locked.state != State.HELD or not locked.reserved:
        raise Refused(_("Nothing about this payment is unresolved."), code="item_not_unresolved")
    if not paid:
        why = f"not paid, says the treasurer ({reference})" if reference else "not paid, says the treasurer"
        give_back(item=locked, trouble=why, now=now, by=treasurer)
        return locked
    if not reference.strip():
        raise Refused(_("Give the rail's reference of the payment."), code="reference_missing", field="reference")
    if PayoutItem.objects.filter(rail=locked.rail, reference=reference).exists():
        raise refused_by("payout_item_reference_pays_once")
    mark_sent(item=locked, reference=reference.strip(), now=now, by=treasurer)
    mark_paid(item=locked, now=now, by=treasurer)
    return locked


def _record(run: PayoutRun, verb: str, payload: dict[str, Any], now: datetime) -> None:
    record(kind=f"run.{verb}", subject=f"run:{run.pk}", payload=payload, by=PLATFORM, now=now)
