"""Money out: nobody is paid twice, nobody is forgotten, and what can't be sent stays payable."""

import uuid
from datetime import datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, transaction
from django.test import Client

from coop.ground.clock import coop_now, wall_now
from coop.ground.errors import Refused
from coop.members.models import Member
from payouts import rails
from payouts.actions import execution, inbox
from payouts.actions.execution import advance_payout_items, reserve_run
from payouts.actions.items import resolve_item
from payouts.actions.rail_details import set_rail_details
from payouts.ledger import chart
from payouts.ledger.actions import balance
from payouts.models import Attempt, NotPaid, PayoutItem, PayoutRun, RailDetails
from payouts.sharing.runs import advance_runs
from tests import make
from tests.api.test_tokens import bearer
from tests.payouts.paying import approved_run, ariary, on_connect, on_mvola, paid_by, payable

pytestmark = pytest.mark.django_db
State = PayoutItem.State


def sweep(hours: float = 0, times: int = 3) -> None:
    """The sweep, as beat calls it, so many hours of wall time later."""
    for n in range(times):
        advance_payout_items(now=coop_now(), wall=later(hours) + timedelta(seconds=n))


def later(hours: float) -> datetime:
    return coop_now() + timedelta(hours=hours)


def transfers(standin):
    return standin.client().v1.transfers.list({"limit": 100}).data


def left(member) -> int:
    return balance(chart.payable(member.pseudonym.hex))


