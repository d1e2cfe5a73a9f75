"""Payout runs: inputs frozen, the waterfall computed and booked, the treasurer's approval, the end."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground import invariants
from coop.ground.actor import PLATFORM, Actor
from coop.ground.canonical import fingerprint, has_fingerprint, instant
from coop.ground.errors import Refused
from coop.members.actors import must_hold
from coop.members.models import Member, OfficeKind
from coop.rules.actions import book_pinned_as, in_force, pin
from coop.rules.book import RuleBook
from coop.work.models import TimeEntry
from payouts import funds
from payouts.ledger import chart
from payouts.ledger.actions import Leg, close_period, open_accounts, post
from payouts.ledger.models import Account, Entry, Transaction
from payouts.ledger.models import Period as BooksPeriod
from payouts.sharing import bundles
from payouts.sharing.models import MemberShare, Objection, PaidTime, PayoutRun, Period
from payouts.sharing.waterfall import Outcome, Takings, Terms, Work, compute_waterfall

State = PayoutRun.State


def advance_runs(*, now: datetime) -> list[PayoutRun]:
    """Draft, freeze and compute the run of every closed period, the earliest first. Doing it twice changes nothing."""
    for period in Period.objects.closed().filter(run=None).reverse():
        draft_run(period=period, now=now)
    advanced = []
    for run in PayoutRun.objects.filter(state__in=[State.DRAFT, State.FROZEN]).order_by("period__number"):
        frozen = freeze_run(run=run, now=now)
        advanced.append(compute_run(run=frozen, now=now))
    for run in PayoutRun.objects.to_close().order_by("period__number"):
        advanced.append(close_run(run=run, now=now))
    return advanced


@transaction.atomic
def draft_run(*, period: Period, now: datetime) -> PayoutRun:
    """The run of a closed period, under the book in force when the period began, which is pinned. Refused `period_open`."""
    period = Period.objects.select_for_update().get(pk=period.pk)
    now = period.not_before(now)
    if period.state != Period.State.CLOSED:
        raise Refused(_("This period is not closed yet."), code="period_open")
    if run := PayoutRun.objects.filter(period=period).first():
        return run
    book = pin(book=in_force(period.starts_at), now=now)
    return PayoutRun.objects.create(period=period, rule_book=book, currency=chart.CURRENCY, drafted_at=now)


@transaction.atomic
def freeze_run(*, run: PayoutRun, now: datetime) -> PayoutRun:
    """Write down and hash everything the run is reckoned from. Doing it twice changes nothing. Refused `earlier_run_open`."""
    run = _locked(run)
    now = run.not_before(now)
    if run.state != State.DRAFT:
        return run
    if PayoutRun.objects.filter(period__number__lt=run.period.number, computed_at=None).exists():
        raise Refused(_("An earlier run is not computed yet."), code="earlier_run_open")
    run.inputs = _inputs(run.period, book_pinned_as(run.rule_book_id))
    run.inputs_sha256 = fingerprint(bundles.reckoned_from(run))
    run.state, run.frozen_at = State.FROZEN, now
    run.save(update_fields=["inputs", "inputs_sha256", "state", "frozen_at"])
    record(
        kind="run.frozen", subject=f"run:{run.pk}", payload={"inputs_sha256": run.inputs_sha256}, by=PLATFORM, now=now
    )
    return run


@transaction.atomic
def compute_run(*, run: PayoutRun, now: datetime) -> PayoutRun:
    """Pour the waterfall, book it, write every member's statement and publish the bundle's hash; the objection window opens.

    Doing it twice changes nothing. InvariantBroken, and nothing is kept, if the books would contradict themselves.
    Refused `inputs_altered` where the inputs aren't those that were frozen: that is tampering, and a person has to look.
    """
    run = _locked(run)
    now = run.not_before(now)
    if run.state != State.FROZEN:
        return run
    if not has_fingerprint(bundles.reckoned_from(run), run.inputs_sha256):
        raise Refused(_("The inputs of this run are not those that were frozen."), code="inputs_altered")
    books = BooksPeriod.objects.select_for_update().get(number=run.period.number)  # as whoever posts: before balances
    book, inputs = book_pinned_as(run.rule_book_id), cast(dict[str, Any], run.inputs)
    outcome = compute_waterfall(takings(inputs), works(inputs), terms(book, inputs), run_hash=run.inputs_sha256)
    run.distribution = _distribute(run, inputs, outcome, now=now)
    _write_shares(run, inputs, outcome)
    run.result = bundles.result(outcome)
    run.result_sha256 = fingerprint(run.result)
    run.payable_total = outcome.payable_total
    run.state, run.computed_at = State.COMPUTED, now
    run.objections_until = now + timedelta(days=book.whole("pay.objection_days"))
    run.bundle_sha256 = fingerprint(bundles.unlogged(run))
    run.log_entry = record(
        kind="run.computed",
        subject=f"run:{run.pk}",
        payload={"bundle_sha256": run.bundle_sha256},
        by=PLATFORM,
        now=now,
    )
    run.save(
        update_fields=[
            *("distribution", "result", "result_sha256", "payable_total", "state", "computed_at", "objections_until"),
            *("bundle_sha256", "log_entry"),
        ]
    )
    close_period(period=books, closing=run.distribution, now=now)
    invariants.require_intact()
    return run


@transaction.atomic
def approve_run(*, run: PayoutRun, by: Actor, now: datetime) -> PayoutRun:
    """The treasurer lets the run be paid, once the objection window is over. Doing it twice changes nothing.

    Refused `not_in_office`, `run_not_computed`, `objections_open`, `objections_unanswered`.
    """
    run = _locked(run)
    now = run.not_before(now)
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    if run.approved_at is not None:
        return run
    if run.state != State.COMPUTED or run.objections_until is None:
        raise Refused(_("This run is not computed yet."), code="run_not_computed")
    if now < run.objections_until:
        raise Refused(
            _("Objections may be raised until %(moment)s.") % {"moment": instant(run.objections_until)},
            code="objections_open",
        )
    if Objection.objects.unanswered().filter(share__run=run).exists():
        raise Refused(_("A member's objection waits for an answer."), code="objections_unanswered")
    run.state, run.approved_at, run.approved_by = State.APPROVED, now, treasurer.member
    run.save(update_fields=["state", "approved_at", "approved_by"])
    record(
        kind="run.approved",
        subject=f"run:{run.pk}",
        payload={"bundle_sha256": run.bundle_sha256},
        by=treasurer,
        now=now,
    )
    return run


@transaction.atomic
def close_run(*, run: PayoutRun, now: datetime) -> PayoutRun:
    """A settled run of which no payment is unresolved, in books that are right, is closed. Doing it twice changes nothing.

    InvariantBroken where the books are wrong.
    """
    run = _locked(run)
    now = run.not_before(now)
    if not PayoutRun.objects.to_close().filter(pk=run.pk).exists():
        return run
    invariants.require_intact()
    run.state, run.closed_at = State.CLOSED, now
    run.save(update_fields=["state", "closed_at"])
    record(kind="run.closed", subject=f"run:{run.pk}", payload={}, by=PLATFORM, now=now)
    return run


def _locked(run: PayoutRun) -> PayoutRun:
    return PayoutRun.objects.select_for_update(of=("self",)).select_related("period").get(pk=run.pk)


# -- what a run is reckoned from --------------------------------------------------------------------------------------


def _inputs(period: Period, book: RuleBook) -> dict[str, Any]:
    """The funds, revenue, costs, what is left from before, and everybody's counted time: as it stands in the public bundle."""
    revenue = [
        {"source": f"project:{line.project_id}", "answers": line.answers, "price": line.price, "amount": line.amount}
        for line in period.revenue.order_by("project")
    ]
    owed = _owed()
    return {
        "funds": [
            {"key": fund.key, "account": fund.account, "rule": fund.rule}
            for fund in funds.FUNDS
            if fund.rule in book.rules
        ],
        "revenue": sorted(revenue, key=lambda line: str(line["source"])),
        "refunds": _spent(chart.REFUNDS, period),
        "rail_fees": _spent(chart.RAIL_FEES, period),
        "direct_costs": _spent(chart.DIRECT_COSTS, period),
        "deficit_carried": _spent(chart.POOL, period),
        "reserve_balance": max(-Entry.objects.of(chart.RESERVE).before(period.ends_at).total(), 0),
        "owed": owed,
        "members": _worked(period, owed),
    }


