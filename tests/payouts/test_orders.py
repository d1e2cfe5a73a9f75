"""Money in: what is ordered is paid once, in the right amount, or given back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.work.actions.claims import claim
from coop.work.actions.consensus import finish_if_done
from coop.work.models import Project
from payouts.actions import checkouts, orders, payments, refunds
from payouts.ledger import chart
from payouts.ledger.actions import balance, credit, debit, post
from payouts.models import Attempt, Order, Period, Refund
from payouts.rails import stripe as rail
from payouts.sharing.periods import close_due_periods, open_first_period
from tests import make, money

pytestmark = pytest.mark.django_db
State = Order.State


def place(project: Project, method: str = "bank_transfer") -> Order:
    return orders.place_order(project=project, method=method, by=make.owner(project).actor, now=coop_now())


def confirm(order: Order, amount: int | None = None, reference: str = "FT-1", by=None) -> Order:
    return payments.confirm_transfer(
        order=order,
        amount=order.amount if amount is None else amount,
        reference=reference,
        by=(by or make.treasurer()).actor,
        now=coop_now(),
    )


def reread(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


# --- by bank transfer


def test_a_confirmed_transfer_fills_the_escrow_and_opens_the_work():
    project = make.quoted(items=3)
    order = place(project)
    assert order.amount == project.quote.escrow and order.reference.startswith("CANUT-")

    confirm(order)

    project.refresh_from_db()
    assert (project.status, project.funded_answers) == ("live", project.quote.answers)
    assert balance(chart.escrow(project.pk)) == balance(chart.CASH_BANK) == order.amount


def test_ordering_twice_is_one_order():
    project = make.quoted()

    assert place(project) == place(project)
    with pytest.raises(Refused) as no:
        orders.place_order(project=project, method="sea shells", by=make.owner(project).actor, now=coop_now())
    assert no.value.code == "order_method_unknown"


@pytest.mark.parametrize("difference", [-1, 1, -100])
def test_a_wrong_amount_is_refused_by_name_and_nothing_is_booked(difference):
    order = place(make.quoted())

    with pytest.raises(Refused) as no:
        confirm(order, amount=order.amount + difference)

    assert (no.value.code, no.value.field) == ("wrong_amount", "amount")
    assert reread(order).state == State.AWAITING_PAYMENT and balance(chart.CASH_BANK) == 0


def test_confirming_twice_books_once_and_another_transfer_is_refused():
    order, theo = place(make.quoted()), make.treasurer()
    confirm(order, by=theo)
    confirm(order, by=theo)

    with pytest.raises(Refused) as no:
        confirm(order, reference="FT-2", by=theo)

    assert no.value.code == "paid_twice" and balance(chart.CASH_BANK) == order.amount


def test_one_transfer_pays_one_order():
    first, second, theo = place(make.quoted()), place(make.quoted()), make.treasurer()
    confirm(first, by=theo)

    with pytest.raises(Refused) as no:
        confirm(second, by=theo)

    assert no.value.code == "reference_used"


def test_only_the_treasurer_confirms_and_names_the_transfer():
    order = place(make.quoted())

    with pytest.raises(Refused) as no:
        confirm(order, by=make.member("awa"))
    assert no.value.code == "not_in_office"
    with pytest.raises(Refused) as no:
        confirm(order, reference="  ")
    assert no.value.code == "reference_missing"


def test_an_expired_quote_is_not_ordered(clock):
    project = make.quoted()
    clock.advance(days=400)

    with pytest.raises(Refused) as no:
        place(project)

    assert no.value.code == "quote_expired"


# --- by card


def pay(standin, order: Order) -> str:
    return standin.ask("pay", session=reread(order).checkout)["id"]


@pytest.fixture
def by_card(on_stripe):
    def make_one() -> Order:
        order = place(make.quoted(items=3), "checkout")
        checkouts.open_payment_page(order=order, now=coop_now(), wall=coop_now())
        return reread(order)

    return make_one


def settle(order: Order) -> Order:
    return checkouts.settle_checkout(found=rail.look_up_checkout(order.checkout), now=coop_now())


def test_a_card_payment_opens_the_work(standin, by_card):
    order = by_card()
    pay(standin, order)

    settle(order)
    settle(order)

    order = reread(order)
    assert order.state == State.PAID and order.payment.startswith("pi_")
    assert balance(chart.escrow(order.project_id)) == balance(chart.CASH_STRIPE) == order.amount
    assert order.project.status == "live"


def test_there_is_one_payment_page_however_often_it_is_asked_for(standin, by_card, stripe_client):
    order = by_card()

    pages = {checkouts.open_payment_page(order=order, now=coop_now(), wall=coop_now()) for _ in range(3)}

    assert len(pages) == 1 and len(stripe_client.v1.checkout.sessions.list().data) == 1


def test_an_expired_page_is_followed_by_another(by_card, stripe_client):
    order = by_card()
    stripe_client.v1.checkout.sessions.expire(order.checkout)

    checkouts.open_payment_page(order=order, now=coop_now(), wall=coop_now())

    assert reread(order).checkout != order.checkout
    assert Attempt.objects.get(subject=order.pk).key == f"checkout:{order.pk}:2"


def test_paying_while_coming_back_is_seen_without_any_webhook(standin, by_card):
    order = by_card()
    pay(standin, order)

    with pytest.raises(Refused) as no:
        checkouts.open_payment_page(order=order, now=coop_now(), wall=coop_now())

    assert no.value.code == "already_paid" and reread(order).state == State.PAID


def test_a_page_paid_in_the_wrong_amount_is_refused_by_name(by_card):
    order = by_card()
    found = rail.look_up_checkout(order.checkout)

    with pytest.raises(Refused) as no:
        checkouts.settle_checkout(
            found=replace(found, state="paid", payment="pi_1", amount=found.amount - 1), now=coop_now()
        )
    assert no.value.code == "wrong_amount"
    with pytest.raises(Refused) as no:
        checkouts.settle_checkout(found=replace(found, state="paid", payment="pi_1", currency="XOF"), now=coop_now())
    assert no.value.code == "wrong_amount" and reread(order).state == State.AWAITING_PAYMENT


def test_a_second_payment_is_refused_by_name(standin, by_card):
    order = by_card()
    pay(standin, order)
    settle(order)

    with pytest.raises(Refused) as no:
        checkouts.settle_checkout(
            found=replace(rail.look_up_checkout(order.checkout), payment="pi_other"), now=coop_now()
        )

    assert no.value.code == "paid_twice" and balance(chart.CASH_STRIPE) == order.amount


def test_when_stripe_cannot_be_reached_nothing_is_lost(standin, on_stripe):
    order = place(make.quoted(), "checkout")
    standin.ask("faults", kind="drop_after", path="/v1/checkout/sessions")

    with pytest.raises(Refused) as no:
        checkouts.open_payment_page(order=order, now=coop_now(), wall=coop_now())
    assert no.value.code == "stripe_unreachable"

    assert checkouts.open_payment_page(order=order, now=coop_now(), wall=coop_now())
    assert len(standin.client().v1.checkout.sessions.list().data) == 1


def test_the_fee_of_the_card_is_borne_by_the_pool(standin, by_card):
    standin.server.platform.fee_fixed = 25
    order = by_card()
    pay(standin, order)

    settle(order)

    assert balance(chart.escrow(order.project_id)) == order.amount
    assert balance(chart.CASH_STRIPE) == order.amount - 25 and balance(chart.RAIL_FEES) == 25


def test_without_stripe_the_card_is_refused_and_the_transfer_is_not():
    project = make.quoted()

    with pytest.raises(Refused) as no:
        place(project, "checkout")

    assert no.value.code == "stripe_is_off"
    assert place(project).method == "bank_transfer"


# --- cancelling


def cancel(order: Order) -> Order:
    return orders.cancel_order(order=order, by=make.owner(order.project).actor, now=coop_now())


def refund(order: Order, hours: int = 0) -> Order:
    refunds.advance_refunds(now=coop_now(), wall=coop_now() + timedelta(hours=hours))
    return reread(order)


def test_an_unpaid_page_is_closed_and_the_project_can_be_ordered_again(by_card, stripe_client):
    order = by_card()

    cancel(order)
    cancel(order)

    assert reread(order).state == State.CANCELLED
    assert stripe_client.v1.checkout.sessions.retrieve(order.checkout).status == "expired"
    assert place(order.project).pk != order.pk


def test_a_page_paid_just_before_the_cancelling_is_refunded(standin, by_card):
    order = by_card()
    pay(standin, order)

    assert cancel(order).state == State.REFUND_DUE
    assert refund(order).state == State.REFUNDED
    assert refund(order).state == State.REFUNDED

    assert balance(chart.escrow(order.project_id)) == balance(chart.CASH_STRIPE) == 0
    assert standin.client().v1.balance.retrieve().available[0].amount == 0
    assert Project.objects.get(pk=order.project_id).status == "cancelled"


@pytest.mark.parametrize("fault", ["500_before", "500_after", "drop_before", "drop_after", "429"])
@pytest.mark.parametrize("hours", [0, 1, 21, 30])
def test_a_refund_happens_exactly_once_whatever_goes_wrong(standin, by_card, fault, hours):
    order = by_card()
    pay(standin, order)
    cancel(order)
    standin.ask("faults", kind=fault, path="/v1/refunds")
    refund(order)

    for passed in (hours, hours + 1, hours + 2):
        refund(order, hours=passed)

    refunds = standin.client().v1.refunds.list({"payment_intent": reread(order).payment}).data
    settled = reread(order).state == State.REFUNDED
    assert len(refunds) <= 1 and settled == (len(refunds) == 1)
    assert settled or (fault.startswith("500") and hours == 0)
    assert refund(order, hours=60).state == State.REFUNDED


def test_an_order_is_not_cancelled_once_somebody_works_on_it(standin, by_card):
    order = by_card()
    pay(standin, order)
    settle(order)
    claim(by=make.member("hanitra").actor, now=coop_now())

    with pytest.raises(Refused) as no:
        cancel(order)

    assert no.value.code == "work_began" and reread(order).state == State.PAID


def test_a_transfer_is_given_back_by_the_treasurer():
    order, theo = place(make.quoted()), make.treasurer()
    confirm(order, by=theo)
    cancel(order)

    refunds.confirm_refund(order=order, reference="OUT-1", by=theo.actor, now=coop_now())
    refunds.confirm_refund(order=order, reference="OUT-1", by=theo.actor, now=coop_now())

    assert reread(order).state == State.REFUNDED and balance(chart.CASH_BANK) == 0
    with pytest.raises(Refused):
        refunds.confirm_refund(order=order, reference="OUT-2", by=theo.actor, now=coop_now())


def owed_back(treasurer, incoming: str) -> Order:
    order = place(make.quoted())
    confirm(order, by=treasurer, reference=incoming)
    cancel(order)
    return order


@pytest.mark.parametrize("again", ["OUT-1", " out-1 ", "OUT-1\t"])
def test_one_transfer_gives_back_one_order(again):
    theo = make.treasurer()
    first, second = owed_back(theo, "IN-1"), owed_back(theo, "IN-2")
    refunds.confirm_refund(order=first, reference="OUT-1", by=theo.actor, now=coop_now())

    with pytest.raises(Refused) as no:
        refunds.confirm_refund(order=second, reference=again, by=theo.actor, now=coop_now())

    assert (no.value.code, no.value.field) == ("reference_used", "reference")
    assert reread(second).state == State.REFUND_DUE and balance(chart.CASH_BANK) == second.amount


def test_one_transfer_pays_one_order_however_its_reference_is_typed():
    theo = make.treasurer()
    confirm(place(make.quoted()), by=theo, reference="ft 12-a")

    with pytest.raises(Refused) as no:
        confirm(place(make.quoted()), by=theo, reference="FT  12-A")

    assert no.value.code == "reference_used"


# --- what is left when the work is done


def deliver(order: Order) -> None:
    """Every answer that was ordered, and then the end of the project."""
    project = Project.objects.get(pk=order.project_id)
    workers = [make.member() for _n in range(project.redundancy)]
    start = coop_now()
    for worker in workers:
        for n in range(project.quote.items):
            make.answer(worker, project, at=start + (n + 1) * timedelta(minutes=2))
    assert finish_if_done(project=project, now=coop_now())


def bill_and_look(order: Order) -> Order:
    """The period closes, and what is left is looked for."""
    now = coop_now() + timedelta(days=31)
    close_due_periods(now=now)
    period = Period.objects.get(number=1)
    if period.state == Period.State.CLOSED:
        money.approved(money.run_of(period))
    refunds.refund_unused_escrow(now=now)
    return reread(order)


@pytest.fixture
def delivered():
    """An order paid by bank transfer whose work is done; its period still runs."""
    open_first_period(now=coop_now() - timedelta(days=1))
    order = place(make.quoted(items=2))
    confirm(order)
    deliver(order)
    return reread(order)


def test_what_a_finished_project_left_goes_back_and_is_no_cost_of_the_pool(delivered):
    order = bill_and_look(delivered)
    left = order.amount - order.quote.total
    assert (order.state, order.refund.amount) == (State.REFUND_DUE, left) and left > 0

    refunds.confirm_refund(order=order, reference="OUT-1", by=order.confirmed_by.actor, now=coop_now())

    assert reread(order).state == State.REFUNDED
    assert balance(chart.escrow(order.project_id)) == 0
    assert balance(chart.CASH_BANK) == order.quote.total
    assert balance(chart.REFUNDS) == 0


def test_by_card_what_is_left_goes_back_once(standin, by_card):
    open_first_period(now=coop_now() - timedelta(days=1))
    order = by_card()
    pay(standin, order)
    settle(order)
    deliver(order)
    order = bill_and_look(order)
    standin.ask("faults", kind="drop_after", path="/v1/refunds")

    for hours in (0, 1, 2, 30):
        refund(order, hours=hours)

    given = standin.client().v1.refunds.list({"payment_intent": order.payment}).data
    assert [one.amount for one in given] == [order.refund.amount] == [order.amount - order.quote.total]
    assert reread(order).state == State.REFUNDED
    assert balance(chart.escrow(order.project_id)) == 0 and balance(chart.CASH_STRIPE) == order.quote.total


def test_looking_twice_for_what_is_left_changes_nothing(delivered):
    order = bill_and_look(delivered)

    assert refunds.refund_unused_escrow(now=coop_now()) == 0
    assert bill_and_look(order).completed_at == order.completed_at


def test_nothing_goes_back_before_the_last_answers_are_billed(delivered):
    assert refunds.refund_unused_escrow(now=coop_now()) == 0
    assert reread(delivered).state == State.PAID


def test_nothing_goes_back_of_work_that_is_not_done():
    open_first_period(now=coop_now() - timedelta(days=1))
    order = place(make.quoted(items=2))
    confirm(order)
    make.answer(make.member(), order.project)

    assert bill_and_look(order).completed_at is None


def test_an_order_without_a_rest_is_completed_and_stays_paid(delivered):
    escrow, rest = chart.escrow(delivered.project_id), delivered.amount - delivered.quote.total
    legs = [debit(escrow, rest), credit(chart.CASH_BANK, rest)]
    post(idem="by hand", kind="order_refunded", legs=legs, by=PLATFORM, now=coop_now())

    order = bill_and_look(delivered)

    assert order.state == State.PAID and order.completed_at and not Refund.objects.exists()


def test_a_completed_order_is_not_cancelled_nor_paid_again(delivered):
    order = bill_and_look(delivered)

    with pytest.raises(Refused) as no:
        cancel(order)
    assert no.value.code == "work_began"
    with pytest.raises(Refused) as no:
        confirm(order, reference="FT-2", by=order.confirmed_by)
    assert no.value.code == "paid_twice"


@pytest.mark.law
@pytest.mark.parametrize("amount", [0, -1])
def test_a_refund_of_nothing_or_of_more_than_was_paid_is_impossible(delivered, amount):
    wrong = delivered.amount + 1 if amount == -1 else amount

    with (
        pytest.raises(IntegrityError, match=r"refund_is_of_its_order|refund_gives_something_back"),
        transaction.atomic(),
    ):
        Refund.objects.create(order=delivered, amount=wrong, due_at=coop_now())


def test_a_cancelled_order_goes_back_in_full_by_law():
    order = place(make.quoted())
    confirm(order)

    with pytest.raises(IntegrityError, match="refund_is_of_its_order"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(state=State.REFUND_DUE, cancelled_at=coop_now())
        Refund.objects.create(order=order, amount=order.amount - 1, due_at=coop_now())


@pytest.mark.law
def test_an_order_that_gives_a_part_back_is_not_cancelled_afterwards_by_law(check_deferred):
    order = place(make.quoted())
    confirm(order)

    with pytest.raises(IntegrityError, match="refund_and_order_agree"), transaction.atomic():
        Refund.objects.create(order=order, amount=1, due_at=coop_now())
        Order.objects.filter(pk=order.pk).update(state=State.REFUND_DUE, cancelled_at=coop_now())
        check_deferred()


@pytest.mark.law
@pytest.mark.parametrize("last", [State.REFUND_DUE, State.REFUNDED])
def test_an_order_owes_or_gives_back_only_by_a_refund_that_says_so(last, check_deferred):
    order = place(make.quoted())
    confirm(order)

    with pytest.raises(IntegrityError, match="refund_and_order_agree"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(state=State.REFUND_DUE, cancelled_at=coop_now())
        if last == State.REFUNDED:
            Refund.objects.create(order=order, amount=order.amount, due_at=coop_now())
            Order.objects.filter(pk=order.pk).update(state=last)
        check_deferred()


@pytest.mark.law
def test_a_refund_is_of_an_order_that_owes_it_by_law(delivered, check_deferred):
    with pytest.raises(IntegrityError, match="refund_and_order_agree"), transaction.atomic():
        Refund.objects.create(order=delivered, amount=1, due_at=coop_now())
        check_deferred()


def test_what_went_back_stays_so_by_law(delivered):
    order = bill_and_look(delivered)
    refunds.confirm_refund(order=order, reference="OUT-1", by=order.confirmed_by.actor, now=coop_now())

    with pytest.raises(IntegrityError, match="payouts_refund is not allowed"), transaction.atomic():
        Refund.objects.update(reference="bank:OUT-2")


@pytest.mark.law
def test_a_refund_that_was_given_is_not_asked_again_by_law(standin, by_card):
    order = by_card()
    pay(standin, order)
    cancel(order)
    refund(order)
    assert reread(order).state == State.REFUNDED

    with pytest.raises(IntegrityError, match="payouts_attempt is not allowed"), transaction.atomic():
        Attempt.objects.filter(refund__order=order).update(
            state="waiting", epoch=2, reference="", sealed_request=None, first_try_at=None, look_after=None, tries=0
        )


def test_a_refund_that_the_list_cannot_explain_waits_for_the_treasurer(standin, by_card):
    order, theo = by_card(), make.treasurer()
    pay(standin, order)
    cancel(order)
    standin.ask("faults", kind="drop_before", path="/v1/refunds")
    refund(order)
    by_hand = standin.client().v1.refunds.create({"payment_intent": reread(order).payment, "amount": 100})
    refund(order, hours=21)
    assert Attempt.objects.get(refund__order=order).state == Attempt.State.HELD
    assert order in Order.objects.refunded_by_hand() and order not in Order.objects.refunded_by_itself()

    for _twice in range(2):
        refunds.confirm_refund(order=order, reference=by_hand.id, by=theo.actor, now=coop_now())

    assert reread(order).state == State.REFUNDED and balance(chart.CASH_STRIPE) == 0
    with pytest.raises(Refused) as no:
        refunds.confirm_refund(order=order, reference="re_other", by=theo.actor, now=coop_now())
    assert no.value.code == "no_refund_due"
