"""The books: what is posted adds up, stays, and is answered once; each refusal has its name."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from coop.ground.actor import PLATFORM
from coop.ground.errors import Refused
from payouts.ledger import chart
from payouts.ledger.actions import (
    Leg,
    balance,
    balances,
    chain_transactions,
    close_account,
    close_period,
    credit,
    debit,
    held,
    hold,
    open_accounts,
    open_period,
    post,
    reverse,
    send_held,
    void_held,
)
from payouts.ledger.models import Account, BalanceLocked, Entry, Period, Transaction
from tests import make
from tests.payouts.paying import given_before

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROJECT = uuid.UUID("00000000-0000-4000-8000-000000000001")
ESCROW = chart.escrow(PROJECT)
AWA, HANITRA = "a" * 32, "b" * 32

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _accounts(db):
    open_accounts(
        codes=[ESCROW, *(account(m) for m in (AWA, HANITRA) for account in (chart.payable, chart.owed))], now=NOON
    )


def receive(amount=100_00, *, idem="order:1", **more):
    """A requester pays into escrow."""
    legs = [debit(chart.CASH_BANK, amount), credit(ESCROW, amount)]
    return post(**({"idem": idem, "kind": "order_paid", "legs": legs, "by": PLATFORM, "now": NOON} | more))


def distribute(**shares):
    """Members' pay becomes payable."""
    amounts = {AWA: shares.get("awa", 0), HANITRA: shares.get("hanitra", 0)}
    legs = [credit(chart.payable(m), amount) for m, amount in amounts.items() if amount]
    legs.append(debit(chart.POOL, sum(amounts.values())))
    posted = post(idem=f"run:{uuid.uuid4()}", kind="distribution", legs=legs, by=PLATFORM, now=NOON)
    given_before(posted, make.member())
    return posted


def refusal(**more):
    with pytest.raises(Refused) as no:
        receive(**more)
    return no.value.code


# -- posting ----------------------------------------------------------------------------------------------------------


def test_what_is_paid_stands_on_both_sides(check_deferred):
    receive(100_00)
    check_deferred()

    assert balance(chart.CASH_BANK) == balance(ESCROW) == 100_00
    assert balances([ESCROW, chart.escrow("nowhere")]) == {ESCROW: 100_00, chart.escrow("nowhere"): 0}


def test_the_same_request_gets_the_same_answer():
    first = receive(now=NOON)

    assert receive(now=NOON + timedelta(days=400)) == first
    assert balance(ESCROW) == 100_00


def test_another_request_under_the_same_key_is_refused():
    receive(100_00)

    assert refusal(amount=100_01) == "idempotency_conflict"
    assert balance(ESCROW) == 100_00


def test_an_unbalanced_entry_is_refused():
    assert refusal(legs=[debit(chart.CASH_BANK, 5), credit(ESCROW, 4)]) == "unbalanced_entry"
    assert refusal(legs=[Leg(chart.CASH_BANK, 5, "EUR"), Leg(chart.CASH_BANK, -5, "XOF")]) == "unbalanced_entry"
    assert refusal(legs=[]) == "unbalanced_entry"
    assert refusal(legs=[debit(chart.CASH_BANK, 0), credit(ESCROW, 0)]) == "empty_leg"


def test_an_unknown_account_is_refused():
    assert refusal(legs=[debit("cash:mattress", 5), credit(ESCROW, 5)]) == "unknown_account"


def test_a_currency_that_is_not_the_account_s_is_refused():
    assert refusal(legs=[debit(chart.CASH_BANK, 5, "XOF"), credit(ESCROW, 5, "XOF")]) == "wrong_currency"


def test_a_closed_account_takes_nothing():
    close_account(account=Account.objects.get(code=ESCROW), by=PLATFORM, now=NOON)

    assert refusal() == "account_closed"


def test_an_account_with_a_balance_is_not_closed():
    receive()

    with pytest.raises(Refused) as no:
        close_account(account=Account.objects.get(code=ESCROW), by=PLATFORM, now=NOON)
    assert no.value.code == "account_not_empty"


def test_nothing_takes_effect_in_a_closed_period():
    open_period(number=2, starts_at=NOON + timedelta(days=1))
    close_period(period=Period.objects.get(number=1), closing=None, now=NOON + timedelta(days=2))

    assert refusal(effective_at=NOON) == "period_closed"
    assert receive(effective_at=NOON + timedelta(days=1)).pk


def test_what_was_read_before_the_books_were_closed_takes_effect_when_the_next_open_ones_begin():
    for number in (2, 3, 4):
        open_period(number=number, starts_at=NOON + timedelta(days=number))
    for number in (1, 2):
        close_period(period=Period.objects.get(number=number), closing=None, now=NOON + timedelta(days=5))
    starts_at = Period.objects.get(number=3).starts_at

    paid = receive(now=NOON)

    assert paid.effective_at == paid.posted_at == starts_at
    assert reverse(original=paid, reason="-", by=PLATFORM, now=NOON).effective_at == starts_at
    assert receive(idem="order:2", now=NOON + timedelta(days=4)).effective_at == NOON + timedelta(days=4)
    assert receive(now=NOON + timedelta(days=9)) == paid


