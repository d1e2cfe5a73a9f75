"""What the stand-in remembers, in one SQLite file, so that a restart forgets nothing."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Thing = dict[str, Any]

SCHEMA = """
create table if not exists thing (seq integer primary key, id text unique not null, kind text not null, data text not null);
create index if not exists thing_kind on thing (kind, seq);
create table if not exists answer (
    key text primary key, fingerprint text not null, status integer, body text, at integer not null);
create table if not exists delivery (
    id integer primary key, event text not null, endpoint text not null, due real not null,
    tries integer not null default 0, done integer not null default 0, last_status integer);
create table if not exists setting (name text primary key, value text not null);
create table if not exists fault (id integer primary key, method text, path text, kind text, times integer);
"""


class Store:
    """One connection, one lock: the stand-in is for correctness, not for load."""

    def __init__(self, path: str) -> None:
        self.lock = threading.RLock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("pragma journal_mode=wal")
        self.db.execute("pragma synchronous=normal")  # outlives a killed process; power cuts are not its concern
        self.db.executescript(SCHEMA)
        self.db.execute("delete from answer where status is null")  # those who were in progress died with us

    def close(self) -> None:
        with self.lock:
            self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one at a time; nests."""
        with self.lock:
            if self.db.in_transaction:
                yield
                return
            self.db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self.db.execute("rollback")
                raise
            self.db.execute("commit")

    def now(self) -> int:
        """Its own clock: the machine's, plus what was asked for, so that keys can be seen to expire."""
        return int(time.time()) + int(self.setting("clock_offset", 0))

    # --- settings, faults

    def setting(self, name: str, default: Any = None) -> Any:
        with self.lock:
            row = self.db.execute("select value from setting where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def set(self, name: str, value: Any) -> None:
        with self.lock:
            self.db.execute("insert or replace into setting values (?, ?)", (name, json.dumps(value)))

    # --- things

    @staticmethod
    def new_id(prefix: str) -> str:
        return f"{prefix}_{secrets.token_hex(12)}"

    def put(self, thing: Thing) -> Thing:
        """Insert or replace by id; the order of birth stays."""
        with self.lock:
            self.db.execute(
                "insert into thing (id, kind, data) values (?, ?, ?) on conflict (id) do update set data = excluded.data",
                (thing["id"], thing["object"], json.dumps(thing)),
            )
        return thing

    def get(self, id: str, kind: str | None = None) -> Thing | None:
        with self.lock:
            row = self.db.execute("select kind, data from thing where id = ?", (id,)).fetchone()
        if row is None or (kind is not None and row[0] != kind):
            return None
        found: Thing = json.loads(row[1])
        return found

    def remove(self, id: str) -> None:
        with self.lock:
            self.db.execute("delete from thing where id = ?", (id,))

    def all(self, kind: str) -> list[Thing]:
        """Every thing of a kind, newest first, as Stripe lists them."""
        with self.lock:
            rows = self.db.execute("select data from thing where kind = ? order by seq desc", (kind,)).fetchall()
        return [json.loads(row[0]) for row in rows]
