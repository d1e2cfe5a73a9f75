"""Money in: an order is placed, paid by Checkout or by bank transfer, or cancelled and refunded; what a finished project left of it goes back.

What asks Stripe is never done with a transaction open: read, ask, then write what was learnt in one transaction.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import PLATFORM, Actor
from coop.ground.amounts import shown_amount
from coop.ground.errors import Refused
from coop.ground.laws import refused_by
from coop.members.actors import Officer, must_hold
from coop.members.models import OfficeKind
from coop.work.actions.projects import cancel_project, fund_project
from coop.work.actors import Requester, must_order_for
from coop.work.models import Answer, Project
from payouts.ledger import chart
from payouts.ledger.actions import balance, credit, debit, open_accounts, post
from payouts.models.orders import Order
from payouts.rails import Declined, LookupFailed, Sent, stripe
from payouts.sharing.models import RevenueLine

KEY_LIVES = timedelta(hours=20)  # Stripe keeps one for 24 hours
QUIET = timedelta(minutes=10)  # longer than any request is under way
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

State, Method = Order.State, Order.Method


@transaction.atomic
def place_order(*, project: Project, method: str, by: Actor, now: datetime) -> Order:
    """Accept the quote and say how it will be paid. The same again is the same order.

    Refused `not_your_client`, `order_method_unknown`, `not_quoted`, `quote_expired`, `already_paid`, `ordered_otherwise`, `stripe_is_off`.
    """
    if method not in Method.values:
        raise Refused(
            _("Choose one of these ways to pay: %(methods)s.") % {"methods": ", ".join(Method.values)},
            code="order_method_unknown",
            field="method",
        )
    locked = (
        Project.objects.select_for_update(of=("self",), no_key=True)
        .select_related("quote", "client")
        .get(pk=project.pk)
    )
    requester = must_order_for(by, locked.client)
    live = Order.objects.live().filter(project=locked).first()
    if live is not None:
        if live.state == State.PAID:
            raise Refused(_("This order is already paid."), code="already_paid")
        if live.quote_id == locked.quote_id and live.method == method:
            return live
        raise Refused(
            _("Another order is still open for this project; cancel it first."),
            code="ordered_otherwise",
            field="method",
        )
    if locked.status != Project.Status.QUOTED or locked.quote is None:
        raise Refused(_("This project has no quote to order by."), code="not_quoted")
    if not locked.quote.is_valid_on(now):
        raise Refused(_("This quote has expired; ask for a new one."), code="quote_expired")
    if method == Method.CHECKOUT and not stripe.is_on():
        raise Refused(
            _("Payment by card is switched off here; pay by bank transfer."), code="stripe_is_off", field="method"
        )
    order = Order.objects.create(
        project=locked,
        quote=locked.quote,
        method=method,
        amount=locked.quote.escrow,
        currency=locked.quote.currency,
        reference="CANUT-" + "".join(secrets.choice(LETTERS) for _place in range(8)),
        placed_by=requester.user,
        placed_at=now,
    )
    _record(order, "placed", {"amount": order.amount, "method": method}, by=requester, now=now)
    return order


def open_payment_page(*, order: Order, now: datetime) -> str:
    """The address where this order is paid by card; there is never more than one that can be paid.

    Refused `already_paid`, `order_cancelled`, `not_by_card`, `stripe_unreachable`. Call it with no transaction open.
    """
    if order.method != Method.CHECKOUT:
        raise Refused(_("This order is paid by bank transfer."), code="not_by_card")
    try:
        for _attempt in range(2):
            order = Order.objects.select_related("project").get(pk=order.pk)
            if order.state == State.PAID:
                raise Refused(_("This order is already paid."), code="already_paid")
            if order.state != State.AWAITING_PAYMENT:
                raise Refused(_("This order was cancelled."), code="order_cancelled")
            if not order.checkout:
                _remember_page(order, _opened(order))
                continue
            found = stripe.look_up_checkout(order.checkout)
            if found.state == "open":
                return found.url
            settle_checkout(found=found, now=now)
        order.refresh_from_db()
    except LookupFailed:
        raise Refused(
            _("The payment page can't be opened right now. Nothing was paid; please try again."),
            code="stripe_unreachable",
        ) from None
    if order.checkout_url:
        return order.checkout_url
    return open_payment_page(order=order, now=now)


def _opened(order: Order) -> stripe.Checkout:
    back = f"{settings.SITE_URL}/orders/{order.pk}/"
    return stripe.open_checkout(
        order=str(order.pk),
        title=order.project.title,
        amount=order.amount,
        currency=order.currency,
        success_url=back + "?paid=1",
        cancel_url=back,
        key=order.payment_key,
    )


@transaction.atomic
def _remember_page(order: Order, page: stripe.Checkout) -> None:
    Order.objects.filter(
        pk=order.pk, state=State.AWAITING_PAYMENT, checkout="", checkout_epoch=order.checkout_epoch
    ).update(checkout=page.id, checkout_url=page.url)


@transaction.atomic
def settle_checkout(*, found: stripe.Checkout, now: datetime) -> Order:
    """Write what a payment page turned out to be: paid, expired, or still open. Doing it twice changes nothing.

    Refused `checkout_unknown`, `wrong_amount`, `paid_twice`, `paid_after_cancelling`: such an event waits for a person.
    """
    order = _of_checkout(found)
    if found.state == "paid":
        return _paid(order, payment=found.payment, amount=found.amount, currency=found.currency, fee=found.fee, now=now)
    if found.state == "expired" and order.state == State.AWAITING_PAYMENT and order.checkout == found.id:
        order.checkout, order.checkout_url, order.checkout_epoch = "", "", order.checkout_epoch + 1
        order.save(update_fields=["checkout", "checkout_url", "checkout_epoch"])
    return order


def _of_checkout(found: stripe.Checkout) -> Order:
    try:
        id = UUID(found.order)
    except ValueError:
        id = UUID(int=0)
    order = Order.objects.select_for_update().filter(pk=id).first()
    if order is None:
        raise Refused(_("This payment names no order of ours."), code="checkout_unknown")
    return order


def _paid(
    order: Order,
    *,
    payment: str,
    amount: int,
    currency: str,
    fee: int,
    now: datetime,
    confirmed_by: Officer | None = None,
) -> Order:
    """The money is there: books, order and project in one transaction; the order is locked by the caller."""
    if order.payment == payment:
        return order
    _refuse_wrong_amount(order, amount, currency)
    if order.cancelled_at:
        raise Refused(
            _("Order %(order)s was cancelled, and then paid by %(payment)s: it has to go back.")
            % {"order": order.reference, "payment": payment},
            code="paid_after_cancelling",
        )
    if order.paid_at:
        raise Refused(
            _("Order %(order)s was already paid by %(first)s; %(second)s pays it a second time and has to go back.")
            % {"order": order.reference, "first": order.payment, "second": payment},
            code="paid_twice",
        )
    order.state, order.payment, order.paid_at, order.checkout_url = State.PAID, payment, now, ""
    order.confirmed_by = confirmed_by.member if confirmed_by else None
    order.save(update_fields=["state", "payment", "paid_at", "confirmed_by", "checkout_url"])
    by = confirmed_by or PLATFORM
    cash, escrow = cash_account(order), chart.escrow(order.project_id)
    open_accounts(codes=[escrow], now=now)
    legs = [debit(cash, order.amount - fee), credit(escrow, order.amount)]
    if fee:
        legs.insert(1, debit(chart.RAIL_FEES, fee))
    post(idem=f"order:{order.pk}:paid", kind="order_paid", legs=legs, source_event=payment[:160], by=by, now=now)
    fund_project(project=order.project, received=order.amount, by=by, now=now)
    _record(order, "paid", {"amount": order.amount, "fee": fee, "method": order.method}, by=by, now=now)
    return order


def cash_account(order: Order) -> str:
    """Where the money of this order is."""
    return chart.CASH_STRIPE if order.method == Method.CHECKOUT else chart.CASH_BANK


def _refuse_wrong_amount(order: Order, amount: int, currency: str) -> None:
    if (amount, currency) != (order.amount, order.currency):
        raise Refused(
            _("%(given)s was paid, but order %(order)s is for %(due)s.")
            % {
                "given": f"{amount} {currency}" if currency != order.currency else shown_amount(amount, currency),
                "order": order.reference,
                "due": shown_amount(order.amount, order.currency),
            },
            code="wrong_amount",
            field="amount",
        )


@transaction.atomic
def confirm_transfer(*, order: Order, amount: int, reference: str, by: Actor, now: datetime) -> Order:
    """The treasurer saw the transfer on the bank statement: `amount` minor units, under the bank's own `reference`.

    The same again changes nothing. Refused `not_in_office`, `not_by_transfer`, `wrong_amount`, `reference_missing`,
    `reference_used`, `paid_twice`, `paid_after_cancelling`.
    """
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    reference = " ".join(reference.split())[:200]
    if not reference:
        raise Refused(_("Give the bank's reference of the transfer."), code="reference_missing", field="reference")
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.method != Method.BANK_TRANSFER:
        raise Refused(_("This order is paid by card."), code="not_by_transfer")
    payment = f"bank:{reference}"
    if Order.objects.filter(payment=payment).exclude(pk=locked.pk).exists():
        raise refused_by("order_payment_pays_one_order")
    return _paid(
        locked, payment=payment, amount=amount, currency=locked.currency, fee=0, now=now, confirmed_by=treasurer
    )


# --- cancelling, and giving back


def cancel_order(*, order: Order, by: Actor, now: datetime) -> Order:
    """Withdraw an order. An unpaid one ends; a paid one is refunded in full, as long as nobody has begun to work on it.

    Refused `not_your_client`, `work_began`, `stripe_unreachable`. Doing it twice changes nothing. Call it with no transaction open.
    """
    order = Order.objects.select_related("project__client").get(pk=order.pk)
    requester = must_order_for(by, order.project.client)
    if order.state == State.AWAITING_PAYMENT and order.checkout:
        try:
            found = stripe.close_checkout(order.checkout)  # from here on it can't be paid, unless it already was
        except LookupFailed:
            raise Refused(
                _("The payment page can't be closed right now; please try again."), code="stripe_unreachable"
            ) from None
        settle_checkout(found=found, now=now)
    return _cancel(order=order, by=requester, now=now)


@transaction.atomic
def _cancel(*, order: Order, by: Requester, now: datetime) -> Order:
    locked = Order.objects.select_for_update(of=("self",)).select_related("project").get(pk=order.pk)
    if locked.cancelled_at:
        return locked
    if locked.state == State.AWAITING_PAYMENT:
        if locked.checkout:
            raise Refused(_("The payment page was opened again; please try again."), code="stripe_unreachable")
        locked.state, locked.cancelled_at = State.CANCELLED, now
        locked.save(update_fields=["state", "cancelled_at"])
    else:
        cancel_project(project=locked.project, by=by, now=now)
        locked.cancelled_at = now
        _owe_back(locked, locked.amount)
        locked.save(update_fields=["state", "cancelled_at", *REFUND_DUE_FIELDS])
    _record(locked, "cancelled", {"refund": locked.state == State.REFUND_DUE}, by=by, now=now)
    return locked


REFUND_DUE_FIELDS = ("refund_amount", "refund_request")


def _owe_back(order: Order, amount: int) -> None:
    """So much has to go back; by card, the exact request is written before it is asked."""
    order.state, order.refund_amount = State.REFUND_DUE, amount
    if order.method == Method.CHECKOUT:
        order.refund_request = stripe.refund_request(payment=order.payment, amount=amount, order=str(order.pk))


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
        return False  # somebody else was here, or the period of the last answers is not closed yet
    order.completed_at, left = now, balance(chart.escrow(order.project_id))
    if left:
        _owe_back(order, left)
    order.save(update_fields=["state", "completed_at", *REFUND_DUE_FIELDS])
    _record(order, "completed", {"refund": left}, by=PLATFORM, now=now)
    return True


def _is_billed(project: UUID) -> bool:
    """Whether every answer delivered to a finished project is in the revenue of a closed period; none comes after."""
    delivered = Answer.objects.billable().filter(project=project).count()
    counted = RevenueLine.objects.filter(project=project).aggregate(n=Sum("answers"))["n"] or 0
    return bool(counted == delivered)


def cancel_project_order(*, project: Project, by: Actor, now: datetime) -> Project:
    """Withdraw a project together with its order, if it has one. Refused as `cancel_order` and `cancel_project` are."""
    live = Order.objects.live().filter(project=project).first()
    if live is not None:
        cancel_order(order=live, by=by, now=now)
    return cancel_project(project=project, by=by, now=now)


@transaction.atomic
def confirm_refund(*, order: Order, reference: str, by: Actor, now: datetime) -> Order:
    """The treasurer sent back by bank what was due of an order: `refund_amount`.

    The same again changes nothing. Refused `not_in_office`, `no_refund_due`, `reference_missing`.
    """
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    reference = " ".join(reference.split())[:200]
    if not reference:
        raise Refused(_("Give the bank's reference of the transfer."), code="reference_missing", field="reference")
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.state == State.REFUNDED and locked.refund_reference == f"bank:{reference}":
        return locked
    if locked.state != State.REFUND_DUE or locked.method != Method.BANK_TRANSFER:
        raise Refused(_("No refund by bank is due for this order."), code="no_refund_due")
    return _refunded(locked, f"bank:{reference}", by=treasurer, now=now)


def _refunded(order: Order, reference: str, *, by: Actor, now: datetime) -> Order:
    assert order.refund_amount, "what is due has its amount"
    order.state, order.refund_reference, order.refunded_at, order.refund_trouble = State.REFUNDED, reference, now, ""
    order.save(update_fields=["state", "refund_reference", "refunded_at", "refund_trouble"])
    post(
        idem=f"order:{order.pk}:refunded",
        kind="order_refunded",
        legs=[
            debit(chart.escrow(order.project_id), order.refund_amount),
            credit(cash_account(order), order.refund_amount),
        ],
        source_event=reference[:160],
        by=by,
        now=now,
    )
    _record(order, "refunded", {"amount": order.refund_amount}, by=by, now=now)
    return order


def advance_refunds(*, now: datetime, wall: datetime) -> int:
    """Ask for every refund that is due by card, under a key that is written before. The number that was settled."""
    if not stripe.is_on():
        return 0
    done = 0
    for order in Order.objects.awaiting_refund().filter(method=Method.CHECKOUT):
        done += _advance_refund(order, now, wall)
    return done


def _advance_refund(order: Order, now: datetime, wall: datetime) -> bool:
    """One step: either ask under the key, or, when the key may be too old, look it up and never ask again under it."""
    quiet_since = order.refund_last_try_at + QUIET if order.refund_last_try_at else None
    if order.refund_look_after and wall >= order.refund_look_after:
        if quiet_since and wall < quiet_since:
            return False
        try:
            found = stripe.find_refunds(order.payment)
        except LookupFailed:
            return False
        right = [refund for refund in found if refund.amount == order.refund_amount]
        with transaction.atomic():
            locked = Order.objects.select_for_update().get(pk=order.pk)
            if locked.state != State.REFUND_DUE or locked.refund_epoch != order.refund_epoch:
                return False
            if right:
                _refunded(locked, right[0].reference, by=PLATFORM, now=now)
                return True
            _burn_refund_key(locked)
        return False
    with transaction.atomic():
        locked = Order.objects.select_for_update().get(pk=order.pk)
        if locked.state != State.REFUND_DUE:
            return False
        locked.refund_first_try_at = locked.refund_first_try_at or wall
        locked.refund_look_after = locked.refund_look_after or wall + KEY_LIVES
        locked.refund_last_try_at = wall
        locked.save(update_fields=["refund_first_try_at", "refund_look_after", "refund_last_try_at"])
    outcome = stripe.submit_refund(bytes(locked.refund_request or b""), locked.refund_key)
    with transaction.atomic():
        after = Order.objects.select_for_update().get(pk=order.pk)
        if after.state != State.REFUND_DUE or after.refund_epoch != locked.refund_epoch:
            return False
        if isinstance(outcome, Sent):
            _refunded(after, outcome.reference, by=PLATFORM, now=now)
            return True
        after.refund_trouble = outcome.message[:300]
        if (
            isinstance(outcome, Declined) or outcome.settled
        ):  # this key says nothing new: look before asking under another
            after.refund_look_after = wall
        after.save(update_fields=["refund_trouble", "refund_look_after"])
    return False


def _burn_refund_key(order: Order) -> None:
    """Nothing was moved under this key, nor ever will be: the next try has another."""
    order.refund_epoch += 1
    order.refund_first_try_at = order.refund_last_try_at = order.refund_look_after = None
    order.save(update_fields=["refund_epoch", "refund_first_try_at", "refund_last_try_at", "refund_look_after"])


def _record(order: Order, verb: str, payload: dict[str, Any], *, by: Actor, now: datetime) -> None:
    record(
        kind=f"order.{verb}",
        subject=f"order:{order.pk}",
        payload={"project": str(order.project_id), "currency": order.currency, **payload},
        by=by,
        now=now,
    )
