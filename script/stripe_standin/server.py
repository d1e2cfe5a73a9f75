"""The HTTP server: the API under /v1, the two pages, and /_sandbox to ask for faults and odd deliveries."""

from __future__ import annotations

import base64
import json
import secrets
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from . import control, faults, idempotency, page
from .endpoints import ROUTES, Platform
from .store import Store
from .webhooks import Sender
from .wire import API_VERSION, Params, StripeSays, decode, listed


@dataclass(frozen=True)
class Exchange:
    """One request of the API and its answer, for whoever wants to check them against the specification."""

    method: str
    path: str
    query: str
    body: str
    status: int
    answer: Any


class Sandbox(ThreadingHTTPServer):
    """The whole stand-in. `watch` is called with every exchange under /v1."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self,
        *,
        data: str = ":memory:",
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str = "",
        fee_bp: int = 0,
        fee_fixed: int = 0,
        watch: Callable[[Exchange], None] | None = None,
    ) -> None:
        super().__init__((host, port), Conversation)
        self.store = Store(data)
        self.url = f"http://{host}:{self.server_port}"
        self.platform = Platform(self.store, public_url=public_url or self.url, fee_bp=fee_bp, fee_fixed=fee_fixed)
        self.holds = faults.Holds()
        self.sender = Sender(self.store)
        self.platform.wake = self.sender.wake
        self.watch = watch
        self.sender.start()

    def close(self) -> None:
        """Stop serving (from another thread than the one that serves) and close the file."""
        self.holds.release()
        self.shutdown()
        self.server_close()
        self.sender.stop()
        self.store.close()


class Conversation(BaseHTTPRequestHandler):
    server: Sandbox
    protocol_version = "HTTP/1.1"
    server_version = "StripeStandIn/1"
    disable_nagle_algorithm = True  # or every answer waits for a delayed acknowledgement

    def log_message(self, format: str, *args: Any) -> None:
        pass

    # --- the three kinds of visitors

    def _serve(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        if url.path.startswith("/v1/"):
            self._api(url.path, url.query, body)
        elif url.path.startswith("/_sandbox"):
            status, answer = control.answer(self.server, self.command, url.path, body)
            self._send(status, json.dumps(answer, indent=2), "application/json")
        else:
            self._page(url.path, body)

    do_GET = do_POST = do_DELETE = _serve

    def _page(self, path: str, body: str) -> None:
        platform, store = self.server.platform, self.server.store
        parts = path.strip("/").split("/")
        kind = {"pay": "checkout.session", "onboard": "account"}.get(parts[0])
        thing = store.get(parts[1], kind) if kind and len(parts) == 2 else None
        if thing is None:
            self._send(404, page.plain("Nothing here", "The stand-in for Stripe knows no such page."), "text/html")
            return
        if parts[0] == "onboard":
            if self.command == "POST":
                with store.transaction():
                    platform.set_transfers(thing["id"], "active")
                back = store.setting(f"return:{thing['id']}")
                if back:
                    self._send(303, "", "text/html", Location=str(back))
                    return
                thing = store.get(parts[1]) or thing
            self._send(200, page.onboarding(thing), "text/html")
            return
        lines = store.setting(f"lines:{thing['id']}", [])
        notice = ""
        if self.command == "POST":
            outcome = decode(body).get("outcome", "paid")
            if outcome == "back" and thing.get("cancel_url"):
                self._send(303, "", "text/html", Location=str(thing["cancel_url"]))
                return
            if outcome == "paid":
                try:
                    with store.transaction():
                        thing = platform.pay(thing["id"])
                except StripeSays as no:
                    self._send(409, page.checkout(platform.session({}, None, parts[1]), lines, str(no)), "text/html")
                    return
                target = str(thing["success_url"]).replace("{CHECKOUT_SESSION_ID}", thing["id"])
                self._send(303, "", "text/html", Location=target)
                return
            notice = "The card was declined (stand-in). Nothing was paid."
        self._send(200, page.checkout(thing, lines, notice), "text/html")

    # --- the API

    def _api(self, path: str, query: str, body: str) -> None:
        key = self.headers.get("Idempotency-Key") if self.command == "POST" else None
        replayed = False
        try:
            fault = faults.take(self.server.store, self.command, path)
            if fault == "drop_before":
                raise faults.Dropped
            status, answer, replayed = self._answer(path, query, body, key, fault)
            if fault == "hold_after":
                self.server.holds.hold(method=self.command, path=path, key=key, body=body)
            if fault == "drop_after":
                raise faults.Dropped
        except faults.Dropped:
            self.close_connection = True
            self.connection.close()
            return
        if self.server.watch is not None:
            self.server.watch(Exchange(self.command, path, query, body, status, json.loads(answer)))
        extra = {"Idempotency-Key": key} if key else {}
        if replayed:
            extra["Idempotent-Replayed"] = "true"
        self._send(
            status,
            answer,
            "application/json",
            **{"Request-Id": "req_" + secrets.token_hex(8), "Stripe-Version": API_VERSION, **extra},
        )

    def _answer(self, path: str, query: str, body: str, key: str | None, fault: str | None) -> tuple[int, str, bool]:
        """Status, JSON text, and whether it is a kept answer. A key is reserved before and settled with the effect."""
        store = self.server.store
        reserved = False
        try:
            self._authenticate()
            if fault in ("429", "409"):
                raise StripeSays(
                    int(fault), "Asked for by fault injection.", code="rate_limit" if fault == "429" else "lock_timeout"
                )
            handler, ids = self._route(path)
            params: Params = decode(query if self.command == "GET" else body)
            if key is not None:
                with store.transaction():
                    kept = idempotency.begin(store, key, idempotency.fingerprint(path, body))
                if kept is not None:
                    return kept[0], kept[1], True
                reserved = True
            if fault == "hold":
                self.server.holds.hold(method=self.command, path=path, key=key, body=body)
            with store.transaction():
                if fault == "500_before":
                    status, text = 500, _error(StripeSays(500, "Asked for before the effect.", type="api_error"))
                else:
                    thing = handler(self.server.platform, params, key, *ids)
                    paths = listed(params.get("expand"))
                    if thing.get("object") != "list":
                        thing = self.server.platform.expand(dict(thing), paths)
                    status, text = 200, json.dumps(thing)
                    if fault == "500_after":
                        status, text = 500, _error(StripeSays(500, "Asked for after the effect.", type="api_error"))
                if key is not None:
                    idempotency.keep(store, key, status, text)
            return status, text, False
        except StripeSays as no:
            text = _error(no)
            if reserved and key is not None:
                with store.transaction():
                    if no.kept:
                        idempotency.keep(store, key, no.status, text)
                    else:
                        idempotency.forget(store, key)
            return no.status, text, False

    def _route(self, path: str) -> tuple[Callable[..., Any], tuple[str, ...]]:
        for method, pattern, handler in ROUTES:
            if method == self.command and (match := pattern.match(path)):
                return handler, match.groups()
        raise StripeSays(404, f"Unrecognized request URL ({self.command}: {path}).")

    def _authenticate(self) -> None:
        kind, _, value = (self.headers.get("Authorization") or "").partition(" ")
        if kind == "Basic":
            value = base64.b64decode(value).decode().partition(":")[0]
        if value.startswith(("sk_live_", "rk_live_")):
            raise StripeSays(401, "A live key was given to the stand-in. Nothing was done.", code="api_key_expired")
        if not value.startswith(("sk_test_", "rk_test_")):
            raise StripeSays(401, "You did not provide a valid API key.")

    def _send(self, status: int, text: str, content_type: str, **headers: str) -> None:
        payload = text.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", f"{content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(payload)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller is gone; the effect stands


def _error(no: StripeSays) -> str:
    return json.dumps({"error": no.error})
