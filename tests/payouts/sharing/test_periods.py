"""Periods follow one another without a gap, and earn what was delivered in them, never more than was paid in."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from payouts.ledger import chart
from payouts.ledger.actions import balance, credit, debit, post
from payouts.models import Period, RevenueLine
from payouts.sharing.periods import close_due_periods, open_first_period
from tests import make, money

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def period():
    return open_first_period(now=coop_now() - DAY)


def test_the_first_period_lasts_as_long_as_the_rule_says(period):
    assert period.ends_at - period.starts_at == 30 * DAY
    assert open_first_period(now=coop_now()) == period


def test_a_period_that_still_runs_is_not_closed(period):
    assert close_due_periods(now=period.last_moment) == []


def test_the_next_period_begins_where_the_one_before_ends(period):
    close_due_periods(now=period.ends_at)

    following = Period.objects.get(number=2)
    assert following.starts_at == period.ends_at
    assert following.state == "open"
    assert Period.objects.get(number=1).state == "closed"


def test_closing_late_closes_every_period_that_is_over(period):
    closed = close_due_periods(now=period.ends_at + 65 * DAY)

    assert [one.number for one in closed] == [1, 2, 3]
    assert close_due_periods(now=period.ends_at + 65 * DAY) == []


def following(period):
    return Period.objects.get(number=period.number + 1)


def test_what_was_delivered_is_earned_at_the_price_billed(period):
    awa, project = make.member("awa"), make.paid(items=3)
    make.answer(awa, project)
    before = balance(chart.escrow(project.pk))

    run = money.run_of(period)
    assert balance(chart.REVENUE) == 0 and balance(chart.escrow(project.pk)) == before
    money.approved(run)

    line = RevenueLine.objects.get()
    assert (line.answers, line.amount) == (1, project.price_per_answer)
    assert balance(chart.escrow(project.pk)) == before - line.amount


def test_an_answer_is_earned_once(period):
    awa, project = make.member("awa"), make.paid(items=3)
    make.answer(awa, project)

    money.run_of(period)
    money.run_of(following(period))

    assert RevenueLine.objects.count() == 1


def test_an_answer_given_after_the_end_belongs_to_the_next_period(period):
    awa, project = make.member("awa"), make.paid(items=3)
    make.answer(awa, project, at=period.ends_at)

    money.run_of(period, after=DAY)
    assert not RevenueLine.objects.exists()

    money.run_of(following(period))
    assert RevenueLine.objects.get().period.number == 2


def test_no_more_is_earned_than_was_paid_in(period):
    awa, project = make.member("awa"), make.paid(items=3)
    make.answer(awa, project)

    left = project.price_per_answer - 1
    escrow = chart.escrow(project.pk)
    refund = balance(escrow) - left
    post(
        idem="refund",
        kind="refund",
        legs=[debit(escrow, refund), credit(chart.CASH_BANK, refund)],
        by=PLATFORM,
        now=coop_now(),
    )

    money.approved(money.run_of(period))

    assert RevenueLine.objects.get().amount == left
    assert balance(escrow) == 0


def test_a_project_delivered_in_full_earns_what_was_quoted_though_its_price_is_rounded_up(period):
    awa, project = make.member("awa"), make.paid(items=20, redundancy=1, seconds_per_answer=1)
    start = coop_now()
    for n in range(12):
        make.answer(awa, project, seconds=1, at=start + (3 * n + 3) * SECOND)
    money.run_of(period)
    for n in range(8):
        make.answer(awa, project, seconds=1, at=period.ends_at + 3 * n * SECOND)

    money.run_of(following(period))

    assert 20 * project.price_per_answer > project.quote.total
    assert RevenueLine.objects.count() == 2
    assert sum(line.amount for line in RevenueLine.objects.all()) == project.quote.total


@pytest.mark.law
def test_a_gap_between_periods_is_impossible(period):
    with pytest.raises(IntegrityError, match="period_begins_where_the_one_before_ends"):
        Period.objects.create(
            number=2, follows=period, starts_at=period.ends_at + DAY, ends_at=period.ends_at + 2 * DAY
        )


@pytest.mark.law
def test_a_closed_period_is_not_opened_again(period):
    close_due_periods(now=period.ends_at)

    with pytest.raises(IntegrityError, match="does not go from state"):
        Period.objects.filter(number=1).update(state="open", closed_at=None)
