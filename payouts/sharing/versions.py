"""The versions of a run: each reckoned, written down with its bundle and logged. Nothing here is in the books."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from coop.audit.actions import record
from coop.ground.actor import PLATFORM
from coop.ground.canonical import fingerprint
from coop.members.models import Member
from coop.rules.actions import book_pinned_as
from payouts.ledger import chart
from payouts.sharing import bundles
from payouts.sharing.inputs import takings, terms, works
from payouts.sharing.models import MemberShare, PaidTime, PayoutRun, RevenueLine, RunVersion
from payouts.sharing.waterfall import Outcome, compute_waterfall


def make_version(*, run: PayoutRun, inputs: Mapping[str, Any], now: datetime) -> RunVersion:
    """Reckon a version of a run, with every statement and its bundle, in place of the one before; the caller holds the run."""
    sha256 = fingerprint(bundles.reckoned_from(run, inputs))
    terms_ = terms(book_pinned_as(run.rule_book_id), inputs)
    outcome = compute_waterfall(takings(inputs), works(inputs), terms_, run_hash=sha256)
    before = run.current
    version = RunVersion(
        run=run,
        number=before.number + 1 if before else 1,
        replaces=before,
        inputs=inputs,
        inputs_sha256=sha256,
        result=(result := bundles.result(outcome)),
        result_sha256=fingerprint(result),
        payable_total=outcome.payable_total,
        postings=_postings(inputs, outcome),
        made_at=now,
    )
    version.bundle_sha256 = fingerprint(bundles.unlogged(version))
    version.log_entry = record(
        kind="run.computed",
        subject=f"run:{run.pk}",
        payload={"bundle_sha256": version.bundle_sha256},
        by=PLATFORM,
        now=now,
    )
    version.save(force_insert=True)
    if before is not None:
        RevenueLine.objects.filter(version=before).update(superseded_by=version)
        PaidTime.objects.filter(share__version=before).update(superseded_by=version)
    _write_revenue(version)
    _write_shares(version, outcome)
    return version


def _postings(inputs: Mapping[str, Any], outcome: Outcome) -> list[dict[str, Any]]:
    """What the approval books: revenue and costs into the pool, and the pool to funds and members. Empty where nothing moves."""
    moved: dict[str, int] = defaultdict(int)
    moved[chart.REVENUE] += outcome.revenue
    moved[chart.REFUNDS] -= inputs["refunds"]
    moved[chart.RAIL_FEES] -= inputs["rail_fees"]
    moved[chart.DIRECT_COSTS] -= inputs["direct_costs"]
    moved[chart.POOL] += outcome.deficit_next - inputs["deficit_carried"]
    accounts = {fund["key"]: fund["account"] for fund in inputs["funds"]}
    for levy in outcome.levies:
        moved[accounts[levy.line]] -= levy.amount
    moved[chart.RESERVE] += outcome.reserve_draw - outcome.to_reserve
    for share in outcome.members:
        moved[chart.payable(share.member)] -= share.payable
        moved[chart.owed(share.member)] += share.owed_paid - share.shortfall
        moved[chart.SHORTFALL] += share.shortfall - share.owed_paid
    return [{"account": code, "amount": amount} for code, amount in sorted(moved.items()) if amount]


def _write_revenue(version: RunVersion) -> None:
    """What each project brought."""
    RevenueLine.objects.bulk_create(
        RevenueLine(
            version=version,
            period=version.run.period,
            project_id=UUID(line["source"].removeprefix("project:")),
            answers=line["answers"],
            price=line["price"],
            amount=line["amount"],
        )
        for line in version.inputs["revenue"]
    )


def _write_shares(version: RunVersion, outcome: Outcome) -> None:
    """Each member's share, and the time that it pays."""
    inputs, run = version.inputs, version.run
    members = {
        member.pseudonym.hex: member
        for member in Member.objects.filter(pseudonym__in=[s.member for s in outcome.members])
    }
    shares = {
        share.member: MemberShare(
            run=run,
            version=version,
            member=members[share.member],
            pseudonym=share.member,
            seconds=share.seconds,
            weight=share.weight,
            floor=share.floor,
            cap=share.cap,
            owed_paid=share.owed_paid,
            exact=bundles.written_fraction(share.exact),
            amount=share.amount,
            shortfall=share.shortfall,
            owed_left=share.owed_left,
            adjustment=share.adjustment,
            adjustment_left=share.adjustment_left,
        )
        for share in outcome.members
    }
    MemberShare.objects.bulk_create(shares.values())
    PaidTime.objects.bulk_create(
        PaidTime(
            share=shares[member["member"]], entry_id=int(entry["id"]), kind=entry["kind"], seconds=entry["seconds"]
        )
        for member in inputs["members"]
        for entry in member["entries"]
    )
