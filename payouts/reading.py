"""What pages and programs read of a payout run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from coop.ground.canonical import canonical_json
from coop.members.models import Member, Office, OfficeKind
from coop.rules.actions import in_force
from payouts.models import MemberShare, NotPaid, Objection, PayoutItem, PayoutRun, RunVersion
from payouts.sharing import bundles
from payouts.sharing.approval import late_run, may_approve
from payouts.sharing.approvers import was_late
from payouts.sharing.corrections import ObjectionQuerySet
from payouts.sharing.models import MemberShareQuerySet, PayoutRunQuerySet
from payouts.sharing.reports import Paid, Spread, spread


def published_runs() -> PayoutRunQuerySet:
    """The runs that anybody may read, each with its period."""
    return PayoutRun.objects.published().select_related("period", "current")


def published_versions() -> QuerySet[RunVersion]:
    """Every version of every run, current or replaced."""
    return RunVersion.objects.select_related("run__period", "replaces", "log_entry")


def objections_for(member: Member, now: datetime) -> ObjectionQuerySet:
    """The objections that this officer may answer: a treasurer all, a steward a treasurer's, and all after the deadline.

    Their own they only reject.
    """
    if member.holds(OfficeKind.TREASURER, now):
        return Objection.objects.all()
    if member.holds(OfficeKind.STEWARD, now):
        return Objection.objects.filter(Q(share__run=late_run(now)) | Q(share__member__in=_treasurers(now)))
    return Objection.objects.none()


def objections_waiting_for(member: Member, now: datetime) -> ObjectionQuerySet:
    """The objections that wait for this officer: their own only where nobody else is in office who could answer it."""
    waiting = objections_for(member, now).unanswered()
    others = Office.objects.on(now).filter(kind__in=[OfficeKind.TREASURER, OfficeKind.STEWARD]).exclude(member=member)
    return waiting.exclude(share__member=member) if others.exists() else waiting


def runs_to_approve(member: Member, now: datetime) -> list[PayoutRun]:
    """The runs that this member may approve now, mostly by office, the earliest first."""
    return [run for run in PayoutRun.objects.to_approve(now) if may_approve(run, member, now)]


def shares_to_adjust(member: Member, now: datetime) -> MemberShareQuerySet:
    """The statements of approved runs that this officer may put right: a treasurer all but their own.

    A steward a treasurer's, and those of a run that was approved after its deadline.
    """
    of_others = MemberShare.objects.live().filter(run__approved_at__isnull=False).exclude(member=member)
    if member.holds(OfficeKind.TREASURER, now):
        return of_others
    if member.holds(OfficeKind.STEWARD, now):
        late = [run.pk for run in PayoutRun.objects.filter(approved_at__isnull=False) if was_late(run)]
        return of_others.filter(Q(member__in=_treasurers(now)) | Q(run__in=late))
    return of_others.none()


def _treasurers(now: datetime) -> QuerySet[Office, Any]:
    return Office.objects.on(now).filter(kind=OfficeKind.TREASURER).values("member")


def left_unpaid(member: Member) -> NotPaid | None:
    """Why the latest run that was sent did not pay this member; None where it did, or is still under way."""
    latest = PayoutRun.objects.filter(reserved_at__isnull=False).order_by("-period__number").first()
    return unpaid_in(latest, member) if latest else None


def unpaid_in(run: PayoutRun, member: Member) -> NotPaid | None:
    """Why this run did not pay this member, as far as it is known now; None where it did, or nobody says that it didn't."""
    found = NotPaid.objects.filter(run=run, member=member).select_related("run__period").first()
    return _as_known(found) if found else None


def unpaid_by(run: PayoutRun) -> list[NotPaid]:
    """Everybody whom this run did not pay, as far as it is known now, by name."""
    named = run.not_paid.select_related("member").order_by("member__name")
    return [one for one in map(_as_known, named) if one]


def _as_known(unpaid: NotPaid) -> NotPaid | None:
    """What nobody knew when the run was settled may be known since: that it was paid (None), or why not."""
    states = set(PayoutItem.objects.filter(run=unpaid.run_id, member=unpaid.member_id).values_list("state", "reserved"))
    if unpaid.why != NotPaid.Why.UNKNOWN or not states or (PayoutItem.State.HELD, True) in states:
        return unpaid
    ended = {state for state, _reserved in states}
    if PayoutItem.State.RETURNED in ended:
        unpaid.why = NotPaid.Why.RETURNED
    elif PayoutItem.State.HELD in ended:
        unpaid.why = NotPaid.Why.HELD
    else:
        return None
    return unpaid


def spread_of(run: PayoutRun, now: datetime) -> Spread:
    """How the pay of a run is spread, as far as the rule in force `now` lets it be said."""
    shares = run.shares.live().select_related("member")
    paid = [Paid(share.member.country, share.seconds, share.amount) for share in shares if share.seconds]
    return spread(paid, smallest=in_force(now).whole("reports.minimum_group"))


def bundle_bytes(run: PayoutRun) -> bytes:
    """The public bundle of a run, in canonical JSON."""
    return canonical_json(bundles.bundle(run))


def version_bytes(version: RunVersion) -> bytes:
    """The public bundle of one version, in canonical JSON."""
    return canonical_json(bundles.bundle_of(version))
