"""Looking at the instructions and the price of a project that counted more than its quote pays for, or may owe unseen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import ActingMember, member_behind, must_hold
from coop.members.models import Member, OfficeKind
from coop.rules.actions import in_force
from coop.work.actions.times import account_of, count_waiting
from coop.work.models import Halt, Project
from coop.work.standing import anybody_looks_from, concern_of, waiting_for_look


@transaction.atomic
def look_at_project(*, halt: Halt, by: Actor, words: str, more_seconds: int, now: datetime) -> Halt:
    """Somebody has looked: the project hands out work again, and may count `more_seconds` until the next look.

    What waited because of it is counted now: a look is at the instructions and the price, and takes no time from anybody. At most as
    much as the quote pays for may be added at once. A steward looks, or any member once the days are over in which one should have.
    Refused `not_in_office`, `own_client`, `own_time`, `already_looked_at`, `no_reasons`, `too_many_seconds`.
    """
    looking = _who_looks(halt, by, now)
    members = waiting_for_look(halt, now).order_by("member").values_list("member", flat=True).distinct()
    list(Member.objects.filter(pk__in=list(members)).order_by("pk").select_for_update(no_key=True))
    Project.objects.select_for_update(no_key=True).get(pk=halt.project_id)
    locked = Halt.objects.select_for_update(of=("self",)).select_related("project__quote").get(pk=halt.pk)
    now = locked.not_before(now)
    if no := concern_of(locked, looking.member, now):
        raise no
    if locked.state != Halt.State.OPEN:
        raise Refused(_("Somebody has looked at this already."), code="already_looked_at")
    if not words.strip():
        raise Refused(_("Say what you found in the instructions and the price."), code="no_reasons", field="words")
    account = account_of(locked.project, in_force(now))
    if not 0 <= more_seconds <= account.quoted_seconds:
        raise Refused(
            _("At once at most %(seconds)d seconds can be added: as many as the quote pays for.")
            % {"seconds": account.quoted_seconds},
            code="too_many_seconds",
            field="more_seconds",
        )
    pieces = waiting_for_look(locked, now).select_related("assignment").order_by("stated_at", "pk")
    for one in pieces.filter(member__in=list(members)).select_for_update(of=("self",)):
        count_waiting(waiting=one, now=now)
    counted = account_of(locked.project, in_force(now)).counted
    locked.state, locked.looked_at, locked.looked_by = Halt.State.LOOKED, now, looking.member
    locked.words, locked.more_seconds, locked.allowed_seconds = words.strip(), more_seconds, counted + more_seconds
    locked.save(update_fields=["state", "looked_at", "looked_by", "words", "more_seconds", "allowed_seconds"])
    record(
        kind="project.looked_at",
        subject=f"project:{locked.project_id}",
        payload={"more_seconds": more_seconds},
        by=looking,
        now=now,
    )
    return locked


def _who_looks(halt: Halt, by: Actor, moment: datetime) -> ActingMember:
    """Who looks, whose office or membership is held until the look is written. Asked before other members are locked."""
    member = member_behind(by)
    if moment >= anybody_looks_from(halt, moment) and Member.objects.is_member_for_share(member.pk, moment):
        return ActingMember(member)
    return must_hold(by, OfficeKind.STEWARD, now=moment)
