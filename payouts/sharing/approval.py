"""The approval of a run: the one act that books it. Revenue, funds and pay in one commit, and the books of its period are closed."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground import invariants
from coop.ground.actor import PLATFORM, Actor
from coop.ground.canonical import instant
from coop.ground.errors import Refused
from coop.ground.laws import refused_by
from coop.members.actors import Officer, Unnamed
from coop.members.models import Member, OfficeKind
from coop.notices.actions import tell
from coop.rules.actions import book_pinned_as
from payouts.ledger import chart
from payouts.ledger.actions import Leg, close_period, open_accounts, post
from payouts.ledger.models import Period as BooksPeriod
from payouts.ledger.models import Transaction
from payouts.occasions import pay_adjusted
from payouts.sharing.approvers import (
    approver_for_share,
    approvers,
    deadline,
    deputies_approve,
    members_approve,
    officer_for_share,
    parties_to_changes,
    was_late,
)
from payouts.sharing.corrections import Adjustment, Objection
from payouts.sharing.models import MemberShare, PayoutRun, Period
from payouts.sharing.versions import must_be_as_reckoned

State = PayoutRun.State


@transaction.atomic
def approve_run(*, run: PayoutRun, by: Actor, now: datetime) -> PayoutRun:
    """Let the run be paid once its objection window is over: book its current version and close the books of its period.

    Any treasurer may who changed nobody's pay in it and whose own was not changed; a steward too, where it was changed, and after
    the deadline; where nobody in office is left, a member (`approvers`). The version is reckoned again, whole. Doing it twice
    changes nothing. Refused `not_in_office`, `not_a_member`, `run_not_computed`, `earlier_run_open`, `objections_open`, `objections_unanswered`, `approved_by_somebody_else`; `inputs_altered` and
    `version_altered` where it is not what comes out: that is tampering, and a person has to look. InvariantBroken, and nothing is kept.
    """
    run = locked_run(run)
    now = run.not_before(now)
    approver = approver_for_share(run, by, now=now)
    if run.approved_at is not None:
        return run
    if run.state != State.COMPUTED or run.objections_until is None:
        raise Refused(_("This run is not computed yet."), code="run_not_computed")
    if Period.objects.without_an_approved_run().filter(number__lt=run.period.number).exists():
        raise refused_by("run_approved_in_order")
    if now < run.objections_until:
        raise Refused(
            _("Objections may be raised until %(moment)s.") % {"moment": instant(run.objections_until)},
            code="objections_open",
        )
    if Objection.objects.unanswered().filter(share__run=run).exists():
        raise Refused(_("A member's objection waits for an answer."), code="objections_unanswered")
    if not approvers(run, now).filter(pk=approver.member.pk).exists():
        raise refused_by("run_approved_by_somebody_else")
    must_be_as_reckoned(run)
    books = BooksPeriod.objects.select_for_update().get(number=run.period.number)  # as whoever posts: before balances
    _book(run, now=now)
    run.state, run.approved_at, run.approved_by = State.APPROVED, now, approver.member
    run.save(update_fields=["state", "approved_at", "approved_by", "recognition", "distribution"])
    named = isinstance(approver, Officer) and not parties_to_changes(run)
    facts, logged = {"bundle_sha256": run.bundle_sha256}, approver if named else Unnamed(approver)
    record(kind="run.approved", subject=f"run:{run.pk}", payload=facts, by=logged, now=now)
    close_period(period=books, closing=run.distribution, now=now)
    invariants.require_intact()
    return run


def may_approve(run: PayoutRun, member: Member, now: datetime) -> bool:
    """Whether this member may approve the run now: its window is over, every objection is answered, and it is theirs to approve."""
    if run.state != State.COMPUTED or run.objections_until is None or now < run.objections_until:
        return False
    if Objection.objects.unanswered().filter(share__run=run).exists():
        return False
    office = members_approve(run, now) or member.holds(OfficeKind.TREASURER, now)
    deputy = deputies_approve(run, now) and member.holds(OfficeKind.STEWARD, now)
    return (office or deputy) and approvers(run, now).filter(pk=member.pk).exists()


def objection_window(run: PayoutRun, made_at: datetime) -> datetime:
    """Until when members may object to a version made then: the voted days, never past the deadline (rule pay.objection_days)."""
    voted = made_at + timedelta(days=book_pinned_as(run.rule_book_id).whole("pay.objection_days"))
    last = deadline(run)
    return voted if last is None else min(voted, last)


def late_run(now: datetime) -> PayoutRun | None:
    """The computed run whose deadline is over, on which a steward may act; runs are computed one at a time."""
    computed = PayoutRun.objects.filter(state=State.COMPUTED).order_by("period__number").first()
    if computed is None or (late := deadline(computed)) is None or now < late:
        return None
    return computed


def any_officer_for_share(member: Member, by: Actor, *, deputy: bool, now: datetime) -> Officer:
    """Who leaves one member's pay as it is: whoever acts on the run, and where the member is a treasurer a steward. Refused `not_in_office`."""
    return officer_for_share(by, deputy=deputy or member.holds(OfficeKind.TREASURER, now), now=now)


