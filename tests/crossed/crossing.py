"""Two workers, of whom the one that comes second read the clock first; and what is seen of every thing that records moments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, connections

from coop.audit.models import Entry
from coop.ground.moments import Dated
from coop.management.commands.states import graphs
from payouts.models import PayoutStep
from tests.script.stripe_standin.running import StandIn

BLINK = timedelta(milliseconds=7)
"""By how much the second worker's clock was read earlier, or the first one's later."""

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


TELLINGS = (0, 1)
"""Each story is told twice. Every other step is taken by a worker who read the clock later than what is on record.

So each step once comes with an early clock after one that wrote a late moment, on the same thing or on another of the story.
"""


class Crossing:
    """Takes one step after another, each with a moment before or after the last one on record, and remembers every move.

    `stripe` is the stand-in, which runs; `account` opens an account there.
    """

    def __init__(self, stripe: StandIn, account: Callable[[], str]) -> None:
        self.stripe, self.account = stripe, account
        self.moved: set[Way] = set()
        self.faults: list[str] = []
        self.begin("", telling=0)

    def begin(self, story: str, telling: int) -> None:
        """The next story, told in one of the `TELLINGS`."""
        self.story, self.steps = story, telling

    def step(self, action: Callable[..., Any], row: Dated, *, due: datetime | None = None, **said: Any) -> Any:
        """Call the action with a moment a blink before (or after) the last one on `row`; or at `due`, where a rule waits for that."""
        before = _seen()
        self.steps += 1
        if due is None:
            last = max(moment for moment in reread(row).recorded() if moment is not None)
            due = last + (BLINK if self.steps % 2 else -BLINK)
        answer = action(now=due, **said)
        connection.check_constraints()
        self.moved |= _moves()
        went = [fault for key, row in _seen().items() if key in before for fault in _backwards(before[key], row)]
        self.faults += [
            f"{self.story}, {action.__name__}: {fault}" for fault in (*went, *log_backwards(), *steps_backwards())
        ]
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
    """Moments that were written earlier than what stood there, by the co-operative's clock and by wall time."""
    return [fault for columns in (row.moments(), row.WALL) for fault in _earlier(old, row, columns)]


def _earlier(old: Dated, row: Dated, columns: frozenset[str]) -> list[str]:
    standing = [moment for column in columns if (moment := getattr(old, column)) is not None]
    return [
        f"{row._meta.label}.{column}: {new} after {max(standing)}"
        for column in sorted(columns)
        if (new := getattr(row, column)) not in (None, getattr(old, column)) and standing and new < max(standing)
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


def steps_backwards() -> list[str]:
    """Steps of one payment that come after a later one."""
    latest: dict[Any, PayoutStep] = {}
    faults = []
    for step in PayoutStep.objects.order_by("pk"):
        last = latest.get(step.item_id)
        if last is not None and step.at < last.at:
            faults.append(f"payment: {step.what} at {step.at}, {last.what} at {last.at}")
        latest[step.item_id] = step
    return faults


def _seen() -> dict[Any, Dated]:
    """Every thing that records moments, as it stands."""
    dated = [model for model in apps.get_models() if issubclass(model, Dated)]
    return {(model, row.pk): row for model in dated for row in model._default_manager.all()}
