"""Stated time that is contested, with reasons, and heard by two members drawn by lot.

Who contests sees no person and no figure: the reasons are about the work, and meet all stated time that waits in its project.
The lot is the root of the log that covers the contest, which nobody knows when contesting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.audit.models import Checkpoint
from coop.ground.actor import PLATFORM, Actor
from coop.ground.errors import Refused
from coop.members.actors import ActingMember, member_behind, user_behind
from coop.members.models import Member
from coop.notices.actions import tell
from coop.rules.actions import in_force
from coop.work.actions.times import usual_bound
from coop.work.actions.waiting import count_if_room, lock_waiting
from coop.work.lot import drawn
from coop.work.models import Client, Contest, ContestSeat, MemberProject, Project, WaitingTime
from coop.work.occasions import contest_ended, drawn_to_hear, time_contested
from coop.work.standing import CONTESTING, orders_for

State = WaitingTime.State
SEATS = 2


@dataclass(frozen=True)
class HeardTime:
    """The seconds that those who hear a contest are told: the usual bound of the project, and what is stated beyond the item's."""

    bound: int
    stated: int


def heard_time(*, waiting: WaitingTime, now: datetime) -> HeardTime:
    """What is told of contested time, before whose it is: nothing that depends on how much longer than others she is given.

    Stated time ends at the bound of its item once more, so it is told up to the usual one.
    """
    usual = usual_bound(pace=waiting.project.pace, book=in_force(now))
    return HeardTime(bound=usual, stated=min(waiting.seconds, usual))


def contest_project_time(*, project: Project, by: Actor, reasons: str, now: datetime) -> int:
    """Contest all stated time that waits in a project now, each piece by itself. How many pieces.

    Refused `may_not_contest`, `not_waiting`, `no_reasons`.
    """
    contested = 0
    waiting = WaitingTime.objects.filter(project=project).waiting().stated().exclude(member__user=user_behind(by))
    for piece in waiting.order_by("member", "pk"):
        try:
            contest_time(waiting=piece, by=by, reasons=reasons, now=now)
        except Refused as no:  # it was counted or corrected meanwhile
            if no.code != "not_waiting":
                raise
        else:
            contested += 1
    if not contested:
        raise Refused(_("No stated time waits here."), code="not_waiting")
    return contested


@transaction.atomic
def contest_time(*, waiting: WaitingTime, by: Actor, reasons: str, now: datetime) -> Contest:
    """Contest one piece of stated time, with reasons; two members are drawn who hear it, once the log covers this.

    Refused `may_not_contest`, `not_waiting`, `own_time`, `no_reasons`.
    """
    locked = (
        WaitingTime.objects.select_for_update(of=("self",))
        .select_related("member__user", "project__client")
        .get(pk=waiting.pk)
    )
    now = locked.not_before(now)
    _refuse_contesting(locked.project.client, by, now)
    if not reasons.strip():
        raise Refused(_("Say why this time should not count."), code="no_reasons", field="reasons")
    if locked.member.user == user_behind(by):
        raise Refused(_("This is your own time; correct it instead."), code="own_time")
    if locked.state != State.WAITING or locked.cause != WaitingTime.Cause.BOUND:
        raise Refused(_("This time doesn't wait any more."), code="not_waiting")
    locked.state, locked.contested_at = State.CONTESTED, now
    locked.counts_at = now + timedelta(days=in_force(now).whole("work.stated_wait_days"))
    locked.save(update_fields=["state", "contested_at", "counts_at"])
    key = uuid4()
    entry = record(kind="time.contested", subject=f"contest:{key}", payload={}, by=by, now=now)
    contest = Contest.objects.create(
        pk=key, waiting=locked, by=user_behind(by), reasons=reasons.strip(), log_entry=entry, opened_at=now
    )
    tell(occasion=time_contested.OCCASION, of=contest, now=now)
    return contest


def _refuse_contesting(client: Client, by: Actor, moment: datetime) -> None:
    """Who contests orders for the client, or holds an office until the contest is written."""
    holding = isinstance(by, ActingMember) and any(by.member.holds_for_share(office, moment) for office in CONTESTING)
    if not holding and not orders_for(client, by):
        raise Refused(
            _("Stated time is contested by whoever ordered the work, or by an officer."), code="may_not_contest"
        )


