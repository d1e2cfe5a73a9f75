"""Two workers, of whom the one that comes second read the clock first; and what is seen of every thing that has a state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from coop.audit.models import Entry
from coop.ground.moments import Dated
from coop.management.commands.states import graphs

BLINK = timedelta(milliseconds=7)
"""By how much the second worker's clock was read earlier."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)

Way = tuple[str, str, str, str]
"""Model, field, from, to."""

STORIES: list[Callable[[Crossing], None]] = []


def story(tell: Callable[[Crossing], None]) -> Callable[[Crossing], None]:
    """One more story that is told with crossed moments."""
    STORIES.append(tell)
    return tell


def every_way() -> set[Way]:
    """Every move of every graph."""
    return {(model._meta.label, name, start, to) for model, name, graph in graphs() for start, to in graph.ways}


class Crossing:
    """Takes one step after another, each with a moment before the last one on record, and remembers every move."""

    def __init__(self) -> None:
        self.moved: set[Way] = set()
        self.faults: list[str] = []

    def step(self, action: Callable[..., Any], row: Dated, *, due: datetime | None = None, **said: Any) -> Any:
        """Call the action with a moment a blink before the last one recorded on `row`; or at `due`, where a rule waits for that."""
        before = _seen()
        if due is None:
            due = reread(row).not_before(LONG_AGO) - BLINK
        answer = action(now=due, **said)
        connection.check_constraints()
        self._compare(before, _seen())
        return answer

    def _compare(self, before: dict[Any, Dated], after: dict[Any, Dated]) -> None:
        for key, row in after.items():
            if (old := before.get(key)) is None:
                continue
            for name in row.GRAPHS:
                start, to = str(getattr(old, name)), str(getattr(row, name))
                if start != to:
                    self.moved.add((row._meta.label, name, start, to))
            self.faults += _backwards(old, row)
        self.faults += log_backwards()


def reread(row: Any) -> Any:
    """The row as it stands now."""
    return type(row)._default_manager.get(pk=row.pk)


def _backwards(old: Dated, row: Dated) -> list[str]:
    """Moments that were written earlier than what stood there."""
    standing = [getattr(old, column) for column in row.moments()]
    latest = max(moment for moment in standing if moment is not None) if any(standing) else None
    return [
        f"{row._meta.label}.{column}: {new} after {latest}"
        for column in row.moments()
        if (new := getattr(row, column)) not in (None, getattr(old, column)) and latest is not None and new < latest
    ]


def log_backwards() -> list[str]:
    """Entries of the log about one thing that come after a later one."""
    latest: dict[str, Entry] = {}
    faults = []
    for entry in Entry.objects.order_by("pk"):
        last = latest.get(entry.subject)
        if last is not None and entry.recorded_at < last.recorded_at:
            faults.append(f"{entry.subject}: {entry.kind} at {entry.recorded_at}, {last.kind} at {last.recorded_at}")
        latest[entry.subject] = entry
    return faults


def _seen() -> dict[Any, Dated]:
    """Every thing that has a state, as it stands."""
    return {(model, row.pk): row for model, _name, _graph in graphs() for row in model._default_manager.all()}
