"""How much a member may still state of the hours of a day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

DAY = timedelta(hours=24)


def stated_room(stated: Sequence[tuple[datetime, int]], *, at: datetime, most: int) -> int:
    """The most seconds that may be stated at `at`, so that no 24 hours hold more than `most`; `stated` is what stands already.

    A stretch of 24 hours takes its beginning in and leaves its end out; each that matters begins with a statement.
    """
    beginnings = [at, *(moment for moment, _seconds in stated if at - DAY < moment <= at)]
    fullest = max(
        sum(seconds for moment, seconds in stated if begins <= moment < begins + DAY) for begins in beginnings
    )
    return max(0, most - fullest)
