"""The stand-in behaves as Stripe does, as far as the co-op relies on it."""

from __future__ import annotations

import hashlib
import hmac
import http.server
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import stripe

from tests.script.stripe_standin.running import StandIn

from .specification import faults_of, refusal_is_right

Accounts = Callable[..., str]
SESSION = {
    "mode": "payment",
    "success_url": "http://127.0.0.1:9/thanks?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://127.0.0.1:9/back",
    "client_reference_id": "order-1",
    "line_items": [
        {
            "quantity": 1,
            "price_data": {"currency": "eur", "unit_amount": 12_345, "product_data": {"name": "400 digits"}},
        }
    ],
    "payment_intent_data": {"transfer_group": "order-1", "metadata": {"order": "1"}},
}


def test_a_session_is_paid_and_the_money_is_on_the_balance(
    standin: StandIn, stripe_client: stripe.StripeClient
) -> None:
    session = stripe_client.v1.checkout.sessions.create(SESSION)
    assert session.payment_status == "unpaid" and session.payment_intent is None

    standin.ask("pay", session=session.id)

    paid = stripe_client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    assert (paid.status, paid.payment_status, paid.amount_total) == ("complete", "paid", 12_345)
    assert paid.payment_intent.latest_charge.balance_transaction.net == 12_345
    assert paid.payment_intent.metadata["order"] == "1"
    assert stripe_client.v1.balance.retrieve().available[0].amount == 12_345


def test_a_person_pays_on_a_page_that_says_it_is_a_stand_in(
    standin: StandIn, stripe_client: stripe.StripeClient
) -> None:
    session = stripe_client.v1.checkout.sessions.create(SESSION)
    with urllib.request.urlopen(session.url) as page:
        text = page.read().decode()
    assert "Stand-in for Stripe" in text and "123.45 EUR" in text and "400 digits" in text

    declined = urllib.request.urlopen(session.url, data=b"outcome=declined").read().decode()
    assert "declined" in declined
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any) -> None:
            return None

    with pytest.raises(urllib.error.HTTPError) as away:
        urllib.request.build_opener(Stay).open(session.url, data=b"outcome=paid")

    assert away.value.code == 303
    assert away.value.headers["Location"] == f"http://127.0.0.1:9/thanks?s={session.id}"
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_session_cannot_be_paid_twice_or_after_it_expired(
    standin: StandIn, stripe_client: stripe.StripeClient
) -> None:
    session = stripe_client.v1.checkout.sessions.create(SESSION)
    standin.ask("pay", session=session.id)
    with pytest.raises(urllib.error.HTTPError):
        standin.ask("pay", session=session.id)

    other = stripe_client.v1.checkout.sessions.create(SESSION)
    stripe_client.v1.checkout.sessions.expire(other.id)
    with pytest.raises(urllib.error.HTTPError):
        standin.ask("pay", session=other.id)

    assert stripe_client.v1.balance.retrieve().available[0].amount == 12_345


def test_a_refund_gives_back_no_more_than_was_paid(standin: StandIn, stripe_client: stripe.StripeClient) -> None:
    session = stripe_client.v1.checkout.sessions.create(SESSION)
    intent = standin.ask("pay", session=session.id)["payment_intent"]

    stripe_client.v1.refunds.create({"payment_intent": intent, "amount": 10_000})
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.refunds.create({"payment_intent": intent, "amount": 10_000})
    rest = stripe_client.v1.refunds.create({"payment_intent": intent})

    assert rest.amount == 2_345
    assert len(stripe_client.v1.refunds.list({"payment_intent": intent}).data) == 2
    assert stripe_client.v1.balance.retrieve().available[0].amount == 0
    with pytest.raises(stripe.InvalidRequestError, match="already been refunded"):
        stripe_client.v1.refunds.create({"payment_intent": intent})


