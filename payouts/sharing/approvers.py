"""Who may approve a run: somebody in office who changed nobody's pay in it; where nobody in office is left, a member."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import ActingMember, Officer, member_behind, must_hold
from coop.members.models import Member, MemberQuerySet, Office, OfficeKind, OfficeQuerySet
from coop.rules.actions import book_pinned_as
from payouts.sharing.corrections import Adjustment, Objection
from payouts.sharing.models import PayoutRun

LEFT_TO_OBJECT = timedelta(days=1)
"""What a correction leaves at least of the objection window to everybody whose pay it changed: a day, so that no time zone sleeps through it."""


def parties_to_changes(run: PayoutRun) -> set[UUID]:
    """Who changed somebody's pay in this run, and whose pay was changed: by an upheld objection or an adjustment. Keys of members.

    One officer alone could give anything to anybody; so another approves what this one changed, with the sum of all changes before them.
    """
    return {member for change in _changes(run) for member in change}


def approvers(run: PayoutRun, now: datetime) -> MemberQuerySet:
    """Whoever's approval counts now, as the law `run_approved_by_somebody_else` has it: the first of these circles that isn't empty.

    Those in office who are no party to a change of pay; the members who are none; the members who changed nobody's pay themselves.
    So nobody stops everybody's pay by changing that of all who could approve it, and who changed pay never approves. A treasurer, and
    a steward where `officer_for_share` lets a deputy in.
    """
    members, parties = Member.objects.on(now), parties_to_changes(run)
    in_office = _in_office(now).exclude(member__in=parties)
    if in_office.exists():
        return members.filter(pk__in=in_office.values("member"))
    uninvolved = members.exclude(pk__in=parties)
    return uninvolved if uninvolved.exists() else members.exclude(pk__in=[by for by, _whose in _changes(run)])


def members_approve(run: PayoutRun, now: datetime) -> bool:
    """Whether nobody is left in office who is no party to a change of pay in this run, so that a member approves it."""
    return not _in_office(now).exclude(member__in=parties_to_changes(run)).exists()


def approver_for_share(run: PayoutRun, by: Actor, *, now: datetime) -> ActingMember:
    """Who approves: an officer, or where none is left a member, whose term or membership can't end before the transaction does.

    Whether it is one of the `approvers` is asked when the run may be approved. Refused `not_in_office`, `not_a_member`.
    """
    if not members_approve(run, now):
        return officer_for_share(by, deputy=deputies_approve(run, now), now=now)
    member = member_behind(by)
    if not Member.objects.is_member_for_share(member.pk, now):
        raise Refused(_("This is for members of the co-operative."), code="not_a_member")
    return ActingMember(member)


def deputies_approve(run: PayoutRun, now: datetime) -> bool:
    """Whether a steward may approve as a treasurer may: pay was changed in the run, or its deadline is over."""
    return bool(_changes(run)) or is_late(run, now)


def deadline(run: PayoutRun) -> datetime | None:
    """Until when the treasurers alone act on a computed run; from then on a steward may (rule pay.approval_days).

    It counts from the end of the first objection window, and no later version moves it.
    """
    if run.computed_at is None:
        return None
    book = book_pinned_as(run.rule_book_id)
    return run.computed_at + timedelta(days=book.whole("pay.objection_days") + book.whole("pay.approval_days"))


def is_late(run: PayoutRun, now: datetime) -> bool:
    """Whether the deadline of a computed run is over, so that a steward may act on it."""
    late = deadline(run)
    return late is not None and now >= late


def may_be_upheld(run: PayoutRun, now: datetime) -> bool:
    """Whether a correction made now leaves the others the time to object before the deadline, which it doesn't put off."""
    late = deadline(run)
    return late is not None and now + LEFT_TO_OBJECT <= late


def was_late(run: PayoutRun) -> bool:
    """Whether the run was approved after its deadline."""
    return run.approved_at is not None and is_late(run, run.approved_at)


def officer_for_share(by: Actor, *, deputy: bool, now: datetime) -> Officer:
    """Who acts, the office held: any treasurer; where a `deputy` is let in, a steward too. Refused `not_in_office`."""
    if (
        deputy
        and isinstance(by, ActingMember)
        and not by.member.holds(OfficeKind.TREASURER, now)
        and by.member.holds(OfficeKind.STEWARD, now)
    ):
        return must_hold(by, OfficeKind.STEWARD, now=now)
    return must_hold(by, OfficeKind.TREASURER, now=now)


def _changes(run: PayoutRun) -> list[tuple[UUID, UUID]]:
    """(who changed it, whose pay) of every objection upheld and every adjustment of the run."""
    upheld = Objection.objects.filter(led_to__run=run, answered_by__isnull=False)
    adjusted = Adjustment.objects.filter(taken_in=run)
    return [*upheld.values_list("answered_by", "share__member"), *adjusted.values_list("made_by", "member")]


def _in_office(now: datetime) -> OfficeQuerySet:
    """The terms of treasurers and stewards that run."""
    kinds = [OfficeKind.TREASURER, OfficeKind.STEWARD]
    return Office.objects.on(now).filter(kind__in=kinds, member__in=Member.objects.on(now))
