"""Which project is offered first."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from coop.work.allocation import STRATEGIES, Candidate, offer_order

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
OLD = Candidate("old", weight=1000, open_items=10, live_since=NOON - timedelta(days=3))
NEW = Candidate("new", weight=1000, open_items=30, live_since=NOON)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_project_is_offered_once_and_the_seed_alone_decides(strategy):
    for n in range(50):
        seed = n.to_bytes(2, "big")

        order = offer_order(strategy, [OLD, NEW], seed)

        assert sorted(order) == ["new", "old"]
        assert order == offer_order(strategy, [NEW, OLD], seed)


def test_the_lottery_follows_weight_and_open_work():
    first = Counter(offer_order("weighted_lottery/1", [OLD, NEW], n.to_bytes(2, "big"))[0] for n in range(2000))

    assert 1400 <= first["new"] <= 1600  # 30 tickets of 40


def test_a_project_voted_down_to_nothing_still_has_one_ticket():
    shunned = Candidate("shunned", weight=0, open_items=5, live_since=NOON)
    small = Candidate("small", weight=1, open_items=1, live_since=NOON)

    first = {offer_order("weighted_lottery/1", [shunned, small], n.to_bytes(2, "big"))[0] for n in range(50)}

    assert first == {"shunned", "small"}


def test_oldest_first_offers_what_has_waited_longest():
    assert all(offer_order("oldest_first/1", [NEW, OLD], n.to_bytes(2, "big")) == ["old", "new"] for n in range(20))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nothing_to_offer_is_an_empty_order(strategy):
    assert offer_order(strategy, [], b"seed") == []
