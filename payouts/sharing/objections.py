"""Objecting to a statement while the window is open, and answering."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground import invariants
from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.ground.laws import refused_by
from coop.members.actors import Unnamed, user_behind
from coop.notices.actions import tell
from coop.work.models import TimeEntry
from payouts.occasions import objection_answered
from payouts.sharing.approval import any_officer_for_share, locked_run, other_officer_for_share
from payouts.sharing.approvers import is_late, may_be_upheld
from payouts.sharing.corrections import Objection
from payouts.sharing.models import MemberShare, PayoutRun
from payouts.sharing.runs import correct_run


@transaction.atomic
def raise_objection(*, share: MemberShare, by: Actor, reason: str, now: datetime) -> Objection:
    """Say what is wrong with one's own statement; the run waits for an answer. The same again changes nothing.

    Refused `not_yours`, `reason_missing`, `objections_closed`, `statement_replaced`, `objection_open`.
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
    if share.version_id != run.current_id:
        raise Refused(_("A later version has replaced this statement."), code="statement_replaced")
    if waiting := Objection.objects.unanswered().filter(share__run=run, share__member=share.member_id).first():
        if waiting.reason == reason:
            return waiting
        raise refused_by("objection_one_open_per_statement")
    objection = Objection.objects.create(share=share, reason=reason, raised_at=now)
    record(
        kind="run.objection_raised",
        subject=f"run:{run.pk}",
        payload={},
        by=Unnamed(share.member.actor),
        now=now,
    )
    return objection


@dataclass(frozen=True, slots=True)
class Correction:
    """What an upheld objection changes: so many seconds more of one kind of time."""

    kind: str
    seconds: int


@transaction.atomic
def answer_objection(
    *, objection: Objection, by: Actor, answer: str, now: datetime, correction: Correction | None = None
) -> Objection:
    """Reject an objection, or uphold it by a correction, which makes the next version of the run. The same again changes nothing.

    Any treasurer answers, and a steward where it is a treasurer's or the deadline is over. Nobody upholds their own; an officer may
    reject it, which withdraws it. Refused `not_in_office`, `concerns_you_alone`, `answer_missing`, `correction_missing`,
    `correction_takes_away`, `objection_answered`, `too_late_to_uphold` in the last day before the deadline, `correction_longer_than_the_period`, `inputs_altered`, `version_altered`.
    """
    run = locked_run(objection.share.run)
    objection = Objection.objects.select_for_update(of=("self",)).select_related("share__member").get(pk=objection.pk)
    now = objection.not_before(run.not_before(now))
    answer = answer.strip()
    may_act = any_officer_for_share if correction is None else other_officer_for_share
    officer = may_act(objection.share.member, by, deputy=is_late(run, now), now=now)
    if not answer:
        raise Refused(_("Write an answer."), code="answer_missing", field="answer")
    if correction is not None:
        _must_add(correction)
    said = (answer, correction is not None, correction or Correction("", 0))
    if objection.answered_at is not None:
        if said == (objection.answer, objection.upheld, Correction(objection.kind, objection.seconds)):
            return objection
        raise Refused(_("This objection is already answered."), code="objection_answered")
    if correction is not None:
        _must_leave_time(run, now)
        objection.kind, objection.seconds = correction.kind, correction.seconds
        objection.led_to = correct_run(run=run, correction=objection.as_correction(), now=now)
    objection.answer, objection.upheld = answer, correction is not None
    objection.answered_at, objection.answered_by = now, officer.member
    objection.save(update_fields=["answer", "upheld", "kind", "seconds", "led_to", "answered_at", "answered_by"])
    invariants.require_intact()
    record(
        kind="run.objection_answered",
        subject=f"run:{run.pk}",
        payload={"upheld": correction is not None},
        by=Unnamed(officer),
        now=now,
    )
    tell(occasion=objection_answered.OCCASION, of=objection, now=now)
    return objection


def _must_add(correction: Correction) -> None:
    """Refused `correction_missing`, and `correction_takes_away`: who objects never loses by it."""
    if not (correction.seconds and correction.kind in TimeEntry.Kind.values):
        raise Refused(_("Say which kind of time, and how much."), code="correction_missing", field="seconds")
    if correction.seconds < 0:
        raise Refused(
            _("An objection is not upheld by taking time away. What was paid too much is adjusted after the approval."),
            code="correction_takes_away",
            field="seconds",
        )


def _must_leave_time(run: PayoutRun, now: datetime) -> None:
    """Refused `too_late_to_uphold`: the others could not object any more to what the correction takes from them."""
    if not may_be_upheld(run, now):
        raise Refused(
            _(
                "It is too late to reckon the run again: a mistake is adjusted after the approval. Reject it, and say so."
            ),
            code="too_late_to_uphold",
        )
