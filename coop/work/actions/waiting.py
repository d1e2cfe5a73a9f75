"""Time that waits is counted in due course, as far as its project may owe it unseen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from coop.members.models import Member
from coop.rules.actions import in_force
from coop.work.actions.times import account_of, count_waiting, guard_project, halt_project
from coop.work.models import Halt, Project, WaitingTime

State = WaitingTime.State
OVER = (Project.Status.DONE, Project.Status.CANCELLED)


def count_due_waiting(*, now: datetime) -> int:
    """Count what waits: stated time whose days are over, contested or not, and held time as soon as there is room.

    How many pieces. Where there is no room and none will come, the project is halted, so that somebody looks.
    """
    due = WaitingTime.objects.filter(
        Q(counts_at__lte=now, state__in=[State.WAITING, State.CONTESTED])
        | Q(state=State.WAITING, cause=WaitingTime.Cause.PROJECT)
    )
    counted = 0
    for project in Project.objects.filter(pk__in=due.values("project")).select_related("quote").order_by("pk"):
        room = account_of(project, in_force(now)).room
        for piece in due.filter(project=project).order_by("stated_at", "pk"):
            if piece.seconds <= room or piece.counts_at <= now or project.status in OVER:
                counted += (done := count_if_due(waiting=piece, now=now))
                room -= piece.seconds if done else 0
    return counted


@transaction.atomic
def count_if_due(*, waiting: WaitingTime, now: datetime) -> bool:
    """Count one piece of waiting time if its days are over, or if it was only held. Doing it twice changes nothing."""
    locked = lock_waiting(waiting)
    now = locked.not_before(now)
    held = locked.cause == WaitingTime.Cause.PROJECT
    if locked.state not in (State.WAITING, State.CONTESTED) or not (held or locked.counts_at <= now):
        return False
    return count_if_room(waiting=locked, now=now)


def count_if_room(*, waiting: WaitingTime, now: datetime) -> bool:
    """Count it if its project may owe it; else the project is halted, and it is counted when somebody has looked.

    Held time halts nothing while the project goes on and its days are not over. The member and the waiting row are locked.
    """
    project = guard_project(project=waiting.project, seconds=waiting.seconds, book=in_force(now))
    now = project.not_before(now)
    if account_of(project, in_force(now)).room >= waiting.seconds:
        count_waiting(waiting=waiting, now=now)
        return True
    if waiting.cause == WaitingTime.Cause.BOUND or waiting.counts_at <= now or project.status in OVER:
        halt_project(project=project, reason=Halt.Reason.DEBT, now=now)
    return False


def lock_waiting(waiting: WaitingTime) -> WaitingTime:
    """The member's row first, as whoever hands in; then the time."""
    Member.objects.select_for_update(no_key=True).get(pk=waiting.member_id)
    return (
        WaitingTime.objects.select_for_update(of=("self",))
        .select_related("member__user", "assignment", "project__client", "project__quote")
        .get(pk=waiting.pk)
    )
