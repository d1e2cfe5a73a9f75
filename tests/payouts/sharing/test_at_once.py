"""Two workers at once, and a worker that dies half-way: every period is closed once, every run computed once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from payouts.ledger.models import Transaction
from payouts.models import MemberShare, PayoutRun, Period, RevenueLine
from payouts.sharing import runs
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs, approve_run
from tests import make, money

pytestmark = pytest.mark.usefixtures("committed_db")
WORKERS = 4


def at_once(act):
    """Run `act` in several threads at the same moment; what went wrong in any of them."""
    start, wrong = threading.Barrier(WORKERS), []

    def work():
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001  (handed to the test)
            wrong.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return wrong


@pytest.fixture
def period():
    begun = money.first_period()
    money.worked(make.member("awa"), make.member("hanitra"))
    return begun


def test_a_period_is_closed_once(period):
    assert at_once(lambda: close_due_periods(now=period.ends_at + timedelta(days=65))) == []

    assert [one.number for one in Period.objects.order_by("number")] == [1, 2, 3, 4]
    assert RevenueLine.objects.count() == 1


def test_a_run_is_computed_and_booked_once(period):
    close_due_periods(now=period.ends_at)

    assert at_once(lambda: advance_runs(now=period.ends_at)) == []

    run = PayoutRun.objects.get()
    assert run.state == "computed"
    assert MemberShare.objects.count() == 2
    assert Transaction.objects.filter(kind="distribution").count() == 1


def test_a_run_is_approved_once(period):
    theo = make.treasurer()
    run = money.run_of(period)

    assert at_once(lambda: approve_run(run=run, by=theo.actor, now=run.objections_until)) == []

    assert PayoutRun.objects.get().state == "approved"


def test_a_worker_that_dies_in_the_middle_of_a_run_leaves_nothing_half_done(period, monkeypatch):
    close_due_periods(now=period.ends_at)

    def dies(*args, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(runs, "close_period", dies)
        with pytest.raises(KeyboardInterrupt):
            advance_runs(now=period.ends_at)
    assert PayoutRun.objects.get().state == "frozen"
    assert not Transaction.objects.filter(kind="distribution").exists()

    advance_runs(now=period.ends_at)
    assert PayoutRun.objects.get().state == "computed"
