"""What pages and programs read of a payout run."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from coop.ground.canonical import canonical_json
from coop.members.models import Member
from coop.rules.actions import in_force
from payouts.models import Objection, PayoutRun, RunVersion
from payouts.sharing import bundles
from payouts.sharing.approval import late_run
from payouts.sharing.corrections import ObjectionQuerySet
from payouts.sharing.models import PayoutRunQuerySet
from payouts.sharing.reports import Paid, Spread, spread


def published_runs() -> PayoutRunQuerySet:
    """The runs that anybody may read, each with its period."""
    return PayoutRun.objects.published().select_related("period", "current")


def published_versions() -> QuerySet[RunVersion]:
    """Every version of every run, current or replaced."""
    return RunVersion.objects.select_related("run__period", "replaces", "log_entry")


def objections_for(member: Member, now: datetime) -> ObjectionQuerySet:
    """The objections that this officer may answer: a treasurer all, a steward those of a run that waits after its deadline."""
    if member.holds("treasurer", now):
        return Objection.objects.all()
    return Objection.objects.filter(share__run=late_run(now))


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
