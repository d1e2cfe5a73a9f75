"""What the law refuses to the application itself, whatever it writes: each is asked of the database, as of its commit."""

import pytest
from django.db import DatabaseError, connection, transaction

from coop.ground.clock import coop_now
from coop.ground.laws import broken_law
from payouts.actions.batch_files import download_batch_file, take_answer
from payouts.actions.execution import advance_payout_items
from payouts.ledger.models import Account
from payouts.models import BatchFile, PayoutItem, PayoutRun
from payouts.sharing.approval import approve_run
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs
from tests import make, money
from tests.payouts.paying import approved_run, ariary, on_mvola

pytestmark = [pytest.mark.django_db, pytest.mark.law]

HEAD = "reference;status;transaction_id;reason\n"


def law_against(*statements: str, **params: object) -> str:
    """The law by which these are refused when they are committed together; empty where they are allowed. Nothing is kept."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, params)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except DatabaseError as error:
        return broken_law(error)
    return ""


# --- runs and the books of their periods


@pytest.fixture
def approved():
    run = money.ran(make.member("hanitra"))
    return approve_run(run=run, by=make.treasurer("theo").actor, now=run.objections_until)


@pytest.mark.parametrize(
    "change",
    [
        "approved_by_id = (SELECT id FROM members_member WHERE id <> approved_by_id LIMIT 1)",
        "approved_at = approved_at + interval '1 day'",
        "objections_until = computed_at",
        "objections_until = NULL",
        "current_id = NULL",
        "distribution_id = NULL",
        "frozen_inputs = '{}'",
    ],
)
def test_an_approved_run_stays_as_it_was_approved(approved, change):
    assert law_against(f"UPDATE payouts_payoutrun SET {change}") != ""


@pytest.mark.parametrize("moment", ["reserved_at", "executing_at", "settled_at", "closed_at"])
def test_no_moment_of_a_run_is_moved(approved, moment):
    advance_payout_items(now=coop_now(), wall=coop_now())
    advance_runs(now=coop_now())
    assert PayoutRun.objects.get().closed_at is not None

    assert law_against(f"UPDATE payouts_payoutrun SET {moment} = {moment} + interval '1 day'") == "run_never_goes_back"


@pytest.mark.parametrize("closed_at", ["coop_now()", "coop_now() + interval '1 year'"])
@pytest.mark.parametrize(
    "before",
    [
        "SELECT 1",
        "INSERT INTO ledger_period (number, starts_at) VALUES (2, coop_now())",
        """INSERT INTO payouts_period (id, number, starts_at, ends_at, follows, state)
           SELECT gen_random_uuid(), 2, ends_at, ends_at + interval '1 day', ends_at, 'open' FROM payouts_period;
           INSERT INTO ledger_period (number, starts_at) SELECT 2, starts_at FROM payouts_period WHERE number = 2""",
    ],
)
def test_the_books_of_a_running_period_are_not_closed(before, closed_at):
    money.first_period()

    law = law_against(before, f"UPDATE ledger_period SET closed_at = {closed_at} WHERE number = 1")

    assert law in {
        "ledger_period_closes_when_it_is_over",
        "books_begin_with_their_period",
        "books_close_with_their_run",
    }


def test_the_books_of_a_period_that_is_over_close_with_its_run_and_not_before():
    period = money.first_period()
    close_due_periods(now=period.ends_at)
    close = "UPDATE ledger_period SET closed_at = %(at)s WHERE number = 1"

    assert law_against(close, at=period.ends_at) == "books_close_with_their_run"
    advance_runs(now=period.ends_at)
    run = PayoutRun.objects.get()
    assert law_against(close, at=run.objections_until) == "books_close_with_their_run"
    approve_run(run=run, by=make.treasurer("theo").actor, now=run.objections_until)
    assert law_against("SELECT 1") == ""


def test_the_books_of_a_later_period_wait_for_the_earlier_one():
    period = money.first_period()
    second = close_due_periods(now=period.ends_at)[0]
    close_due_periods(now=period.ends_at + (second.ends_at - second.starts_at))

    close = "UPDATE ledger_period SET closed_at = starts_at + interval '90 days' WHERE number = 2"

    assert law_against(close) == "ledger_period_closes_in_order"


@pytest.mark.parametrize(
    "values",
    ["(3, coop_now() + interval '1 day', NULL)", "(2, '2020-01-01', NULL)", "(2, coop_now(), coop_now())"],
)
def test_a_period_of_the_books_follows_the_one_before_and_begins_open(values):
    insert = f"INSERT INTO ledger_period (number, starts_at, closed_at) VALUES {values}"

    assert law_against(insert) == "ledger_period_follows_the_one_before"


def test_an_account_in_which_something_is_left_is_not_closed():
    on_mvola(1000)

    assert law_against("UPDATE ledger_account SET closed_at = coop_now() WHERE code LIKE 'member:%%:payable'") == (
        "ledger_account_closes_empty"
    )
    empty = Account.objects.filter(entries=None).first()
    assert law_against("UPDATE ledger_account SET closed_at = coop_now() WHERE id = %(id)s", id=empty.pk) == ""


def test_no_account_begins_closed():
    copied = """INSERT INTO ledger_account (code, kind, normal_side, currency, min_balance, posting_mode, owner, opened_at, closed_at)
                SELECT 'fund:x', kind, normal_side, currency, min_balance, posting_mode, owner, opened_at, opened_at
                FROM ledger_account WHERE code = 'fund:commons'"""

    assert law_against(copied) == "ledger_account_begins_open"


# --- payments, their books and their run


@pytest.fixture
def in_a_file():
    """A payment that stands in a file which was taken to its operator."""
    theo = make.treasurer("theo")
    ariary(theo)
    on_mvola(1000)
    approved_run(theo)
    for _ in range(2):
        advance_payout_items(now=coop_now(), wall=coop_now())
    download_batch_file(file=BatchFile.objects.get(), by=theo.actor, now=coop_now())
    return PayoutItem.objects.get()


def answered(item: PayoutItem, status: str) -> PayoutItem:
    content = f"{HEAD}{item.key};{status};M1;closed".encode()
    take_answer(file=item.file, content=content, by=item.run.approved_by.actor, now=coop_now())
    item.refresh_from_db()
    return item


SENT = "state = 'sent', sent_at = coop_now(), reference = 'X', reserved = false, ended_at = NULL"
HELD = "state = 'held', trouble = 'x', ended_at = coop_now()"


def test_what_is_being_sent_is_not_given_back_or_sent_without_the_books(in_a_file):
    assert law_against(f"UPDATE payouts_payoutitem SET {HELD}, reserved = false") == "payout_item_and_books_agree"
    assert law_against(f"UPDATE payouts_payoutitem SET {SENT}") == "payout_item_and_books_agree"


def test_what_was_given_back_is_not_sent_any_more(in_a_file):
    answered(in_a_file, "failed")

    assert law_against(f"UPDATE payouts_payoutitem SET {SENT}") == "payout_item_and_books_agree"
    assert law_against("UPDATE payouts_payoutitem SET reserved = true") == "payout_item_and_books_agree"


def test_what_was_paid_does_not_come_back_without_the_books(in_a_file):
    answered(in_a_file, "paid")

    assert law_against("UPDATE payouts_payoutitem SET state = 'returned'") == "payout_item_and_books_agree"


def test_nothing_is_booked_of_a_payment_that_its_state_does_not_say(in_a_file):
    header = """INSERT INTO ledger_transaction (idem, request_hash, kind, effective_at, posted_at, legs, rule_book, source_event, actor, memo)
                VALUES (%(idem)s, repeat('0', 64), 'sent', coop_now(), coop_now(), 2, '', '', 'theo', '')"""
    entries = """INSERT INTO ledger_entry (transaction_id, leg, account_id, amount, currency)
                 SELECT t.id, leg, account.id, amount, 'EUR' FROM ledger_transaction t,
                 (VALUES (1, 'cash:bank', 5), (2, 'cash:stripe', -5)) legs (leg, code, amount), ledger_account account
                 WHERE t.idem = %(idem)s AND account.code = legs.code"""

    assert law_against(header, entries, idem=f"{in_a_file.key}:sent") == "payout_item_and_books_agree"
    assert law_against(header, entries, idem="another") == ""


@pytest.mark.parametrize("state", ["settled", "settled_with_holds"])
def test_a_run_is_not_settled_while_a_payment_is_under_way(in_a_file, state):
    settle = f"UPDATE payouts_payoutrun SET state = '{state}', settled_at = coop_now() WHERE state = 'executing'"

    assert law_against(settle) == "run_settles_when_nothing_is_under_way"


def test_a_run_of_which_something_was_not_paid_is_settled_with_holds(in_a_file):
    settle = "UPDATE payouts_payoutrun SET state = 'settled', settled_at = coop_now() WHERE state = 'executing'"
    answered(in_a_file, "failed")

    assert law_against(settle) == "run_settled_was_paid_in_full"


def test_nothing_is_under_way_again_in_a_run_that_is_settled(in_a_file):
    answered(in_a_file, "failed")
    advance_payout_items(now=coop_now(), wall=coop_now())
    copied = """INSERT INTO payouts_payoutitem (id, run_id, member_id, rail, details_id, amount, currency, local_amount, hold_id,
                                                reserved, state, planned_at, reference, trouble)
                SELECT gen_random_uuid(), run_id, member_id, rail, details_id, amount, 'KMF', local_amount, hold_id,
                       true, 'planned', coop_now(), '', '' FROM payouts_payoutitem"""

    assert law_against(copied) == "run_settles_when_nothing_is_under_way"
