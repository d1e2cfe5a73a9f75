"""Handing in an answer, with the time it took as the member sees it. Late work is never lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import member_behind
from coop.members.models import Member
from coop.rules.actions import in_force
from coop.work.actions.times import (
    Times,
    add_to_project,
    guard_project,
    halt_where_due,
    proposed_times,
    seconds_since,
    settle_time,
)
from coop.work.actions.training import count_training
from coop.work.kinds import KINDS
from coop.work.models import Answer, Assignment, GoldDraw, Item, Project, TimeEntry

State = Assignment.State


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

    Without measured seconds the time since the claim is measured; without declared ones the proposal counts, at most the bound
    of the item. What is declared beyond it waits. The same answer again changes nothing. ValidationError names the field;
    Refused `already_submitted`, `assignment_released`, `time_already_counted`.
    """
    member = Member.objects.select_for_update(no_key=True).get(pk=member_behind(by).pk)
    locked = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("project__quote")
        .get(pk=assignment.pk, member=member)
    )
    now = locked.not_before(member.not_before(now))
    if locked.state == State.SUBMITTED:
        return _same_answer(locked, value)
    if locked.state == State.RELEASED:
        raise Refused(_("You have given this item back."), code="assignment_released")
    _check_answer(locked.project, value)
    now = _after_the_draw(locked, now)
    times, source = _times(locked, measured_seconds, paused_seconds, declared_seconds, now)
    guard_project(project=locked.project, seconds=locked.bound_seconds, book=in_force(now))
    fills_slot = _fill_slot(locked)
    _hand_in(locked, times, now)
    add_to_project(assignment=locked, delivered=int(fills_slot))
    settle_time(assignment=locked, seconds=times.declared, source=source, until=now, now=now)
    count_training(assignment=locked, now=now)
    halt_where_due(project=locked.project, now=now)
    return Answer.objects.create(
        assignment=locked,
        item_id=locked.item_id,
        project=locked.project,
        value=value,
        fills_slot=fills_slot,
        submitted_at=now,
    )


def _after_the_draw(assignment: Assignment, now: datetime) -> datetime:
    """Late work is later than the draw of gold items, if there was one; whoever draws waits until this answer is there, or it for them."""
    if assignment.state != State.EXPIRED:
        return now
    now = Project.objects.select_for_update(no_key=True).get(pk=assignment.project_id).not_before(now)
    draw = GoldDraw.objects.filter(project=assignment.project_id).first()
    return max(now, draw.drawn_at + timedelta.resolution) if draw else now


def _hand_in(locked: Assignment, times: Times, now: datetime) -> None:
    locked.state, locked.submitted_at = State.SUBMITTED, now
    locked.measured_seconds, locked.paused_seconds = times.measured, times.paused
    locked.declared_seconds = times.declared
    locked.save(update_fields=["state", "submitted_at", "measured_seconds", "paused_seconds", "declared_seconds"])


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
        errors["measured_seconds"] = [seconds_passed(passed)]
    elif not 0 <= paused <= measured:
        errors["paused_seconds"] = [_("The pauses are part of the measured time.")]
    if declared is not None and not 0 <= declared <= passed:
        errors["declared_seconds"] = [seconds_passed(passed)]
    if errors:
        raise ValidationError(errors)
    limit = in_force(now).whole("work.pause_limit_seconds") if paused else 0
    proposal = proposed_times(measured=measured, paused=paused, pause_limit=limit, bound=assignment.bound_seconds)
    if declared is None or declared == proposal.declared:
        return proposal, TimeEntry.Source.MEASURED
    return Times(measured, paused, declared), TimeEntry.Source.DECLARED


def seconds_passed(passed: int) -> str:
    """The sentence that says no more seconds can be meant than passed."""
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
