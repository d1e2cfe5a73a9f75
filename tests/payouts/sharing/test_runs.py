"""A run shares one period's revenue under one rule book; what it says is in the books, and anyone can reckon it again."""

import json
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, ProgrammingError, connection

from coop.audit.actions import seal_log
from coop.audit.models import Entry
from coop.ground import invariants
from coop.ground.actor import PLATFORM
from coop.ground.canonical import fingerprint
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, head
from payouts.funds import FUNDS
from payouts.ledger import chart
from payouts.ledger.actions import balance, credit, debit, open_accounts, post
from payouts.models import MemberShare, PaidTime, PayoutRun, Period, RunVersion
from payouts.sharing import bundles
from payouts.sharing.approval import approve_run
from payouts.sharing.periods import close_due_periods, open_first_period
from payouts.sharing.runs import advance_runs, close_run, compute_run, draft_run, freeze_run
from tests import make, money

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
VERIFY = Path(__file__).resolve().parents[3] / "script" / "canut-verify"


@pytest.fixture
def period():
    return open_first_period(now=coop_now() - DAY)


def computed(period, *, after=DAY):
    """The run of a period, computed a day after its end."""
    return money.run_of(period, after=after)


def amend(key, value, *, at):
    amend_rule(key=key, value=value, effective_from=at, decision=uuid.uuid4(), supersedes=head(key), now=coop_now())


def share(run, member):
    return MemberShare.objects.live().get(run=run, member=member)


def spend(account, amount, idem):
    post(
        idem=idem,
        kind="cost",
        legs=[debit(account, amount), credit(chart.CASH_BANK, amount)],
        by=PLATFORM,
        now=coop_now(),
    )


def verify(run, tmp_path, *options):
    file = tmp_path / "run.json"
    file.write_text(json.dumps(bundles.bundle(run)))
    return subprocess.run([sys.executable, VERIFY, "run", file, *options], capture_output=True, text=True, check=False)


# -- from the period to the statement ---------------------------------------------------------------------------------


def test_revenue_becomes_funds_and_pay_and_nothing_is_left_in_the_pool(period):
    awa, hanitra, project = make.member("awa"), make.member("hanitra"), make.paid(items=3)
    make.answer(awa, project, seconds=20)
    make.answer(hanitra, project, seconds=60)

    run = money.approved(computed(period))

    assert balance(chart.REVENUE) == balance(chart.POOL) == 0
    funds = [fund.account for fund in FUNDS]
    assert sum(balance(fund) for fund in funds) + run.payable_total == 2 * project.price_per_answer
    for member in (awa, hanitra):
        assert balance(chart.payable(member.pseudonym.hex)) == share(run, member).payable > 0
    assert share(run, hanitra).amount > share(run, awa).amount


def test_a_run_takes_effect_in_its_period_which_is_closed_with_it(period):
    make.answer(make.member("awa"), make.paid(), seconds=60)

    run = money.approved(computed(period))

    assert run.distribution.effective_at == period.last_moment
    with pytest.raises(Refused) as no:
        legs = [debit(chart.CASH_BANK, 5), credit(chart.POOL, 5)]
        post(idem="late", kind="late", legs=legs, effective_at=period.last_moment, by=PLATFORM, now=coop_now())
    assert no.value.code == "period_closed"


def test_doing_it_twice_changes_nothing(period):
    make.answer(make.member("awa"), make.paid())
    run = computed(period)
    entries = Entry.objects.count()

    advance_runs(now=period.ends_at + DAY)
    assert draft_run(period=Period.objects.get(number=1), now=coop_now()) == run
    assert freeze_run(run=run, now=coop_now()).inputs_sha256 == run.inputs_sha256
    assert compute_run(run=run, now=coop_now()).bundle_sha256 == run.bundle_sha256

    assert Entry.objects.count() == entries


def test_an_open_period_has_no_run(period):
    with pytest.raises(Refused) as no:
        draft_run(period=period, now=coop_now())
    assert no.value.code == "period_open"


def test_runs_are_frozen_in_the_order_of_their_periods(period):
    close_due_periods(now=period.ends_at + 31 * DAY)
    first, second = Period.objects.get(number=1), Period.objects.get(number=2)
    draft_run(period=first, now=coop_now())

    with pytest.raises(Refused) as no:
        freeze_run(run=draft_run(period=second, now=coop_now()), now=coop_now())
    assert no.value.code == "earlier_run_open"


def test_a_period_in_which_nothing_happened_has_an_empty_run(period, tmp_path):
    run = computed(period)

    assert (run.payable_total, run.distribution, run.result["regime"]) == (0, None, "no_work")
    assert verify(run, tmp_path).returncode == 0