def transfer(
    client: stripe.StripeClient, to: str, amount: int = 500, key: str = "", group: str = "run-7"
) -> stripe.Transfer:
    return client.v1.transfers.create(
        {
            "amount": amount,
            "currency": "eur",
            "destination": to,
            "transfer_group": group,
            "metadata": {"item": "42"},
        },
        {"idempotency_key": key} if key else {},
    )


def test_a_transfer_is_found_by_its_group(
    standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts
) -> None:
    standin.ask("balance", amount=1000, currency="eur")
    made = transfer(stripe_client, account())
    transfer(stripe_client, account(), group="run-8")

    found = stripe_client.v1.transfers.list({"transfer_group": "run-7"}).data

    assert [t.id for t in found] == [made.id]
    assert found[0].metadata["item"] == "42"
    assert stripe_client.v1.transfers.retrieve(made.id).amount == 500


def test_lists_are_paged(standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts) -> None:
    standin.ask("balance", amount=10_000, currency="eur")
    to = account()
    made = [transfer(stripe_client, to, amount=n).id for n in range(1, 8)]

    found = [t.id for t in stripe_client.v1.transfers.list({"transfer_group": "run-7", "limit": 3}).auto_paging_iter()]

    assert found == made[::-1]


@pytest.mark.parametrize("country", ["MG", "SN", "VE", "KE"])
def test_connect_does_not_reach_the_south(stripe_client: stripe.StripeClient, country: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="not currently supported"):
        stripe_client.v1.accounts.create({"country": country, "type": "express"})


def test_an_empty_balance_refuses_and_the_key_remembers(
    standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts
) -> None:
    to = account()
    with pytest.raises(stripe.InvalidRequestError) as no:
        transfer(stripe_client, to, key="k1")
    assert no.value.code == "balance_insufficient"

    standin.ask("balance", amount=1000, currency="eur")

    with pytest.raises(stripe.InvalidRequestError):
        transfer(stripe_client, to, key="k1")
    assert transfer(stripe_client, to, key="k2").amount == 500


def test_a_restricted_account_is_named(standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts) -> None:
    standin.ask("balance", amount=1000, currency="eur")
    to = account()
    standin.ask("accounts", account=to, transfers="inactive")

    with pytest.raises(stripe.InvalidRequestError) as no:
        transfer(stripe_client, to)

    assert no.value.code == "insufficient_capabilities_for_transfer"


# --- idempotency, version 1


def test_the_same_key_gives_the_same_answer_and_one_transfer(
    standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts
) -> None:
    standin.ask("balance", amount=5000, currency="eur")
    to = account()

    first, second = transfer(stripe_client, to, key="k"), transfer(stripe_client, to, key="k")

    assert first.id == second.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(stripe_client.v1.transfers.list().data) == 1


def test_the_same_key_with_other_parameters_is_refused(
    standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts
) -> None:
    standin.ask("balance", amount=5000, currency="eur")
    to = account()
    transfer(stripe_client, to, key="k")

    with pytest.raises(stripe.IdempotencyError):
        transfer(stripe_client, to, amount=501, key="k")


@pytest.mark.parametrize(("fault", "made"), [("500_before", 0), ("500_after", 1)])
def test_a_500_is_kept_whether_or_not_it_had_an_effect(
    standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts, fault: str, made: int
) -> None:
    standin.ask("balance", amount=5000, currency="eur")
    to = account()
    standin.ask("faults", kind=fault)

    for _ in range(3):
        with pytest.raises(stripe.APIError) as no:
            transfer(stripe_client, to, key="k")
        assert no.value.http_status == 500

    assert len(stripe_client.v1.transfers.list().data) == made


@pytest.mark.parametrize("fault", ["429", "409"])
def test_a_refusal_to_try_is_not_kept(
    standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts, fault: str
) -> None:
    standin.ask("balance", amount=5000, currency="eur")
    to = account()
    standin.ask("faults", kind=fault)

    with pytest.raises(stripe.StripeError) as no:
        transfer(stripe_client, to, key="k")
    assert no.value.http_status == int(fault)

    assert transfer(stripe_client, to, key="k").amount == 500