def _spent(code: str, period: Period) -> int:
    """What stands on the debit side of an account at the end of the period; a credit balance waits for the next run."""
    return max(Entry.objects.of(code).before(period.ends_at).total(), 0)


def _owed() -> dict[str, int]:
    """What is owed of the floor from earlier periods, as the books have it now: {pseudonym: minor units}.

    Not at the end of the period: what was corrected since then is no longer owed, and can't be paid a second time.
    """
    kept = Account.objects.filter(code__endswith=":owed", locked_balance__balance__gt=0).order_by("owner")
    return {str(owner): amount for owner, amount in kept.values_list("owner", "locked_balance__balance")}


def _worked(period: Period, owed: Mapping[str, int]) -> list[dict[str, Any]]:
    """Who worked or is owed, with seniority at the start of the period and the entries that no run has paid.

    Looking one period back finds an entry that was being committed while that period closed.
    """
    since = period.follows.starts_at if period.follows else period.starts_at
    entries = (
        TimeEntry.objects.counted_between(min(since, period.starts_at), period.ends_at)
        .exclude(pk__in=PaidTime.objects.filter(entry__counted_at__gte=since).values("entry"))
        .order_by("pk")
    )
    by_member: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for key, member, kind, seconds in entries.values_list("pk", "member", "kind", "counted_seconds"):
        by_member[member].append({"id": str(key), "kind": kind, "seconds": seconds})
    members = Member.objects.filter(pk__in=by_member) | Member.objects.filter(pseudonym__in=owed)
    return [
        {
            "member": member.pseudonym.hex,
            "seniority_years": member.full_years_on(period.starts_at),
            "entries": by_member.get(member.pk, []),
        }
        for member in sorted(members, key=lambda member: member.pseudonym.hex)
    ]


