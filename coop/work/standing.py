"""Who may contest stated time, and who may look at a project: as doors show it. An action holds what it rests on, and asks again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import ActingMember, user_behind
from coop.members.models import Member, OfficeKind
from coop.rules.actions import in_force
from coop.work.models import Client, ClientUser, Halt, MemberProject, WaitingTime
from coop.work.models.time import WaitingTimeQuerySet

State = WaitingTime.State
CONTESTING = (OfficeKind.STEWARD, OfficeKind.TREASURER)


def may_contest(client: Client, by: Actor, now: datetime) -> bool:
    """Whether this person may contest stated time: who orders for the client, a steward, a treasurer."""
    in_office = isinstance(by, ActingMember) and any(by.member.holds(office, now) for office in CONTESTING)
    return in_office or orders_for(client, by)


def orders_for(client: Client, by: Actor) -> bool:
    """Whether this person orders for the client."""
    return Client.objects.ordering_for(user_behind(by)).filter(pk=client.pk).exists()


def may_look(halt: Halt, by: Actor, now: datetime) -> bool:
    """Whether this member may look at the project: a steward, or anybody once no steward did for the voted days."""
    if not isinstance(by, ActingMember):
        return False
    late = now >= anybody_looks_from(halt, now) and by.member.is_member_on(now)
    return (late or by.member.holds(OfficeKind.STEWARD, now)) and concern_of(halt, by.member, now) is None


def anybody_looks_from(halt: Halt, now: datetime) -> datetime:
    """From when on any member may look, as no steward has."""
    return halt.halted_at + timedelta(days=in_force(now).whole("work.stated_wait_days"))


def concern_of(halt: Halt, member: Member, now: datetime) -> Refused | None:
    """Why this member is not to look: she orders it, or worked there, while there is somebody who didn't.

    Where everybody worked there, those whose time ever waited there leave it to those whose time never did. What she takes back
    changes nothing. `own_client`, `own_time`.
    """
    ordering = ClientUser.objects.filter(client=halt.project.client_id)
    if ordering.filter(user=member.user_id).exists():
        return Refused(_("This is an order of your own; somebody else looks at it."), code="own_client")
    strangers = Member.objects.on(now).exclude(user__in=ordering.values("user"))
    worked = MemberProject.objects.filter(project=halt.project_id, last_seq__gt=0)
    waited = WaitingTime.objects.filter(project=halt.project_id)
    for own, others in (
        (worked.filter(member=member), strangers.exclude(pk__in=worked.values("member"))),
        (waited.filter(member=member), strangers.exclude(pk__in=waited.values("member"))),
    ):
        if own.exists() and others.exists():
            return Refused(_("You have worked on this project yourself; somebody else looks at it."), code="own_time")
    return None


def waiting_for_look(halt: Halt, now: datetime) -> WaitingTimeQuerySet:
    """What waits for the look: what was held, and stated time whose days are over."""
    held = Q(state=State.WAITING, cause=WaitingTime.Cause.PROJECT)
    due = Q(state__in=[State.WAITING, State.CONTESTED], counts_at__lte=now)
    return WaitingTime.objects.filter(held | due, project=halt.project_id)
