"""Applying, admitting, leaving, and terms of office."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import PLATFORM, Actor
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.ground.laws import refused_by
from coop.members.actors import user_behind
from coop.members.models import Application, Member, Office, User


@transaction.atomic
def apply(
    *,
    by: Actor,
    name: str,
    college: str,
    country: str,
    languages: list[str],
    engagement: str,
    statement: str,
    now: datetime,
) -> Application:
    """Ask to become a member. Refused `already_member` or `already_applied`."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_behind(by).pk)
    now = user.not_before(now)
    if Member.objects.filter(user=user, ended_at__isnull=True).exists():
        raise Refused(_("You are a member already."), code="already_member")
    if Application.objects.filter(user=user, outcome="").exists():
        raise refused_by("application_one_open_per_person")
    return Application.objects.create(
        user=user,
        name=name,
        college=college,
        country=country,
        languages=languages,
        engagement=engagement,
        statement=statement,
        simulated=user.simulated,
        applied_at=now,
    )


@transaction.atomic
def found_member(
    *, user: User, name: str, college: str, country: str, languages: list[str], engagement: str, now: datetime
) -> Member:
    """A founding member: admitted by the founding itself, before there is an assembly."""
    member = Member.objects.create(
        user=user,
        name=name,
        college=college,
        country=country,
        languages=languages,
        engagement=engagement,
        simulated=user.simulated,
        admitted_at=now,
    )
    _record_admission(member, now=now)
    return member


@transaction.atomic
def admit(*, application: Application, decision: UUID, now: datetime) -> Member:
    """Admit the applicant by `decision`. Doing it twice changes nothing. Refused `application_closed`, `already_member`."""
    application = Application.objects.select_for_update().get(pk=application.pk)
    now = application.not_before(now)
    if application.decision == decision:
        return Member.objects.get(user=application.user, decision=decision)
    if application.outcome:
        raise Refused(_("This application is already decided."), code="application_closed")
    if Member.objects.filter(user=application.user, ended_at__isnull=True).exists():
        raise refused_by("member_one_live_membership_per_person")
    member = Member.objects.create(
        user=application.user,
        name=application.name,
        college=application.college,
        country=application.country,
        languages=application.languages,
        engagement=application.engagement,
        simulated=application.simulated,
        decision=decision,
        admitted_at=now,
    )
    Application.objects.filter(pk=application.pk).update(
        outcome=Application.Outcome.ADMITTED, decided_at=now, decision=decision
    )
    _record_admission(member, now=now)
    return member


@transaction.atomic
def decline_application(*, application: Application, decision: UUID, now: datetime) -> None:
    """Close the application without admitting. Doing it twice changes nothing."""
    locked = Application.objects.select_for_update().get(pk=application.pk)
    now = locked.not_before(now)
    Application.objects.filter(pk=locked.pk, outcome="").update(
        outcome=Application.Outcome.DECLINED, decided_at=now, decision=decision
    )


@transaction.atomic
def describe_membership(
    *, member: Member, name: str, country: str, languages: list[str], engagement: str, by: Actor, now: datetime
) -> Member:
    """Change what a member says about themselves. The college changes only by decision. Refused `not_yours`, `membership_ended`."""
    member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    now = member.not_before(now)
    if user_behind(by).pk != member.user_id:
        raise Refused(_("Only the member can change this."), code="not_yours")
    if not member.is_member_on(now):
        raise Refused(_("This membership has ended."), code="membership_ended")
    Member.objects.filter(pk=member.pk).update(name=name, country=country, languages=languages, engagement=engagement)
    member.refresh_from_db()
    return member


@transaction.atomic
def choose_language(*, language: str, by: Actor, now: datetime) -> User:
    """Have one's mails written in this language from now on. The same again changes nothing. Refused `language_unknown`."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_behind(by).pk)
    now = user.not_before(now)
    if language not in dict(settings.LANGUAGES):
        raise Refused(_("The co-operative does not speak this language."), code="language_unknown", field="language")
    user.language = language
    user.save(update_fields=["language"])
    return user


@transaction.atomic
def withdraw_application(*, application: Application, by: Actor, now: datetime) -> None:
    """Take back one's own application before it is decided. Doing it twice changes nothing. Refused `not_yours`, `application_closed`."""
    application = Application.objects.select_for_update().get(pk=application.pk)
    now = application.not_before(now)
    if application.user_id != user_behind(by).pk:
        raise Refused(_("Only the applicant can take this back."), code="not_yours")
    if application.outcome == Application.Outcome.WITHDRAWN:
        return
    if application.outcome:
        raise Refused(_("This application is already decided."), code="application_closed")
    Application.objects.filter(pk=application.pk).update(outcome=Application.Outcome.WITHDRAWN, decided_at=now)


@transaction.atomic
def end_membership(*, member: Member, by: Actor, now: datetime) -> Member:
    """Leave the co-operative. Only the member may end it here; what is owed stays owed. Refused `not_yours`, `membership_ended`.

    It waits for what the member is doing (FOR SHARE), and its moment comes after: nobody acts as a member, or in an office, later than they left.
    """
    member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    now = member.not_before(max(now, coop_now()))
    if user_behind(by).pk != member.user_id:
        raise Refused(_("Only the member can leave; a removal is decided by vote."), code="not_yours")
    if member.ended_at is not None:
        raise Refused(_("This membership has ended."), code="membership_ended")
    Member.objects.filter(pk=member.pk).update(ended_at=now)
    member.ended_at = now
    record(kind="member.left", subject=member.actor.stands_as, payload={}, by=member.actor, now=now)
    return member


@transaction.atomic
def begin_office(*, member: Member, kind: str, term_days: int, decision: UUID | None, now: datetime) -> Office:
    """Begin a term of office that starts now and lasts `term_days` days."""
    office = Office.objects.create(
        member=member, kind=kind, starts_at=now, ends_at=now + timedelta(days=term_days), decision=decision
    )
    record(
        kind="office.begun",
        subject=member.actor.stands_as,
        payload={"office": kind, "term_days": term_days, "decision": str(decision) if decision else None},
        by=PLATFORM,
        now=now,
    )
    return office


def _record_admission(member: Member, *, now: datetime) -> None:
    record(
        kind="member.admitted",
        subject=member.actor.stands_as,
        payload={"college": member.college, "decision": str(member.decision) if member.decision else None},
        by=PLATFORM,
        now=now,
    )
