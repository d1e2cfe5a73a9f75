"""A stand-in per test, reached over HTTP by the real SDK; every exchange is held against the specification."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from script.stripe_standin.server import Exchange, Sandbox
from script.stripe_standin.wire import API_VERSION
from tests.script.stripe_standin.specification import faults_of


class StandIn:
    """The server, what it heard, and shortcuts for what a test asks of it."""

    def __init__(self, data: str) -> None:
        self.data = data
        self.heard: list[Exchange] = []
        self.start()

    def start(self, port: int = 0) -> None:
        self.server = Sandbox(data=self.data, port=port, watch=self.heard.append)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.close()
        self.thread.join(5)

    def restart(self) -> None:
        port = self.server.server_port
        self.stop()
        self.start(port)

    def client(self, timeout: int = 10) -> stripe.StripeClient:
        return stripe.StripeClient(
            "sk_test_canut",
            stripe_version=API_VERSION,
            base_addresses={"api": self.server.url},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=timeout),
        )

    def ask(self, what: str, **asked: Any) -> Any:
        request = urllib.request.Request(
            f"{self.server.url}/_sandbox/{what}", data=json.dumps(asked).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def state(self) -> Any:
        with urllib.request.urlopen(f"{self.server.url}/_sandbox/", timeout=10) as answer:
            return json.load(answer)


@pytest.fixture
def standin(tmp_path: Any) -> Iterator[StandIn]:
    it = StandIn(str(tmp_path / "stripe.sqlite3"))
    yield it
    it.stop()
    wrong = [f"{e.method} {e.path}: {bad}" for e in it.heard for bad in faults_of(e)]
    assert not wrong, wrong


@pytest.fixture
def stripe_client(standin: StandIn) -> stripe.StripeClient:
    return standin.client()


@pytest.fixture
def account(stripe_client: stripe.StripeClient) -> Callable[[], str]:
    def make(country: str = "FR") -> str:
        made = stripe_client.v1.accounts.create(
            {"country": country, "type": "express", "capabilities": {"transfers": {"requested": True}}}
        )
        return made.id

    return make


@pytest.fixture
def on_stripe(standin: StandIn, settings: Any) -> StandIn:
    """Stripe is configured, and is the stand-in."""
    settings.STRIPE_KEY = "sk_test_canut"
    settings.STRIPE_API_BASE = standin.server.url
    settings.STRIPE_WEBHOOK_SECRET = "whsec_test"
    settings.STRIPE_LIVE = False
    return standin