def other_officer_for_share(member: Member, by: Actor, *, deputy: bool, now: datetime) -> Officer:
    """Who changes one member's pay: never the member. Where that is a treasurer, a steward may. Refused `concerns_you_alone` too."""
    officer = any_officer_for_share(member, by, deputy=deputy, now=now)
    if officer.member.pk == member.pk:
        raise Refused(_("This is your own pay: somebody else decides."), code="concerns_you_alone")
    return officer


def locked_run(run: PayoutRun) -> PayoutRun:
    """The run, locked. Its current version is read afterwards: joined, one that was made while we waited would be missing."""
    return PayoutRun.objects.select_for_update().get(pk=run.pk)


def _book(run: PayoutRun, *, now: datetime) -> None:
    """Revenue out of escrow, and the postings of the current version."""
    assert run.current is not None, "a computed run has a version"
    earned = [(UUID(line["source"].removeprefix("project:")), line["amount"]) for line in run.current.inputs["revenue"]]
    legs = [Leg(chart.escrow(project), amount, run.currency) for project, amount in earned if amount]
    if legs:
        legs.append(Leg(chart.REVENUE, -sum(leg.amount for leg in legs), run.currency))
    run.recognition = _posted(run, "revenue", legs, now)
    postings = [Leg(line["account"], line["amount"], run.currency) for line in run.current.postings]
    run.distribution = _posted(run, "distribution", postings, now)


def _posted(run: PayoutRun, kind: str, legs: list[Leg], now: datetime) -> Transaction | None:
    """One transaction that takes effect in the last moment of the period; None where nothing moves."""
    if not legs:
        return None
    open_accounts(codes=[leg.account for leg in legs], now=now)
    return post(
        idem=f"run:{run.pk}:{kind}",
        kind=kind,
        legs=legs,
        effective_at=run.period.last_moment,
        run=run.pk,
        rule_book=run.rule_book_id,
        by=PLATFORM,
        now=now,
    )


@transaction.atomic
def adjust_pay(*, share: MemberShare, amount: int, reason: str, by: Actor, now: datetime) -> Adjustment:
    """A treasurer puts a mistake of an approved run right by a signed line in the next run; minor units, above zero to the member.

    Nobody their own: a treasurer's is put right by another, or by a steward, who does so too where the run was approved late. The same amount for the same reason is the same
    adjustment always, and changes nothing. Refused `not_in_office`, `concerns_you_alone`, `run_not_approved`, `amount_missing`, `reason_missing`.
    """
    run = locked_run(share.run)
    now = run.not_before(now)
    reason = " ".join(reason.split())
    officer = other_officer_for_share(share.member, by, deputy=was_late(run), now=now)
    if run.approved_at is None or share.version_id != run.current_id:
        raise Refused(
            _("This run is not approved yet: an objection corrects it now, an adjustment afterwards."),
            code="run_not_approved",
        )
    if not amount:
        raise Refused(_("Say how much, above or below zero."), code="amount_missing", field="amount")
    if not reason:
        raise Refused(_("Say what was wrong."), code="reason_missing", field="reason")
    if made := Adjustment.objects.filter(member=share.member, run=run, amount=amount, reason=reason).first():
        return made
    adjustment = Adjustment.objects.create(
        member=share.member, run=run, amount=amount, reason=reason, made_by=officer.member, made_at=now
    )
    record(kind="run.adjusted", subject=f"run:{run.pk}", payload={}, by=Unnamed(officer), now=now)
    tell(occasion=pay_adjusted.OCCASION, of=adjustment, now=now)
    return adjustment
