"""Time can be corrected until a run is reckoned from it: a new row, within the same bounds."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.ground.laws import laws_refuse, refused_by
from coop.members.actors import member_behind
from coop.members.models import Member
from coop.rules.actions import in_force
from coop.work.actions.submissions import seconds_passed
from coop.work.actions.times import add_to_project, guard_project, halt_where_due, seconds_since, settle_time
from coop.work.models import Assignment, TimeCorrection, TimeEntry, WaitingTime

State = WaitingTime.State


@transaction.atomic
def correct_time(*, assignment: Assignment, by: Actor, declared_seconds: int, now: datetime) -> TimeCorrection | None:
    """Say again how long an item took. None where that is what was said already; ValidationError `declared_seconds` where it is more than passed.

    It counts when the answer was handed in, as it did before. Refused `not_submitted`, `time_frozen` once the run of that period is
    frozen, whether anything was counted or not, `time_decided` once it was contested.
    """
    member = Member.objects.select_for_update(no_key=True).get(pk=member_behind(by).pk)
    locked = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("project__quote")
        .get(pk=assignment.pk, member=member)
    )
    now = locked.not_before(member.not_before(now))
    if locked.submitted_at is None:
        raise Refused(_("You have not handed this in yet."), code="not_submitted")
    passed = seconds_since(locked.leased_at, locked.submitted_at)
    if not 0 <= declared_seconds <= passed:
        raise ValidationError({"declared_seconds": [seconds_passed(passed)]})
    last = locked.corrections.order_by("number").last()
    if declared_seconds == (last.declared_seconds if last else locked.declared_seconds):
        return None
    guard_project(project=locked.project, seconds=locked.bound_seconds, book=in_force(now))
    with laws_refuse():  # before any entry is locked: a run that freezes holds its period, and then waits for entries
        correction = TimeCorrection.objects.create(
            assignment=locked,
            number=last.number + 1 if last else 1,
            declared_seconds=declared_seconds,
            corrected_at=now,
        )
    entries, waiting = _said_before(locked)
    TimeEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(superseded_at=now)
    WaitingTime.objects.filter(pk__in=[one.pk for one in waiting]).update(state=State.WITHDRAWN, withdrawn_at=now)
    add_to_project(assignment=locked, seconds=-sum(entry.counted_seconds for entry in entries))
    settle_time(
        assignment=locked,
        seconds=declared_seconds,
        source=TimeEntry.Source.DECLARED,
        until=locked.submitted_at,
        now=now,
    )
    halt_where_due(project=locked.project, now=now)
    return correction


def _said_before(assignment: Assignment) -> tuple[list[TimeEntry], list[WaitingTime]]:
    """What counts, and what waits, of what was said before; locked."""
    said = TimeEntry.objects.filter(assignment=assignment, kind=TimeEntry.Kind.TASK, superseded_at=None)
    entries = list(said.order_by("pk").select_for_update())
    if any(entry.frozen for entry in entries):
        raise refused_by("time_correction_before_the_run")
    waiting = list(assignment.waiting.filter(kind=TimeEntry.Kind.TASK).order_by("pk").select_for_update())
    if any(one.contested_at for one in waiting):
        raise Refused(_("This time was contested; it is decided by those who hear it."), code="time_decided")
    return entries, [one for one in waiting if one.state == State.WAITING]


def freeze_time(*, entries: QuerySet[TimeEntry]) -> None:
    """A run is reckoned from these entries, so they stay as they are. Within the caller's transaction, before it reads them.

    A correction that is being written is waited for, and what it wrote is frozen in place of what it replaced.
    """
    loose = entries.filter(superseded_at=None, frozen=False)
    while loose.exists():
        loose.update(frozen=True)
