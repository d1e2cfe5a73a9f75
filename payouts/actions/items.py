"""One payment to one member: how it is asked for on a rail that is asked per item, and what comes of it in the books.

Whoever locks an attempt and its item locks the attempt first.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from coop.ground.actor import PLATFORM, Actor
from coop.ground.errors import Refused
from coop.ground.laws import refused_by
from coop.members.actors import must_hold
from coop.members.models import Member, OfficeKind
from coop.notices.actions import tell
from payouts import rails, troubles
from payouts.attempts import protocol
from payouts.attempts.protocol import Act, Again, Drop, Errand
from payouts.ledger import chart
from payouts.ledger.actions import Leg, open_accounts, post, void_held
from payouts.ledger.models import Entry
from payouts.models.attempts import Attempt
from payouts.models.items import NotPaid, PayoutItem, PayoutItemQuerySet, PayoutStep
from payouts.models.rails import RailDetails
from payouts.occasions import not_paid, paid
from payouts.rails import Declined, Found, Instruction, Outcome

PURPOSE = "payout"
State = PayoutItem.State


class PayoutErrand(Errand):
    """Paying an item on a rail that is asked for each."""

    purpose = PURPOSE

    def __init__(self, rail: str) -> None:
        self.rail = rail

    @property
    def called(self) -> rails.CallRail:
        """The rail; nothing is asked of one that we don't have any more, but what waits for it can be dropped."""
        called = rails.call_rail(self.rail)
        assert called is not None, "only a rail that is asked has errands"
        return called

    def request(self, attempt: Attempt) -> bytes | Drop:
        (item,) = plan_members(PayoutItem.objects.filter(attempt=attempt))
        if not aim(item):
            return Drop(troubles.MOVED)
        return self.called.request(
            Instruction(
                item=str(item.pk),
                group=item.group,
                key=attempt.key,
                amount=item.local_amount,
                currency=item.currency,
                details=item.details.opened(),
            )
        )

    def ask(self, request: bytes, key: str) -> Outcome:
        return self.called.submit(request, key)

    def find(self, attempt: Attempt) -> list[Found]:
        item = PayoutItem.objects.get(attempt=attempt)
        return self.called.find(item.group, str(item.pk))

    def fits(self, attempt: Attempt, found: Found) -> bool:
        item = PayoutItem.objects.get(attempt=attempt)
        return (found.amount, found.currency) == (item.local_amount, item.currency)

    def declined(self, attempt: Attempt, no: Declined) -> Again | Drop:
        return Again(protocol.EMPTY_PAUSE, empty=True) if no.then == "later" else Drop()

    def done(self, attempt: Attempt, act: Act) -> None:
        mark_sent(item=_of(attempt), reference=attempt.reference, now=act.now, by=act.by)

    def moved(self, attempt: Attempt, step: str, act: Act) -> None:
        item = _of(attempt)
        now = item.not_before(act.now)
        if step == "dropped":
            give_back(item=item, trouble=attempt.trouble, now=now, by=act.by)
            return
        item.trouble = attempt.trouble
        if step == "submitting":
            item.state = State.SUBMITTING
        elif step == "burnt":
            item.state = State.PLANNED
        elif step == "held":
            item.state, item.ended_at = State.HELD, now  # the money stays reserved: it may have left
        item.save(update_fields=["state", "trouble", "ended_at"])
        _note(item, step, now, attempt.trouble, by=act.by)


def locked_item(id: UUID) -> PayoutItem:
    """The item, locked."""
    locked = PayoutItem.objects.select_for_update(of=("self",)).select_related("member", "attempt")
    return locked.get(pk=id)


def _of(attempt: Attempt) -> PayoutItem:
    return locked_item(PayoutItem.objects.values_list("pk", flat=True).get(attempt=attempt))


# --- where it goes: to the details that are current when it is asked for


