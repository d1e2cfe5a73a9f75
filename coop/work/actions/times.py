"""Which seconds of an item count, which wait, and where they stand in a member's time.

Up to the bound of the item everything is counted without a question, on the member's word or on none. Beyond it only her word
counts, and it waits. Whatever a project would owe beyond its limit waits until its instructions and price were looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from psycopg.types.range import TimestamptzRange

from coop.audit.actions import record
from coop.ground.actor import PLATFORM
from coop.ground.errors import Refused
from coop.notices.actions import tell
from coop.rules.actions import in_force
from coop.rules.book import RuleBook
from coop.work.guard import Account
from coop.work.hours import DAY, stated_room
from coop.work.models import Assignment, Halt, MemberProject, PaceFactor, Project, QuoteLine, TimeEntry, WaitingTime
from coop.work.occasions import contest_ended, look_asked, project_halted
from coop.work.pace import WHOLE, bound_seconds

SECOND = timedelta(seconds=1)
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Times:
    """Three whole numbers of seconds: from opening to submitting, of it resting, and what the member says."""

    measured: int
    paused: int
    declared: int


def seconds_since(start: datetime, end: datetime) -> int:
    """Whole seconds from start to end, a begun second counted whole."""
    return -(-(end - start) // SECOND)


def proposed_times(*, measured: int, paused: int, pause_limit: int, bound: int) -> Times:
    """What counts unless the member says otherwise: a pause up to the voted limit is work, a longer one is left out; at most the bound."""
    return Times(measured, paused, min(bound, measured if paused <= pause_limit else measured - paused))


def free_seconds(*, assignment: Assignment, now: datetime) -> int:
    """How many seconds since the item was claimed are in no other entry of the member's."""
    return _whole_seconds(_gaps(assignment.member_id, assignment.leased_at - SECOND, now))


def usual_bound(*, pace: int, book: RuleBook) -> int:
    """Up to how many seconds an item that takes so long is paid without a question, before anybody's own factor."""
    return bound_seconds(
        pace,
        least=book.whole("work.bound_seconds"),
        paces=book.whole("work.bound_paces"),
        factor_permille=WHOLE,
    )


def bound_for(*, member_id: UUID, project: Project, book: RuleBook) -> int:
    """Up to how many seconds an item of this project is paid this member without a question."""
    return bound_seconds(
        project.pace,
        least=book.whole("work.bound_seconds"),
        paces=book.whole("work.bound_paces"),
        factor_permille=factor_of(member_id),
    )


def factor_of(member_id: UUID) -> int:
    """The member's own pace factor, in thousandths."""
    return PaceFactor.objects.filter(member=member_id).values_list("permille", flat=True).first() or WHOLE


def settle_time(*, assignment: Assignment, seconds: int, source: str, until: datetime, now: datetime) -> None:
    """Count what counts of the seconds said for this item, and let wait what waits.

    `until` is when the item was handed in, and when that counts which waits for nothing. The member, the assignment and, by `guard_project`, its project are locked.
    Refused `time_already_counted`.
    """
    book = in_force(now)
    _refuse_taken(assignment, seconds, until)
    within = min(seconds, assignment.bound_seconds)
    beyond = min(seconds, 2 * assignment.bound_seconds) - within
    at_once = min(within, account_of(assignment.project, book).room)
    _count(assignment, at_once, source, until=until, now=until)
    hold_time(assignment=assignment, seconds=within - at_once, kind=TimeEntry.Kind.TASK, now=now)
    beyond = min(beyond, _may_be_stated(assignment, book, until))
    if beyond:
        _let_wait(assignment, beyond, TimeEntry.Kind.TASK, WaitingTime.Cause.BOUND, book, now)


def _refuse_taken(assignment: Assignment, seconds: int, until: datetime) -> None:
    """A second that was rounded up may find no room."""
    free = free_seconds(assignment=assignment, now=until)
    if seconds > free + 1:
        raise Refused(
            _("%(free)d of these seconds are not counted yet; the others are in your other entries.") % {"free": free},
            code="time_already_counted",
            field="declared_seconds",
        )


