"""A statement explains each line: the rule and its vote, the numbers, where they come from, the exact share and the cent."""

import uuid
from datetime import timedelta

import pytest

from coop.ground.clock import coop_now
from coop.rules.actions import amend_rule, head
from payouts.models import MemberShare, Period
from payouts.sharing.periods import open_first_period
from payouts.sharing.statements import lines
from tests import make, money
from tests.payouts.sharing.sentences import reckoned

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def period():
    return open_first_period(now=coop_now() - DAY)


def statement(member, period):
    share = money.share_of(money.run_of(period), member)
    return share, said_of(share)


def said_of(share):
    return {line.key: line for line in lines(MemberShare.objects.get(pk=share.pk))}


def test_each_line_names_its_rule_and_its_sources(period):
    awa, project = make.member("awa"), make.paid()
    answer = make.answer(awa, project, seconds=60)

    share, said = statement(awa, period)

    entry = answer.assignment.time_entries.get()
    assert said["time.task"].sources == (f"time:{entry.pk}",)
    assert said["floor"].rules[0].key == "pay.hourly_floor"
    assert said["share"].exact == said["pay"].exact == share.exact
    assert said["payable"].amount == share.payable == said["pay"].amount
    assert said["payable"].sources == ()  # nothing is booked yet
    booked = money.approved(share.run)
    assert said_of(share)["payable"].sources == (f"ledger:transaction:{booked.distribution_id}",)
    assert "equal base" in said["share"].formula


def test_a_line_names_the_vote_behind_its_rule(period):
    awa, project, decision = make.member("awa"), make.paid(items=3), uuid.uuid4()
    amend_rule(
        key="pay.hourly_floor",
        value=950,
        effective_from=coop_now() + DAY,
        decision=decision,
        supersedes=head("pay.hourly_floor"),
        now=coop_now(),
    )
    make.answer(awa, project)

    _, before = statement(awa, period)
    make.answer(awa, project, at=period.ends_at + DAY)
    _, after = statement(awa, Period.objects.get(number=2))

    assert (before["floor"].rules[0].version, before["floor"].rules[0].decision) == (1, None)
    assert (after["floor"].rules[0].version, after["floor"].rules[0].decision) == (2, decision)
    assert after["floor"].rules[0].value == 950


def test_what_is_missing_to_the_floor_is_a_line(period):
    awa, project = make.member("awa"), make.paid(items=100, seconds_per_answer=1)
    for minutes in range(10):
        make.answer(awa, project, seconds=8, at=coop_now() + timedelta(minutes=1 + minutes))

    share, said = statement(awa, period)

    assert said["shortfall"].amount == share.shortfall > 0
    assert "floors" in said["share"].formula


def vote(**values):
    for key, value in values.items():
        rule = f"pay.{key}"
        now = coop_now() - 3 * DAY
        amend_rule(
            key=rule, value=value, effective_from=now, decision=uuid.uuid4(), supersedes=head(rule), now=now - DAY
        )


@pytest.mark.parametrize("strategy", ["clamped_weight/1", "clamped_equal/1"])
def test_the_sentence_of_a_share_is_true_under_either_strategy(strategy):
    vote(share_strategy=strategy, hourly_cap=0)
    period = open_first_period(now=coop_now() - DAY)
    awa, hanitra, project = make.member("awa"), make.member("hanitra"), make.paid(items=2, redundancy=1)
    make.answer(awa, project, seconds=10)
    make.answer(hanitra, project, seconds=40)

    factors = set()
    for member in (awa, hanitra):
        share, said = statement(member, period)
        before, *_ = said["share"].formula.partition(", the one factor")
        factors.add(before.rpartition(") × ")[2] if before != said["share"].formula else "1/1")

        assert reckoned(before) == share.exact_share
    assert len(factors) == 1
