"""The laws are really there: read from the catalogue of the database, not from the code that should have made them."""

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.law]

TRIGGERS = {
    ("ledger_transaction", "ledger_transaction_append_only"),
    ("ledger_transaction", "ledger_transaction_balances"),
    ("ledger_transaction", "payout_item_and_books_agree"),
    ("ledger_transaction", "ledger_transaction_is_stamped"),
    ("ledger_transaction", "ledger_transaction_waits_for_the_chain"),
    ("ledger_entry", "ledger_entry_append_only"),
    ("ledger_entry", "ledger_entry_is_guarded"),
    ("ledger_chain", "ledger_chain_append_only"),
    ("ledger_balance_checkpoint", "ledger_balance_checkpoint_append_only"),
    ("ledger_account", "ledger_account_is_kept"),
    ("ledger_account", "ledger_account_keeps_its_balance"),
    ("ledger_account", "ledger_account_stays_closed"),
    ("ledger_account", "ledger_account_begins_open"),
    ("ledger_account", "ledger_account_closes_empty"),
    ("ledger_period", "ledger_period_is_kept"),
    ("ledger_period", "ledger_period_stays_closed"),
    ("ledger_period", "ledger_period_follows_the_one_before"),
    ("ledger_period", "ledger_period_closes_in_order"),
    ("ledger_period", "books_follow_the_periods"),
}


def rows(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return set(cursor.fetchall())


def test_every_trigger_of_the_books_is_there_and_enabled():
    there = rows(
        """SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
           WHERE c.relname LIKE 'ledger_%' AND NOT t.tgisinternal AND t.tgenabled = 'O'"""
    )

    assert there == TRIGGERS


def test_the_balance_of_a_transaction_is_checked_at_commit_once_per_header():
    assert rows(
        "SELECT tgdeferrable, tginitdeferred, (tgtype & 1) = 1 FROM pg_trigger WHERE tgname = 'ledger_transaction_balances'"
    ) == {(True, True, True)}


def test_entries_are_guarded_per_statement_and_never_per_row():
    per_row = rows(
        """SELECT tgname FROM pg_trigger WHERE tgrelid = 'ledger_entry'::regclass AND NOT tgisinternal AND (tgtype & 1) = 1"""
    )

    assert per_row == set()


def test_the_application_may_only_add_to_the_books():
    rights = rows(
        """SELECT table_name, privilege_type FROM information_schema.table_privileges
           WHERE grantee = 'canut_app' AND table_name LIKE 'ledger_%'"""
    )

    assert {right for table, right in rights if table == "ledger_balance_locked"} == {"SELECT"}
    assert {right for _, right in rights} == {"SELECT", "INSERT"}
