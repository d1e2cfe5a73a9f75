"""Handing out items: nobody races, nobody stocks up, and no item is given out more often than wanted.

One short transaction per claim. The member's own rows are locked, so one member's claims come one after another, and
different members never wait for each other: an item that is just being handed to somebody is skipped.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Min, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.canonical import instant
from coop.ground.errors import Refused
from coop.members.actors import member_behind
from coop.members.models import Member
from coop.rules.actions import in_force
from coop.rules.book import RuleBook
from coop.work import allocation
from coop.work.actions.times import bound_for
from coop.work.models import Assignment, Item, MemberProject, Project, TimeEntry

State = Assignment.State

# The order is by seq, never by id, which would walk the primary key. Whether the member has had the item is asked per row,
# because NOT EXISTS becomes an anti-join over the whole table. The partial index item_open_in_order answers the rest.
NEXT_OPEN = """
SELECT i.id, i.seq FROM work_item i
WHERE i.project_id = %(project)s AND i.open AND i.seq > %(after)s AND i.seq <= %(funded)s
  AND (SELECT 1 FROM work_assignment a WHERE a.item_id = i.id AND a.member_id = %(member)s) IS NULL
ORDER BY i.seq LIMIT 1
"""
SWEPT_AT_ONCE = 500


@transaction.atomic
def claim(*, by: Actor, now: datetime, project: Project | None = None) -> Assignment | None:
    """Take the next item of a project, or of the project the rule on allocation offers; None if there is no work.

    Refused `not_a_member`, `live_leases`, `weekly_cap`, `project_not_live`.
    """
    member = Member.objects.select_for_update(no_key=True).get(pk=member_behind(by).pk)
    now = member.not_before(now)
    if not member.is_member_on(now):
        raise Refused(_("Work is handed out to members."), code="not_a_member")
    book = in_force(now)
    _refuse_beyond_caps(member, book, now)
    if project is not None:
        live = Project.objects.handing_out().filter(pk=project.pk).first()
        if live is None:
            raise Refused(_("This project hands out no work at the moment."), code="project_not_live", field="project")
        return _take(member, live, now=now, book=book)
    for offered in _offered(member, book, now):
        taken = _take(member, offered, now=now, book=book)
        if taken is not None:
            return taken
    return None


def _refuse_beyond_caps(member: Member, book: RuleBook, now: datetime) -> None:
    _refuse_more_in_hand(member, book, now)
    open_items = Project.objects.live().aggregate(total=Sum("open_items"))["total"] or 0
    if open_items >= book.whole("work.scarce_open_items"):
        return
    if TimeEntry.objects.of(member).week_before(now).seconds() >= book.whole("work.weekly_cap_seconds"):
        raise Refused(_("Work is scarce, and you have had your share of this week's."), code="weekly_cap")


def _refuse_more_in_hand(member: Member, book: RuleBook, now: datetime) -> None:
    allowed = book.whole("work.live_leases")
    if Assignment.objects.of(member).leased().filter(lease_expires_at__gt=now).count() >= allowed:
        raise Refused(_("You have an item in hand; submit it or give it back first."), code="live_leases")


def _offered(member: Member, book: RuleBook, now: datetime) -> list[Project]:
    """Live projects in the order the voted strategy draws, without those this member has worked through."""
    exhausted = MemberProject.objects.filter(member=member, project=OuterRef("pk"))
    projects = {
        str(one.pk): one
        for one in Project.objects.handing_out()
        .alias(seen=Subquery(exhausted.values("exhausted_gen")))
        .filter(Q(seen__isnull=True) | ~Q(seen=F("reopen_gen")))
    }
    candidates = [
        allocation.Candidate(key, weight=one.weight, open_items=one.open_items, live_since=one.live_at or now)
        for key, one in projects.items()
    ]
    seed = f"{member.pk}|{instant(now)}".encode()
    return [projects[key] for key in allocation.offer_order(book.choice("work.allocation"), candidates, seed)]


def _take(member: Member, project: Project, *, now: datetime, book: RuleBook) -> Assignment | None:
    cursor = _cursor(member, project)
    now = project.not_before(now)
    if cursor.exhausted_gen == project.reopen_gen:
        return None
    found = _next_open(member, project, after=max(cursor.last_seq, project.low_seq))
    if found is None and cursor.last_seq > project.low_seq:
        found = _next_open(member, project, after=project.low_seq)  # once around: what was skipped, what was reopened
    if found is None:
        if not _any_open(member, project):  # what others hold locked right now is no reason to stop asking
            MemberProject.objects.filter(pk=cursor.pk).update(exhausted_gen=project.reopen_gen)
        return None
    item, seq = found
    bound = bound_for(member_id=member.pk, project=project, book=book)
    taken = Assignment.objects.create(
        item_id=item,
        project=project,
        member=member,
        leased_at=now,
        lease_expires_at=now + _lease(bound, book),
        bound_seconds=bound,
    )
    Item.objects.filter(pk=item).update(n_active=F("n_active") + 1)
    MemberProject.objects.filter(pk=cursor.pk).update(last_seq=seq)
    return taken


def _lease(bound: int, book: RuleBook) -> timedelta:
    """How long an item is kept: as voted, and never shorter than its time is paid without a question."""
    return timedelta(seconds=max(bound, book.whole("work.lease_seconds")))


def _cursor(member: Member, project: Project) -> MemberProject:
    """The member's place in the project, locked."""
    mine = MemberProject.objects.filter(member=member, project=project).select_for_update().first()
    return mine or MemberProject.objects.create(member=member, project=project)


