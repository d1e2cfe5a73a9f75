"""A statement explains each line: the rule and its vote, the numbers, where they come from, the exact share and the cent."""

import uuid
from datetime import timedelta

import pytest

from coop.ground.clock import coop_now
from coop.rules.actions import amend_rule, head
from payouts.actions.periods import close_due_periods, open_first_period
from payouts.actions.runs import advance_runs
from payouts.models import MemberShare, Period
from payouts.statements import lines
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def period():
    return open_first_period(now=coop_now() - DAY)


def statement(member, period):
    close_due_periods(now=period.ends_at)
    advance_runs(now=period.ends_at)
    share = MemberShare.objects.get(member=member, run__period__number=period.number)
    return share, {line.key: line for line in lines(share)}


def test_each_line_names_its_rule_and_its_sources(period):
    awa, project = make.member("awa"), make.paid()
    answer = make.answer(awa, project, seconds=60)

    share, said = statement(awa, period)

    entry = answer.assignment.time_entries.get()
    assert said["time.task"].sources == (f"time:{entry.pk}",)
    assert said["floor"].rules[0].key == "pay.hourly_floor"
    assert said["share"].exact == said["pay"].exact == share.exact
    assert said["payable"].amount == share.payable == said["pay"].amount
    assert said["payable"].sources == (f"ledger:transaction:{share.run.distribution_id}",)
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
    awa, project = make.member("awa"), make.paid()
    make.answer(awa, project, seconds=1200)

    share, said = statement(awa, period)

    assert said["shortfall"].amount == share.shortfall > 0
    assert "floors" in said["share"].formula
