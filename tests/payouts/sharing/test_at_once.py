"""Two workers at once, and a worker that dies half-way: every period is closed once, every run computed once."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from coop.ground.actor import PLATFORM
from coop.members.models import Member
from payouts.ledger import chart
from payouts.ledger.actions import credit, debit, open_accounts, post
from payouts.ledger.models import Period as BooksPeriod
from payouts.ledger.models import Transaction
from payouts.models import MemberShare, PaidTime, PayoutRun, Period, RevenueLine, RunVersion
from payouts.sharing import approval, runs
from payouts.sharing.approval import approve_run
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs
from tests import make, money

pytestmark = pytest.mark.usefixtures("committed_db")
WORKERS = 4
A_MOMENT = timedelta(milliseconds=5)


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


def test_a_run_is_computed_and_booked_once(period):
    close_due_periods(now=period.ends_at)

    assert at_once(lambda: advance_runs(now=period.ends_at)) == []

    run = PayoutRun.objects.get()
    assert run.state == "computed"
    assert MemberShare.objects.count() == 2
    assert RevenueLine.objects.count() == RunVersion.objects.count() == 1
    assert not Transaction.objects.filter(kind="distribution").exists()


def test_a_run_is_approved_and_booked_once(period):
    theo = make.treasurer()
    run = money.run_of(period)

    assert at_once(lambda: approve_run(run=run, by=theo.actor, now=run.objections_until)) == []

    assert PayoutRun.objects.get().state == "approved"
    assert Transaction.objects.filter(kind="distribution").count() == 1


def test_two_objections_upheld_at_once_make_two_versions_of_one_chain(period):
    theo, run = make.treasurer(), money.run_of(period)
    now = run.objections_until - timedelta(seconds=2)
    shares = list(MemberShare.objects.select_related("member"))
    raised = [raise_objection(share=one, by=one.member.actor, reason="Ten minutes.", now=now) for one in shares]
    waiting = iter(raised * (WORKERS // len(raised)))  # each is answered by two workers

    def answer():
        said = {"answer": "You are right.", "correction": Correction("task", 600), "now": now}
        answer_objection(objection=next(waiting), by=theo.actor, **said)

    assert at_once(answer) == []

    run = PayoutRun.objects.get()
    assert [version.number for version in RunVersion.objects.order_by("number")] == [1, 2, 3]
    assert run.version == 3 and len(run.inputs["corrections"]) == 2
    assert PaidTime.objects.filter(superseded_by=None).count() == 2


def dies(*args, **more):
    raise KeyboardInterrupt


def test_a_worker_that_dies_in_the_middle_of_a_run_leaves_nothing_half_done(period, monkeypatch):
    close_due_periods(now=period.ends_at)

    with monkeypatch.context() as dying:
        dying.setattr(runs.invariants, "require_intact", dies)
        with pytest.raises(KeyboardInterrupt):
            advance_runs(now=period.ends_at)
    assert PayoutRun.objects.get().state == "frozen"
    assert not RunVersion.objects.exists() and not MemberShare.objects.exists()

    advance_runs(now=period.ends_at)
    assert PayoutRun.objects.get().state == "computed"


def test_who_still_posts_into_a_period_and_who_closes_it_do_not_wait_for_each_other(period):
    theo, run = make.treasurer(), money.run_of(period)
    payable = chart.payable(Member.objects.earliest("pk").pseudonym.hex)
    open_accounts(codes=[payable], now=period.starts_at)
    posted, wrong = threading.Event(), []

    def post_late():
        """A worker whose moment is in the period that ended: it posts something, and a little later what touches a member."""
        try:
            with transaction.atomic():
                for code in (chart.DIRECT_COSTS, payable):
                    legs = [debit(chart.CASH_BANK, 5), credit(code, 5)]
                    post(idem=f"late:{code}", kind="late", legs=legs, by=PLATFORM, now=period.ends_at - A_MOMENT)
                    posted.set()
                    time.sleep(2)
        except Exception as error:  # noqa: BLE001  (handed to the test)
            wrong.append(error)
        finally:
            connection.close()

    worker = threading.Thread(target=post_late)
    worker.start()
    posted.wait()
    approve_run(run=run, by=theo.actor, now=run.objections_until)
    worker.join()

    assert wrong == []
    assert BooksPeriod.objects.get(number=period.number).closed_at
    assert Transaction.objects.filter(kind="late", effective_at__lt=period.ends_at).count() == 2


def test_an_approval_that_dies_in_the_middle_has_booked_nothing(period, monkeypatch):
    theo = make.treasurer()
    run = money.run_of(period)

    with monkeypatch.context() as dying:
        dying.setattr(approval, "close_period", dies)
        with pytest.raises(KeyboardInterrupt):
            approve_run(run=run, by=theo.actor, now=run.objections_until)
    assert PayoutRun.objects.get().state == "computed"
    assert not Transaction.objects.filter(kind__in=["distribution", "revenue"]).exists()

    assert approve_run(run=run, by=theo.actor, now=run.objections_until).distribution is not None