def plan_members(items: PayoutItemQuerySet) -> list[PayoutItem]:
    """The planned ones of these, locked, and before them their members: until the commit nobody changes where they are paid."""
    mine = items.filter(state=State.PLANNED)
    list(Member.objects.select_for_update(no_key=True).filter(pk__in=mine.values("member")).order_by("pk"))
    locked = mine.select_for_update(of=("self",)).select_related("member", "attempt", "run", "rate")
    return list(locked.order_by("pk"))


def aim(item: PayoutItem) -> bool:
    """Point a planned payment at the details that are current now. False where these are none, or of another way or currency."""
    current = RailDetails.objects.of(item.member).current().first()
    if current is None or not _reached_alike(item, current):
        return False
    if current.pk != item.details_id:
        item.details = current
        item.save(update_fields=["details"])
    return True


def _reached_alike(item: PayoutItem, details: RailDetails) -> bool:
    """Whether what is planned can be sent to these details as it is: on the same rail, the same amount of the same currency."""
    if details.pk == item.details_id:
        return True
    planned = rails.Rate(item.rate.pk, item.rate.num, item.rate.den) if item.rate else None

    def rate(currency: str) -> rails.Rate | None:
        return planned if currency == item.currency else None

    if details.rail != item.rail:
        return False
    sending = rails.RAILS[item.rail].sends(details.opened(), item.amount, pool=item.run.currency, rate=rate)
    return sending is not None and replace(sending, rate=None) == _sending(item)


# --- what comes of an item; each within the caller's transaction, the item locked


def _held_entry(item: PayoutItem) -> Entry:
    return Entry.objects.select_related("account", "transaction").get(
        transaction_id=item.hold_id, account__code=chart.reserved(item.member.pseudonym.hex), amount__lt=0
    )


def mark_sent(*, item: PayoutItem, reference: str, now: datetime, by: Actor = PLATFORM) -> None:
    """The rail has it: the reserved money has left the house."""
    now = item.not_before(now)
    entry = _held_entry(item)
    legs = rails.RAILS[item.rail].sent(entry.account.code, _sending(item), pool=entry.currency)
    _open(legs, now)
    post(
        idem=f"{item.key}:sent",
        kind="sent",
        legs=legs,
        resolves=entry,
        run=item.run_id,
        source_event=reference,
        memo=f"rate {item.rate_id}" if item.rate_id else "",
        by=by,
        now=now,
    )
    item.state, item.reference, item.reserved, item.sent_at, item.trouble = State.SENT, reference, False, now, ""
    item.ended_at = None
    item.save(update_fields=["state", "reference", "reserved", "sent_at", "trouble", "ended_at"])
    _note(item, "sent", now, reference, by=by)


def _sending(item: PayoutItem) -> rails.Sending:
    return rails.Sending(item.currency, item.local_amount, item.amount)


def _open(legs: list[Leg], now: datetime) -> None:
    """The accounts of a rail are opened when they are first booked to."""
    for currency in {leg.currency for leg in legs}:
        open_accounts(codes=[leg.account for leg in legs if leg.currency == currency], now=now, currency=currency)


WHY_UNPAID = {troubles.MOVED: NotPaid.Why.MOVED, troubles.RAIL_OFF: NotPaid.Why.RAIL_OFF}
"""Why a payment that was given back with one of these codes was not paid; every other did not go through."""


def give_back(*, item: PayoutItem, trouble: str, now: datetime, by: Actor = PLATFORM) -> None:
    """It was definitely not paid and a person has to mend something: held, and the money is payable again."""
    now = item.not_before(now)
    void_held(hold=_held_entry(item), idem=f"{item.key}:void", by=by, now=now, memo=trouble[:200])
    item.state, item.reserved, item.trouble, item.ended_at = State.HELD, False, trouble[:300], now
    item.save(update_fields=["state", "reserved", "trouble", "ended_at"])
    name_unpaid(item=item, why=WHY_UNPAID.get(troubles.code_of(trouble), NotPaid.Why.HELD), now=now)
    _note(item, "held", now, trouble, by=by)