def _may_be_stated(assignment: Assignment, book: RuleBook, at: datetime) -> int:
    """What of the voted hours is left in every 24 hours around the moment of handing in: there stated time stands, corrected or not."""
    stands = WaitingTime.objects.filter(
        member=assignment.member_id,
        assignment__submitted_at__gt=at - DAY,
        assignment__submitted_at__lt=at + DAY,
    ).exclude(assignment=assignment)
    rows = stands.stated().standing().values_list("assignment__submitted_at", "seconds")
    stated = [(moment, seconds) for moment, seconds in rows if moment is not None]
    return stated_room(stated, at=at, most=book.whole("work.stated_day_seconds"))


def hold_time(*, assignment: Assignment, seconds: int, kind: str, now: datetime) -> None:
    """Let wait what found no room in the limit of its project."""
    if seconds:
        _let_wait(assignment, seconds, kind, WaitingTime.Cause.PROJECT, in_force(now), now)


def _let_wait(assignment: Assignment, seconds: int, kind: str, cause: str, book: RuleBook, now: datetime) -> None:
    WaitingTime.objects.create(
        assignment=assignment,
        member_id=assignment.member_id,
        project_id=assignment.project_id,
        kind=kind,
        cause=cause,
        seconds=seconds,
        stated_at=now,
        counts_at=now + timedelta(days=book.whole("work.stated_wait_days")),
    )


def count_waiting(*, waiting: WaitingTime, now: datetime) -> None:
    """Count time that waited. The member and the waiting row are locked. What other entries hold meanwhile is not counted again."""
    assignment = waiting.assignment
    waiting.state, waiting.counted_at = WaitingTime.State.COUNTED, now
    waiting.save(update_fields=["state", "counted_at"])
    if waiting.contested_at:
        tell(occasion=contest_ended.OCCASION, of=waiting.contest, now=now)
    if waiting.kind == TimeEntry.Kind.TRAINING:
        count_time(
            assignment=assignment,
            seconds=waiting.seconds,
            kind=waiting.kind,
            source=TimeEntry.Source.MEASURED,
            within=reading_span(assignment),
            now=now,
        )
    else:
        until = assignment.submitted_at or now
        _count(assignment, waiting.seconds, TimeEntry.Source.DECLARED, until=until, now=now)


def reading_span(assignment: Assignment) -> Stretch:
    """From when the member began to read the instructions to her first item of the project; empty where she never said so."""
    mine = MemberProject.objects.get(member=assignment.member_id, project=assignment.project_id)
    items = Assignment.objects.filter(member=assignment.member_id, project=assignment.project_id)
    first = items.order_by("leased_at")[0].leased_at - SECOND
    return min(mine.reading_since or first, first), first


# -- the guard of a project


def account_of(project: Project, book: RuleBook) -> Account:
    """Where the project stands now: what it counted, holds and delivered, and what its quote pays for. One question to the database."""
    looked = Halt.objects.filter(project=OuterRef("pk"), state=Halt.State.LOOKED).order_by("-looked_at")
    places = MemberProject.objects.filter(project=OuterRef("pk"))
    held = WaitingTime.objects.filter(project=OuterRef("pk")).waiting().held()
    lines = QuoteLine.objects.filter(quote=OuterRef("quote"))
    now = (
        Project.objects.filter(pk=project.pk, quote__isnull=False)
        .annotate(
            labour=F("quote__labour"),
            answers_quoted=F("quote__answers"),
            quoted=_summed(lines, "quote", "seconds"),
            counted=_summed(places, "project", "counted_seconds"),
            delivered=_summed(places, "project", "delivered"),
            held=_summed(held, "project", "seconds"),
            looked=Coalesce(Subquery(looked.values("allowed_seconds")[:1]), 0),
        )
        .values("labour", "answers_quoted", "quoted", "counted", "delivered", "held", "looked")
        .get()
    )
    return Account(
        labour=now["labour"],
        quoted_seconds=int(now["quoted"]),
        answers=now["answers_quoted"],
        delivered=now["delivered"],
        counted=now["counted"],
        hourly_floor=book.whole("pay.hourly_floor"),
        held=now["held"],
        looked=now["looked"],
    )


