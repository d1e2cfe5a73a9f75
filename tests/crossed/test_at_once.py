"""Many workers at once, in a real database with real commits: nobody meets a law that was broken, and no moment goes back.

Each reads the clock, and is then held up for a moment of its own: so they come in another order than they read it.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import admit, apply, decline_application, withdraw_application
from coop.work.actions import (
    cancel_project,
    claim,
    finish_if_done,
    pause_project,
    quote_project,
    release,
    resume_project,
    return_expired_leases,
    revise_project,
    submit,
)
from payouts.actions.rail_details import set_rail_details
from payouts.models import PayoutRun, RailDetails
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs
from tests import make, money
from tests.crossed.crossing import log_backwards, reread
from tests.crossed.stories_of_votes import APPLYING

pytestmark = [pytest.mark.at_once, pytest.mark.usefixtures("committed_db")]
HELD_UP = 20  # milliseconds, at the most


def at_once(*actions):
    """Run the actions in threads that start together, each with the moment it read first; who was refused is told so."""
    barrier, chance = threading.Barrier(len(actions)), random.Random(uuid4().int)
    pauses = [chance.randrange(HELD_UP) / 1000 for _action in actions]

    def run(action, pause):
        try:
            barrier.wait(timeout=60)
            now = coop_now()
            time.sleep(pause)
            return action(now)
        except Refused as no:
            return no.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions, pauses))


def test_an_order_that_everybody_pulls_at():
    project = make.draft(items=2, redundancy=1)
    by = make.owner(project).actor

    for _round in range(3):
        at_once(
            *[lambda now: quote_project(project=project, by=by, now=now)] * 3,
            *[lambda now: revise_project(project=project, by=by, now=now, title="Kind")] * 3,
        )

    assert log_backwards() == []


def test_work_that_is_halted_and_resumed_while_it_is_done():
    project, members = make.live(items=4, redundancy=1), [make.member() for _n in range(4)]
    by = make.owner(project).actor

    def work(member):
        def act(now):
            taken = claim(project=project, by=member.actor, now=now)
            if taken is None:
                return None
            if member is members[0]:
                return release(assignment=taken, by=member.actor, now=now)
            return submit(assignment=taken, by=member.actor, value={"choice": "yes"}, now=now)

        return act

    for _round in range(2):
        at_once(
            *[work(member) for member in members],
            *[lambda now: pause_project(project=project, by=by, now=now)] * 2,
            *[lambda now: resume_project(project=project, by=by, now=now)] * 2,
            lambda now: finish_if_done(project=project, now=now),
            lambda now: return_expired_leases(now=now + timedelta(days=1)),
            lambda now: cancel_project(project=project, by=by, now=now),
        )

    halted = reread(project)
    assert log_backwards() == []
    assert not (halted.paused_at and halted.resumed_at) or halted.paused_at >= halted.resumed_at


def test_an_application_that_is_admitted_declined_and_taken_back():
    luis = make.user()
    application = apply(by=luis.actor, name="Luis", now=coop_now(), **APPLYING)

    at_once(
        *[lambda now: admit(application=application, decision=uuid4(), now=now)] * 2,
        *[lambda now: decline_application(application=application, decision=uuid4(), now=now)] * 2,
        lambda now: withdraw_application(application=application, by=luis.actor, now=now),
    )

    decided = reread(application)
    assert decided.outcome and decided.decided_at >= decided.applied_at
    assert log_backwards() == []


def test_a_member_who_sends_other_details_again_and_again():
    hanitra = make.member("hanitra")

    def choose(number):
        details = {"operator": "mvola", "number": f"+26134123450{number}"}
        return lambda now: set_rail_details(
            member=hanitra, rail="mobile_money", details=details, by=hanitra.actor, now=now
        )

    at_once(*[choose(number) for number in range(8)])

    kept = list(RailDetails.objects.of(hanitra).order_by("set_at", "replaced_at"))
    assert len([one for one in kept if one.replaced_at is None]) == 1
    assert all(one.replaced_at is None or one.replaced_at >= one.set_at for one in kept)


def test_a_period_that_every_worker_shares_out(clock):
    period = money.first_period()
    money.worked(make.member("hanitra"))
    clock.advance(days=(period.ends_at - coop_now()).days + 1)

    at_once(*[lambda now: close_due_periods(now=now)] * 3, *[lambda now: advance_runs(now=now)] * 3)
    at_once(*[lambda now: advance_runs(now=now)] * 4)

    run = PayoutRun.objects.get()
    moments = [run.period.closed_at, run.drafted_at, run.frozen_at, run.computed_at]
    assert run.state == PayoutRun.State.COMPUTED and moments == sorted(moments)
    assert log_backwards() == []
