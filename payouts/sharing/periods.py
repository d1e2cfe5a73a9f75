"""Periods: opened one after another, closed when they are over, and what they earned."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from coop.audit.actions import record
from coop.ground.actor import PLATFORM
from coop.rules.actions import in_force
from coop.work.models import Answer, Project
from payouts.ledger import chart
from payouts.ledger.actions import balance, open_period
from payouts.sharing.models import Period, RevenueLine


@transaction.atomic
def open_first_period(*, now: datetime) -> Period:
    """Open period 1, which starts now. Doing it twice changes nothing."""
    return Period.objects.filter(number=1).first() or _open(number=1, follows=None, starts_at=now)


def close_due_periods(*, now: datetime) -> list[Period]:
    """Close every period that is over: the next opens where it ended. What it earned is found by its run, and booked at its approval.

    One transaction for each. Doing it twice, or from two workers, changes nothing.
    """
    closed = []
    while due := Period.objects.due(now).first():
        if finished := _close(due, now=now):
            closed.append(finished)
    return closed


def next_period_start(moment: datetime) -> datetime:
    """When the first period after `moment` begins: money rules adopted by then begin with it. Before any period, at once.

    Every period is as long as the rule in force at its start says, so later starts are known before their periods are opened.
    """
    latest = Period.objects.order_by("-number").first()
    if latest is None:
        return moment
    earlier = Period.objects.filter(starts_at__gt=moment).order_by("number").first()
    start = earlier.starts_at if earlier else latest.ends_at
    while start <= moment:
        start += _length(start)
    return start


@transaction.atomic
def _close(due: Period, *, now: datetime) -> Period | None:
    period = Period.objects.select_for_update().filter(pk=due.pk, state=Period.State.OPEN).first()
    if period is None:
        return None  # somebody else closed it while we waited
    now = period.not_before(now)
    following = _open(number=period.number + 1, follows=period, starts_at=period.ends_at)
    open_period(number=following.number, starts_at=following.starts_at)
    Period.objects.filter(pk=period.pk).update(state=Period.State.CLOSED, closed_at=now)
    record(
        kind="period.closed",
        subject=f"period:{period.pk}",
        payload={"number": period.number},
        by=PLATFORM,
        now=now,
    )
    return Period.objects.get(pk=period.pk)


def _open(*, number: int, follows: Period | None, starts_at: datetime) -> Period:
    """The next period, as long as the rule in force at its start says."""
    ends_at = starts_at + _length(starts_at)
    return Period.objects.create(number=number, follows=follows, starts_at=starts_at, ends_at=ends_at)


def _length(starts_at: datetime) -> timedelta:
    """How long a period is that starts then."""
    return timedelta(days=in_force(starts_at).whole("pay.period_days"))


def recognised(period: Period) -> list[dict[str, Any]]:
    """What the period earned from each project: delivered and not recognised before, at its price, within quote and escrow.

    The price per answer is rounded up; all answers together never cost more than was quoted.

    An answer that was being committed while an earlier period closed is counted here, so none is lost and none counted twice.
    """
    delivered = Answer.objects.billable().filter(submitted_at__lt=period.ends_at).per_project()
    earlier = RevenueLine.objects.filter(superseded_by=None)
    before = dict(earlier.values_list("project").annotate(Sum("answers")).values_list("project", "answers__sum"))
    fresh = {project: count - before.get(project, 0) for project, count in delivered.items()}
    earning = [project for project, count in fresh.items() if count > 0]
    found = []
    for project in Project.objects.filter(pk__in=earning).select_related("quote"):
        amount = _billed(project, delivered[project.pk]) - _billed(project, before.get(project.pk, 0))
        line = {
            "source": f"project:{project.pk}",
            "answers": fresh[project.pk],
            "price": project.price_per_answer or 0,
            "amount": min(amount, balance(chart.escrow(project.pk))),
        }
        found.append(line)
    return sorted(found, key=lambda line: str(line["source"]))


def _billed(project: Project, answers: int) -> int:
    """What so many answers of the project come to on the requester's bill: never more than was quoted, though the price is rounded up."""
    assert project.quote is not None, "an answer is given to what was quoted"
    return min(answers * project.quote.price_per_answer, project.quote.total)