def _next_open(member: Member, project: Project, *, after: int) -> tuple[int, int] | None:
    return _query(NEXT_OPEN + "FOR UPDATE OF i SKIP LOCKED", member, project, after)


def _any_open(member: Member, project: Project) -> bool:
    return _query(NEXT_OPEN, member, project, project.low_seq) is not None


def _query(statement: str, member: Member, project: Project, after: int) -> tuple[int, int] | None:
    params: dict[str, int | str] = {
        "project": str(project.pk),
        "member": str(member.pk),
        "after": after,
        "funded": project.funded_seq,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found: tuple[int, int] | None = cursor.fetchone()
    return found


@transaction.atomic
def extend_lease(*, assignment: Assignment, by: Actor, now: datetime) -> Assignment:
    """Keep an item for another lease from now, up to the voted number of leases. It is free and changes nothing about what is paid.

    One whose time ran out is kept again, if its project hands out work and nobody else needs it now. Refused `not_in_hand`,
    `project_not_live`, `kept_long_enough`, `item_taken`, `live_leases`.
    """
    member = Member.objects.select_for_update(no_key=True).get(pk=member_behind(by).pk)
    locked = Assignment.objects.select_for_update().get(pk=assignment.pk, member=member)
    now = locked.not_before(member.not_before(now))
    book = in_force(now)
    if locked.state not in (State.LEASED, State.EXPIRED):
        raise Refused(_("You don't have this item in hand any more."), code="not_in_hand")
    if locked.lease_expires_at <= now and not Project.objects.handing_out().filter(pk=locked.project_id).exists():
        raise Refused(_("This project hands out no work at the moment."), code="project_not_live")
    lease = _lease(locked.bound_seconds, book)
    longest = locked.leased_at + book.whole("work.kept_leases") * lease
    if max(now, locked.lease_expires_at) >= longest:
        raise Refused(
            _(
                "You have kept this item as long as can be; then others may have it. What you hand in is paid all the same."
            ),
            code="kept_long_enough",
        )
    if locked.state == State.EXPIRED:
        _refuse_more_in_hand(member, book, now)
        if not Item.objects.filter(pk=locked.item_id, open=True).update(n_active=F("n_active") + 1):
            raise Refused(_("Others have this item now. What you hand in is paid all the same."), code="item_taken")
        locked.state = State.LEASED
    locked.lease_expires_at = max(locked.lease_expires_at, min(longest, now + lease))
    locked.save(update_fields=["state", "lease_expires_at"])
    return locked


@transaction.atomic
def release(*, assignment: Assignment, by: Actor, now: datetime) -> Assignment:
    """Give an item back, which is free and never scored. Doing it twice changes nothing. Refused `already_submitted`."""
    locked = Assignment.objects.select_for_update().get(pk=assignment.pk, member=member_behind(by))
    now = locked.not_before(now)
    if locked.state == State.RELEASED:
        return locked
    if locked.state == State.SUBMITTED:
        raise Refused(_("You have already submitted this item."), code="already_submitted")
    if locked.state == State.LEASED:
        # the order before its items, as whoever cancels it: or each would wait for the other
        Project.objects.filter(pk=locked.project_id).update(reopen_gen=F("reopen_gen") + 1)
        Item.objects.filter(pk=locked.item_id).update(n_active=F("n_active") - 1)
    locked.state, locked.released_at = State.RELEASED, now
    locked.save(update_fields=["state", "released_at"])
    return locked


@transaction.atomic
def return_expired_leases(*, now: datetime) -> int:
    """Offer again what was claimed and not submitted in time, and look where each live project's open work begins.

    At most SWEPT_AT_ONCE leases at a time and one sweeper at once. How many leases were returned.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('canut.work.sweeper'))")
        if not cursor.fetchone()[0]:
            return 0
    expired = list(
        Assignment.objects.leased()
        .filter(lease_expires_at__lte=now)
        .order_by("lease_expires_at")
        .select_for_update(skip_locked=True)
        .values_list("pk", "item_id", "project_id")[:SWEPT_AT_ONCE]
    )
    Assignment.objects.filter(pk__in=[pk for pk, _item, _project in expired]).update(state=State.EXPIRED)
    reopened = {project for _pk, _item, project in expired}
    list(Project.objects.filter(pk__in=reopened).order_by("pk").select_for_update(no_key=True))  # before their items
    _free_slots(Counter(item for _pk, item, _project in expired))
    _refresh_projects(reopened)
    return len(expired)


def _free_slots(expired: Counter[int]) -> None:
    """Take the expired leases off their items, in the order of the items; by key, or the planner would join the table."""
    locked = list(
        Item.objects.filter(pk__in=sorted(expired)).order_by("pk").select_for_update().values_list("pk", flat=True)
    )
    for times in sorted(set(expired.values())):
        same = [item for item in locked if expired[item] == times]
        Item.objects.filter(pk__in=same).update(n_active=F("n_active") - times)


def _refresh_projects(reopened: set[UUID]) -> None:
    for project in Project.objects.live().order_by("pk"):
        horizon = Item.objects.filter(project=project, open=True, seq__lte=project.funded_seq)
        lowest = horizon.aggregate(lowest=Min("seq"))["lowest"]
        low_seq = lowest - 1 if lowest else project.low_seq
        open_items = horizon.count()
        changed = project.low_seq != low_seq or project.open_items != open_items
        if changed or project.pk in reopened:
            Project.objects.filter(pk=project.pk).update(
                low_seq=low_seq,
                open_items=open_items,
                reopen_gen=F("reopen_gen") + (1 if project.pk in reopened else 0),
            )
