"""Money back: what a cancelled order had paid and what a finished project left of it.

By card it is asked for by the protocol of `payouts/attempts`; by bank the treasurer sends it. Attempt, order, refund are locked
in this order.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from coop.ground.actor import PLATFORM, Actor
from coop.ground.errors import Refused
from coop.ground.laws import refused_by
from coop.members.actors import must_hold
from coop.members.models import OfficeKind
from coop.work.models import Answer
from payouts.actions.payments import bank_reference, cash_account, record_order
from payouts.attempts import protocol
from payouts.attempts.protocol import Act, Again, Errand, Look
from payouts.ledger import chart
from payouts.ledger.actions import balance, credit, debit, post
from payouts.models.attempts import Attempt
from payouts.models.orders import Order, Refund
from payouts.rails import Declined, Found, Outcome, stripe
from payouts.sharing.models import RevenueLine

PURPOSE = "refund"
State, Method = Order.State, Order.Method


class RefundErrand(Errand):
    """Giving back by card. A payment pays one order, so every refund of it that stands is of this order."""

    purpose, rail = PURPOSE, stripe.RAIL.name

    def request(self, attempt: Attempt) -> bytes:
        refund = self._refund(attempt)
        return stripe.refund_request(
            payment=refund.order.payment, amount=refund.amount, order=str(refund.order_id), key=attempt.key
        )

    def ask(self, request: bytes, key: str) -> Outcome:
        return stripe.submit_refund(request, key)

    def find(self, attempt: Attempt) -> list[Found]:
        return stripe.find_refunds(self._refund(attempt).order.payment)

    def fits(self, attempt: Attempt, found: Found) -> bool:
        refund = self._refund(attempt)
        return (found.amount, found.currency) == (refund.amount, refund.order.currency)

    def declined(self, attempt: Attempt, no: Declined) -> Again | Look:
        return Again(protocol.EMPTY_PAUSE, empty=True) if no.then == "later" else Look()

    def done(self, attempt: Attempt, act: Act) -> None:
        Order.objects.select_for_update().get(refund__attempt=attempt)
        refund = Refund.objects.select_for_update().get(attempt=attempt)
        mark_refunded(refund=refund, reference=attempt.reference, now=act.now, by=act.by)

    def _refund(self, attempt: Attempt) -> Refund:
        return Refund.objects.select_related("order").get(attempt=attempt)


def owe_back(*, order: Order, amount: int, now: datetime) -> Refund:
    """So much of an order has to go back from now on; the order is locked by the caller."""
    id, attempt = uuid4(), None
    if order.method == Method.CHECKOUT:
        attempt = protocol.prepare(errand=RefundErrand(), subject=id)
    order.state = State.REFUND_DUE
    order.save(update_fields=["state"])
    return Refund.objects.create(id=id, order=order, amount=amount, due_at=now, attempt=attempt)


def refund_unused_escrow(*, now: datetime) -> int:
    """Owe back what finished projects left in escrow, the buffer above all, once all that was delivered is billed.

    It is the requester's own money and never was revenue. One transaction for each; the number of orders that were
    completed. Doing it twice, or from two workers, changes nothing.
    """
    return sum(_complete(id, now) for id in Order.objects.finished().order_by("paid_at").values_list("pk", flat=True))


@transaction.atomic
def _complete(id: UUID, now: datetime) -> bool:
    order = Order.objects.finished().select_for_update(of=("self",)).filter(pk=id).first()
    if order is None or not _is_billed(order.project_id):
        return False  # somebody else was here, or the run of the last answers is not approved yet
    now = order.not_before(now)
    order.completed_at, left = now, balance(chart.escrow(order.project_id))
    order.save(update_fields=["completed_at"])
    if left:
        owe_back(order=order, amount=left, now=now)
    record_order(order=order, verb="completed", payload={"refund": left}, by=PLATFORM, now=now)
    return True


def _is_billed(project: UUID) -> bool:
    """Whether every answer delivered to a finished project is in the revenue of an approved run; none comes after."""
    delivered = Answer.objects.billable().filter(project=project).count()
    booked = RevenueLine.objects.filter(project=project, superseded_by=None, version__run__approved_at__isnull=False)
    counted = booked.aggregate(n=Sum("answers"))["n"] or 0
    return bool(counted == delivered)


@transaction.atomic
def confirm_refund(*, order: Order, reference: str, by: Actor, now: datetime) -> Order:
    """The treasurer sent back by bank what was due of an order, or found at Stripe the refund that its list could not explain.

    The same again changes nothing. Refused `not_in_office`, `no_refund_due`, `reference_missing`, `reference_used`.
    """
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    by_bank = f"bank:{bank_reference(reference)}"
    attempt = Attempt.objects.select_for_update().filter(refund__order=order).first()
    locked = Order.objects.select_for_update().get(pk=order.pk)
    refund = Refund.objects.select_for_update().filter(order=locked).first()
    now = locked.not_before(now)
    given = reference.strip() if attempt is not None else by_bank
    if refund is not None and refund.reference == given:
        return locked
    if refund is None or refund.refunded_at or (attempt is not None and attempt.state != Attempt.State.HELD):
        raise Refused(_("No refund by bank is due for this order."), code="no_refund_due")
    if Refund.objects.filter(reference=given).exists():
        raise refused_by("refund_reference_gives_back_once")
    if attempt is None:
        return mark_refunded(refund=refund, reference=given, by=treasurer, now=now)
    if protocol.is_taken(attempt, given):
        raise refused_by("payout_item_reference_pays_once")
    protocol.conclude(attempt=attempt, errand=RefundErrand(), reference=given, act=Act(now, treasurer))
    return Order.objects.get(pk=order.pk)


def mark_refunded(*, refund: Refund, reference: str, by: Actor, now: datetime) -> Order:
    """It went back: books, refund and order in one transaction; order and refund are locked by the caller."""
    order = Order.objects.get(pk=refund.order_id)
    now = order.not_before(refund.not_before(now))
    refund.reference, refund.refunded_at = reference, now
    refund.save(update_fields=["reference", "refunded_at"])
    order.state = State.REFUNDED
    order.save(update_fields=["state"])
    post(
        idem=f"order:{order.pk}:refunded",
        kind="order_refunded",
        legs=[debit(chart.escrow(order.project_id), refund.amount), credit(cash_account(order), refund.amount)],
        source_event=reference[:160],
        by=by,
        now=now,
    )
    record_order(order=order, verb="refunded", payload={"amount": refund.amount}, by=by, now=now)
    return order


def advance_refunds(*, now: datetime, wall: datetime) -> int:
    """One step of every refund that is due by card. The number that was settled."""
    if not stripe.is_on():
        return 0
    due = Attempt.objects.filter(purpose=PURPOSE, refund__refunded_at=None).due(wall)
    errand = RefundErrand()
    return sum(protocol.advance(attempt=attempt, errand=errand, now=now, wall=wall) == "sent" for attempt in due)
