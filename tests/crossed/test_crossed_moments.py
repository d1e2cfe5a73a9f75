"""Whichever of two workers comes first, and whichever read the clock first: everything moves on, and no moment goes back."""

import pytest
from django.db import transaction

from tests.crossed import stories_of_money, stories_of_votes, stories_of_work
from tests.crossed.crossing import STORIES, Crossing, every_way, watch_every_move

__all__ = ["stories_of_money", "stories_of_votes", "stories_of_work"]

pytestmark = pytest.mark.usefixtures("committed_db")
BEING_REWRITTEN = {"payouts.PayoutRun", "payouts.PayoutItem", "payouts.Order", "payouts.Attempt", "payouts.InboxEvent"}


def test_every_move_of_every_thing_is_made_with_crossed_moments_and_none_goes_back(on_stripe, account):
    watch_every_move()
    on_stripe.ask("balance", amount=1_000_000)
    crossing = Crossing(account)

    for tell in STORIES:
        with transaction.atomic():
            tell(crossing)
            transaction.set_rollback(True)

    known = (*BEING_REWRITTEN, "run:")
    assert [fault for fault in crossing.faults if not fault.startswith(known)] == []
    missing = {way for way in every_way() - crossing.moved if way[0] not in BEING_REWRITTEN}
    assert sorted(missing) == [], "no story makes this move"
