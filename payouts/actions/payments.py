"""Money in: an order is paid, by Checkout or by a bank transfer that the treasurer confirms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import PLATFORM, Actor
from coop.ground.amounts import shown_amount
from coop.ground.errors import Refused
from coop.ground.laws import refused_by
from coop.ground.money import CURRENCIES
from coop.members.actors import Officer, must_hold
from coop.members.models import OfficeKind
from coop.work.actions.projects import fund_project
from payouts.ledger import chart
from payouts.ledger.actions import credit, debit, open_accounts, post
from payouts.models.orders import Order

State, Method = Order.State, Order.Method


def mark_order_paid(
    *,
    order: Order,
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
            _("Order %(order)s is paid already, by %(first)s. If %(second)s is another payment, it has to go back.")
            % {"order": order.reference, "first": order.payment, "second": payment},
            code="paid_twice",
        )
    now = order.not_before(now)
    order.state, order.payment, order.paid_at = State.PAID, payment, now
    order.confirmed_by = confirmed_by.member if confirmed_by else None
    order.checkout_url = ""
    order.save(update_fields=["state", "payment", "paid_at", "confirmed_by", "checkout_url"])
    by = confirmed_by or PLATFORM
    cash, escrow = cash_account(order), chart.escrow(order.project_id)
    open_accounts(codes=[escrow], now=now)
    legs = [debit(cash, order.amount - fee), credit(escrow, order.amount)]
    if fee:
        legs.insert(1, debit(chart.RAIL_FEES, fee))
    post(idem=f"order:{order.pk}:paid", kind="order_paid", legs=legs, source_event=payment[:160], by=by, now=now)
    fund_project(project=order.project, received=order.amount, by=by, now=now)
    record_order(
        order=order, verb="paid", payload={"amount": order.amount, "fee": fee, "method": order.method}, by=by, now=now
    )
    return order


def cash_account(order: Order) -> str:
    """Where the money of this order is."""
    return chart.CASH_STRIPE if order.method == Method.CHECKOUT else chart.CASH_BANK


def _refuse_wrong_amount(order: Order, amount: int, currency: str) -> None:
    if (amount, currency) != (order.amount, order.currency):
        raise Refused(
            _("%(given)s was paid, but order %(order)s is for %(due)s.")
            % {
                "given": shown_amount(amount, currency) if currency in CURRENCIES else f"{amount} {currency}",
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
    payment = f"bank:{bank_reference(reference)}"
    locked = Order.objects.select_for_update().get(pk=order.pk)
    now = locked.not_before(now)
    if locked.method != Method.BANK_TRANSFER:
        raise Refused(_("This order is paid by card."), code="not_by_transfer")
    if Order.objects.filter(payment=payment).exclude(pk=locked.pk).exists():
        raise refused_by("order_payment_pays_one_order")
    return mark_order_paid(
        order=locked, payment=payment, amount=amount, currency=locked.currency, fee=0, now=now, confirmed_by=treasurer
    )


def bank_reference(typed: str) -> str:
    """A bank's reference of a transfer in the one form in which it is kept: banks know no case, and nobody sees spaces.

    At most 200 characters. Refused `reference_missing`.
    """
    reference = " ".join(typed.split()).upper()[:200]
    if not reference:
        raise Refused(_("Give the bank's reference of the transfer."), code="reference_missing", field="reference")
    return reference


def record_order(*, order: Order, verb: str, payload: dict[str, Any], by: Actor, now: datetime) -> None:
    """Write into the log what happened to an order."""
    record(
        kind=f"order.{verb}",
        subject=f"order:{order.pk}",
        payload={"project": str(order.project_id), "currency": order.currency, **payload},
        by=by,
        now=now,
    )