def test_time_is_paid_once_and_late_time_in_the_next_run(period):
    awa, project = make.member("awa"), make.paid(items=3)
    early = make.answer(awa, project, seconds=60)
    first = computed(period)
    late = make.answer(awa, project, seconds=120, at=period.ends_at - timedelta(minutes=5))  # was still being committed

    second = computed(Period.objects.get(number=2))

    assert [paid.entry.assignment_id for paid in PaidTime.objects.filter(share__run=first)] == [early.assignment_id]
    assert [paid.entry.assignment_id for paid in PaidTime.objects.filter(share__run=second)] == [late.assignment_id]
    assert second.inputs["revenue"][0]["answers"] == 1


def test_costs_come_before_everything(period):
    make.answer(make.member("awa"), make.paid(items=30))
    spend(chart.RAIL_FEES, 3, "fee")
    spend(chart.DIRECT_COSTS, 2, "cost")
    spend(chart.REFUNDS, 1, "refund")

    run = money.approved(computed(period))

    assert [run.inputs[key] for key in ("rail_fees", "direct_costs", "refunds")] == [3, 2, 1]
    assert run.result["net"] == run.result["revenue"] - 6
    assert balance(chart.RAIL_FEES) == balance(chart.DIRECT_COSTS) == balance(chart.REFUNDS) == 0


def test_a_deficit_shrinks_the_next_pool(period):
    spend(chart.REFUNDS, 700, "refund")
    awa, project = make.member("awa"), make.paid(items=30)
    first = computed(period)
    make.answer(awa, project, at=period.ends_at + DAY)

    second = computed(Period.objects.get(number=2))

    assert first.result["deficit_next"] == second.inputs["deficit_carried"] == 700
    assert second.result["net"] == second.result["revenue"] - 700
    money.approved(second)
    assert balance(chart.POOL) == second.result["deficit_next"]


def test_a_shortfall_of_the_floor_stays_owed_and_takes_at_most_the_voted_share_of_a_later_pool(period, tmp_path):
    amend("pay.debt_share", 10_000, at=coop_now() + timedelta(hours=1))
    awa, project = make.member("awa"), make.paid(items=40, seconds_per_answer=60)
    make.answer(awa, project, seconds=1200)
    first = money.approved(computed(period))
    short = share(first, awa).shortfall
    assert first.result["regime"] == "floors_prorated"
    assert balance(chart.owed(awa.pseudonym.hex)) == balance(chart.SHORTFALL) == short > 0
    assert verify(first, tmp_path).returncode == 0

    for number in range(30):
        make.answer(awa, project, seconds=10, at=period.ends_at + DAY + timedelta(minutes=number))
    second = money.approved(computed(Period.objects.get(number=2)))

    assert share(second, awa).owed_paid == short
    assert balance(chart.owed(awa.pseudonym.hex)) == balance(chart.SHORTFALL) == 0
    assert balance(chart.payable(awa.pseudonym.hex)) == share(first, awa).payable + share(second, awa).payable
    assert verify(second, tmp_path).returncode == 0


def test_a_run_keeps_the_book_that_was_in_force_when_its_period_began(period):
    awa, project = make.member("awa"), make.paid(items=3)
    make.answer(awa, project)
    amend("pay.solidarity_share", 900, at=coop_now() + timedelta(hours=1))

    first = computed(period)
    make.answer(awa, project, at=period.ends_at + DAY)
    second = computed(Period.objects.get(number=2))

    shares = [run.result["levies"][0]["share_bp"] for run in (first, second)]
    assert shares == [first.rule_book.rules["pay.solidarity_share"]["value"], 900]
    assert shares[0] != 900


def test_a_shorter_period_begins_with_the_period_after(period):
    amend("pay.period_days", 7, at=coop_now() + timedelta(hours=1))

    close_due_periods(now=period.ends_at)

    following = Period.objects.get(number=2)
    assert following.ends_at - following.starts_at == 7 * DAY


# -- the objection window and the treasurer ---------------------------------------------------------------------------


def test_the_treasurer_approves_after_the_objection_window(period):
    theo = make.treasurer()
    run = computed(period)
    assert run.objections_until == run.computed_at + 3 * DAY

    with pytest.raises(Refused) as no:
        approve_run(run=run, by=theo.actor, now=run.objections_until - timedelta(seconds=1))
    assert no.value.code == "objections_open"

    approved = approve_run(run=run, by=theo.actor, now=run.objections_until)
    assert (approved.state, approved.approved_by) == ("approved", theo)
    assert approve_run(run=run, by=theo.actor, now=run.objections_until + DAY).approved_at == run.objections_until


def test_nobody_else_approves(period):
    awa, _theo = make.member("awa"), make.treasurer()
    run = computed(period)

    with pytest.raises(Refused) as no:
        approve_run(run=run, by=awa.actor, now=run.objections_until)
    assert no.value.code == "not_in_office"


def test_a_run_that_is_not_settled_is_not_closed(period):
    run = computed(period)

    assert close_run(run=run, now=coop_now()).state == "computed"


