"""Whichever of two workers comes first, and whichever read the clock first: everything moves on, and no moment goes back."""

import pytest
from django.db import transaction

from tests.crossed import stories_of_money, stories_of_votes, stories_of_work
from tests.crossed.crossing import STORIES, Crossing, every_way

__all__ = ["stories_of_money", "stories_of_votes", "stories_of_work"]

pytestmark = pytest.mark.django_db
BEING_REWRITTEN = {"payouts.PayoutRun", "payouts.PayoutItem", "payouts.Order", "payouts.InboxEvent"}


def test_every_move_of_every_thing_is_made_with_crossed_moments_and_none_goes_back():
    crossing = Crossing()

    for tell in STORIES:
        with transaction.atomic():
            tell(crossing)
            transaction.set_rollback(True)

    assert crossing.faults == []
    missing = {way for way in every_way() - crossing.moved if way[0] not in BEING_REWRITTEN}
    assert sorted(missing) == [], "no story makes this move"
