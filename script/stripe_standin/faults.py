"""Faults on demand.

`500_before`  answer 500, nothing done          `500_after`  do it, then answer 500
`drop_before` cut the line before doing it      `drop_after` do it, then cut the line
`hold`        wait for the release, then do it  `hold_after` do it, then wait for the release, then answer
`429`, `409`  refuse; no key remembers it
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from .store import Store

KINDS = ("500_before", "500_after", "drop_before", "drop_after", "hold", "hold_after", "429", "409")


class Dropped(Exception):
    """The line is cut; no answer."""


@dataclass
class Holds:
    """Requests kept waiting until somebody releases them."""

    gate: threading.Condition = field(default_factory=threading.Condition)
    waiting: list[dict[str, str]] = field(default_factory=list)

    def hold(self, *, method: str, path: str, key: str | None, body: str) -> None:
        note = {"method": method, "path": path, "key": key or "", "body": body}
        with self.gate:
            self.waiting.append(note)
            self.gate.notify_all()
            self.gate.wait_for(lambda: not any(note is one for one in self.waiting))

    def release(self) -> int:
        with self.gate:
            n = len(self.waiting)
            self.waiting.clear()
            self.gate.notify_all()
        return n


def add(store: Store, *, kind: str, method: str, path: str, times: int) -> None:
    if kind not in KINDS:
        raise ValueError(f"kind: one of {', '.join(KINDS)}")
    with store.transaction():
        store.db.execute(
            "insert into fault (method, path, kind, times) values (?, ?, ?, ?)", (method, path, kind, times)
        )


def take(store: Store, method: str, path: str) -> str | None:
    """The next fault for this request, used up."""
    with store.lock:
        row = store.db.execute(
            "select id, kind from fault where times > 0 and method = ? and ? like path || '%' order by id limit 1",
            (method, path),
        ).fetchone()
        if row is None:
            return None
        with store.transaction():
            store.db.execute("update fault set times = times - 1 where id = ?", (row[0],))
        return str(row[1])
