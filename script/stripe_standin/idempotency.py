"""Version 1 of Stripe's idempotency: the first answer is kept for 24 hours, even a 500.

Kept: whatever an endpoint answered once it had begun its work. Not kept: failed validation, 409, 429.
The same key with other parameters, or while the first request is still running, is an error.
"""

from __future__ import annotations

import hashlib
import sqlite3

from .store import Store
from .wire import StripeSays

LIFETIME = 24 * 3600


def fingerprint(path: str, body: str) -> str:
    return hashlib.sha256(f"{path}\n{body}".encode()).hexdigest()


def begin(store: Store, key: str, print_: str) -> tuple[int, str] | None:
    """The kept answer, or None after reserving the key for this request."""
    store.db.execute("delete from answer where at <= ?", (store.now() - LIFETIME,))
    row: sqlite3.Row | None = store.db.execute(
        "select fingerprint, status, body from answer where key = ?", (key,)
    ).fetchone()
    if row is None:
        store.db.execute("insert into answer values (?, ?, null, null, ?)", (key, print_, store.now()))
        return None
    known, status, body = row
    if known != print_:
        raise StripeSays(
            400,
            f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            type="idempotency_error",
        )
    if status is None:
        raise StripeSays(
            409,
            f"There is currently another in-progress request using this Idempotent Key: {key}",
            type="idempotency_error",
            code="idempotency_key_in_use",
        )
    return int(status), str(body)


def keep(store: Store, key: str, status: int, body: str) -> None:
    store.db.execute("update answer set status = ?, body = ? where key = ?", (status, body, key))


def forget(store: Store, key: str) -> None:
    store.db.execute("delete from answer where key = ? and status is null", (key,))
