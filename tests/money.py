"""Periods and runs for tests: work done, a period closed, its run computed."""

from datetime import datetime, timedelta

from coop.ground.clock import coop_now
from coop.members.models import Office
from payouts.models import MemberShare, PayoutRun, Period
from payouts.sharing.approval import approve_run
from payouts.sharing.approvers import parties_to_changes
from payouts.sharing.periods import close_due_periods, open_first_period
from payouts.sharing.runs import advance_runs
from tests import make

DAY = timedelta(days=1)


def first_period() -> Period:
    """Period 1, begun yesterday."""
    return open_first_period(now=coop_now() - DAY)


def run_of(period: Period, *, after: timedelta = timedelta(0)) -> PayoutRun:
    """The run of a period, computed when it ends or so long after; those before it are approved first."""
    now = period.ends_at + after
    close_due_periods(now=now)
    approve_before(period, now=now)
    advance_runs(now=now)
    return PayoutRun.objects.get(period__number=period.number)


def approve_before(period: Period, *, now: datetime) -> None:
    """Compute and approve every run before that of this period."""
    for earlier in Period.objects.without_an_approved_run().filter(number__lt=period.number).order_by("number"):
        advance_runs(now=now)
        approved(PayoutRun.objects.get(period=earlier))


def approved(run: PayoutRun) -> PayoutRun:
    """The run, approved as soon as its objection window is over by a treasurer who changed nobody's pay in it."""
    assert run.objections_until is not None
    treasurers = Office.objects.on(max(run.objections_until, coop_now())).filter(kind="treasurer")
    in_office = treasurers.exclude(member__in=parties_to_changes(run)).first()
    theo = in_office.member if in_office else make.treasurer("the treasurer of the tests")
    return approve_run(run=run, by=theo.actor, now=max(run.objections_until, coop_now()))


def share_of(run: PayoutRun, member: object) -> MemberShare:
    """A member's part of a run."""
    return MemberShare.objects.live().get(run=run, member=member)


def worked(*people: object, project: object = None, at: datetime | None = None) -> None:
    """Each of these members answers once."""
    project = project or make.paid(items=len(people), redundancy=1)
    for person in people:
        make.answer(person, project, seconds=20, at=at)


def ran(*people: object) -> PayoutRun:
    """A computed run in which each of these members answered once."""
    period = first_period()
    worked(*people)
    return run_of(period)