def test_nothing_takes_effect_before_the_books_were_opened():
    assert refusal(effective_at=datetime(2020, 1, 1, tzinfo=UTC)) == "period_missing"


def test_a_period_closes_when_it_is_over_and_in_order():
    first = Period.objects.get(number=1)
    with pytest.raises(Refused) as no:
        close_period(period=first, closing=None, now=NOON)
    assert no.value.code == "period_still_runs"

    second = open_period(number=2, starts_at=NOON)
    open_period(number=3, starts_at=NOON + timedelta(hours=1))
    with pytest.raises(Refused) as no:
        close_period(period=second, closing=None, now=NOON + timedelta(hours=2))
    assert no.value.code == "earlier_period_open"


def test_a_balance_is_the_same_before_and_after_its_period_is_closed():
    receive(100_00)
    open_period(number=2, starts_at=NOON + timedelta(days=1))
    receive(7, idem="order:2", now=NOON + timedelta(days=3))

    close_period(period=Period.objects.get(number=1), closing=None, now=NOON + timedelta(days=2))

    assert balance(chart.CASH_BANK) == balance(ESCROW) == 100_07


def test_a_balance_with_a_minimum_does_not_fall_below_it():
    receive(100)
    spend = [debit(ESCROW, 101), credit(chart.REVENUE, 101)]

    assert refusal(idem="revenue:1", legs=spend) == "balance_too_low"
    assert balance(ESCROW) == 100


def test_a_transaction_is_corrected_by_its_mirror_and_once():
    paid = receive()
    undone = reverse(original=paid, reason="paid twice by the bank", by=PLATFORM, now=NOON)

    assert balance(ESCROW) == 0
    assert reverse(original=paid, reason="paid twice by the bank", by=PLATFORM, now=NOON) == undone
    assert (
        refusal(idem="again", reversal_of=paid, legs=[credit(chart.CASH_BANK, 5), debit(ESCROW, 5)])
        == "already_reversed"
    )


# -- holds ------------------------------------------------------------------------------------------------------------


def reserve(**amounts):
    distribute(awa=500, hanitra=700)
    names = {"awa": AWA, "hanitra": HANITRA}
    return hold(
        idem="po:1", amounts={names[n]: a for n, a in amounts.items()}, run=PROJECT, rule_book="", by=PLATFORM, now=NOON
    )


@pytest.mark.breaks_the_books  # holds of no payout item
def test_what_is_held_is_no_longer_payable(check_deferred):
    holds = held(reserve(awa=400, hanitra=700))
    check_deferred()

    assert set(holds) == {AWA, HANITRA}
    assert balance(chart.payable(AWA)) == 100
    assert balance(chart.reserved(HANITRA)) == 700


def test_more_than_is_payable_cannot_be_held():
    with pytest.raises(Refused) as no:
        reserve(awa=501)
    assert no.value.code == "balance_too_low"


def test_a_hold_is_sent_or_given_back_and_only_once(check_deferred):
    holds = held(reserve(awa=400, hanitra=700))

    sent = send_held(hold=holds[AWA], idem="po:1:awa:sent", paid_from=chart.CASH_STRIPE, by=PLATFORM, now=NOON)
    void_held(hold=holds[HANITRA], idem="po:1:hanitra:void", by=PLATFORM, now=NOON)
    check_deferred()

    assert balance(chart.CASH_STRIPE) == -400
    assert balance(chart.payable(HANITRA)) == 700
    assert send_held(hold=holds[AWA], idem="po:1:awa:sent", paid_from=chart.CASH_STRIPE, by=PLATFORM, now=NOON) == sent
    with pytest.raises(Refused) as no:
        void_held(hold=holds[AWA], idem="po:1:awa:void", by=PLATFORM, now=NOON)
    assert no.value.code in {"hold_already_resolved", "balance_too_low"}


@pytest.mark.breaks_the_books  # holds of no payout item
def test_a_hold_resolved_twice_is_refused_even_where_more_is_reserved():
    first = held(reserve(awa=200))[AWA]
    hold(idem="po:2", amounts={AWA: 200}, run=PROJECT, rule_book="", by=PLATFORM, now=NOON)
    void_held(hold=first, idem="void", by=PLATFORM, now=NOON)

    with pytest.raises(Refused) as no:
        send_held(hold=first, idem="sent", paid_from=chart.CASH_STRIPE, by=PLATFORM, now=NOON)
    assert no.value.code == "hold_already_resolved"


def broken_law(check_deferred):
    with pytest.raises(IntegrityError) as no:
        check_deferred()
    return no.value.__cause__.diag.constraint_name


@pytest.mark.law
def test_a_resolution_empties_the_hold_it_names(check_deferred):
    named = held(reserve(awa=400))[AWA]
    receive(
        idem="half", kind="sent", legs=[debit(chart.reserved(AWA), 200), credit(chart.CASH_BANK, 200)], resolves=named
    )

    assert broken_law(check_deferred) == "ledger_resolution_empties_its_hold"


