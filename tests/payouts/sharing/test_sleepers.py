"""What a payout run makes of those who slept: the pool is not drained, and nothing stands before everyone's pay for ever."""

from __future__ import annotations

import pytest

from coop.ground.clock import coop_now
from coop.work.actions import claim, count_due_waiting, submit
from coop.work.models import WaitingTime
from payouts.models import MemberShare
from payouts.sharing.periods import close_due_periods, open_first_period
from payouts.sharing.runs import advance_runs
from tests import make

pytestmark = pytest.mark.django_db
YES = {"choice": "yes"}


def shares_of(period):
    close_due_periods(now=period.ends_at)
    advance_runs(now=period.ends_at)
    return {share.member: share for share in MemberShare.objects.filter(run__period__number=period.number)}


@pytest.mark.parametrize("stated", [{}, {"measured_seconds": 1_700_000}, {"declared_seconds": 1_700_000}])
def test_two_who_slept_for_twenty_days_take_nothing_of_an_honest_day(clock, stated):
    period = open_first_period(now=coop_now())
    project = make.paid(items=12, redundancy=3, seconds_per_answer=30)
    honest, sleepers = make.member(), [make.member(), make.member()]
    for _ in range(12):
        taken = claim(by=honest.actor, project=project, now=coop_now())
        clock.advance(seconds=30)
        submit(assignment=taken, by=honest.actor, value=YES, now=coop_now())
    held = [claim(by=sleeper.actor, project=project, now=coop_now()) for sleeper in sleepers]
    clock.advance(days=20)
    for taken in held:
        submit(assignment=taken, by=taken.member.actor, value=YES, now=coop_now(), **stated)
    count_due_waiting(now=coop_now())

    shares = shares_of(period)

    billed = project.quote.labour * 14 // project.quote.answers
    assert all(shares[sleeper].seconds <= 150 for sleeper in sleepers)
    assert shares[honest].amount > max(shares[sleeper].amount for sleeper in sleepers)
    assert sum(share.owed_left for share in shares.values()) <= billed


def test_a_project_of_sleepers_owes_the_floor_at_most_the_labour_of_its_answers(clock):
    period = open_first_period(now=coop_now())
    project = make.paid(items=60, redundancy=3, seconds_per_answer=1)
    crowd = [make.member() for _ in range(6)]
    while not project.open_halt:
        for member in crowd:
            if not project.open_halt:
                taken = claim(by=member.actor, project=project, now=coop_now())
                clock.advance(hours=1)
                submit(assignment=taken, by=member.actor, value=YES, now=coop_now(), declared_seconds=3600)
    answers = project.answers.count()
    count_due_waiting(now=coop_now())

    shares = shares_of(period)

    assert sum(share.shortfall for share in shares.values()) <= project.quote.labour * answers // project.quote.answers
    assert WaitingTime.objects.held().waiting().exists()
