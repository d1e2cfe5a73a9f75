"""What a quote costs, and for how long it holds, is voted."""

import pytest

from tests import make
from tests.rules_outcomes.cases import outcome_of

pytestmark = pytest.mark.django_db

QUOTED = {
    "order.hourly_rate": (3600, "work", 2),
    "order.training_seconds": (240, "training", 2),
    "order.declared_duration_permille": (3000, "work", 2),
    "order.rail_fee_rate": (300, "rail_fees", 2),
}
"""For each rule: a new value, the line of the quote that follows it, and about how many times as much that is."""


def line(project, key):
    return project.quote.lines.get(key=key).amount


@pytest.mark.parametrize("key", QUOTED)
@outcome_of(*QUOTED)
def test_a_line_of_the_quote_follows_its_rule(key, vote):
    value, name, times = QUOTED[key]
    before = line(make.quoted(items=400), name)

    vote(key, value)

    after = line(make.quoted(items=400), name)
    assert times * before - 40 <= after <= times * before + 40
    assert after != before


@outcome_of("order.buffer")
def test_what_is_paid_in_on_top_of_the_quote_follows_the_vote(vote):
    before = make.quoted(items=50).quote

    vote("order.buffer", 0)

    after = make.quoted(items=50).quote
    assert before.escrow > before.total
    assert after.escrow == after.total


@outcome_of("order.quote_days")
def test_a_quote_holds_as_long_as_was_voted(vote):
    before = make.quoted().quote

    vote("order.quote_days", 3)

    after = make.quoted().quote
    assert (before.valid_until - before.quoted_at).days == 30
    assert (after.valid_until - after.quoted_at).days == 3