def test_failed_validation_is_not_kept(standin: StandIn, stripe_client: stripe.StripeClient) -> None:
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="No such destination"):
            transfer(stripe_client, "acct_nobody", key="k")


@pytest.mark.parametrize(("fault", "made"), [("drop_before", 0), ("drop_after", 1)])
def test_a_cut_line_leaves_the_caller_ignorant_and_the_key_useful(
    standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts, fault: str, made: int
) -> None:
    standin.ask("balance", amount=5000, currency="eur")
    to = account()
    standin.ask("faults", kind=fault)

    with pytest.raises(stripe.APIConnectionError):
        transfer(stripe_client, to, key="k")
    assert len(stripe_client.v1.transfers.list().data) == made

    transfer(stripe_client, to, key="k")
    assert len(stripe_client.v1.transfers.list().data) == 1


def test_a_held_request_takes_effect_when_released_though_the_caller_is_gone(
    standin: StandIn, account: Accounts
) -> None:
    standin.ask("balance", amount=5000, currency="eur")
    to = account()
    standin.ask("faults", kind="hold")
    impatient = standin.client(timeout=1)

    with pytest.raises(stripe.APIConnectionError):
        transfer(impatient, to, key="k")
    assert [h["key"] for h in standin.state()["held"]] == ["k"]
    with pytest.raises(stripe.StripeError) as busy:
        transfer(impatient, to, key="k")
    assert busy.value.http_status == 409

    standin.ask("release")
    deadline = time.monotonic() + 5
    while not standin.client().v1.transfers.list().data and time.monotonic() < deadline:
        time.sleep(0.02)

    assert transfer(impatient, to, key="k").id == standin.client().v1.transfers.list().data[0].id


def test_keys_are_forgotten_after_a_day(
    standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts
) -> None:
    standin.ask("balance", amount=5000, currency="eur")
    to = account()
    first = transfer(stripe_client, to, key="k")

    standin.ask("clock", offset=24 * 3600 - 5)
    assert transfer(stripe_client, to, key="k").id == first.id
    standin.ask("clock", offset=24 * 3600 + 5)

    assert transfer(stripe_client, to, key="k").id != first.id


def test_a_restart_forgets_nothing(standin: StandIn, stripe_client: stripe.StripeClient, account: Accounts) -> None:
    standin.ask("balance", amount=5000, currency="eur")
    to = account()
    first = transfer(stripe_client, to, key="k")

    standin.restart()

    assert transfer(standin.client(), to, key="k").id == first.id
    assert standin.client().v1.balance.retrieve().available[0].amount == 4500


