"""Signed webhooks: sent at once, late, twice or out of order, as asked."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import threading
import time
import urllib.error
import urllib.request

from .store import Store

RETRY_SECONDS = (1, 2, 4, 8, 16, 30, 60, 120)


def sign(payload: bytes, secret: str, timestamp: int) -> str:
    """The value of the header `Stripe-Signature`."""
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={mac}"


class Sender(threading.Thread):
    """Delivers what is due, in the background, until stopped."""

    def __init__(self, store: Store) -> None:
        super().__init__(name="webhooks", daemon=True)
        self.store = store
        self.bell = threading.Event()
        self.ended = False

    def wake(self) -> None:
        self.bell.set()

    def stop(self) -> None:
        self.ended = True
        self.bell.set()
        self.join(10)

    def run(self) -> None:
        while not self.ended:
            self.bell.wait(0.2)
            self.bell.clear()
            if not self.ended and not self.store.setting("webhooks", {}).get("paused"):
                self.deliver(order="fifo", due_only=True)

    def deliver(self, *, order: str, due_only: bool) -> list[int]:
        """Send what waits; the HTTP statuses in the order sent (0: no answer)."""
        with self.store.lock:
            rows = self.store.db.execute(
                "select id, event, endpoint, tries from delivery where not done and (? or due <= ?) order by id",
                (not due_only, time.time()),
            ).fetchall()
        if order == "reversed":
            rows.reverse()
        elif order == "shuffled":
            random.shuffle(rows)
        statuses = []
        for row in rows:
            if self.ended:
                break
            status = self._send(row[1], row[2])
            statuses.append(status)
            ok = 200 <= status < 300 or status == -1
            pause = RETRY_SECONDS[min(row[3], len(RETRY_SECONDS) - 1)]
            given_up = row[3] + 1 >= len(RETRY_SECONDS) * 3
            with self.store.transaction():
                self.store.db.execute(
                    "update delivery set tries = tries + 1, done = ?, last_status = ?, due = ? where id = ?",
                    (int(ok or given_up), status, time.time() + pause, row[0]),
                )
        return statuses

    def _send(self, event_id: str, endpoint_id: str) -> int:
        event, endpoint = self.store.get(event_id), self.store.get(endpoint_id)
        if event is None or endpoint is None:
            return -1
        payload = json.dumps(event, indent=2).encode()
        request = urllib.request.Request(
            endpoint["url"],
            data=payload,
            method="POST",
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Stripe/1.0 (stand-in)",
                "Stripe-Signature": sign(
                    payload, str(self.store.setting(f"secret:{endpoint_id}", "")), int(time.time())
                ),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0
