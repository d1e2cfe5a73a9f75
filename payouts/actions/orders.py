"""Orders: a quote is accepted and will be paid by card or by bank transfer; an order is cancelled.

What asks Stripe is never done with a transaction open: read, ask, then write what was learnt in one transaction.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.work.actions.projects import cancel_project
from coop.work.actors import Requester, must_order_for
from coop.work.models import Project, Quote
from payouts import troubles
from payouts.actions import checkouts
from payouts.actions.checkouts import CheckoutErrand, settle_checkout
from payouts.actions.payments import record_order
from payouts.actions.refunds import owe_back
from payouts.attempts import protocol
from payouts.attempts.protocol import Act
from payouts.models.attempts import Attempt
from payouts.models.orders import Order
from payouts.rails import LookupFailed, stripe

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
    now = locked.not_before(now)
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
    quote = _quote_to_order_by(locked, now)
    _refuse_what_is_off(method)
    order = Order.objects.create(
        project=locked,
        quote=quote,
        method=method,
        amount=quote.escrow,
        currency=quote.currency,
        reference="CANUT-" + "".join(secrets.choice(LETTERS) for _place in range(8)),
        placed_by=requester.user,
        placed_at=now,
    )
    if method == Method.CHECKOUT:
        protocol.prepare(errand=CheckoutErrand(), subject=order.pk)
    record_order(order=order, verb="placed", payload={"amount": order.amount, "method": method}, by=requester, now=now)
    return order


def why_not_ordered(*, project: Project, now: datetime) -> str:
    """Why `place_order` would refuse this project now, however it is paid; "" where it would not."""
    try:
        _quote_to_order_by(project, now)
    except Refused as no:
        return str(no)
    return ""


def _quote_to_order_by(project: Project, now: datetime) -> Quote:
    """The quote that can be accepted now. Refused `already_paid`, `not_quoted`, `quote_expired`."""
    if project.status in (Project.Status.LIVE, Project.Status.PAUSED, Project.Status.DONE):
        raise Refused(_("This order is already paid."), code="already_paid")
    if project.status != Project.Status.QUOTED or project.quote is None:
        raise Refused(_("This project has no quote to order by."), code="not_quoted")
    if not project.quote.is_valid_on(now):
        raise Refused(_("This quote has expired; ask for a new one."), code="quote_expired")
    return project.quote


def _refuse_what_is_off(method: str) -> None:
    if method == Method.CHECKOUT and not stripe.is_on():
        raise Refused(
            _("Payment by card is switched off here; pay by bank transfer."), code="stripe_is_off", field="method"
        )


# --- cancelling


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
    attempt = protocol.lock(purpose=checkouts.PURPOSE, subject=order.pk)
    locked = Order.objects.select_for_update(of=("self",)).select_related("project").get(pk=order.pk)
    if locked.cancelled_at:
        return locked
    now = locked.not_before(now)
    if locked.state == State.AWAITING_PAYMENT:
        if locked.checkout:
            raise Refused(_("The payment page was opened again; please try again."), code="stripe_unreachable")
        locked.state, locked.cancelled_at = State.CANCELLED, now
        locked.save(update_fields=["state", "cancelled_at"])
        if (
            attempt is not None and attempt.state in Attempt.OPEN
        ):  # a page that was asked for and never heard of: nobody has its address
            protocol.drop(attempt=attempt, errand=CheckoutErrand(), why=troubles.CANCELLED, act=Act(now))
    else:
        cancel_project(project=locked.project, by=by, now=now)
        locked.cancelled_at, locked.state = now, State.REFUND_DUE
        locked.save(update_fields=["state", "cancelled_at"])
        owe_back(order=locked, amount=locked.amount, now=now)
    record_order(
        order=locked,
        verb="cancelled",
        payload={"refund": locked.state == State.REFUND_DUE},
        by=by,
        now=now,
    )
    return locked


def cancel_project_order(*, project: Project, by: Actor, now: datetime) -> Project:
    """Withdraw a project together with its order, if it has one. Refused as `cancel_order` and `cancel_project` are."""
    live = Order.objects.live().filter(project=project).first()
    if live is not None:
        cancel_order(order=live, by=by, now=now)
    return cancel_project(project=project, by=by, now=now)
