"""Handing in an answer, with the time it took as the member sees it. Late work is never lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg.types.range import TimestamptzRange

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import member_behind
from coop.members.models import Member
from coop.rules.actions import in_force
from coop.work.kinds import KINDS
from coop.work.models import Answer, Assignment, GoldDraw, Item, Project, TimeEntry

State = Assignment.State
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Times:
    """Three whole numbers of seconds: from opening to submitting, of it resting, and what the member says."""

    measured: int
    paused: int
    declared: int


def seconds_since(start: datetime, end: datetime) -> int:
    """Whole seconds from start to end, a begun second counted whole."""
    return -(-(end - start) // SECOND)


def proposed_times(*, measured: int, paused: int, pause_limit: int) -> Times:
    """What counts unless the member says otherwise: a pause up to the voted limit is work, a longer one is shown and left out."""
    return Times(measured, paused, measured if paused <= pause_limit else measured - paused)


def free_seconds(*, assignment: Assignment, now: datetime) -> int:
    """How many seconds since the item was claimed are in no other entry of the member's."""
    return _whole_seconds(_gaps(assignment, now))


def _whole_seconds(gaps: list[tuple[datetime, datetime]]) -> int:
    return sum((end - start) // SECOND for start, end in gaps)


@transaction.atomic
def submit(
    *,
    assignment: Assignment,
    by: Actor,
    value: Any,
    now: datetime,
    measured_seconds: int | None = None,
    paused_seconds: int = 0,
    declared_seconds: int | None = None,
) -> Answer:
    """Hand in an answer. Paid even when the lease has run out, and counted for the item if its slot is still free.

    Without measured seconds the time since the claim is measured; without declared ones the proposal counts. The same
    answer again changes nothing. ValidationError names the field; Refused `already_submitted`, `assignment_released`,
    `time_already_counted`.
    """
    member = Member.objects.select_for_update(no_key=True).get(pk=member_behind(by).pk)
    locked = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("project")
        .get(pk=assignment.pk, member=member)
    )
    now = locked.not_before(member.not_before(now))
    if locked.state == State.SUBMITTED:
        return _same_answer(locked, value)
    if locked.state == State.RELEASED:
        raise Refused(_("You have given this item back."), code="assignment_released")
    _check_answer(locked.project, value)
    if locked.state == State.EXPIRED:
        now = _after_the_draw(locked.project, now)
    times, source = _times(locked, measured_seconds, paused_seconds, declared_seconds, now)
    fills_slot = _fill_slot(locked)
    locked.state, locked.submitted_at = State.SUBMITTED, now
    locked.measured_seconds, locked.paused_seconds = times.measured, times.paused
    locked.declared_seconds = times.declared
    locked.save(update_fields=["state", "submitted_at", "measured_seconds", "paused_seconds", "declared_seconds"])
    _count_time(locked, times.declared, source, now)
    return Answer.objects.create(
        assignment=locked,
        item_id=locked.item_id,
        project=locked.project,
        value=value,
        fills_slot=fills_slot,
        submitted_at=now,
    )


def _after_the_draw(project: Project, now: datetime) -> datetime:
    """Later than the draw of gold items, if there was one; whoever draws waits until this answer is there, or it for them."""
    now = Project.objects.select_for_update(no_key=True).get(pk=project.pk).not_before(now)
    draw = GoldDraw.objects.filter(project=project).first()
    return max(now, draw.drawn_at + timedelta.resolution) if draw else now


def _same_answer(assignment: Assignment, value: Any) -> Answer:
    given = Answer.objects.filter(assignment=assignment).order_by("-revision")[0]
    if given.value != value:
        raise Refused(_("You have already submitted another answer to this item."), code="already_submitted")
    return given


def _check_answer(project: Project, value: Any) -> None:
    errors: dict[str, list[str]] = {}
    for problem in KINDS[project.task_type].answer_problems(project.template, value):
        errors.setdefault(f"value.{problem.field}" if problem.field else "value", []).append(_(problem.reason))
    if errors:
        raise ValidationError(errors)


def _times(
    assignment: Assignment, measured: int | None, paused: int, declared: int | None, now: datetime
) -> tuple[Times, str]:
    passed = seconds_since(assignment.leased_at, now)
    measured = passed if measured is None else measured
    errors = {}
    if not 0 <= measured <= passed:
        errors["measured_seconds"] = [_seconds_passed(passed)]
    elif not 0 <= paused <= measured:
        errors["paused_seconds"] = [_("The pauses are part of the measured time.")]
    if declared is not None and not 0 <= declared <= passed:
        errors["declared_seconds"] = [_seconds_passed(passed)]
    if errors:
        raise ValidationError(errors)
    limit = in_force(now).whole("work.pause_limit_seconds") if paused else 0
    proposal = proposed_times(measured=measured, paused=paused, pause_limit=limit)
    if declared is None or declared == proposal.declared:
        return proposal, TimeEntry.Source.MEASURED
    return Times(measured, paused, declared), TimeEntry.Source.DECLARED


def _seconds_passed(passed: int) -> str:
    return ngettext(
        "Since you claimed this item %(passed)d second has passed.",
        "Since you claimed this item %(passed)d seconds have passed.",
        passed,
    ) % {"passed": passed}


def _fill_slot(assignment: Assignment) -> bool:
    """Count the answer for its item, if a slot is free; the slot of a running lease always is."""
    item = Item.objects.filter(pk=assignment.item_id)
    if assignment.state == State.LEASED:
        item.update(n_active=F("n_active") - 1, n_done=F("n_done") + 1)
        return True
    return item.filter(open=True).update(n_done=F("n_done") + 1) == 1


def _gaps(assignment: Assignment, now: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches of this assignment that are in no other entry.

    A begun second counts whole, so they begin up to one second before the claim, if that second is not counted already.
    """
    start = assignment.leased_at - SECOND
    taken = TimeEntry.objects.filter(member_id=assignment.member_id, span__overlap=TimestamptzRange(start, now))
    gaps = []
    for span in sorted((entry.span for entry in taken), key=lambda span: span.lower):
        if span.lower > start:
            gaps.append((start, span.lower))
        start = max(start, span.upper)
    if start < now:
        gaps.append((start, now))
    return gaps


def _count_time(assignment: Assignment, seconds: int, source: str, now: datetime) -> None:
    """Write the seconds into the free stretches, the earliest first. A second that was rounded up may find no room."""
    gaps = _gaps(assignment, now)
    free = _whole_seconds(gaps)
    if seconds > free + 1:
        raise Refused(
            _("%(free)d of these seconds are not counted yet; the others are in your other entries.") % {"free": free},
            code="time_already_counted",
            field="declared_seconds",
        )
    left = min(seconds, free)
    for start, end in gaps:
        fits = min(left, (end - start) // SECOND)
        if fits:
            left -= fits
            TimeEntry.objects.create(
                member_id=assignment.member_id,
                project_id=assignment.project_id,
                assignment=assignment,
                kind=TimeEntry.Kind.TASK,
                source=source,
                span=TimestamptzRange(start, start + fits * SECOND),
                counted_seconds=fits,
                counted_at=now,
            )
