"""Two workers, of whom the one that comes second read the clock first; and what is seen of every thing that has a state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, connections

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
    """Takes one step after another, each with a moment before the last one on record, and remembers every move.

    `account` opens an account at the stand-in for Stripe, which runs.
    """

    def __init__(self, account: Callable[[], str]) -> None:
        self.account = account
        self.moved: set[Way] = set()
        self.faults: list[str] = []

    def step(self, action: Callable[..., Any], row: Dated, *, due: datetime | None = None, **said: Any) -> Any:
        """Call the action with a moment a blink before the last one recorded on `row`; or at `due`, where a rule waits for that."""
        before = _seen()
        if due is None:
            due = reread(row).not_before(LONG_AGO) - BLINK
        answer = action(now=due, **said)
        connection.check_constraints()
        self.moved |= _moves()
        for key, row in _seen().items():
            if key in before:
                self.faults += _backwards(before[key], row)
        self.faults += log_backwards()
        return answer


def watch_every_move() -> None:
    """Let the database itself note every move of every thing, also those that one action makes in a row."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE moves (model text, field text, start text, arrival text)")
        cursor.execute("GRANT SELECT ON moves TO canut_app")
        cursor.execute(
            "CREATE FUNCTION note_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO moves"
            " VALUES (TG_ARGV[0], TG_ARGV[1], to_jsonb(OLD) ->> TG_ARGV[1], to_jsonb(NEW) ->> TG_ARGV[1]); RETURN NULL; END $$"
        )
        for model, name, _graph in graphs():
            cursor.execute(
                f"CREATE TRIGGER note_{name} AFTER UPDATE ON {model._meta.db_table} FOR EACH ROW"
                f" WHEN (OLD.{name} <> NEW.{name}) EXECUTE FUNCTION note_move('{model._meta.label}', '{name}')"
            )


def _moves() -> set[Way]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT model, field, start, arrival FROM moves")
        return set(cursor.fetchall())


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
