"""How fast the books take entries with every law in force, against COPY into a bare table; and how fast all of them are checked."""

import time
from datetime import UTC, datetime
from statistics import median

import psycopg
import pytest

from coop.ground import invariants
from coop.ground.actor import PLATFORM
from payouts.ledger import chart
from payouts.ledger.actions import broken_links, chain_transactions, credit, debit, open_accounts, post
from payouts.ledger.models import Entry
from tests import database

pytestmark = pytest.mark.usefixtures("committed_db")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROUNDS = 3


def timed(act) -> int:
    """Microseconds."""
    begun = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - begun) // 1000


def bare(owner: psycopg.Connection, entries: int) -> None:
    with owner.transaction(), owner.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bare (transaction_id bigint, leg int, account_id bigint, amount bigint) ON COMMIT DROP"
        )
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for leg in range(entries):
                copy.write_row((1, leg, leg, leg + 1))


def people(legs: int) -> list[str]:
    """The payable accounts of so many members, opened beforehand."""
    codes = [chart.payable(f"{leg:032x}") for leg in range(legs - 1)]
    open_accounts(codes=codes, now=NOON)
    return codes


def posted(entries: int, legs: int, mark: str) -> None:
    codes = people(legs)
    for number in range(entries // legs):
        post(
            idem=f"{mark}:{legs}:{number}",
            kind="distribution",
            legs=[*(credit(code, 7) for code in codes), debit(chart.POOL, 7 * (legs - 1))],
            by=PLATFORM,
            now=NOON,
        )


@pytest.mark.breaks_the_books  # distributions of no run
def test_large_transactions_stay_fast(committed_db):
    owner = psycopg.connect(database.cluster.dsn("postgres", committed_db))
    posted(5001, 5001, "warm")
    sizes = {2: [], 501: [], 5001: []}
    copies = []
    for round_ in range(ROUNDS):  # interleaved, so that a busy moment of the machine hits all of them
        copies.append(5000 * 1_000_000 // timed(lambda: bare(owner, 5000)))
        for size, speeds in sizes.items():
            count = 300 if size == 2 else 5010 if size == 501 else 5001
            taken = timed(lambda count=count, size=size, round_=round_: posted(count, size, f"r{round_}"))
            speeds.append(count * 1_000_000 // taken)
    copy = median(copies)
    speed = {size: median(speeds) for size, speeds in sizes.items()}

    owner.close()
    print(f"\nbare COPY {copy:,} entries/s; " + "; ".join(f"{size} legs {per_s:,}/s" for size, per_s in speed.items()))
    assert speed[5001] >= speed[501] * 4 // 10
    assert speed[501] * 100 >= copy * 2


@pytest.mark.breaks_the_books
def test_the_whole_book_is_checked_fast():
    for number in range(10):
        posted(5001, 5001, f"book{number}")
    entries = Entry.objects.count()

    chained = timed(lambda: chain_transactions(now=NOON))
    checked = timed(broken_links)
    asked = timed(invariants.broken)

    print(
        f"\n{entries:,} entries: chained in {chained // 1000} ms, chain checked in {checked // 1000} ms, invariants in {asked // 1000} ms"
    )
    assert checked < 5_000_000
