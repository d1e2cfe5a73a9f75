"""What a test or a demonstration may ask of the stand-in under /_sandbox. Stripe has none of this.

GET  /_sandbox/                      what is waiting, held, injected
POST /_sandbox/pay                   {"session": id, "outcome": "paid" | "declined"}
POST /_sandbox/balance               {"amount": minor units, "currency": "eur"}
POST /_sandbox/accounts              {"account": id, "transfers": "active" | "inactive" | "pending"}
POST /_sandbox/new-accounts          {"transfers": "active" | "inactive"}
POST /_sandbox/faults                {"kind": …, "method": "POST", "path": "/v1/transfers", "times": 1}
POST /_sandbox/release               let every held request go on
POST /_sandbox/webhooks              {"delay_seconds": n, "copies": n, "paused": bool}
POST /_sandbox/webhooks/flush        {"order": "fifo" | "reversed" | "shuffled"} → statuses
POST /_sandbox/endpoint              {"url": …, "secret": …}  one endpoint with a known secret
POST /_sandbox/clock                 {"offset": seconds}  keys age faster
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from . import faults, shapes
from .endpoints import Platform
from .store import Store
from .webhooks import Sender
from .wire import StripeSays


class StandIn(Protocol):
    """What of the server can be asked for here."""

    store: Store
    platform: Platform
    holds: faults.Holds
    sender: Sender


def answer(server: StandIn, method: str, path: str, body: str) -> tuple[int, Any]:
    """Status and JSON value."""
    if method == "GET":
        return 200, _state(server)
    try:
        asked = json.loads(body or "{}")
        return 200, _do(server, path.removeprefix("/_sandbox").strip("/"), asked)
    except StripeSays as no:
        return no.status, {"error": no.error}
    except (KeyError, ValueError, TypeError) as wrong:
        return 400, {"error": {"message": f"{type(wrong).__name__}: {wrong}"}}


def _state(server: StandIn) -> Any:
    store = server.store
    with store.lock:
        waiting = store.db.execute("select count(*) from delivery where not done").fetchone()[0]
        failed = store.db.execute(
            "select count(*) from delivery where last_status not between 200 and 299 and tries > 0"
        ).fetchone()[0]
    with server.holds.gate:
        held = list(server.holds.waiting)
    return {
        "stand_in": True,
        "held": held,
        "deliveries_waiting": waiting,
        "deliveries_failed": failed,
        "webhooks": store.setting("webhooks", {}),
        "clock_offset": store.setting("clock_offset", 0),
    }


def _do(server: StandIn, what: str, asked: dict[str, Any]) -> Any:
    platform, store = server.platform, server.store
    if what == "release":
        return {"released": server.holds.release()}
    if what == "webhooks/flush":
        return {"statuses": server.sender.deliver(order=str(asked.get("order", "fifo")), due_only=False)}
    if what == "faults":
        faults.add(
            store,
            kind=str(asked["kind"]),
            method=str(asked.get("method", "POST")),
            path=str(asked.get("path", "/v1/transfers")),
            times=int(asked.get("times", 1)),
        )
        return {"ok": True}
    with store.transaction():
        if what == "pay":
            return platform.pay(str(asked["session"]), str(asked.get("outcome", "paid")))
        if what == "balance":
            platform.top_up(int(asked["amount"]), str(asked.get("currency", "eur")))
        elif what == "accounts":
            return platform.set_transfers(str(asked["account"]), str(asked["transfers"]))
        elif what == "new-accounts":
            store.set("new_accounts", str(asked["transfers"]))
        elif what == "webhooks":
            store.set("webhooks", asked)
        elif what == "clock":
            store.set("clock_offset", int(asked["offset"]))
        elif what == "endpoint":
            set_endpoint(server, str(asked["url"]), str(asked["secret"]))
        else:
            raise StripeSays(404, f"The stand-in has no /_sandbox/{what}.")
    return {"ok": True}


def set_endpoint(server: StandIn, url: str, secret: str) -> None:
    """Exactly one endpoint at this address, whose secret both sides know beforehand."""
    store = server.store
    for known in store.all("webhook_endpoint"):
        if known["url"] == url:
            store.set(f"secret:{known['id']}", secret)
            return
    endpoint = shapes.webhook_endpoint(
        store.new_id("we"), now=store.now(), url=url, events=["*"], description="given at start", metadata={}
    )
    store.put(endpoint)
    store.set(f"secret:{endpoint['id']}", secret)
