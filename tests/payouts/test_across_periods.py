"""A worker reads the clock and waits; meanwhile the period ends and its books are closed. What it brings is still recorded."""

from datetime import timedelta

import pytest
from django.db.models import F

from coop.ground.clock import coop_now, wall_now
from payouts.actions import checkouts, inbox
from payouts.actions.execution import advance_payout_items, note_return, reserve_run
from payouts.actions.orders import cancel_order, place_order
from payouts.actions.payments import confirm_transfer
from payouts.actions.refunds import confirm_refund
from payouts.ledger.models import Period as BooksPeriod
from payouts.ledger.models import Transaction
from payouts.models import InboxEvent, PayoutItem, PayoutRun, Period
from payouts.rails import stripe
from payouts.sharing.approval import approve_run
from tests import make, money
from tests.payouts.paying import paid_by

pytestmark = pytest.mark.django_db
A_MOMENT = timedelta(milliseconds=5)


def end(period):
    """The period ends, and the approval of its run closes its books. The moment that a worker read just before the end."""
    money.approved(money.run_of(period))
    assert BooksPeriod.objects.get(number=period.number).closed_at
    return period.ends_at - A_MOMENT


def effective(kind):
    """When what was posted of a kind takes effect."""
    return Transaction.objects.get(kind=kind).effective_at


def test_a_card_payment_that_was_looked_up_while_the_period_ended_is_recorded(on_stripe, monkeypatch):
    period = money.first_period()
    project = make.quoted()
    order = place_order(project=project, method="checkout", by=make.owner(project).actor, now=coop_now())
    checkouts.open_payment_page(order=order, now=coop_now(), wall=coop_now())
    order.refresh_from_db()
    on_stripe.ask("pay", session=order.checkout)
    inbox.poll_events(now=coop_now())
    InboxEvent.objects.update(next_try_at=F("received_at"))
    ask = stripe.look_up_checkout

    def slowly(id):
        found = ask(id)
        end(period)
        return found

    monkeypatch.setattr(stripe, "look_up_checkout", slowly)
    inbox.advance_inbox(now=period.ends_at - A_MOMENT)

    order.refresh_from_db()
    assert (order.state, InboxEvent.objects.exclude(state="done").count()) == ("paid", 0)
    assert effective("order_paid") == period.ends_at


def test_a_payout_that_was_asked_while_the_period_ended_is_recorded(on_stripe, account):
    first = money.first_period()
    member = make.member(country="FR")
    paid_by(member, "stripe", account=account())
    project = make.paid(items=30)
    for n in range(20):
        make.answer(member, project, at=coop_now() + timedelta(minutes=n + 1))
    on_stripe.ask("balance", amount=100_000)
    run = money.run_of(first)
    approve_run(run=run, by=make.treasurer().actor, now=run.objections_until)
    reserve_run(run=run, now=run.objections_until)
    second = Period.objects.get(number=2)
    now = end(second)

    advance_payout_items(now=now, wall=wall_now())

    item = PayoutItem.objects.get()
    assert (item.state, PayoutRun.objects.get(pk=run.pk).state) == ("paid", "settled")
    assert effective("sent") == second.ends_at

    on_stripe.client().v1.transfers.reversals.create(item.reference)
    note_return(reference=item.reference, now=now)

    assert PayoutItem.objects.get().state == "returned"
    assert effective("returned") >= second.ends_at


def test_a_bank_transfer_confirmed_while_the_period_ended_is_recorded_and_its_refund_too():
    theo = make.treasurer()
    period = money.first_period()
    project = make.quoted()
    owner = make.owner(project).actor
    order = place_order(project=project, method="bank_transfer", by=owner, now=coop_now())
    now = end(period)

    confirm_transfer(order=order, amount=order.amount, reference="IN", by=theo.actor, now=now)

    order.refresh_from_db()
    assert order.state == "paid"
    assert effective("order_paid") == period.ends_at

    second = Period.objects.get(number=2)
    cancel_order(order=order, by=owner, now=period.ends_at)
    now = end(second)
    confirm_refund(order=order, reference="OUT", by=theo.actor, now=now)

    assert effective("order_refunded") == second.ends_at
