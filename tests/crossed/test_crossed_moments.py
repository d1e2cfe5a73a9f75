"""Whichever of two workers comes first, and whichever read the clock first: everything moves on, and no moment goes back."""

import itertools

import pytest
from django.db import transaction

from coop.ground.moments import Dated
from tests.crossed import (
    stories_of_money,
    stories_of_notices,
    stories_of_orders,
    stories_of_payments,
    stories_of_votes,
    stories_of_work,
)
from tests.crossed.crossing import STORIES, TELLINGS, Crossing, every_way, watch_every_move

__all__ = [
    "stories_of_money",
    "stories_of_notices",
    "stories_of_orders",
    "stories_of_payments",
    "stories_of_votes",
    "stories_of_work",
]

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def crossing(on_stripe, account):
    watch_every_move()
    on_stripe.ask("balance", amount=1_000_000)
    return Crossing(on_stripe, account)


def told(crossing, *stories):
    for tell, telling in itertools.product(stories, TELLINGS):
        crossing.begin(tell.__name__, telling)
        with transaction.atomic():
            tell(crossing)
            transaction.set_rollback(True)


def test_every_move_of_every_thing_is_made_with_crossed_moments_and_none_goes_back(crossing):
    told(crossing, *STORIES)

    assert crossing.faults == []
    assert sorted(every_way() - crossing.moved) == [], "no story makes this move"


def test_actions_that_write_the_moment_they_were_called_with_are_seen(crossing, monkeypatch):
    monkeypatch.setattr(Dated, "not_before", lambda _row, moment: moment)

    told(crossing, stories_of_payments.a_payment_comes_back_before_anybody_looks_and_an_event_says_so)

    assert crossing.faults
