"""Objecting to a statement while the window is open, and answering."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.ground.laws import refused_by
from coop.members.actors import must_hold, user_behind
from coop.members.models import OfficeKind
from payouts.sharing.models import MemberShare, Objection, PayoutRun


@transaction.atomic
def raise_objection(*, share: MemberShare, by: Actor, reason: str, now: datetime) -> Objection:
    """Say what is wrong with one's own statement; the run waits for an answer. The same again changes nothing.

    Refused `not_yours`, `reason_missing`, `objections_closed`, `objection_open`.
    """
    run = PayoutRun.objects.select_for_update().get(pk=share.run_id)
    now = run.not_before(now)
    reason = reason.strip()
    if user_behind(by).pk != share.member.user_id:
        raise Refused(_("This is somebody else's statement."), code="not_yours")
    if not reason:
        raise Refused(_("Say what is wrong."), code="reason_missing", field="reason")
    if run.state != PayoutRun.State.COMPUTED or run.objections_until is None or now >= run.objections_until:
        raise Refused(_("Objections are no longer taken for this run."), code="objections_closed")
    if waiting := Objection.objects.unanswered().filter(share=share).first():
        if waiting.reason == reason:
            return waiting
        raise refused_by("objection_one_open_per_statement")
    objection = Objection.objects.create(share=share, reason=reason, raised_at=now)
    record(
        kind="run.objection_raised",
        subject=f"run:{run.pk}",
        payload={"objection": str(objection.pk)},
        by=share.member.actor,
        now=now,
    )
    return objection


@transaction.atomic
def answer_objection(*, objection: Objection, by: Actor, answer: str, now: datetime) -> Objection:
    """The treasurer answers. The same again changes nothing. Refused `not_in_office`, `answer_missing`, `objection_answered`."""
    objection = Objection.objects.select_for_update().get(pk=objection.pk)
    now = objection.not_before(now)
    answer = answer.strip()
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    if not answer:
        raise Refused(_("Write an answer."), code="answer_missing", field="answer")
    if objection.answered_at is not None:
        if objection.answer == answer:
            return objection
        raise Refused(_("This objection is already answered."), code="objection_answered")
    objection.answer, objection.answered_at, objection.answered_by = answer, now, treasurer.member
    objection.save(update_fields=["answer", "answered_at", "answered_by"])
    record(
        kind="run.objection_answered",
        subject=f"run:{objection.share.run_id}",
        payload={"objection": str(objection.pk)},
        by=treasurer,
        now=now,
    )
    return objection