def draw_contests(*, now: datetime) -> int:
    """Draw who hears the contests that the log covers by now. How many were drawn."""
    undrawn = Contest.objects.filter(seed="", waiting__state=State.CONTESTED, log_entry__leaf__isnull=False)
    return sum(draw_contest(contest=contest, now=now) for contest in undrawn.order_by("opened_at", "pk"))


@transaction.atomic
def draw_contest(*, contest: Contest, now: datetime) -> bool:
    """Draw two by lot of the first root of the log that covers the contest. Doing it twice changes nothing.

    Not she whose time it is, nor who contests or orders; who works there only if there is nobody else.
    """
    waiting = lock_waiting(contest.waiting)
    now = waiting.not_before(now)
    contest = Contest.objects.select_for_update(of=("self",)).select_related("log_entry__leaf").get(pk=contest.pk)
    head = Checkpoint.objects.filter(size__gt=contest.log_entry.leaf.index).order_by("size").first()
    if contest.seed or head is None:
        return False
    contest.seed = f"{bytes(head.root).hex()}|{contest.pk}"
    contest.save(update_fields=["seed"])
    names, there = _eligible(contest, waiting, now)
    seats = drawn(contest.seed, names.keys() - there, seats=SEATS)
    seats += drawn(contest.seed, names.keys() & there, seats=SEATS - len(seats))
    ContestSeat.objects.bulk_create(ContestSeat(contest=contest, member=names[name]) for name in seats)
    record(
        kind="time.contest_drawn",
        subject=f"contest:{contest.pk}",
        payload={"seed": contest.seed, "among": len(names), "drawn": seats},
        by=PLATFORM,
        now=now,
    )
    tell(occasion=drawn_to_hear.OCCASION, of=contest, now=now)
    return True


def _eligible(contest: Contest, waiting: WaitingTime, now: datetime) -> tuple[dict[str, Member], set[str]]:
    """Who may be drawn, by the pseudonym of the log; and who of them works in the project."""
    members = (
        Member.objects.on(now)
        .exclude(Q(pk=waiting.member_id) | Q(user=contest.by_id))
        .exclude(user__in=waiting.project.client.people.values("user"))
    )
    working = members.filter(pk__in=MemberProject.objects.filter(project=waiting.project_id).values("member"))
    names = {member.log_pseudonym.hex: member for member in members}
    return names, {member.log_pseudonym.hex for member in working}


@transaction.atomic
def answer_contest(*, contest: Contest, by: Actor, words: str) -> Contest:
    """Say what you have to say to a contest of your own time, while it is open. Refused `not_your_time`, `contest_decided`."""
    waiting = lock_waiting(contest.waiting)
    locked = Contest.objects.get(pk=contest.pk)
    if waiting.member != member_behind(by):
        raise Refused(_("This is not about your time."), code="not_your_time")
    _refuse_decided(waiting)
    locked.answer = words.strip()
    locked.save(update_fields=["answer"])
    return locked


@transaction.atomic
def decide_contest(*, contest: Contest, by: Actor, refuses: bool, words: str, now: datetime) -> Contest:
    """Decide as one of the two drawn. Time is refused only if both refuse it; with the first who doesn't it counts.

    Refused `not_drawn`, `contest_decided`, `no_reasons`.
    """
    waiting = lock_waiting(contest.waiting)
    now = waiting.not_before(now)
    seat = ContestSeat.objects.select_for_update().filter(contest=contest, member=member_behind(by)).first()
    if seat is None:
        raise Refused(_("You were not drawn to hear this."), code="not_drawn")
    _refuse_decided(waiting)
    if seat.decided_at is not None:
        raise Refused(_("You have decided this already."), code="contest_decided")
    if refuses and not words.strip():
        raise Refused(_("Say why this time should not count."), code="no_reasons", field="words")
    seat.refuses, seat.words, seat.decided_at = refuses, words.strip(), now
    seat.save(update_fields=["refuses", "words", "decided_at"])
    if not refuses:
        count_if_room(waiting=waiting, now=now)
    elif contest.seats.filter(refuses=True).count() == SEATS:
        waiting.state, waiting.refused_at = State.REFUSED, now
        waiting.save(update_fields=["state", "refused_at"])
        tell(occasion=contest_ended.OCCASION, of=waiting.contest, now=now)
        record(kind="time.refused", subject=f"contest:{contest.pk}", payload={}, by=PLATFORM, now=now)
    return contest


def _refuse_decided(waiting: WaitingTime) -> None:
    if waiting.state != State.CONTESTED:
        raise Refused(_("This is decided already."), code="contest_decided")