@pytest.mark.law
def test_what_is_reserved_leaves_by_its_hold_alone(check_deferred):
    reserve(awa=400)
    receive(idem="theft", kind="sent", legs=[debit(chart.reserved(AWA), 400), credit(chart.CASH_BANK, 400)])

    assert broken_law(check_deferred) == "ledger_reserved_leaves_by_its_hold"


@pytest.mark.law
def test_the_commons_fund_never_pays_a_person(check_deferred):
    receive(idem="share", kind="share", legs=[debit(chart.COMMONS_FUND, 5), credit(chart.payable(AWA), 5)])

    assert broken_law(check_deferred) == "ledger_commons_fund_pays_no_person"


@pytest.mark.law
def test_a_reversal_mirrors_its_transaction(check_deferred):
    paid = receive()
    receive(idem="not it", reversal_of=paid, legs=[credit(chart.CASH_BANK, 5), debit(ESCROW, 5)])

    assert broken_law(check_deferred) == "ledger_reversal_mirrors_its_transaction"


# -- the database itself says no, whoever writes ----------------------------------------------------------------------


def header(legs=2, idem="raw"):
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_transaction (idem, request_hash, kind, effective_at, posted_at, legs, rule_book, source_event, actor, memo)
               VALUES (%s, 'x', 'raw', %s, %s, %s, '', '', 'mallory', '') RETURNING id""",
            [idem, NOON, NOON, legs],
        )
        return cursor.fetchone()[0]


def entry(header, leg, amount, *, account=chart.CASH_BANK, currency="EUR"):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_entry (transaction_id, leg, account_id, amount, currency) VALUES (%s, %s, %s, %s, %s)",
            [header, leg, Account.objects.get(code=account).pk, amount, currency],
        )


@pytest.mark.law
def test_an_unbalanced_transaction_is_not_committed(check_deferred):
    raw = header()
    entry(raw, 1, 5)
    entry(raw, 2, -4, account=chart.REVENUE)

    assert broken_law(check_deferred) == "ledger_transaction_balances"


@pytest.mark.law
def test_a_transaction_without_its_stated_legs_is_not_committed(check_deferred):
    header(legs=2)

    assert broken_law(check_deferred) == "ledger_transaction_has_its_stated_legs"


@pytest.mark.law
def test_a_leg_beyond_those_stated_is_refused():
    raw = header(legs=2)

    with pytest.raises(IntegrityError, match="states no leg 3"):
        entry(raw, 3, 5)


@pytest.mark.law
def test_an_entry_of_nothing_is_refused():
    raw = header()

    with pytest.raises(IntegrityError, match="ledger_entry_is_not_zero"):
        entry(raw, 1, 0)


@pytest.mark.law
def test_an_entry_without_a_transaction_is_refused():
    with pytest.raises(IntegrityError, match="is not being written here"):
        entry(999_999_999, 1, 5)


@pytest.mark.law
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount = amount + 1",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "UPDATE ledger_transaction SET memo = 'nothing to see'",
        "DELETE FROM ledger_transaction",
        "TRUNCATE ledger_transaction CASCADE",
        "UPDATE ledger_chain SET hash = ''",
        "DELETE FROM ledger_chain",
        "TRUNCATE ledger_chain",
        "UPDATE ledger_balance_checkpoint SET total = 0",
        "UPDATE ledger_account SET code = 'mine'",
        "DELETE FROM ledger_account",
        "UPDATE ledger_period SET starts_at = now()",
        "DELETE FROM ledger_period",
        "UPDATE ledger_balance_locked SET balance = 0",
        "INSERT INTO ledger_balance_locked (account_id, balance, minimum) VALUES (1, 5, 0)",
        "DELETE FROM ledger_balance_locked",
    ],
)
def test_the_application_has_no_right_to_edit_the_books(statement):
    receive()

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.law
def test_a_closed_period_stays_closed():
    open_period(number=2, starts_at=NOON)
    period = close_period(period=Period.objects.get(number=1), closing=None, now=NOON)

    with pytest.raises(IntegrityError, match="not allowed"):
        Period.objects.filter(pk=period.pk).update(closed_at=None)


def test_a_header_cannot_claim_another_database_transaction():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_transaction (idem, request_hash, kind, effective_at, posted_at, legs, rule_book, source_event, actor, memo, xid)
               VALUES ('forged', 'x', 'raw', %s, %s, 2, '', '', 'mallory', '', '123') RETURNING xid = pg_current_xact_id()""",
            [NOON, NOON],
        )
        assert cursor.fetchone() == (True,)
        transaction.set_rollback(True)


def test_locked_balances_are_the_sums_of_their_entries():
    receive(100_00)
    receive(50, idem="order:2")

    assert BalanceLocked.objects.get(account__code=ESCROW).balance == -Entry.objects.of(ESCROW).total() == 100_50


def test_nothing_new_is_nothing_to_chain():
    receive()

    assert chain_transactions(now=NOON).count == Transaction.objects.count()
    assert chain_transactions(now=NOON) is None