# -- what the database refuses ----------------------------------------------------------------------------------------


@pytest.mark.law
@pytest.mark.parametrize(
    "change",
    [{"result": {}}, {"inputs": {}}, {"payable_total": 1}, {"bundle_sha256": "f" * 64}, {"postings": []}],
)
def test_what_a_run_has_stated_is_never_changed(period, change):
    run = computed(period)

    with pytest.raises(ProgrammingError, match="permission denied"):
        RunVersion.objects.filter(run=run).update(**change)


@pytest.mark.law
def test_a_run_does_not_go_back(period):
    run = computed(period)

    with pytest.raises(IntegrityError):
        PayoutRun.objects.filter(pk=run.pk).update(state="draft", frozen_at=None, computed_at=None)


@pytest.mark.law
def test_a_state_needs_its_moments(period):
    run = computed(period)

    with pytest.raises(IntegrityError, match="run_state_follows_its_moments"):
        PayoutRun.objects.filter(pk=run.pk).update(state="approved")


# -- the bundle and the invariants ------------------------------------------------------------------------------------


def test_the_hash_of_the_bundle_is_recorded_and_canut_verify_agrees(period, tmp_path):
    awa, hanitra, project = make.member("awa"), make.member("hanitra"), make.paid(items=20)
    for number in range(7):
        make.answer(awa, project, seconds=35 + number, at=coop_now() + timedelta(minutes=3 * number + 3))
        make.answer(hanitra, project, seconds=61, at=coop_now() + timedelta(minutes=3 * number + 3))
    spend(chart.RAIL_FEES, 7, "fee")
    run = computed(period)

    unsealed = verify(run, tmp_path)
    assert unsealed.returncode == 0, unsealed.stdout + unsealed.stderr
    seal_log(now=coop_now())
    bundle = bundles.bundle(run)
    assert bundle["log"]["entry"]["payload"] == {"bundle_sha256": fingerprint(bundles.unlogged(run.current))}
    sealed = verify(run, tmp_path)
    assert sealed.returncode == 0, sealed.stdout + sealed.stderr


def test_canut_verify_refuses_an_altered_amount(period, tmp_path):
    make.answer(make.member("awa"), make.paid())
    make.answer(make.member("hanitra"), make.paid())
    run = computed(period)
    altered = bundles.bundle(run)
    altered["result"]["members"][0]["amount"] += 1
    file = tmp_path / "altered.json"
    file.write_text(json.dumps(altered))

    answer = subprocess.run([sys.executable, VERIFY, "run", file], capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert "amount" in answer.stdout + answer.stderr


def test_every_invariant_is_a_view_that_can_be_asked():
    assert {
        "invariant_ledger_unbalanced",
        "invariant_ledger_legs_missing",
        "invariant_ledger_entry_without_home",
        "invariant_ledger_balance_not_its_entries",
        "invariant_ledger_reserved_not_its_holds",
        "invariant_run_not_conserved",
        "invariant_run_share_not_in_the_books",
        "invariant_member_paid_twice",
        "invariant_booked_without_approval",
        "invariant_run_not_booked_as_published",
        "invariant_time_paid_differs",
        "invariant_revenue_not_in_the_books",
        "invariant_period_out_of_order",
    } <= set(invariants.names())
    assert invariants.broken() == {}


@pytest.mark.breaks_the_books
def test_a_line_that_nobody_reckoned_is_seen_and_the_run_stops(period):
    awa = make.member("awa")
    make.answer(awa, make.paid())
    run = computed(period)
    MemberShare.objects.create(
        run=run,
        version=run.current,
        member=make.member("hanitra"),
        pseudonym="f" * 32,
        seconds=0,
        weight=0,
        floor=0,
        owed_paid=5,
        exact="0/1",
        amount=0,
        shortfall=0,
        owed_left=0,
    )

    assert "invariant_run_not_conserved" in invariants.broken()
    with pytest.raises(Refused) as no:
        money.approved(run)
    assert no.value.code == "version_altered"


@pytest.mark.breaks_the_books
def test_a_contradiction_in_the_books_is_seen_and_the_run_stops(period):
    awa = make.member("awa")
    make.answer(awa, make.paid())
    run = computed(period)
    open_accounts(codes=[chart.payable(awa.pseudonym.hex)], now=coop_now())
    legs = [debit(chart.POOL, 5), credit(chart.payable(awa.pseudonym.hex), 5)]
    post(idem="stolen", kind="distribution", legs=legs, by=PLATFORM, now=coop_now())

    with pytest.raises(invariants.InvariantBroken):
        money.approved(run)
    assert PayoutRun.objects.get(pk=run.pk).state == "computed"


@pytest.mark.law
def test_the_application_cannot_make_or_drop_a_view():
    with pytest.raises(ProgrammingError, match="must be owner"), connection.cursor() as cursor:
        cursor.execute("DROP VIEW invariant_member_paid_twice")
