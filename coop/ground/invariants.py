"""What must never be seen in the books: views that are empty as long as everything is right.

Any app adds one by a view named `invariant_…` in its `laws/`. They are asked after each test, after each run and by
`manage.py check_invariants`.
"""

from typing import Any

from django.db import connection


class InvariantBroken(Exception):
    """The books contradict themselves. Nothing goes on; a person has to look."""

    def __init__(self, broken: dict[str, list[dict[str, Any]]]) -> None:
        super().__init__("; ".join(f"{name}: {rows[0]}" for name, rows in broken.items()))
        self.broken = broken


def names() -> list[str]:
    """The views there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT viewname FROM pg_views WHERE schemaname = 'public' AND viewname LIKE 'invariant\\_%' ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def broken(limit: int = 5) -> dict[str, list[dict[str, Any]]]:
    """What contradicts the invariants: {view: its first rows}; empty when all is right."""
    found = {}
    with connection.cursor() as cursor:
        for name in names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)} LIMIT %s", [limit])  # noqa: S608 (a name from the catalogue, quoted)
            if rows := cursor.fetchall():
                columns = [column.name for column in cursor.description or ()]
                found[name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


def require_intact() -> None:
    """InvariantBroken unless everything is right."""
    if contradictions := broken():
        raise InvariantBroken(contradictions)
