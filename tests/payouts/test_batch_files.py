"""Files for mobile money: written once, answered row by row."""

import pytest

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from payouts.actions.batch_files import download_batch_file, take_answer
from payouts.ledger.actions import balance
from payouts.models import BatchFile, PayoutItem, PayoutRun
from tests import make
from tests.payouts.paying import approved_run, ariary, on_mvola
from tests.payouts.test_execution import left, sweep

pytestmark = pytest.mark.django_db
State = PayoutItem.State


@pytest.fixture
def theo():
    theo = make.treasurer()
    ariary(theo)
    return theo


@pytest.fixture
def paid_run(theo):
    members = [on_mvola(1000 * n, number=f"+26134000000{n}") for n in (1, 2, 3)]
    run = approved_run(theo)
    sweep()
    return run, members, BatchFile.objects.get(run=run)


def answer(file: BatchFile, *said: str) -> bytes:
    items = sorted(PayoutItem.objects.filter(file=file), key=lambda i: i.amount)
    lines = [f"{item.key};{status}" for item, status in zip(items, said, strict=False)]
    return "\n".join(["reference;status;transaction_id;reason", *lines]).encode()


def take(file, content, theo):
    return take_answer(file=file, content=content, by=theo.actor, now=coop_now())


def test_the_file_is_written_once_and_always_the_same_bytes(paid_run, theo):
    run, _members, file = paid_run
    first = download_batch_file(file=file, by=theo.actor, now=coop_now()).content()
    sweep(hours=40)

    again = download_batch_file(file=BatchFile.objects.get(run=run), by=theo.actor, now=coop_now()).content()

    assert first == again and first.decode().count("\r\n") == 4
    assert file.rows == 3 and file.total == sum(i.local_amount for i in run.items.all())
    assert b"34000000" not in bytes(BatchFile.objects.get().sealed)


def test_paid_rows_leave_the_books_through_the_exchange_and_the_run_is_settled(paid_run, theo):
    run, members, file = paid_run
    download_batch_file(file=file, by=theo.actor, now=coop_now())

    done = take(file, answer(file, "paid;M1;", "paid;M1;", "paid;M3;"), theo)
    sweep()

    run.refresh_from_db()
    assert (done.paid, done.failed, done.bad) == (3, 0, ())
    assert run.state == PayoutRun.State.SETTLED and [left(m) for m in members] == [0, 0, 0]
    assert balance("fx:EUR") == -6000 and balance("fx:MGA") == file.total
    assert balance("cash:mobile_money:MGA") == -file.total


def test_a_failed_row_is_held_with_its_reason_and_payable_again(paid_run, theo):
    run, members, file = paid_run
    download_batch_file(file=file, by=theo.actor, now=coop_now())

    take(file, answer(file, "paid;M1;", "failed;;wallet closed", "paid;M3;"), theo)
    sweep()

    run.refresh_from_db()
    held = run.items.held().get()
    assert run.state == PayoutRun.State.SETTLED_WITH_HOLDS
    assert "wallet closed" in held.trouble and [left(m) for m in members] == [0, 2000, 0]


def test_bad_rows_are_named_by_line_and_nothing_good_is_lost(paid_run, theo):
    run, _members, file = paid_run
    download_batch_file(file=file, by=theo.actor, now=coop_now())

    done = take(file, answer(file, "paid;M1;", "perhaps;;", "paid;M3;") + b"\npo:nobody:1;paid;x;", theo)

    assert (done.paid, [b.line for b in done.bad]) == (2, [3, 5])
    assert [s["line"] for s in file.answers.get().bad_lines] == [3, 5]
    done = take(file, answer(file, "paid;M1;", "paid;M2;", "paid;M3;"), theo)
    assert (done.paid, done.known, done.bad) == (1, 2, ())
    assert set(run.items.values_list("state", flat=True)) == {State.PAID}