def takings(inputs: Mapping[str, Any]) -> Takings:
    """The money of the inputs, as the waterfall takes it."""
    return Takings(
        revenue=sum(line["amount"] for line in inputs["revenue"]),
        refunds=inputs["refunds"],
        rail_fees=inputs["rail_fees"],
        direct_costs=inputs["direct_costs"],
        deficit_carried=inputs["deficit_carried"],
        reserve_balance=inputs["reserve_balance"],
        owed=inputs["owed"],
    )


def works(inputs: Mapping[str, Any]) -> list[Work]:
    """The work of the inputs, as the waterfall takes it."""
    found = []
    for member in inputs["members"]:
        seconds: dict[str, int] = defaultdict(int)
        for entry in member["entries"]:
            seconds[entry["kind"]] += entry["seconds"]
        found.append(Work(member["member"], dict(seconds), member["seniority_years"]))
    return found


def terms(book: RuleBook, inputs: Mapping[str, Any]) -> Terms:
    """The voted numbers of the waterfall in this book, with a share for each fund of the inputs."""
    return Terms(
        levies=tuple((fund["key"], book.whole(fund["rule"])) for fund in inputs["funds"]),
        equal_base_share=book.whole("pay.equal_base_share"),
        hourly_floor=book.whole("pay.hourly_floor"),
        hourly_cap=book.whole("pay.hourly_cap"),
        kind_permille=book.table("pay.kind_weights"),
        seniority_step_permille=book.whole("pay.seniority_step_permille"),
        reserve_draw_limit=book.whole("pay.reserve_draw_limit"),
        share_strategy=book.choice("pay.share_strategy"),
    )


# -- what a run leaves behind -----------------------------------------------------------------------------------------


def _distribute(run: PayoutRun, inputs: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Transaction | None:
    """One transaction: revenue and costs into the pool, and the pool to funds and members. None where nothing moves."""
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
    legs = [Leg(code, amount, run.currency) for code, amount in sorted(moved.items()) if amount]
    if not legs:
        return None
    open_accounts(codes=[leg.account for leg in legs], now=now)
    return post(
        idem=f"run:{run.pk}:distribution",
        kind="distribution",
        legs=legs,
        effective_at=run.period.last_moment,
        run=run.pk,
        rule_book=run.rule_book_id,
        by=PLATFORM,
        now=now,
    )


def _write_shares(run: PayoutRun, inputs: Mapping[str, Any], outcome: Outcome) -> None:
    members = {
        member.pseudonym.hex: member
        for member in Member.objects.filter(pseudonym__in=[s.member for s in outcome.members])
    }
    shares = {
        share.member: MemberShare(
            run=run,
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
