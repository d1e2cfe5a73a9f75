"""Money goes to the details that are current when it is sent: attacks on every moment between planning and sending."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from payouts.actions.batch_files import download_batch_file, write_batch_files
from payouts.actions.execution import advance_payout_items, reserve_run
from payouts.ledger import chart
from payouts.ledger.actions import balance
from payouts.models import BatchFile, NotPaid, PayoutItem, RailDetails
from tests import make
from tests.payouts.paying import approved_run, ariary, on_connect, on_mvola, paid_by

pytestmark = pytest.mark.django_db
OLD, NEW = "+261341234567", "+261347654321"


def sweep(hours: float = 0) -> None:
    advance_payout_items(now=coop_now(), wall=coop_now() + timedelta(hours=hours))


def left(member) -> int:
    return balance(chart.payable(member.pseudonym.hex))


def moves(member, rail="mobile_money", **details):
    """The member is paid elsewhere from now on."""
    return paid_by(member, rail, **details or {"operator": "mvola", "number": NEW})


@pytest.fixture
def theo():
    theo = make.treasurer("theo")
    ariary(theo)
    return theo


@pytest.fixture
def reserved(theo):
    """A member on MVola, with 50.00 planned."""
    member = on_mvola(5000, number=OLD)
    return member, reserve_run(run=approved_run(theo), now=coop_now())


# -- files


def test_a_number_changed_after_reserving_is_the_one_in_the_file(reserved):
    member, run = reserved
    moves(member)

    sweep()

    content = BatchFile.objects.get(run=run).content().decode()
    assert NEW[-9:] in content and OLD[-9:] not in content
    assert PayoutItem.objects.get().details == RailDetails.objects.of(member).current().get()


def test_a_number_changed_after_the_file_was_written_makes_another_file_for_the_others(theo):
    member, hanitra = on_mvola(5000, number=OLD), on_mvola(4000, "hanitra", number="+261341234009")
    run = reserve_run(run=approved_run(theo), now=coop_now())
    sweep()
    old = BatchFile.objects.get()

    moves(member)

    with pytest.raises(Refused) as no:
        download_batch_file(file=old, by=theo.actor, now=coop_now())
    assert no.value.code == "file_withdrawn"
    sweep()
    fresh = BatchFile.objects.in_use().get(run=run)
    assert [item.member for item in fresh.items.all()] == [hanitra]
    assert NEW[-9:] not in (content := fresh.content().decode()) and OLD[-9:] not in content
    assert download_batch_file(file=fresh, by=theo.actor, now=coop_now()).downloaded_by == theo


def test_who_changes_details_out_of_a_file_is_paid_there_with_the_next_run(reserved, theo):
    member, run = reserved
    sweep()

    moves(member)
    sweep()

    run.refresh_from_db()
    item, unpaid = PayoutItem.objects.get(), NotPaid.objects.get()
    assert (item.state, item.reserved, item.file, left(member)) == ("held", False, None, 5000)
    assert (unpaid.member, unpaid.why, run.state) == (member, "moved", "settled_with_holds")
    following = reserve_run(run=approved_run(theo), now=coop_now())
    sweep()
    assert NEW[-9:] in BatchFile.objects.get(run=following).content().decode()


def test_nobody_keeps_the_others_unpaid_by_changing_details_before_every_download(theo, clock):
    mallory = on_mvola(5000, "mallory", number=OLD)
    others = [on_mvola(4000, name, number=f"+26134123400{n}") for n, name in enumerate(("hanitra", "awa", "bob"))]
    run = reserve_run(run=approved_run(theo), now=coop_now())
    sweep()

    refused = []
    for day in range(60):
        shown = BatchFile.objects.in_use().get(run=run)
        moves(mallory, operator="mvola", number=OLD if day % 2 else NEW)
        try:
            download_batch_file(file=shown, by=theo.actor, now=coop_now())
        except Refused as no:
            refused.append(no.code)
        sweep()
        clock.advance(hours=24)

    taken = BatchFile.objects.in_use().get(run=run)
    assert refused == ["file_withdrawn"] and BatchFile.objects.count() == 2
    assert taken.downloaded_at is not None
    assert {item.member for item in taken.items.all()} == set(others)


def test_a_file_that_was_taken_to_its_operator_keeps_its_numbers(reserved, theo):
    member, _run = reserved
    sweep()
    file = download_batch_file(file=BatchFile.objects.get(), by=theo.actor, now=coop_now())

    moves(member)
    sweep()

    assert BatchFile.objects.get() == file and file.withdrawn_at is None


def test_another_operator_of_the_same_currency_has_its_own_file(reserved):
    member, run = reserved
    moves(member, operator="orange_mg", number="+261321234567")

    sweep()

    assert BatchFile.objects.get(run=run).operator == "orange_mg"


def test_another_way_of_being_paid_gives_the_money_back_until_the_next_run(on_stripe, reserved, account):
    member, run = reserved
    member.country = "FR"
    moves(member, "stripe", account=account())

    sweep()

    run.refresh_from_db()
    item, unpaid = PayoutItem.objects.get(), NotPaid.objects.get()
    assert (item.state, item.reserved, left(member)) == ("held", False, 5000)
    assert (unpaid.member, unpaid.why) == (member, "moved")
    assert run.state == "settled_with_holds" and not BatchFile.objects.exists()


# -- asked per item


def test_an_account_changed_after_reserving_is_the_one_that_is_paid(on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    member = on_connect(account, 1234)
    reserve_run(run=approved_run(), now=coop_now())
    second = account()
    paid_by(member, "stripe", account=second)

    sweep()

    (transfer,) = on_stripe.client().v1.transfers.list({"limit": 100}).data
    assert transfer.destination == second


def test_a_try_after_a_definite_no_goes_to_the_account_that_is_current_by_then(on_stripe, account):
    member = on_connect(account, 1234)
    reserve_run(run=approved_run(), now=coop_now())
    sweep()  # the balance is empty
    second = account()
    paid_by(member, "stripe", account=second)
    on_stripe.ask("balance", amount=10_000)

    sweep(hours=1)

    (transfer,) = on_stripe.client().v1.transfers.list({"limit": 100}).data
    assert transfer.destination == second


def test_who_changed_from_stripe_to_mobile_money_is_not_paid_on_stripe(on_stripe, account, theo):
    on_stripe.ask("balance", amount=10_000)
    member = on_connect(account, 1234)
    reserve_run(run=approved_run(theo), now=coop_now())
    member.country = "MG"
    moves(member)

    sweep()

    assert not on_stripe.client().v1.transfers.list({"limit": 100}).data
    assert (left(member), NotPaid.objects.get().why) == (1234, "moved")
    assert PayoutItem.objects.get().attempt.state == "dropped"


# -- the database


def refused_by_law(name, **changes):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PayoutItem.objects.update(**changes)


@pytest.mark.law
def test_no_payment_goes_to_somebody_else_s_account_by_law(reserved):
    other = on_mvola(5000, "mallory", number=NEW)

    refused_by_law("payout_item_goes_to_its_member", details=RailDetails.objects.of(other).get())


@pytest.mark.law
def test_no_payment_is_asked_for_with_details_that_were_replaced_by_law(reserved):
    member, run = reserved
    moves(member)
    facts = {"rail": "mobile_money", "operator": "mvola", "currency": "MGA", "sealed": b"x", "written_at": coop_now()}

    with pytest.raises(IntegrityError, match="payout_item_goes_to_its_member"), transaction.atomic():
        file = BatchFile.objects.create(run=run, rows=1, total=1, **facts)
        PayoutItem.objects.update(state="submitting", file=file)


@pytest.mark.law
def test_a_payment_under_way_keeps_its_details_by_law(reserved):
    member, _run = reserved
    sweep()
    BatchFile.objects.update(downloaded_at=coop_now(), downloaded_by=make.treasurer("tova"))
    fresh = moves(member)

    refused_by_law("not allowed", details=fresh)


@pytest.mark.law
def test_a_withdrawn_file_is_never_taken_by_law(reserved):
    member, _run = reserved
    sweep()
    moves(member)

    with pytest.raises(IntegrityError, match="not allowed"), transaction.atomic():
        BatchFile.objects.update(downloaded_at=coop_now(), downloaded_by=make.treasurer("tova"))
    with pytest.raises(IntegrityError, match="not allowed"), transaction.atomic():
        BatchFile.objects.update(withdrawn_at=None)


@pytest.mark.law
def test_a_file_with_a_replaced_number_is_never_taken_by_law(reserved):
    member, _run = reserved
    sweep()
    RailDetails.objects.of(member).update(replaced_at=coop_now())

    with pytest.raises(IntegrityError, match="batch_file_pays_current_details"), transaction.atomic():
        BatchFile.objects.update(downloaded_at=coop_now(), downloaded_by=make.treasurer("tova"))


def test_writing_files_twice_writes_them_once(reserved):
    _member, run = reserved
    sweep()

    assert write_batch_files(run=run, now=coop_now()) == 0
    assert BatchFile.objects.count() == 1
