"""What pages and programs read of a payout run."""

from __future__ import annotations

from datetime import datetime

from coop.ground.canonical import canonical_json
from coop.rules.actions import in_force
from payouts.models import PayoutRun
from payouts.sharing import bundles
from payouts.sharing.models import PayoutRunQuerySet
from payouts.sharing.reports import Paid, Spread, spread


def published_runs() -> PayoutRunQuerySet:
    """The runs that anybody may read, each with its period."""
    return PayoutRun.objects.published().select_related("period")


def spread_of(run: PayoutRun, now: datetime) -> Spread:
    """How the pay of a run is spread, as far as the rule in force `now` lets it be said."""
    shares = run.shares.select_related("member")
    paid = [Paid(share.member.country, share.seconds, share.amount) for share in shares if share.seconds]
    return spread(paid, smallest=in_force(now).whole("reports.minimum_group"))


def bundle_bytes(run: PayoutRun) -> bytes:
    """The public bundle of a run, in canonical JSON."""
    return canonical_json(bundles.bundle(run))
