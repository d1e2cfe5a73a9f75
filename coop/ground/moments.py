"""Moments never run backwards: what is recorded on a row is never earlier than what stands there already.

A worker reads the clock, and then waits for the row; meanwhile another, whose clock was read later, may have written.
So an action raises its `now` once it holds the row: `now = row.not_before(now)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from django.db import models

from coop.ground.states import Graph


class Dated(models.Model):
    """A row that records moments, and follows a graph for each state it has.

    Every date and time of the row is a moment of ours, unless it is named as something else: a deadline, a moment of wall time,
    or what somebody outside told us. So a new column can't be forgotten.
    """

    GRAPHS: ClassVar[Mapping[str, Graph]] = {}
    """The graph of each state field."""
    DEADLINES: ClassVar[frozenset[str]] = frozenset()
    """Columns that may lie in the future."""
    WALL: ClassVar[frozenset[str]] = frozenset()
    """Columns that hold wall time: the keys of a rail age by it."""
    TOLD: ClassVar[frozenset[str]] = frozenset()
    """Columns that hold what somebody else's clock said."""

    class Meta:
        abstract = True

    @classmethod
    def moments(cls) -> frozenset[str]:
        """The columns in which the row records moments of the co-operative's clock."""
        dates = {one.attname for one in cls._meta.concrete_fields if isinstance(one, models.DateTimeField)}
        return frozenset(dates - cls.DEADLINES - cls.WALL - cls.TOLD)

    def not_before(self, moment: datetime) -> datetime:
        """The later of `moment` and all moments recorded on this row or of it elsewhere. Ask it with the row locked."""
        return _latest([moment, *self.recorded(), *self.recorded_elsewhere()])

    def recorded(self) -> list[datetime | None]:
        """The moments that stand on this row."""
        return [getattr(self, column) for column in type(self).moments()]

    def recorded_elsewhere(self) -> Iterable[datetime | None]:
        """What other tables record of this row and the row does not: the last of its steps, of its entries in the log."""
        return ()

    def wall_not_before(self, wall: datetime) -> datetime:
        """The same by wall time."""
        return _latest([wall, *(getattr(self, column) for column in self.WALL)])


def _latest(moments: Iterable[datetime | None]) -> datetime:
    return max(known for known in moments if known is not None)
