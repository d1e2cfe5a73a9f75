"""Orders, how they are paid and what goes back, members' accounts and what a rail tells us, told by workers whose moments cross."""

from datetime import timedelta

import pytest

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.work.actions import claim, finish_if_done, submit
from payouts.actions.checkouts import open_payment_page
from payouts.actions.inbox import TRIES, advance_inbox, poll_events, replay_event
from payouts.actions.orders import cancel_order, place_order
from payouts.actions.payments import confirm_transfer
from payouts.actions.rail_details import set_rail_details
from payouts.actions.refunds import advance_refunds, confirm_refund, refund_unused_escrow
from payouts.actions.stripe_accounts import open_stripe_account
from payouts.models import Attempt, InboxEvent, Order, RailDetails
from payouts.sharing.periods import close_due_periods
from tests import make, money
from tests.crossed.crossing import BLINK, Crossing, reread, story
from tests.crossed.stories_of_money import event_said, treasurer

State = Order.State
WORK = {"items": 1, "redundancy": 1}


def placed(crossing: Crossing, method: str) -> Order:
    project = make.quoted(**WORK)
    return crossing.step(place_order, project, project=project, method=method, by=make.owner(project).actor)


def paid_by_transfer(crossing: Crossing) -> Order:
    theo, order = treasurer(), placed(crossing, "bank_transfer")
    crossing.step(confirm_transfer, order, order=order, amount=order.amount, reference=order.reference, by=theo.actor)
    return reread(order)


def page_of(crossing: Crossing, order: Order) -> str:
    """Its payment page, asked for by somebody; its id."""
    crossing.step(open_payment_page, order, order=order, wall=coop_now())
    return reread(order).checkout


def paid_by_card(crossing: Crossing) -> Order:
    """Somebody pays on the page, and an event says so."""
    order = placed(crossing, "checkout")
    page = page_of(crossing, order)
    crossing.stripe.ask("pay", session=page)
    crossing.step(advance_inbox, event_said("checkout.session.completed", page))
    assert reread(order).state == State.PAID
    return reread(order)


def cancel(crossing: Crossing, order: Order) -> Order:
    crossing.step(cancel_order, order, order=order, by=make.owner(order.project).actor)
    return reread(order)


@story
def an_order_is_paid_by_transfer_cancelled_and_given_back(crossing):
    order = cancel(crossing, paid_by_transfer(crossing))
    crossing.step(confirm_refund, order, order=order, reference="R1", by=treasurer("awa").actor)
    assert reread(order).state == State.REFUNDED


@story
def orders_are_cancelled_before_they_are_paid(crossing):
    transfer, card, opened = (
        placed(crossing, "bank_transfer"),
        placed(crossing, "checkout"),
        placed(crossing, "checkout"),
    )
    page_of(crossing, opened)
    for order in (transfer, card, opened):
        assert cancel(crossing, order).state == State.CANCELLED
    assert {attempt.state for attempt in Attempt.objects.all()} == {Attempt.State.DROPPED}


@story
def an_order_is_paid_by_card_on_its_second_page_and_given_back(crossing):
    order = placed(crossing, "checkout")
    first = page_of(crossing, order)
    crossing.stripe.client().v1.checkout.sessions.expire(first)
    crossing.step(advance_inbox, event_said("checkout.session.expired", first))
    second = page_of(crossing, order)
    crossing.stripe.ask("pay", session=second)
    crossing.step(cancel_order, order, order=order, by=make.owner(order.project).actor)
    crossing.step(advance_refunds, order, wall=coop_now())
    assert reread(order).state == State.REFUNDED


@story
def a_page_that_expired_is_seen_when_it_is_asked_for_again(crossing):
    order = placed(crossing, "checkout")
    first = page_of(crossing, order)
    crossing.stripe.client().v1.checkout.sessions.expire(first)
    assert page_of(crossing, order) != first


@story
def a_page_is_asked_for_in_vain_and_again(crossing):
    order, wall = placed(crossing, "checkout"), coop_now()
    crossing.stripe.ask("faults", kind="drop_before", path="/v1/checkout/sessions", times=2)
    for late in (0, 1):
        with pytest.raises(Refused, match="try again"):
            crossing.step(open_payment_page, order, order=order, wall=wall - late * BLINK)
    crossing.step(open_payment_page, order, order=order, wall=wall - 2 * BLINK)
    assert reread(order).checkout


