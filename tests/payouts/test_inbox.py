"""Webhooks: only Stripe's, only ours, only of now; each once, in any order."""

import hashlib
import hmac
import json
import time

import pytest
from django.utils import translation

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from payouts import troubles
from payouts.actions import checkouts, inbox, orders
from payouts.actions.rail_details import set_rail_details
from payouts.models import InboxEvent, Order
from tests import make

pytestmark = pytest.mark.django_db
SECRET = "whsec_test"


@pytest.fixture(autouse=True)
def configured(on_stripe):
    return on_stripe


def signed(body: bytes, at: int | None = None, secret: str = SECRET) -> str:
    at = int(time.time()) if at is None else at
    return f"t={at},v1=" + hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def event(**changed) -> bytes:
    facts = {
        "id": "evt_1",
        "object": "event",
        "type": "charge.succeeded",
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": {"id": "ch_1", "object": "charge"}},
    }
    return json.dumps(facts | changed).encode()


def post(client, body: bytes, signature: str | None = None):
    return client.post(
        "/webhooks/stripe/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signed(body) if signature is None else signature},
    )


def test_a_right_event_is_stored_raw_once_and_answered_200(client):
    body = event()

    assert [post(client, body).status_code for _ in range(3)] == [200, 200, 200]

    stored = InboxEvent.objects.get()
    assert (bytes(stored.payload), stored.state) == (body, "new")


@pytest.mark.parametrize(
    ("make_signature", "code"),
    [
        (lambda b: signed(b, secret="whsec_forged"), "signature_wrong"),
        (lambda b: signed(b + b" "), "signature_wrong"),
        (lambda b: signed(b, at=int(time.time()) - 301), "timestamp_too_old"),
        (lambda b: signed(b, at=int(time.time()) + 3600), "timestamp_in_future"),
        (lambda b: "", "signature_unreadable"),
    ],
    ids=["forged", "altered", "old", "future", "unsigned"],
)
def test_a_webhook_that_is_not_stripes_is_refused_by_name(client, make_signature, code):
    body = event()

    answer = post(client, body, make_signature(body))

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not InboxEvent.objects.exists()


def test_a_recorded_webhook_replayed_later_is_refused(client):
    body = event()
    old = signed(body, at=int(time.time()) - 400)

    assert post(client, body, old).json()["code"] == "timestamp_too_old"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (event(livemode=True), "wrong_livemode"),
        (event(account="acct_stranger"), "unknown_account"),
        (b"{}", "payload_unreadable"),
        (b"[1]", "payload_unreadable"),
        (b"not json", "payload_unreadable"),
        (event(created="soon"), "payload_unreadable"),
        (event(data={"object": 3}), "payload_unreadable"),
    ],
)
def test_what_is_signed_but_not_for_us_is_refused_by_name(client, body, code):
    answer = post(client, body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not InboxEvent.objects.exists()


def test_an_event_of_a_members_account_is_taken(client):
    theo = make.treasurer()
    set_rail_details(member=theo, rail="stripe", details={"account": "acct_theo01"}, by=theo.actor, now=coop_now())

    assert post(client, event(account="acct_theo01", type="payout.failed")).status_code == 200


def test_nothing_but_post_is_answered(client):
    assert client.get("/webhooks/stripe/").status_code == 405


# --- handled later


def ordered(standin) -> Order:
    order = orders.place_order(
        project=(project := make.quoted()), method="checkout", by=make.owner(project).actor, now=coop_now()
    )
    checkouts.open_payment_page(order=order, now=coop_now(), wall=coop_now())
    order.refresh_from_db()
    return order


def deliver(client, standin, order_of_events: str = "forward", times: int = 1) -> None:
    events = [e.to_dict() for e in standin.client().v1.events.list({"limit": 100}).auto_paging_iter()]
    if order_of_events == "forward":
        events.reverse()
    for one in events * times:
        assert post(client, json.dumps(one).encode()).status_code == 200


@pytest.mark.parametrize("order_of_events", ["forward", "backward"])
def test_order_and_duplicates_make_no_difference(client, standin, order_of_events):
    order = ordered(standin)
    standin.ask("pay", session=order.checkout)
    deliver(client, standin, order_of_events, times=2)

    inbox.advance_inbox(now=coop_now())
    deliver(client, standin, order_of_events)
    inbox.advance_inbox(now=coop_now())

    order.refresh_from_db()
    assert order.state == "paid"
    assert set(InboxEvent.objects.values_list("state", flat=True)) == {"done"}


def test_an_event_is_a_hint_and_the_object_is_asked_again(client, standin):
    order = ordered(standin)
    session = {"id": order.checkout, "object": "checkout.session", "payment_status": "paid", "amount_total": 1}
    post(client, event(type="checkout.session.completed", data={"object": session}))

    inbox.advance_inbox(now=coop_now())

    order.refresh_from_db()
    assert order.state == "awaiting_payment"


def test_a_poison_event_is_set_aside_named_and_replayed_by_the_treasurer(client, standin):
    order = ordered(standin)
    strange = standin.client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://127.0.0.1:9/",
            "client_reference_id": str(order.pk),
            "line_items": [
                {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 1, "product_data": {"name": "x"}}}
            ],
        }
    )
    standin.ask("pay", session=strange.id)
    standin.ask("pay", session=order.checkout)
    deliver(client, standin)

    inbox.advance_inbox(now=coop_now())

    order.refresh_from_db()
    poisoned = InboxEvent.objects.poisoned().get()
    assert (
        order.state == "paid"
        and poisoned.about == strange.id
        and poisoned.trouble.startswith(f"{troubles.FORBIDDEN}: ")
    )
    with pytest.raises(Refused):
        inbox.replay_event(event=poisoned, by=make.member("awa").actor, now=coop_now())
    inbox.replay_event(event=poisoned, by=make.treasurer().actor, now=coop_now())
    assert InboxEvent.objects.due(coop_now()).get() == poisoned
    inbox.advance_inbox(now=coop_now())
    assert InboxEvent.objects.poisoned().get() == poisoned


def test_a_message_about_what_we_do_not_have_says_so_in_the_readers_language(client, standin, monkeypatch):
    order = ordered(standin)
    standin.ask("pay", session=order.checkout)
    deliver(client, standin)
    monkeypatch.setattr(inbox, "_apply", lambda _finding, _now: Order.objects.get(checkout="cs_gone"))

    inbox.advance_inbox(now=coop_now())

    poisoned = InboxEvent.objects.poisoned().first()
    with translation.override("fr"):
        assert poisoned.trouble_in_words == f"Il concerne quelque chose que nous n’avons pas ({poisoned.about})"
    assert "DoesNotExist" not in poisoned.trouble


def test_when_stripe_cannot_be_asked_the_event_waits(client, standin, clock):
    order = ordered(standin)
    standin.ask("pay", session=order.checkout)
    deliver(client, standin)
    standin.ask("faults", kind="500_before", method="GET", path="/v1/checkout/sessions")

    inbox.advance_inbox(now=coop_now())
    assert InboxEvent.objects.get(type="checkout.session.completed").state == "new"
    clock.advance(minutes=1)
    inbox.advance_inbox(now=coop_now())

    order.refresh_from_db()
    assert order.state == "paid"


def test_what_no_webhook_brought_is_found_by_polling(standin):
    order = ordered(standin)
    standin.ask("pay", session=order.checkout)

    assert inbox.poll_events(now=coop_now()) == 3
    assert inbox.poll_events(now=coop_now()) == 0
    inbox.advance_inbox(now=coop_now())

    order.refresh_from_db()
    assert order.state == "paid"
