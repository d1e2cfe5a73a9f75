"""The quote: what it adds up to, and that it never underpays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop.work.rates import BASIS, Order, Tariff, answers_funded, escrow, quote, rail_fees

PLAIN = Tariff(
    hourly_rate=1200,
    hourly_floor=1000,
    duration_margin_permille=1500,
    gold_share=0,
    training_seconds=0,
    levies={"solidarity": 500, "reserve": 500},
    rail_fee_share=0,
    rail_fee_fixed=0,
    escrow_buffer=0,
)

shares = st.integers(0, 2400)
tariffs = st.builds(
    Tariff,
    hourly_rate=st.integers(0, 20_000),
    hourly_floor=st.integers(0, 10_000),
    duration_margin_permille=st.integers(1000, 3000),
    gold_share=st.integers(0, 5000),
    training_seconds=st.integers(0, 36_000),
    levies=st.fixed_dictionaries(
        {"solidarity": shares, "reserve": shares, "commons_operations": shares, "social_contributions": shares}
    ),
    rail_fee_share=st.integers(0, 1000),
    rail_fee_fixed=st.integers(0, 500),
    escrow_buffer=st.integers(0, 5000),
)
orders = st.builds(
    Order,
    items=st.integers(1, 10**6),
    redundancy=st.integers(1, 20),
    seconds_per_answer=st.integers(1, 36_000),
    direct_costs=st.integers(0, 10**6),
)


@given(orders, tariffs)
def test_a_quote_paid_and_delivered_in_full_leaves_at_least_the_labour_it_was_quoted_for(order, tariff):
    quoted = quote(order, tariff)

    revenue = min(quoted.answers * quoted.price_per_answer, quoted.total)  # as it is billed: never beyond the quote
    distributable = revenue - rail_fees(quoted.escrow, tariff) - order.direct_costs
    labour_pool = distributable - sum(distributable * share // BASIS for share in tariff.levies.values())

    assert revenue == quoted.total
    assert labour_pool >= quoted.labour


@given(orders, tariffs)
def test_the_lines_add_up_and_nothing_is_negative(order, tariff):
    quoted = quote(order, tariff)

    assert sum(line.amount for line in quoted.lines) == quoted.total
    assert all(line.amount >= 0 for line in quoted.lines)
    assert quoted.escrow >= quoted.total
    assert quoted.price_per_answer * quoted.answers >= quoted.total
    assert (
        answers_funded(received=quoted.total, total=max(1, quoted.total), answers=quoted.answers) == quoted.answers
        or not quoted.total
    )


@given(orders, tariffs)
def test_the_quote_is_not_much_more_than_the_labour_needs(order, tariff):
    """One minor unit less would break the law, but for the units that rounding takes: each levy one of the pool, fees a few."""
    quoted = quote(order, tariff)
    to_labour = BASIS - sum(tariff.levies.values())
    total = quoted.total - -(-len(tariff.levies) * BASIS // to_labour) - 4

    left = total - rail_fees(escrow(total, tariff), tariff) - order.direct_costs
    pool = left - sum(left * share // BASIS for share in tariff.levies.values())

    assert total < 0 or pool < quoted.labour or quoted.labour == 0 or left <= 0


def test_an_order_reckoned_by_hand():
    """300 items, 3 answers each, 8 s declared: 10,800 s at 12.00 an hour are 36.00; a tenth is levied, so 40.00."""
    quoted = quote(Order(items=300, redundancy=3, seconds_per_answer=8), PLAIN)

    assert quoted.labour == 3600
    assert quoted.total == quoted.escrow == 4000
    assert quoted.price_per_answer == 5  # 4.44 rounded up; billed never beyond the quote (payouts/sharing/periods.py)
    assert {line.key: line.amount for line in quoted.lines if line.amount} == {
        "work": 3600,
        "levy.solidarity": 200,
        "levy.reserve": 200,
    }


def test_the_hourly_rate_is_never_under_the_floor():
    order = Order(items=3600, redundancy=1, seconds_per_answer=1)
    cheap = Tariff(**{**PLAIN.__dict__, "hourly_rate": 1})

    assert quote(order, cheap).labour == 1500


def test_half_the_money_funds_half_the_answers():
    assert answers_funded(received=2000, total=4000, answers=901) == 450
    assert answers_funded(received=0, total=4000, answers=901) == 0
    assert answers_funded(received=4001, total=4000, answers=901) == 901


def test_an_order_of_nothing_and_levies_of_everything_are_refused():
    with pytest.raises(ValueError, match="an order has items"):
        Order(items=0, redundancy=3, seconds_per_answer=1)
    with pytest.raises(ValueError, match="nothing for labour"):
        Tariff(**{**PLAIN.__dict__, "levies": {"solidarity": 10_000}})
