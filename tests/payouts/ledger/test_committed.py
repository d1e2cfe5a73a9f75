"""What only real commits show: a finished transaction is sealed, the owner too cannot edit it, and the chain tells."""

import json
import threading
import uuid
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from coop.ground.actor import Actor
from payouts.ledger import chart
from payouts.ledger.actions import (
    balance,
    broken_links,
    chain_transactions,
    credit,
    debit,
    link_hash,
    open_accounts,
    post,
)
from payouts.ledger.models import Account, Chain, Transaction
from tests import database

pytestmark = pytest.mark.law

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ESCROW = chart.escrow(uuid.UUID("00000000-0000-4000-8000-000000000001"))
GOLDEN = Path(__file__).with_name("chain_1.golden.json")


class Theo(Actor):
    """As the golden file knows him: the bytes of the chain hold how an actor stands, whatever that is."""

    stands_as = "theo"


@pytest.fixture(autouse=True)
def _accounts(committed_db):
    open_accounts(codes=[ESCROW], now=NOON)


def receive(amount=100_00, idem="order:1", **more):
    legs = [debit(chart.CASH_BANK, amount), credit(ESCROW, amount)]
    return post(idem=idem, kind="order_paid", legs=legs, by=Theo(), now=NOON, **more)


def as_owner(name, statement, role=database.OWNER_ROLE):
    with psycopg.connect(database.cluster.dsn(role, name), autocommit=True) as owner:
        owner.execute(statement)


def test_a_late_leg_in_a_finished_transaction_is_refused():
    paid = receive()
    bank, pool = (Account.objects.get(code=code).pk for code in (chart.CASH_BANK, chart.POOL))

    for leg in (2, 3):
        with pytest.raises(IntegrityError) as no, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_entry VALUES (%s, %s, 5, 'EUR', %s), (%s, %s, -5, 'EUR', %s)".replace(
                    "VALUES", "(transaction_id, leg, amount, currency, account_id) VALUES"
                ),
                [paid.pk, leg + 1, bank, paid.pk, leg + 2, pool],
            )
        assert no.value.__cause__.diag.constraint_name == "ledger_entry_in_a_transaction_being_written"


def test_an_unbalanced_commit_leaves_nothing_behind():
    with (
        pytest.raises(IntegrityError, match="states 2 legs and has 0"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            """INSERT INTO ledger_transaction (idem, request_hash, kind, effective_at, posted_at, legs, rule_book, source_event, actor, memo)
               VALUES ('raw', 'x', 'raw', %s, %s, 2, '', '', 'mallory', '')""",
            [NOON, NOON],
        )

    assert not Transaction.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount = amount + 1",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "UPDATE ledger_transaction SET memo = ''",
        "DELETE FROM ledger_transaction",
        "TRUNCATE ledger_transaction CASCADE",
        "DELETE FROM ledger_chain",
        "DELETE FROM ledger_account",
        "DELETE FROM ledger_period",
    ],
)
def test_the_owner_of_the_tables_is_refused_too(committed_db, statement):
    receive()

    with pytest.raises(psycopg.errors.RestrictViolation, match="what happened is never edited"):
        as_owner(committed_db, statement)


def test_two_who_ask_the_same_at_once_get_one_transaction():
    answers, start = [], threading.Barrier(4)

    def ask():
        start.wait()
        try:
            answers.append(receive().pk)
        finally:
            connection.close()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert balance(ESCROW) == 100_00


@pytest.mark.breaks_the_books
def test_the_chain_tells_when_a_superuser_edits_the_books(committed_db):
    receive(100_00)
    receive(50_00, idem="order:2")
    chain_transactions(now=NOON)
    receive(25_00, idem="order:3")
    chain_transactions(now=NOON)
    assert broken_links() == []

    as_owner(
        committed_db,
        """SET session_replication_role = replica;
           UPDATE ledger_entry SET amount = sign(amount) * 1 WHERE transaction_id = (SELECT min(id) FROM ledger_transaction)""",
        role="postgres",
    )

    assert [problem for problem in broken_links() if "not those that were chained" in problem]


@pytest.mark.breaks_the_books
def test_the_chain_tells_when_a_superuser_removes_a_transaction(committed_db):
    for number in range(3):
        receive(100, idem=f"order:{number}")
    chain_transactions(now=NOON)
    as_owner(
        committed_db,
        """SET session_replication_role = replica;
           DELETE FROM ledger_entry WHERE transaction_id = (SELECT min(id) + 1 FROM ledger_transaction);
           DELETE FROM ledger_transaction WHERE id = (SELECT min(id) + 1 FROM ledger_transaction)""",
        role="postgres",
    )

    assert [problem for problem in broken_links() if "has not 3 transactions" in problem]


def test_the_chain_waits_for_a_lower_number_that_is_still_being_written(committed_db):
    app = database.cluster.dsn(database.APP_ROLE, committed_db)
    with psycopg.connect(app) as slow:
        slow.execute(
            """INSERT INTO ledger_transaction (idem, request_hash, kind, effective_at, posted_at, legs, rule_book, source_event, actor, memo)
               VALUES ('slow', 'x', 'raw', %s, %s, 2, '', '', 'theo', '')""",
            [NOON, NOON],
        )
        receive()
        with pytest.raises(psycopg.errors.LockNotAvailable), psycopg.connect(app) as chaining:
            chaining.execute("SET lock_timeout = '200ms'")
            chaining.execute("SELECT pg_advisory_xact_lock(hashtext('canut.ledger'))")
        slow.rollback()

    assert chain_transactions(now=NOON).count == 1


def test_the_format_of_the_chain_is_frozen():
    """The golden file holds a small book and its links as canut-ledger/1 hashed them; a change here breaks every old chain."""
    receive(100_00, memo='« Étiquettes »\nsecond line | "quoted"')
    receive(50_00, idem="order:2", source_event="evt_1", rule_book="f" * 64, run=uuid.UUID(int=7))
    chain_transactions(now=NOON)
    receive(25_00, idem="order:3")
    chain_transactions(now=NOON)

    with connection.cursor() as cursor:
        cursor.execute("SELECT convert_from(ledger_payload_1(first, last), 'UTF8') FROM ledger_chain ORDER BY first")
        payloads = [row[0] for row in cursor.fetchall()]
    golden = json.loads(GOLDEN.read_text())
    links = list(Chain.objects.order_by("first"))
    assert payloads == golden["payloads"]
    assert [link.hash for link in links] == golden["hashes"]

    previous = "0" * 64  # and the second method: from the golden bytes alone
    for payload, link in zip(golden["payloads"], links, strict=True):
        digest = sha256(payload.encode()).hexdigest()
        previous = link_hash(
            first=link.first, last=link.last, count=link.count, payload_sha256=digest, previous=previous
        )
        assert previous == link.hash