def test_an_approved_run_is_reserved_sent_and_settled(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    hanitra, awa = on_connect(account, 1234), on_connect(account, 4321)
    run = approved_run()

    sweep()

    run.refresh_from_db()
    assert run.state == PayoutRun.State.SETTLED
    assert sorted(t.amount for t in transfers(on_stripe)) == [1234, 4321]
    assert {i.state for i in run.items.all()} == {State.PAID}
    assert left(hanitra) == left(awa) == balance(chart.reserved(awa.pseudonym.hex)) == 0
    assert balance(chart.CASH_STRIPE) == -5555


def test_a_second_sweep_and_a_second_worker_change_nothing(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    on_connect(account, 1234)
    run = approved_run()
    sweep()

    execution.reserve_run(run=run, now=coop_now())
    sweep(hours=30)

    assert len(transfers(on_stripe)) == run.items.count() == 1


def test_less_than_the_voted_minimum_waits_for_the_next_run(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    member = on_connect(account, 99)
    run = approved_run()
    sweep()
    run.refresh_from_db()
    assert run.state == PayoutRun.State.SETTLED and left(member) == 99

    payable(member, 1)
    approved_run()
    sweep()

    assert left(member) == 0 and transfers(on_stripe)[0].amount == 100


def test_who_has_not_said_how_to_be_paid_keeps_it_payable(on_stripe):
    member = payable(make.member("awa"), 5000)

    approved_run()
    sweep()

    assert left(member) == 5000 and not PayoutItem.objects.exists()


def test_without_stripe_its_members_keep_it_payable_and_the_others_are_paid(account, standin, settings):
    settings.STRIPE_KEY = ""
    theo = make.treasurer()
    ariary(theo)
    france, madagascar = on_connect(account, 5000), on_mvola(5000)

    approved_run(theo)
    sweep()

    assert left(france) == 5000 and left(madagascar) == 0


def test_a_restricted_account_is_held_and_the_money_is_payable_again(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    fine, restricted = on_connect(account, 1000), on_connect(account, 2000)
    on_stripe.ask("accounts", account=restricted.rail_details.get().opened()["account"], transfers="inactive")
    run = approved_run()

    sweep()

    run.refresh_from_db()
    held = run.items.held().get()
    assert run.state == PayoutRun.State.SETTLED_WITH_HOLDS
    assert "insufficient_capabilities" in held.trouble and not held.reserved
    assert (left(restricted), left(fine)) == (2000, 0)


def test_what_was_held_goes_out_with_the_next_run_once_it_is_mended(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    member = on_connect(account, 2000)
    id = member.rail_details.get().opened()["account"]
    on_stripe.ask("accounts", account=id, transfers="inactive")
    approved_run()
    sweep()
    on_stripe.ask("accounts", account=id, transfers="active")

    approved_run()
    sweep()

    assert left(member) == 0 and [t.amount for t in transfers(on_stripe)] == [2000]


def test_an_empty_balance_stops_the_rail_and_nothing_is_lost(on_stripe, account):
    for amount in (1000, 2000, 3000):
        on_connect(account, amount)
    run = approved_run()
    sweep()
    assert {i.state for i in run.items.all()} == {State.PLANNED} and not transfers(on_stripe)
    assert sum(i.attempt.epoch for i in run.items.all()) < 9, "the rail was left alone once it said it was empty"

    on_stripe.ask("balance", amount=6000)
    sweep(hours=1)

    assert sorted(t.amount for t in transfers(on_stripe)) == [1000, 2000, 3000]


@pytest.mark.parametrize("fault", ["500_before", "500_after", "drop_before", "drop_after", "429", "409"])
@pytest.mark.parametrize("hours", [0.01, 1, 19, 21, 30])
def test_whatever_goes_wrong_the_member_is_paid_exactly_once(on_stripe, account, fault, hours):
    on_stripe.ask("balance", amount=10_000)
    member = on_connect(account, 1234)
    approved_run()
    on_stripe.ask("faults", kind=fault)
    sweep()

    for passed in (hours, hours + 1, hours + 2):
        on_stripe.ask("clock", offset=int(passed * 3600))
        sweep(hours=passed)

    assert [t.amount for t in transfers(on_stripe)] == [1234]
    assert PayoutItem.objects.get().state == State.PAID and left(member) == 0


def test_an_unknown_outcome_keeps_its_key_for_twenty_hours_and_never_longer(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    on_connect(account, 1234)
    approved_run()
    on_stripe.ask("faults", kind="drop_before", times=3)
    sweep(times=1)
    sweep(hours=19, times=1)
    item = PayoutItem.objects.get()
    assert (item.state, item.attempt.epoch, item.attempt.tries) == (State.SUBMITTING, 1, 2)

    sweep(hours=20.1, times=1)

    item = PayoutItem.objects.get()
    assert (item.state, item.attempt.epoch) == (State.PLANNED, 2), "looked up, proved absent, and given another key"
    assert [s.what for s in item.steps.order_by("pk")][-1] == "burnt"


def test_a_request_that_may_still_be_under_way_is_not_declared_absent(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    on_connect(account, 1234)
    approved_run()
    on_stripe.ask("faults", kind="drop_before", times=2)
    sweep(times=1)
    sweep(hours=19.99, times=1)

    sweep(hours=20.05, times=1)

    assert PayoutItem.objects.get().attempt.epoch == 1
    sweep(hours=20.5, times=2)
    assert PayoutItem.objects.get().attempt.epoch == 2 and len(transfers(on_stripe)) == 1


def test_when_the_list_cannot_be_read_nothing_is_concluded(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    on_connect(account, 1234)
    approved_run()
    on_stripe.ask("faults", kind="drop_after")
    sweep(times=1)
    on_stripe.ask("faults", kind="500_before", method="GET")

    sweep(hours=21, times=1)
    assert PayoutItem.objects.get().state == State.SUBMITTING

    sweep(hours=22)
    assert PayoutItem.objects.get().state == State.PAID and len(transfers(on_stripe)) == 1


def two_payments(on_stripe, account) -> PayoutItem:
    """Somebody paid the same item twice by hand, while its own request was lost."""
    on_stripe.ask("balance", amount=10_000)
    on_connect(account, 1234)
    approved_run()
    on_stripe.ask("faults", kind="drop_before")
    sweep(times=1)
    item = PayoutItem.objects.get()
    for _ in range(2):
        on_stripe.client().v1.transfers.create(
            {
                "amount": 1234,
                "currency": "eur",
                "destination": item.details.opened()["account"],
                "transfer_group": item.group,
                "metadata": {"item": str(item.pk)},
            }
        )
    sweep(hours=21)
    item.refresh_from_db()
    return item


def test_what_the_list_cannot_explain_waits_for_a_person_with_the_money_reserved(on_stripe, account):
    item = two_payments(on_stripe, account)

    assert (item.state, item.reserved) == (State.HELD, True) and item.trouble.startswith("canut.unlike: ")
    assert left(item.member) == 0 and balance(chart.reserved(item.member.pseudonym.hex)) == 1234
    assert item.run.state != PayoutRun.State.SETTLED


def test_the_treasurer_resolves_it_either_way_once(on_stripe, account):
    item, theo = two_payments(on_stripe, account), make.treasurer()
    reference = transfers(on_stripe)[0].id
    with pytest.raises(Refused) as no:
        resolve_item(item=item, paid=True, reference=reference, by=make.member("awa").actor, now=coop_now())
    assert no.value.code == "not_in_office"
    with pytest.raises(Refused) as no:
        resolve_item(item=item, paid=True, reference=" ", by=theo.actor, now=coop_now())
    assert no.value.code == "reference_missing"

    for _ in range(2):
        resolve_item(item=item, paid=True, reference=reference, by=theo.actor, now=coop_now())

    assert PayoutItem.objects.get().state == State.PAID and balance(chart.CASH_STRIPE) == -1234
    with pytest.raises(Refused) as no:
        resolve_item(item=item, paid=False, reference="", by=theo.actor, now=coop_now())
    assert no.value.code == "item_not_unresolved"


def test_what_answers_another_attempt_is_no_answer_to_this_item(on_stripe, account):
    item, theo = two_payments(on_stripe, account), make.treasurer()
    other = Attempt.objects.create(purpose="refund", subject=uuid.uuid4(), rail="stripe")
    asked = {"state": "asking", "sealed_request": b"x", "first_try_at": coop_now(), "look_after": coop_now()}
    Attempt.objects.filter(pk=other.pk).update(last_try_at=coop_now(), **asked)
    Attempt.objects.filter(pk=other.pk).update(state="done", reference="re_123")

    answer = Client(raise_request_exception=False).post(
        f"/api/v1/items/{item.pk}/resolve/",
        {"paid": True, "reference": "re_123"},
        content_type="application/json",
        **bearer(theo.user, "treasurer"),
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "reference_used")
    assert [error["field"] for error in answer.json()["errors"]] == ["reference"]
    assert PayoutItem.objects.get().state == State.HELD


def test_resolved_as_not_paid_it_is_payable_again(on_stripe, account):
    item = two_payments(on_stripe, account)

    resolve_item(item=item, paid=False, reference="seen at the rail", by=make.treasurer().actor, now=coop_now())

    assert left(item.member) == 1234 and not PayoutItem.objects.get().reserved


def test_a_run_with_holds_closes_when_they_are_resolved_and_not_before(on_stripe, account):
    item, theo = two_payments(on_stripe, account), make.treasurer()
    advance_runs(now=coop_now())
    assert PayoutRun.objects.get(items=item).state == PayoutRun.State.SETTLED_WITH_HOLDS

    resolve_item(item=item, paid=True, reference=transfers(on_stripe)[0].id, by=theo.actor, now=coop_now())
    advance_runs(now=coop_now())

    assert PayoutRun.objects.get(items=item).state == PayoutRun.State.CLOSED


def test_a_run_whose_held_money_went_out_with_the_next_one_closes_too(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    id = on_connect(account, 2000).rail_details.get().opened()["account"]
    on_stripe.ask("accounts", account=id, transfers="inactive")
    approved_run()
    sweep()
    on_stripe.ask("accounts", account=id, transfers="active")
    approved_run()

    sweep()
    advance_runs(now=coop_now())

    assert {run.state for run in PayoutRun.objects.all()} == {PayoutRun.State.CLOSED}


def test_a_transfer_that_comes_back_is_payable_again_and_never_sent_a_second_time(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    member = on_connect(account, 1234)
    approved_run()
    sweep()
    on_stripe.client().v1.transfers.reversals.create(PayoutItem.objects.get().reference)

    inbox.poll_events(now=coop_now())
    inbox.advance_inbox(now=coop_now())
    inbox.advance_inbox(now=coop_now())
    sweep(hours=1)

    assert PayoutItem.objects.get().state == State.RETURNED
    assert left(member) == 1234 and balance(chart.CASH_STRIPE) == 0 and len(transfers(on_stripe)) == 1


# --- the database states the law


def refused_by(law: str, **changed) -> None:
    with pytest.raises(IntegrityError) as no, transaction.atomic():
        PayoutItem.objects.update(**changed)
    assert no.value.__cause__.diag.constraint_name == f"payout_item_{law}"


@pytest.mark.law
def test_the_database_refuses_what_must_never_be(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    on_connect(account, 1234)
    approved_run()
    sweep()

    refused_by("paid_only_comes_back", state="planned", ended_at=None)
    refused_by("keeps_its_reference", reference="tr_other")
    item = PayoutItem.objects.get()
    item.pk = None
    with pytest.raises(IntegrityError, match="one_per_run_member_and_rail"), transaction.atomic():
        PayoutItem.objects.bulk_create([PayoutItem(**_fields(item), reference="x")])


def _fields(item: PayoutItem) -> dict:
    names = ("run_id", "member_id", "rail", "details_id", "amount", "currency", "local_amount", "hold_id", "planned_at")
    return {name: getattr(item, name) for name in names}


def test_details_are_unreadable_in_the_database_and_bound_to_their_row(account, standin):
    first = paid_by(make.member(country="MG"), "mobile_money", operator="mvola", number="+261341234567")
    second = paid_by(make.member(country="MG"), "mobile_money", operator="mvola", number="+261381234567")

    assert b"341234567" not in bytes(first.sealed) and "341234567" not in first.masked
    second.sealed = first.sealed
    with pytest.raises(InvalidTag):
        second.opened()
    assert RailDetails.objects.get(pk=first.pk).opened()["number"] == "+261341234567"


def test_a_member_changes_details_and_the_old_ones_are_kept_replaced():
    hanitra = make.member("hanitra")
    first = paid_by(hanitra, "mobile_money", operator="mvola", number="+261341234567")
    assert paid_by(hanitra, "mobile_money", operator="mvola", number="034 12 345 67".replace("0", "+261", 1)) == first
    second = paid_by(hanitra, "mobile_money", operator="orange_mg", number="+261321234567")

    first.refresh_from_db()
    assert first.replaced_at is not None and second.replaced_at is None


def test_only_the_member_says_how_the_member_is_paid():
    with pytest.raises(Refused) as no:
        set_rail_details(
            member=make.member("hanitra"),
            rail="mobile_money",
            details={"operator": "mvola", "number": "+261341234567"},
            by=make.treasurer().actor,
            now=coop_now(),
        )
    assert no.value.code == "not_yours"


def test_the_reserved_run_on_mobile_money_is_worth_what_left_the_payable():
    theo = make.treasurer()
    ariary(theo)
    hanitra = on_mvola(1001)
    run = approved_run(theo)
    sweep()

    item = run.items.get()
    assert (item.currency, item.local_amount, item.amount) == ("MGA", 4_917_900, 1001) and left(hanitra) == 0


# --- a rail that goes off


@pytest.fixture
def planned(on_stripe, account, settings):
    """A payment that was planned for a rail which was switched off before it was asked."""
    member = on_connect(account, 1000)
    reserve_run(run=approved_run(), now=coop_now())
    settings.STRIPE_KEY = ""
    sweep()
    item = PayoutItem.objects.get()
    assert (item.state, item.reserved, left(member)) == (State.PLANNED, True, 0)
    return item


def test_what_waits_for_a_rail_that_is_off_is_given_up_by_the_treasurer_and_goes_another_way(planned, check_deferred):
    theo = make.treasurer()
    assert list(PayoutItem.objects.waiting_for_a_rail()) == [planned]
    assert planned.trouble_in_words.startswith("The rail is switched off")

    resolve_item(item=planned, paid=False, reference="until spring", by=theo.actor, now=coop_now())
    sweep()
    advance_runs(now=coop_now())
    check_deferred()

    item = PayoutItem.objects.get()
    assert (item.state, item.reserved, left(item.member)) == (State.HELD, False, 1000)
    assert item.attempt.state == "dropped" and "until spring" in item.trouble_in_words
    assert NotPaid.objects.get(run=item.run).why == NotPaid.Why.RAIL_OFF
    assert PayoutRun.objects.get(items=item).state == PayoutRun.State.CLOSED
    ariary(theo)
    Member.objects.filter(pk=item.member_id).update(country="MG")
    paid_by(Member.objects.get(pk=item.member_id), "mobile_money", operator="mvola", number="+261341234567")
    approved_run()
    sweep()
    assert PayoutItem.objects.filter(rail="mobile_money", amount=1000, state=State.SUBMITTING).exists()


def test_it_is_not_asked_for_when_the_rail_is_on_again(planned, on_stripe, settings):
    resolve_item(item=planned, paid=False, reference="", by=make.treasurer().actor, now=coop_now())

    settings.STRIPE_KEY = "sk_test_canut"
    sweep()

    assert transfers(on_stripe) == [] and PayoutItem.objects.get().state == State.HELD


@pytest.mark.parametrize("paid", [True, False])
def test_what_a_rail_may_have_been_asked_is_not_given_up(on_stripe, account, settings, paid):
    on_connect(account, 1000)
    on_stripe.ask("faults", kind="drop_after", path="/v1/transfers")
    approved_run()
    advance_payout_items(now=coop_now(), wall=wall_now())
    settings.STRIPE_KEY = ""
    item = PayoutItem.objects.get()
    assert item.state == State.SUBMITTING

    with pytest.raises(Refused) as no:
        resolve_item(item=item, paid=paid, reference="x", by=make.treasurer().actor, now=coop_now())

    assert no.value.code == "item_not_unresolved"


def test_what_waits_for_a_rail_that_is_on_is_not_given_up_nor_called_paid(on_stripe, account, settings):
    on_connect(account, 1000)
    reserve_run(run=approved_run(), now=coop_now())
    item, theo = PayoutItem.objects.get(), make.treasurer()

    with pytest.raises(Refused):
        resolve_item(item=item, paid=False, reference="x", by=theo.actor, now=coop_now())
    settings.STRIPE_KEY = ""
    with pytest.raises(Refused):
        resolve_item(item=item, paid=True, reference="x", by=theo.actor, now=coop_now())


def test_what_waits_for_a_rail_that_we_do_not_have_any_more_is_given_up_too(planned, monkeypatch):
    monkeypatch.delitem(rails.RAILS, "stripe")
    sweep()

    resolve_item(item=planned, paid=False, reference="", by=make.treasurer().actor, now=coop_now())
    sweep()

    assert (
        left(planned.member) == 1000
        and PayoutRun.objects.get(items=planned).state == PayoutRun.State.SETTLED_WITH_HOLDS
    )