def test_an_answer_uploaded_twice_books_once_and_a_contradiction_is_named(paid_run, theo):
    _run, _members, file = paid_run
    download_batch_file(file=file, by=theo.actor, now=coop_now())
    content = answer(file, "paid;M1;", "paid;M2;", "failed;;no such number")
    take(file, content, theo)

    again = take(file, content, theo)
    other = take(file, answer(file, "failed;;really?", "paid;M2;", "paid;M3;"), theo)

    assert (again.paid, again.failed, again.known) == (0, 0, 3)
    assert [b.line for b in other.bad] == [2, 4] and "otherwise" in other.bad[0].reason
    assert file.answers.count() == 2


def test_only_the_treasurer_touches_files_and_in_the_right_order(paid_run, theo):
    _run, members, file = paid_run
    with pytest.raises(Refused) as no:
        take(file, answer(file, "paid;M1;"), theo)
    assert no.value.code == "not_downloaded"
    for act in (
        lambda: download_batch_file(file=file, by=members[0].actor, now=coop_now()),
        lambda: take(file, b"", members[0]),
    ):
        with pytest.raises(Refused) as no:
            act()
        assert no.value.code == "not_in_office"


def test_without_a_rate_nobody_is_sent_a_guess():
    member = on_mvola(5000)

    approved_run()
    sweep()

    assert left(member) == 5000 and not BatchFile.objects.exists()


# --- what comes back


@pytest.mark.parametrize("word", ["reversed", "Returned", "retourné"])
def test_money_that_a_later_answer_says_came_back_is_payable_again(paid_run, theo, word, check_deferred):
    run, members, file = paid_run
    download_batch_file(file=file, by=theo.actor, now=coop_now())
    take(file, answer(file, "paid;M1;", "paid;M2;", "paid;M3;"), theo)
    sweep()

    done = take(file, answer(file, "paid;M1;", f"{word};R2;wallet closed", "paid;M3;"), theo)
    again = take(file, answer(file, "paid;M1;", f"{word};R2;wallet closed", "paid;M3;"), theo)

    assert (done.returned, done.known, done.bad) == (1, 2, ()) and (again.returned, again.known) == (0, 3)
    check_deferred()
    back = run.items.get(state=State.RETURNED)
    assert [left(m) for m in members] == [0, 2000, 0] and back.amount == 2000
    assert balance("cash:mobile_money:MGA") == back.local_amount - file.total and balance("fx:EUR") == -4000
    assert back.steps.filter(what="returned", note__contains="R2").count() == 1


def test_what_was_sent_and_came_back_before_its_first_answer_is_booked_both_ways(paid_run, theo, check_deferred):
    run, members, file = paid_run
    download_batch_file(file=file, by=theo.actor, now=coop_now())

    take(file, answer(file, "reversed;R1;wallet closed", "paid;M2;", "paid;M3;"), theo)
    sweep()
    check_deferred()

    run.refresh_from_db()
    assert left(members[0]) == 1000 and run.state == PayoutRun.State.SETTLED_WITH_HOLDS


def test_an_older_answer_that_is_read_late_neither_takes_back_nor_pays_again(paid_run, theo):
    """A file that said “failed” before it said “paid” is no word that the money came back."""
    _run, members, file = paid_run
    download_batch_file(file=file, by=theo.actor, now=coop_now())
    take(file, answer(file, "paid;M1;", "paid;M2;", "paid;M3;"), theo)

    failed = take(file, answer(file, "failed;;closed"), theo)
    take(file, answer(file, "reversed;R1;closed"), theo)
    late = take(file, answer(file, "paid;M1;"), theo)

    assert [row.line for row in failed.bad] == [2] and (late.paid, late.known) == (0, 1)
    assert [left(m) for m in members] == [1000, 0, 0]


def test_what_was_given_back_does_not_come_back_too(paid_run, theo):
    _run, members, file = paid_run
    download_batch_file(file=file, by=theo.actor, now=coop_now())
    take(file, answer(file, "failed;;closed"), theo)

    done = take(file, answer(file, "reversed;R1;closed"), theo)

    assert (done.returned, [row.line for row in done.bad]) == (0, [2]) and left(members[0]) == 1000
