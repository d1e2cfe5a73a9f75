"""How much a project may count unseen, for all numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coop.work.guard import HOUR, Account

accounts = st.builds(
    Account,
    labour=st.integers(1, 10**7),
    quoted_seconds=st.integers(1, 10**7),
    answers=st.just(1000),
    delivered=st.integers(0, 1000),
    counted=st.integers(0, 10**7),
    hourly_floor=st.integers(100, 10_000),
    held=st.integers(0, 10**6),
)


@given(accounts)
def test_with_all_the_room_used_the_floor_owes_at_most_the_labour_billed_once_more(account):
    billed = account.labour * account.delivered // account.answers

    assert account.unreviewed_limit * account.hourly_floor <= 2 * billed * HOUR


@given(accounts, st.integers(0, 100_000))
def test_far_from_its_limits_a_hundred_may_hand_in_without_waiting_for_each_other(account, seconds):
    if not account.is_near(seconds):
        assert account.room >= 100 * seconds
        assert account.counted + 100 * seconds <= account.quoted_seconds