# --- bad input


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"amount": "12.5", "currency": "eur", "destination": "acct_1"}, "amount"),
        ({"amount": 1, "currency": "eur", "destnation": "acct_1", "destination": "a"}, "destnation"),
        ({"amount": 1, "currency": "eur"}, "destination"),
    ],
)
def test_a_wrong_parameter_is_named_and_the_specification_agrees(
    standin: StandIn, stripe_client: stripe.StripeClient, body: Any, named: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as no:
        stripe_client.v1.transfers.create(body)

    assert no.value.param == named
    assert refusal_is_right(standin.heard[-1])


def test_a_live_key_is_refused(standin: StandIn) -> None:
    live = stripe.StripeClient("sk_live_real", base_addresses={"api": standin.server.url}, max_network_retries=0)
    with pytest.raises(stripe.AuthenticationError, match="live key"):
        live.v1.balance.retrieve()


def test_the_specification_would_notice_a_wrong_answer(standin: StandIn, stripe_client: stripe.StripeClient) -> None:
    stripe_client.v1.balance.retrieve()
    right = standin.heard[-1]
    assert not faults_of(right)
    assert faults_of(replace(right, answer={**right.answer, "livemode": "no"}))
    assert faults_of(replace(right, answer={**right.answer, "avaliable": []}))
    assert faults_of(replace(right, answer={"object": "balance"}))


# --- webhooks


class Ear(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), EarHandler)
        self.heard: list[tuple[str, bytes]] = []
        self.answers: list[int] = []

    def wait_for(self, n: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 8
        while len(self.heard) < n and time.monotonic() < deadline:
            time.sleep(0.02)
        return [json.loads(body) for _, body in self.heard]


class EarHandler(http.server.BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.headers["Stripe-Signature"], body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def ear() -> Iterator[Ear]:
    server = Ear()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def listen(client: stripe.StripeClient, ear: Ear) -> str:
    made = client.v1.webhook_endpoints.create(
        {"url": f"http://127.0.0.1:{ear.server_port}/webhooks/stripe/", "enabled_events": ["*"]}
    )
    assert made.secret
    return made.secret


def test_events_are_signed_so_that_the_sdk_believes_them(
    standin: StandIn, stripe_client: stripe.StripeClient, ear: Ear
) -> None:
    secret = listen(stripe_client, ear)
    session = stripe_client.v1.checkout.sessions.create(SESSION)
    standin.ask("pay", session=session.id)

    types = [e["type"] for e in ear.wait_for(3)]

    assert types == ["payment_intent.succeeded", "charge.succeeded", "checkout.session.completed"]
    header, body = ear.heard[-1]
    assert stripe_client.construct_event(body, header, secret).data.object.id == session.id
    with pytest.raises(stripe.SignatureVerificationError):
        stripe_client.construct_event(body, header, "whsec_other")
    assert stripe_client.v1.events.list({"type": "charge.succeeded"}).data[0].id == json.loads(ear.heard[1][1])["id"]


def test_events_come_twice_late_and_out_of_order_on_demand(
    standin: StandIn, stripe_client: stripe.StripeClient, ear: Ear
) -> None:
    listen(stripe_client, ear)
    standin.ask("webhooks", paused=True, copies=2)
    standin.ask("pay", session=stripe_client.v1.checkout.sessions.create(SESSION).id)
    assert standin.state()["deliveries_waiting"] == 6 and not ear.heard

    assert standin.ask("webhooks/flush", order="reversed")["statuses"] == [200] * 6

    types = [e["type"] for e in ear.wait_for(6)]
    assert types[0] == types[1] == "checkout.session.completed" and types[-1] == "payment_intent.succeeded"
    assert len({json.loads(body)["id"] for _, body in ear.heard}) == 3


def test_a_delivery_that_was_not_taken_is_tried_again(
    standin: StandIn, stripe_client: stripe.StripeClient, ear: Ear
) -> None:
    listen(stripe_client, ear)
    ear.answers = [500]
    standin.ask("balance", amount=500, currency="eur")
    to = stripe_client.v1.accounts.create({"country": "FR", "type": "express"}).id
    transfer(stripe_client, to)

    events = ear.wait_for(2)

    assert [e["type"] for e in events] == ["transfer.created"] * 2


def test_the_secret_can_be_known_beforehand(standin: StandIn, stripe_client: stripe.StripeClient, ear: Ear) -> None:
    standin.ask("endpoint", url=f"http://127.0.0.1:{ear.server_port}/x", secret="whsec_known")
    standin.ask("pay", session=stripe_client.v1.checkout.sessions.create(SESSION).id)

    ear.wait_for(1)
    header, body = ear.heard[0]
    stamp, mac = (part.partition("=")[2] for part in header.split(","))

    assert hmac.new(b"whsec_known", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest() == mac


def test_it_runs_as_one_command_with_the_standard_library_alone(tmp_path: Any) -> None:
    alone = "import sys; sys.path.insert(0, '.'); import runpy; runpy.run_module('script.stripe_standin', run_name='__main__')"
    run = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", alone, "--port", "0", "--data", str(tmp_path / "s.sqlite3")],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert run.stdout is not None
        line = run.stdout.readline()
        url = line.split(" on ")[1].split(" ")[0]
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": url}, max_network_retries=0)
        assert client.v1.balance.retrieve().available[0].amount == 0
    finally:
        run.terminate()
    assert run.wait(10) == 0
