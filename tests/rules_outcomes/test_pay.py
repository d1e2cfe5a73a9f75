"""Where revenue goes and how pay is shared is voted, and begins with the payout period after the vote.

The same work is done in the period before and in the one after; the two runs are compared.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from psycopg.types.range import TimestamptzRange

from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.work.models import TimeEntry
from payouts.actions.execution import reserve_run
from payouts.ledger import chart
from payouts.ledger.actions import credit, debit, open_accounts, post
from payouts.models import MemberShare, PayoutItem, PayoutRun, Period
from payouts.sharing.approval import approve_run
from payouts.sharing.approvers import deadline
from payouts.sharing.periods import close_due_periods, open_first_period
from payouts.sharing.runs import advance_runs
from tests import make, money
from tests.payouts import paying
from tests.rules_outcomes.cases import outcome_of

pytestmark = pytest.mark.django_db

LEVIES = {
    "pay.solidarity_share": "solidarity",
    "pay.reserve_share": "reserve",
    "pay.commons_operations_share": "commons_operations",
    "pay.social_contributions_share": "social_contributions",
}
ROUNDING = 1
"""The cent that rounding gives to one of two equals."""


class TwoPeriods:
    """Two payout periods of the same project, with a vote in the first."""

    def __init__(self, clock, vote):
        self.clock, self.vote = clock, vote
        self.period = open_first_period(now=coop_now())
        self.project = make.paid(items=120)

    def work(self, *seconds_of, answers=3):
        """Each member hands in some answers; `seconds_of` is (member, seconds per answer)."""
        for member, seconds in seconds_of:
            for _ in range(answers):
                make.answer(member, self.project, seconds=seconds)
                self.clock.advance(seconds=seconds + 1)

    def run(self):
        """The run of the period under way, once it is over and closed."""
        number = Period.objects.order_by("-number").first().number
        ends_at = Period.objects.get(number=number).ends_at
        self.clock.advance(seconds=max(0, int((ends_at - coop_now()).total_seconds())) + 60)
        close_due_periods(now=coop_now())
        money.approve_before(Period.objects.get(number=number), now=coop_now())
        advance_runs(now=coop_now())
        return PayoutRun.objects.get(period__number=number)

    def before_and_after(self, key, value, *work, answers=3):
        """The runs of two periods with the same work, the rule changed by a vote in the first."""
        self.work(*work, answers=answers)
        self.vote(key, value, wait=False)
        before = self.run()
        self.work(*work, answers=answers)
        return before, self.run()


@pytest.fixture
def periods(clock, vote):
    return TwoPeriods(clock, vote)


def amounts(run):
    """What each received, by name."""
    return {share.member.name: share.amount for share in MemberShare.objects.filter(run=run).select_related("member")}


@pytest.mark.parametrize("key", LEVIES)
@outcome_of(*LEVIES)
def test_a_fund_gets_the_voted_share(key, periods):
    awa = make.member("awa")

    before, after = periods.before_and_after(key, 2000, (awa, 10))

    def levied(run):
        found = {levy["line"]: levy["amount"] for levy in run.result["levies"]}
        return found[LEVIES[key]], run.result["distributable"]

    amount, of = levied(after)
    assert amount == of * 2000 // 10_000
    assert amount > levied(before)[0]
    assert amounts(after)["Awa"] < amounts(before)["Awa"]


@outcome_of("pay.hourly_floor")
def test_what_the_pool_can_not_pay_of_a_higher_floor_stays_owed(periods):
    awa, hanitra = make.member("awa"), make.member("hanitra")

    before, after = periods.before_and_after("pay.hourly_floor", 1800, (awa, 32), (hanitra, 20))

    assert before.result["regime"] == "ok"
    assert after.result["regime"] == "floors_prorated"
    assert (
        MemberShare.objects.get(run=after, member=awa).floor
        == 2 * MemberShare.objects.get(run=before, member=awa).floor
    )
    assert MemberShare.objects.get(run=after, member=awa).shortfall > 0


@outcome_of("pay.hourly_cap")
def test_nobody_is_paid_more_than_the_voted_cap_and_the_rest_is_kept(periods):
    awa, hanitra = make.member("awa"), make.member("hanitra")

    before, after = periods.before_and_after("pay.hourly_cap", 900, (awa, 20), (hanitra, 20))

    assert before.result["regime"] == "ok"
    assert after.result["regime"] == "all_capped"
    assert after.result["to_reserve"] > 0
    assert amounts(after)["Awa"] == 60 * 900 // 3600 < amounts(before)["Awa"]


@outcome_of("pay.equal_base_share")
def test_a_greater_equal_base_brings_long_and_short_hours_nearer(periods):
    awa, hanitra = make.member("awa"), make.member("hanitra")

    before, after = periods.before_and_after("pay.equal_base_share", 9000, (awa, 20), (hanitra, 10), answers=8)

    def gap(run):
        return amounts(run)["Awa"] - amounts(run)["Hanitra"]

    assert gap(before) > gap(after) + ROUNDING


@outcome_of("pay.reserve_draw_limit")
def test_the_reserve_pays_the_floor_as_far_as_was_voted(periods):
    open_accounts(codes=[chart.RESERVE, chart.CASH_BANK], now=coop_now())
    legs = [debit(chart.CASH_BANK, 10_000), credit(chart.RESERVE, 10_000)]
    post(idem="test:reserve", kind="gift", legs=legs, by=PLATFORM, now=coop_now())
    awa = make.member("awa")

    before, after = periods.before_and_after("pay.reserve_draw_limit", 0, (awa, 200))

    assert before.result["reserve_draw"] > 0
    assert (after.result["reserve_draw"], after.result["regime"]) == (0, "floors_prorated")


@outcome_of("pay.seniority_step_permille")
def test_years_in_the_co_operative_count_as_was_voted(periods):
    awa = make.member("awa", admitted_at=coop_now() - timedelta(days=5 * 366))
    hanitra = make.member("hanitra")

    before, after = periods.before_and_after("pay.seniority_step_permille", 100, (awa, 20), (hanitra, 20), answers=8)

    assert abs(amounts(before)["Awa"] - amounts(before)["Hanitra"]) <= ROUNDING
    assert amounts(after)["Awa"] > amounts(after)["Hanitra"] + ROUNDING


@outcome_of("pay.kind_weights")
def test_an_hour_of_each_kind_weighs_what_was_voted(periods):
    awa, hanitra = make.member("awa"), make.member("hanitra")
    weights = dict.fromkeys(("task", "pilot", "training", "standby", "review", "jury"), 1000) | {"assembly": 1}

    def assembly(member, seconds):
        """Time in the assembly, as a roster would enter it (no action does yet)."""
        end = coop_now()
        TimeEntry.objects.create(
            member=member,
            kind="assembly",
            source="roster",
            span=TimestamptzRange(end - timedelta(seconds=seconds), end),
            counted_seconds=seconds,
            counted_at=end,
        )

    periods.work((awa, 5), answers=12)
    assembly(hanitra, 60)
    periods.vote("pay.kind_weights", weights, wait=False)
    before = periods.run()
    periods.work((awa, 5), answers=12)
    periods.clock.advance(minutes=5)
    assembly(hanitra, 60)
    after = periods.run()

    assert abs(amounts(before)["Awa"] - amounts(before)["Hanitra"]) <= ROUNDING
    assert amounts(after)["Awa"] > amounts(after)["Hanitra"] + ROUNDING


@outcome_of("pay.share_strategy")
def test_the_pool_is_shared_by_the_voted_algorithm(periods):
    awa, hanitra = make.member("awa"), make.member("hanitra")

    before, after = periods.before_and_after(
        "pay.share_strategy", "clamped_equal/1", (awa, 15), (hanitra, 10), answers=8
    )

    assert amounts(before)["Awa"] > amounts(before)["Hanitra"] + ROUNDING
    assert abs(amounts(after)["Awa"] - amounts(after)["Hanitra"]) <= ROUNDING


@outcome_of("pay.period_days")
def test_a_period_lasts_as_long_as_was_voted(periods):
    make.member("awa")

    periods.vote("pay.period_days", 7, wait=False)

    periods.run()
    first, second = Period.objects.order_by("number")
    assert (first.ends_at - first.starts_at).days == 30
    assert (second.ends_at - second.starts_at).days == 7


@outcome_of("pay.objection_days")
def test_the_lines_are_open_to_objection_as_long_as_was_voted(periods):
    awa = make.member("awa")

    before, after = periods.before_and_after("pay.objection_days", 10, (awa, 10))

    assert before.objections_until - before.computed_at == timedelta(days=3)
    assert after.objections_until - after.computed_at == timedelta(days=10)


@outcome_of("pay.approval_days")
def test_a_steward_may_approve_after_the_voted_time(periods):
    awa = make.member("awa")

    before, after = periods.before_and_after("pay.approval_days", 20, (awa, 10))

    assert deadline(before) - before.objections_until == timedelta(days=7)
    assert deadline(after) - after.objections_until == timedelta(days=20)


@outcome_of("pay.debt_share")
def test_old_debts_take_no_more_of_the_pool_than_was_voted(periods):
    awa, hanitra = make.member("awa"), make.member("hanitra")
    owed = chart.owed(hanitra.pseudonym.hex)
    open_accounts(codes=[owed], now=coop_now())
    post(
        idem="test:owed",
        kind="gift",
        legs=[debit(chart.SHORTFALL, 9_000), credit(owed, 9_000)],
        by=PLATFORM,
        now=coop_now(),
    )

    before, after = periods.before_and_after("pay.debt_share", 5000, (awa, 10))

    assert before.result["owed_paid"] == before.result["labour_pool"] * 2000 // 10_000 > 0
    assert after.result["owed_paid"] == after.result["labour_pool"] * 5000 // 10_000


@outcome_of("payout.minimum")
def test_less_than_the_voted_minimum_waits_for_the_next_run(periods):
    theo, awa = make.treasurer(), make.member("hanitra")
    paying.ariary(theo)
    paying.paid_by(awa, "mobile_money", operator="mvola", number="+261341234567")

    def sent(run):
        periods.clock.advance(days=4)
        approve_run(run=run, by=theo.actor, now=coop_now())
        reserve_run(run=run, now=coop_now())
        return PayoutItem.objects.filter(run=run).count()

    periods.work((awa, 10))
    periods.vote("payout.minimum", 1, wait=False)
    before = periods.run()
    assert 0 < money.share_of(before, awa).payable < 100
    assert sent(before) == 0
    periods.work((awa, 10))
    after = periods.run()

    assert sent(after) == 1


@outcome_of("reports.minimum_group")
def test_nothing_is_published_about_fewer_persons_than_was_voted(periods):
    members = [make.member() for _ in range(6)]
    periods.work(*[(member, 5) for member in members], answers=1)
    run = periods.run()

    def countries():
        return [group["country"] for group in Client().get(f"/api/v1/runs/{run.pk}/").json()["spread"]["countries"]]

    assert countries() == ["MG"]

    periods.vote("reports.minimum_group", 7)

    assert countries() == []
