"""Reading the instructions is work: counted once per member and project, when the first answer is there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import member_behind
from coop.members.models import Member
from coop.rules.actions import in_force
from coop.rules.book import RuleBook
from coop.work.actions.times import account_of, count_time, factor_of, hold_time, reading_span, seconds_since
from coop.work.models import Assignment, MemberProject, Project, TimeEntry
from coop.work.pace import WHOLE


@transaction.atomic
def begin_reading(*, project: Project, by: Actor, now: datetime) -> MemberProject:
    """Begin to read the instructions, with time that counts. Doing it twice changes nothing.

    Refused `not_a_member`, `project_not_live`, `already_read`.
    """
    member = Member.objects.select_for_update(no_key=True).get(pk=member_behind(by).pk)
    now = member.not_before(now)
    if not member.is_member_on(now):
        raise Refused(_("Work is handed out to members."), code="not_a_member")
    if not Project.objects.handing_out().filter(pk=project.pk).exists():
        raise Refused(_("This project hands out no work at the moment."), code="project_not_live", field="project")
    mine, _new = MemberProject.objects.get_or_create(member=member, project=project)
    if mine.training_counted or Assignment.objects.of(member).filter(project=project).exists():
        raise Refused(_("Reading is counted once, before the first item."), code="already_read")
    if mine.reading_since is None:
        mine.reading_since = now
        mine.save(update_fields=["reading_since"])
    return mine


def reading_bound(*, member_id: UUID, book: RuleBook) -> int:
    """Up to how many seconds of reading count for this member: those that the quote pays, times her own pace factor; rounded up."""
    return -(-book.whole("order.training_seconds") * factor_of(member_id) // WHOLE)


def count_training(*, assignment: Assignment, now: datetime) -> None:
    """With the first answer, count the reading that came before it, as far as the quote pays for it; what finds no room is held.

    Who only reads is paid nothing, or reading one project after the other would be a trade of its own. Within the caller's
    transaction.
    """
    mine = MemberProject.objects.get(member=assignment.member_id, project=assignment.project_id)
    if mine.reading_since is None or mine.training_counted:
        return
    MemberProject.objects.filter(pk=mine.pk).update(training_counted=True)
    book, (begins, ends) = in_force(now), reading_span(assignment)
    seconds = min(reading_bound(member_id=assignment.member_id, book=book), seconds_since(begins, ends))
    at_once = min(seconds, account_of(assignment.project, book).room)
    count_time(
        assignment=assignment,
        seconds=at_once,
        kind=TimeEntry.Kind.TRAINING,
        source=TimeEntry.Source.MEASURED,
        within=(begins, ends),
        now=now,
    )
    hold_time(assignment=assignment, seconds=seconds - at_once, kind=TimeEntry.Kind.TRAINING, now=now)
