"""The versions of a run: each reckoned, written down with its bundle and logged. Nothing here is in the books."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import PLATFORM
from coop.ground.canonical import fingerprint, has_fingerprint, instant
from coop.ground.errors import Refused
from coop.members.models import Member
from coop.rules.actions import book_pinned_as
from payouts.ledger import chart
from payouts.sharing import bundles
from payouts.sharing.corrections import Objection
from payouts.sharing.inputs import takings, terms, works
from payouts.sharing.models import MemberShare, PaidTime, PayoutRun, RevenueLine, RunVersion
from payouts.sharing.waterfall import Outcome, compute_waterfall


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A version with its lines, as all of it comes out of its inputs; nothing of it is written."""

    version: RunVersion
    revenue: list[RevenueLine]
    shares: list[MemberShare]
    time: list[PaidTime]


def reckon(*, run: PayoutRun, inputs: Mapping[str, Any], replaces: RunVersion | None, made_at: datetime) -> Reckoning:
    """Pour the waterfall once more: the version of these inputs, with every line, hash and posting. Each correction made one version.

    Refused `correction_longer_than_the_period`.
    """
    _must_fit_in_the_period(run, inputs)
    sha256 = fingerprint(bundles.reckoned_from(run, inputs))
    terms_ = terms(book_pinned_as(run.rule_book_id), inputs)
    outcome = compute_waterfall(takings(inputs), works(inputs), terms_, run_hash=sha256)
    version = RunVersion(
        run=run,
        number=1 + len(inputs["corrections"]),
        replaces=replaces,
        inputs=inputs,
        inputs_sha256=sha256,
        result=(result := bundles.result(outcome)),
        result_sha256=fingerprint(result),
        payable_total=outcome.payable_total,
        postings=_postings(inputs, outcome),
        made_at=made_at,
    )
    version.bundle_sha256 = fingerprint(bundles.unlogged(version))
    shares = _shares(version, outcome)
    return Reckoning(version, _revenue(version), list(shares.values()), _time(inputs, shares))


def make_version(*, run: PayoutRun, inputs: Mapping[str, Any], now: datetime) -> RunVersion:
    """Reckon a version of a run, with every statement and its bundle, in place of the one before; the caller holds the run.

    Refused `correction_longer_than_the_period`.
    """
    before = run.current
    made = reckon(run=run, inputs=inputs, replaces=before, made_at=now)
    version = made.version
    version.log_entry = record(**_logged(version), by=PLATFORM, now=now)
    version.save(force_insert=True)
    if before is not None:
        RevenueLine.objects.filter(version=before).update(superseded_by=version)
        PaidTime.objects.filter(share__version=before).update(superseded_by=version)
    RevenueLine.objects.bulk_create(made.revenue)
    MemberShare.objects.bulk_create(made.shares)
    PaidTime.objects.bulk_create(made.time)
    return version


def must_be_as_reckoned(run: PayoutRun) -> None:
    """Reckon the current version again, from what was frozen and what upheld objections corrected, and compare all of it.

    The caller holds the run. Whoever writes into the database as we do could else write a version that nobody reckoned.
    Refused `inputs_altered`; `version_altered` where a number, a hash, a line or its entry in the log is not what comes out, or
    where it is not the last version.
    """
    assert run.current is not None and run.frozen_inputs is not None, "only what was computed is reckoned again"
    version = run.current
    inputs_must_have(run.frozen_sha256, run, run.frozen_inputs)
    upheld = Objection.objects.filter(led_to__run=run).select_related("share").order_by("led_to__number")
    inputs = {**run.frozen_inputs, "corrections": [one.as_correction() for one in upheld]}
    inputs_must_have(fingerprint(bundles.reckoned_from(run, inputs)), run, version.inputs)
    again = reckon(run=run, inputs=inputs, replaces=version.replaces, made_at=version.made_at)
    if not (_is_as_reckoned(version, again) and _is_logged(version) and run.versions.count() == again.version.number):
        raise Refused(_("This version of the run is not what was reckoned."), code="version_altered")


def inputs_must_have(sha256: str, run: PayoutRun, inputs: Mapping[str, Any]) -> None:
    """Refused `inputs_altered` where these are not the inputs of which this is the hash."""
    if not has_fingerprint(bundles.reckoned_from(run, inputs), sha256):
        raise Refused(_("The inputs of this run are not those that were frozen."), code="inputs_altered")


def _must_fit_in_the_period(run: PayoutRun, inputs: Mapping[str, Any]) -> None:
    """Refused where corrections give a member, in all kinds together, more time than the period had."""
    most = (run.period.ends_at - run.period.starts_at).total_seconds()
    corrected = {correction["member"] for correction in inputs["corrections"]}
    if any(sum(work.seconds.values()) > most for work in works(inputs) if work.member in corrected):
        raise Refused(
            _("With that the member would have worked longer than the whole period."),
            code="correction_longer_than_the_period",
            field="seconds",
        )


def _is_as_reckoned(version: RunVersion, again: Reckoning) -> bool:
    """Whether what is written is what came out: the bundle, which holds all of the version, its hash, and every line."""
    sha256 = again.version.bundle_sha256
    time = PaidTime.objects.filter(share__version=version).select_related("share")
    return (
        version.bundle_sha256 == sha256
        and has_fingerprint(bundles.unlogged(version), sha256)
        and _facts(version.revenue.all()) == _facts(again.revenue)
        and _facts(version.shares.all()) == _facts(again.shares)
        and _facts(time) == _facts(again.time)
    )


def _facts(lines: Iterable[RevenueLine | MemberShare | PaidTime]) -> Counter[tuple[Any, ...]]:
    """What each line says, in every column but its own key and the version it is of; of time, whose it is."""
    return Counter(
        tuple(
            line.share.member_id
            if isinstance(line, PaidTime) and column.name == "share"
            else getattr(line, column.attname)
            for column in line._meta.concrete_fields
            if not (column.primary_key or column.generated or column.name == "version")
        )
        for line in lines
    )


def _logged(version: RunVersion) -> dict[str, Any]:
    """What the log says of a version that was reckoned."""
    payload = {"bundle_sha256": version.bundle_sha256}
    return {"kind": "run.computed", "subject": f"run:{version.run_id}", "payload": payload}


def _is_logged(version: RunVersion) -> bool:
    """Whether its entry in the log says that this version was reckoned, and when."""
    said = version.log_entry.as_data()
    return version.log_entry.recorded_at == version.made_at and said == said | _logged(version) | {
        "at": instant(version.made_at)
    }


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


def _revenue(version: RunVersion) -> list[RevenueLine]:
    """What each project brought."""
    return [
        RevenueLine(
            version=version,
            period=version.run.period,
            project_id=UUID(line["source"].removeprefix("project:")),
            answers=line["answers"],
            price=line["price"],
            amount=line["amount"],
        )
        for line in version.inputs["revenue"]
    ]


def _shares(version: RunVersion, outcome: Outcome) -> dict[str, MemberShare]:
    """Each member's share, by pseudonym."""
    members = {
        member.pseudonym.hex: member
        for member in Member.objects.filter(pseudonym__in=[s.member for s in outcome.members])
    }
    return {
        share.member: MemberShare(
            run=version.run,
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


def _time(inputs: Mapping[str, Any], shares: Mapping[str, MemberShare]) -> list[PaidTime]:
    """The time that each share pays."""
    return [
        PaidTime(
            share=shares[member["member"]], entry_id=int(entry["id"]), kind=entry["kind"], seconds=entry["seconds"]
        )
        for member in inputs["members"]
        for entry in member["entries"]
    ]