@story
def a_refund_by_card_is_asked_for_in_vain_and_again(crossing):
    order = cancel(crossing, paid_by_card(crossing))
    crossing.stripe.ask("faults", kind="drop_before", path="/v1/refunds")
    for hours in (0, 21, 22):
        crossing.step(advance_refunds, order, wall=coop_now() + timedelta(hours=hours))
    assert reread(order).state == State.REFUNDED and Attempt.objects.get(purpose="refund").epoch == 2


@story
def a_refund_by_card_that_somebody_half_gave_is_confirmed_by_the_treasurer(crossing):
    order = cancel(crossing, paid_by_card(crossing))
    crossing.stripe.ask("faults", kind="drop_before", path="/v1/refunds")
    crossing.step(advance_refunds, order, wall=coop_now())
    given = {"payment_intent": order.payment, "amount": order.amount - 1}
    reference = crossing.stripe.client().v1.refunds.create(given).id
    crossing.step(advance_refunds, order, wall=coop_now() + timedelta(hours=21))
    assert Attempt.objects.get(purpose="refund").state == Attempt.State.HELD
    crossing.step(confirm_refund, order, order=order, reference=reference, by=treasurer("awa").actor)
    assert reread(order).state == State.REFUNDED


@story
def what_a_finished_project_left_goes_back(crossing):
    period = money.first_period()
    order, hanitra = paid_by_transfer(crossing), make.member("hanitra")
    taken = claim(project=order.project, by=hanitra.actor, now=coop_now())
    crossing.step(submit, taken, assignment=taken, by=hanitra.actor, value={"choice": "yes"})
    crossing.step(finish_if_done, order.project, project=order.project)
    crossing.step(close_due_periods, period, due=period.ends_at + BLINK)
    run = money.approved(money.run_of(period))
    crossing.step(refund_unused_escrow, order, due=run.approved_at)
    crossing.step(confirm_refund, order, order=order, reference="R1", by=treasurer("awa").actor)
    assert reread(order).state == State.REFUNDED and reread(order).completed_at


@story
def a_member_opens_an_account_at_stripe_leaves_it_and_comes_back(crossing):
    awa = make.member("awa", country="FR")
    opening = {"member": awa, "by": awa.actor, "wall": coop_now()}
    crossing.step(open_stripe_account, awa, **opening)
    first = RailDetails.objects.get()
    other = {"rail": "stripe", "details": {"account": crossing.account()}}
    crossing.step(set_rail_details, first, member=awa, by=awa.actor, **other)
    crossing.step(open_stripe_account, RailDetails.objects.current().get(), **opening)


@story
def an_event_is_fetched_again(crossing):
    order = paid_by_card(crossing)
    crossing.step(poll_events, order)
    crossing.step(poll_events, InboxEvent.objects.latest("pk"))


@story
def an_event_is_put_off_poisoned_and_looked_at_again(crossing):
    theo, order = treasurer(), placed(crossing, "checkout")
    page = page_of(crossing, order)
    crossing.stripe.ask("pay", session=page)
    event = event_said("checkout.session.completed", page)
    crossing.stripe.ask("faults", kind="500_before", method="GET", path="/v1/checkout/sessions", times=TRIES)
    for _try in range(TRIES):
        InboxEvent.objects.filter(pk=event.pk).update(next_try_at=event.next_try_at)
        crossing.step(advance_inbox, event)
    assert reread(event).state == InboxEvent.State.POISON
    crossing.step(replay_event, event, event=event, by=theo.actor)
    crossing.step(advance_inbox, event, due=reread(event).next_try_at)
    assert reread(event).state == InboxEvent.State.DONE and reread(order).state == State.PAID


@story
def an_event_about_no_order_of_ours_is_poisoned_at_once(crossing):
    line = {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 1, "product_data": {"name": "?"}}}
    stray = crossing.stripe.client().v1.checkout.sessions.create(
        {"mode": "payment", "success_url": "http://127.0.0.1/", "client_reference_id": "?", "line_items": [line]}
    )
    event = event_said("checkout.session.completed", stray.id)
    crossing.step(advance_inbox, event)
    assert reread(event).state == InboxEvent.State.POISON
