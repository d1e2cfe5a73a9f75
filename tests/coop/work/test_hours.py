"""How much may be stated of a day, for all numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coop.work.hours import DAY, stated_room

MOST = 36_000
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
statements = st.lists(st.tuples(st.integers(0, 200_000), st.integers(1, 40_000)), max_size=25)


@given(statements)
def test_no_24_hours_ever_hold_more_than_was_voted_in_whatever_order_it_is_said(said):
    stands: list[tuple[datetime, int]] = []
    for after, wanted in said:
        at = NOON + timedelta(seconds=after)
        stands.append((at, min(wanted, stated_room(stands, at=at, most=MOST))))

    for begins, _seconds in stands:
        assert sum(seconds for at, seconds in stands if begins <= at < begins + DAY) <= MOST


@given(statements)
def test_what_is_said_alone_has_all_the_hours(said):
    far = [(NOON + DAY * 10 + timedelta(seconds=after), seconds) for after, seconds in said]

    assert stated_room(far, at=NOON, most=MOST) == MOST
