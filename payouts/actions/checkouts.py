"""Money in by card: the payment page of an order is opened, and what it turned out to be is written.

What asks Stripe is never done with a transaction open: read, ask, then write what was learnt in one transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from coop.ground.errors import Refused
from payouts.actions.payments import mark_order_paid
from payouts.attempts import protocol
from payouts.attempts.protocol import Act, Again, Errand
from payouts.models.attempts import Attempt
from payouts.models.orders import Order
from payouts.rails import Declined, Found, LookupFailed, Outcome, stripe

PURPOSE = "checkout"
State, Method = Order.State, Order.Method


class CheckoutErrand(Errand):
    """Opening the page on which an order is paid. Nobody can pay on one whose address we never gave out."""

    purpose, rail, lone = PURPOSE, stripe.RAIL.name, False

    def request(self, attempt: Attempt) -> bytes:
        order = Order.objects.select_related("project").get(pk=attempt.subject)
        back = f"{settings.SITE_URL}/orders/{order.pk}/"
        return stripe.checkout_request(
            order=str(order.pk),
            title=order.project.title,
            amount=order.amount,
            currency=order.currency,
            success_url=back + "?paid=1",
            cancel_url=back,
            key=attempt.key,
        )

    def ask(self, request: bytes, key: str) -> Outcome:
        return stripe.submit_checkout(request, key)

    def find(self, attempt: Attempt) -> list[Found]:
        assert attempt.first_try_at, "only what was asked is looked up"
        since = attempt.first_try_at - timedelta(hours=1)  # their clock may be behind ours
        return stripe.find_checkouts(attempt.key, int(since.timestamp()))

    def fits(self, attempt: Attempt, found: Found) -> bool:
        order = Order.objects.get(pk=attempt.subject)
        return (found.amount, found.currency) == (order.amount, order.currency)

    def declined(self, attempt: Attempt, no: Declined) -> Again:
        return Again()

    def done(self, attempt: Attempt, act: Act) -> None:
        Order.objects.filter(pk=attempt.subject, state=State.AWAITING_PAYMENT).update(checkout=attempt.reference)


def open_payment_page(*, order: Order, now: datetime, wall: datetime) -> str:
    """The address where this order is paid by card; there is never more than one that can be paid.

    Refused `already_paid`, `order_cancelled`, `not_by_card`, `stripe_unreachable`, `stripe_refused`. Call it with no transaction open.
    """
    if order.method != Method.CHECKOUT:
        raise Refused(_("This order is paid by bank transfer."), code="not_by_card")
    try:
        for _round in range(3):  # it expired; another is asked for; it is looked at
            order = Order.objects.select_related("project").get(pk=order.pk)
            if order.cancelled_at:
                raise Refused(_("This order was cancelled."), code="order_cancelled")
            if order.state != State.AWAITING_PAYMENT:  # paid, also where what was not needed goes back
                raise Refused(_("This order is already paid."), code="already_paid")
            if not order.checkout:
                _ask_for_page(order, now, wall)
                continue
            found = stripe.look_up_checkout(order.checkout)
            if found.state == "open":
                return _remember_address(order, found)
            settle_checkout(found=found, now=now)
        raise LookupFailed
    except LookupFailed:
        raise Refused(
            _("The payment page can't be opened right now. Nothing was paid; please try again."),
            code="stripe_unreachable",
        ) from None


def _ask_for_page(order: Order, now: datetime, wall: datetime) -> None:
    """One step towards a page. LookupFailed where nobody knows yet; Refused `stripe_refused`."""
    attempt = Attempt.objects.get(purpose=PURPOSE, subject=order.pk)
    protocol.advance(attempt=attempt, errand=CheckoutErrand(), now=now, wall=wall, patient=False)
    attempt.refresh_from_db()
    if attempt.state == Attempt.State.WAITING and attempt.trouble:
        raise Refused(
            _("Stripe refuses to open the payment page: %(why)s") % {"why": attempt.trouble}, code="stripe_refused"
        )
    if attempt.state in Attempt.OPEN:
        raise LookupFailed


@transaction.atomic
def _remember_address(order: Order, found: stripe.Checkout) -> str:
    Order.objects.filter(pk=order.pk, checkout=found.id, state=State.AWAITING_PAYMENT).update(checkout_url=found.url)
    return found.url


@transaction.atomic
def settle_checkout(*, found: stripe.Checkout, now: datetime) -> Order:
    """Write what a payment page turned out to be: paid, expired, or still open. Doing it twice changes nothing.

    Refused `checkout_unknown`, `wrong_amount`, `paid_twice`, `paid_after_cancelling`: such an event waits for a person.
    """
    order, attempt = _of_checkout(found)
    now = order.not_before(now)
    if found.state == "paid":
        return mark_order_paid(
            order=order,
            payment=found.payment,
            amount=found.amount,
            currency=found.currency,
            fee=found.fee,
            now=now,
        )
    if found.state == "expired" and order.state == State.AWAITING_PAYMENT and order.checkout == found.id:
        order.checkout, order.checkout_url = "", ""
        order.save(update_fields=["checkout", "checkout_url"])
        if attempt is not None:
            protocol.lapse(attempt=attempt)
    return order


def _of_checkout(found: stripe.Checkout) -> tuple[Order, Attempt | None]:
    try:
        id = UUID(found.order)
    except ValueError:
        id = UUID(int=0)
    attempt = protocol.lock(purpose=PURPOSE, subject=id)
    order = Order.objects.select_for_update().filter(pk=id).first()
    if order is None:
        raise Refused(_("This payment names no order of ours."), code="checkout_unknown")
    return order, attempt
