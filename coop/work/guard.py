"""How much time a project may count before people look at its instructions and its price. Pure.

The guard is the project, never a person: what its counted time is worth at the hourly floor, less the labour billed for its
delivered answers, is a debt to everybody; without a look it is at most that labour once more. What finds no room is held.
"""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3_600  # seconds
NEAR = 100
"""So many times what is handed in must be free, or those who hand in wait for each other: fewer hand in at once."""
HELD_PART = 10
"""One part in so many of the quoted time may be held before hand-out pauses: one slow beginning stops nothing."""


@dataclass(frozen=True)
class Account:
    """Where a project stands. Seconds and minor units; `looked` is up to where people have said that its time may go."""

    labour: int
    quoted_seconds: int
    answers: int
    delivered: int
    counted: int
    hourly_floor: int
    held: int = 0
    looked: int = 0

    @property
    def unreviewed_limit(self) -> int:
        """The most seconds that may be counted without a look: at the floor, twice the labour billed for what is delivered."""
        billed = self.labour * self.delivered // self.answers
        return max(2 * billed * HOUR // self.hourly_floor, self.looked)

    @property
    def room(self) -> int:
        """The seconds that may still be counted."""
        return max(0, self.unreviewed_limit - self.counted)

    @property
    def is_beyond_its_quote(self) -> bool:
        """Whether more hours are counted, and held, than the quote pays for."""
        return self.counted + self.held > max(self.quoted_seconds, self.looked)

    @property
    def holds_too_much(self) -> bool:
        """Whether more is held than may be, while people go on working."""
        return self.held * HELD_PART > self.quoted_seconds

    def is_near(self, seconds: int) -> bool:
        """Whether so many seconds, handed in by many at once, could reach one of the limits."""
        ahead = NEAR * seconds
        limit = max(self.quoted_seconds, self.looked)
        return self.held > 0 or self.room < ahead or self.counted + ahead > limit