def mark_paid(*, item: PayoutItem, now: datetime, by: Actor = PLATFORM) -> None:
    """It stands at the rail."""
    now = item.not_before(now)
    item.state, item.ended_at = State.PAID, now
    item.save(update_fields=["state", "ended_at"])
    _note(item, "paid", now, by=by)
    tell(occasion=paid.OCCASION, of=item, now=now)


def mark_returned(*, item: PayoutItem, now: datetime, by: Actor = PLATFORM, note: str = "") -> None:
    """It came back after it was sent: the money is payable again, and goes out with the next run."""
    now = item.not_before(now)
    back = chart.payable(item.member.pseudonym.hex)
    legs = rails.RAILS[item.rail].returned(back, _sending(item), pool=item.run.currency)
    _open(legs, now)
    post(
        idem=f"{item.key}:returned",
        kind="returned",
        legs=legs,
        run=item.run_id,
        source_event=item.reference,
        memo=note[:200],
        by=by,
        now=now,
    )
    item.state, item.ended_at, item.trouble = State.RETURNED, now, troubles.RETURNED
    item.save(update_fields=["state", "ended_at", "trouble"])
    name_unpaid(item=item, why=NotPaid.Why.RETURNED, now=now)
    _note(item, "returned", now, note or item.reference, by=by)


def name_unpaid(*, item: PayoutItem, why: NotPaid.Why, now: datetime) -> None:
    """Its member was not paid by this run; the first reason stays."""
    unpaid = NotPaid(run_id=item.run_id, member_id=item.member_id, why=why, amount=item.amount)
    NotPaid.objects.bulk_create([unpaid], ignore_conflicts=True)
    tell(occasion=not_paid.OCCASION, of=unpaid, now=now)


def _note(item: PayoutItem, what: str, now: datetime, note: str = "", *, by: Actor = PLATFORM) -> None:
    epoch = item.attempt.epoch if item.attempt else 1
    PayoutStep.objects.create(item=item, epoch=epoch, what=what, note=note[:300], by=by.stands_as, at=now)
    by.insist(now)


@transaction.atomic
def resolve_item(*, item: PayoutItem, paid: bool, reference: str, by: Actor, now: datetime) -> PayoutItem:
    """The treasurer found out, at the rail, what became of an unresolved item. The same again changes nothing.

    A payment that waits for a rail which is off, and of which nothing was asked, may be given up: its money goes out with the
    next run, on the rail its member has then.

    Refused `not_in_office`, `item_not_unresolved`, `reference_missing`, `reference_used`.
    """
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    attempt = Attempt.objects.select_for_update().filter(payout_item=item.pk).first()
    locked = locked_item(item.pk)
    now = locked.not_before(now)
    if locked.state == State.PAID and paid and locked.reference == reference:
        return locked
    given_up = locked.waits_for_its_rail and not paid
    if not given_up and (locked.state != State.HELD or not locked.reserved):
        raise Refused(_("Nothing about this payment is unresolved."), code="item_not_unresolved")
    if not paid:
        why = troubles.kept(troubles.RAIL_OFF if given_up else troubles.NOT_PAID, reference)
        if attempt is None:
            give_back(item=locked, trouble=why, now=now, by=treasurer)
        else:
            protocol.drop(attempt=attempt, errand=PayoutErrand(locked.rail), why=why, act=Act(now, treasurer))
        return locked_item(item.pk)
    reference = reference.strip()
    if not reference:
        raise Refused(_("Give the rail's reference of the payment."), code="reference_missing", field="reference")
    if PayoutItem.objects.filter(rail=locked.rail, reference=reference).exists():
        raise refused_by("payout_item_reference_pays_once")
    if attempt is None:
        mark_sent(item=locked, reference=reference, now=now, by=treasurer)
    else:
        protocol.conclude(
            attempt=attempt, errand=PayoutErrand(locked.rail), reference=reference, act=Act(now, treasurer)
        )
        locked = locked_item(item.pk)
    mark_paid(item=locked, now=now, by=treasurer)
    return locked