def _summed(rows: QuerySet[Any], of: str, column: str) -> Coalesce:
    return Coalesce(
        Subquery(rows.order_by().values(of).annotate(total=Sum(column)).values("total")),
        0,
        output_field=BigIntegerField(),
    )


def guard_project(*, project: Project, seconds: int, book: RuleBook) -> Project:
    """The project, locked if so many seconds could reach one of its limits; asked for before any of its items is locked.

    Far from its limits those who hand in at once don't wait for each other.
    """
    if account_of(project, book).is_near(seconds):
        return Project.objects.select_for_update(of=("self",), no_key=True).select_related("quote").get(pk=project.pk)
    return project


def halt_where_due(*, project: Project, now: datetime) -> None:
    """After counting: hand out nothing more of it where a limit is passed."""
    account = account_of(project, in_force(now))
    if account.is_beyond_its_quote:
        halt_project(project=project, reason=Halt.Reason.QUOTE, now=now)
    elif account.holds_too_much:
        halt_project(project=project, reason=Halt.Reason.DEBT, now=now)


def halt_project(*, project: Project, reason: Halt.Reason, now: datetime) -> None:
    """Hand out nothing more of it until somebody has looked; doing it twice changes nothing. Within the caller's transaction."""
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    now = locked.not_before(now)
    if locked.open_halt:
        return
    halt = Halt.objects.create(project=locked, reason=reason, halted_at=now)
    tell(occasion=look_asked.OCCASION, of=halt, now=now)
    tell(occasion=project_halted.OCCASION, of=halt, now=now)
    record(
        kind="project.halted", subject=f"project:{project.pk}", payload={"reason": str(reason)}, by=PLATFORM, now=now
    )


# -- where the seconds stand


def _whole_seconds(gaps: list[Stretch]) -> int:
    return sum((end - start) // SECOND for start, end in gaps)


def _gaps(member_id: UUID, start: datetime, end: datetime) -> list[Stretch]:
    """The stretches from start to end that are in no entry of the member's."""
    taken = TimeEntry.objects.filter(
        member_id=member_id, superseded_at=None, span__overlap=TimestamptzRange(start, end)
    )
    gaps = []
    for span in sorted((entry.span for entry in taken), key=lambda span: span.lower):
        if span.lower > start:
            gaps.append((start, span.lower))
        start = max(start, span.upper)
    if start < end:
        gaps.append((start, end))
    return gaps


def _count(assignment: Assignment, seconds: int, source: str, *, until: datetime, now: datetime) -> None:
    """Write the seconds of an item into its free stretches.

    A begun second counts whole, so they begin up to one second before the claim, if that second is not counted already.
    """
    span = (assignment.leased_at - SECOND, until)
    count_time(assignment=assignment, seconds=seconds, kind=TimeEntry.Kind.TASK, source=source, within=span, now=now)


def count_time(*, assignment: Assignment, seconds: int, kind: str, source: str, within: Stretch, now: datetime) -> None:
    """Write the seconds into the free stretches of a time, the earliest first, and add them to the project's sum."""
    gaps = _gaps(assignment.member_id, *within)
    left = seconds = min(seconds, _whole_seconds(gaps))
    for start, end in gaps:
        fits = min(left, (end - start) // SECOND)
        if fits:
            left -= fits
            TimeEntry.objects.create(
                member_id=assignment.member_id,
                project_id=assignment.project_id,
                assignment=assignment,
                kind=kind,
                source=source,
                span=TimestamptzRange(start, start + fits * SECOND),
                counted_seconds=fits,
                counted_at=now,
            )
    add_to_project(assignment=assignment, seconds=seconds)


def add_to_project(*, assignment: Assignment, seconds: int = 0, delivered: int = 0) -> None:
    """Add to what the member's place in the project has counted; the project's are the sums."""
    MemberProject.objects.filter(member=assignment.member_id, project=assignment.project_id).update(
        counted_seconds=F("counted_seconds") + seconds, delivered=F("delivered") + delivered
    )
