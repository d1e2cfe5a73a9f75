"""How long a letter waits before it is tried again. Pure."""

from __future__ import annotations

from datetime import timedelta

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60))
MOST_TRIES = len(PAUSES) + 1


def pause_after(tries: int) -> timedelta | None:
    """The pause after so many tries; None where it is given up: longer and longer, for two days in all."""
    return PAUSES[tries - 1] if tries < MOST_TRIES else None
