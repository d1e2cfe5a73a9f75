"""The Stripe rail against the stand-in, over HTTP."""

import hashlib
import hmac

import pytest

from coop.ground.errors import Refused
from payouts.rails import Declined, Instruction, LookupFailed, Sent, Unknown, stripe
from script.stripe_standin.endpoints import REACH
from tests.script.stripe_standin.running import StandIn

NOW = 1_800_000_000


@pytest.fixture(autouse=True)
def configured(on_stripe: StandIn) -> StandIn:
    return on_stripe


def instruction(account: str, amount: int = 500, key: str = "po:1:1") -> Instruction:
    return Instruction(item="1", group="run:7", key=key, amount=amount, currency="EUR", details={"account": account})


def test_a_transfer_is_sent_found_and_stands(standin, account):
    standin.ask("balance", amount=1000)
    asked = stripe.RAIL.request(instruction(account()))

    sent = stripe.RAIL.submit(asked, "po:1:1")

    assert isinstance(sent, Sent)
    assert [f.reference for f in stripe.RAIL.find("run:7", "1")] == [sent.reference]
    assert stripe.RAIL.find("run:7", "2") == [] and stripe.RAIL.find("run:8", "1") == []
    assert stripe.RAIL.standing(sent.reference) == "paid"
    assert stripe.RAIL.submit(asked, "po:1:1") == sent


def test_a_reversed_transfer_has_come_back(standin, account, stripe_client):
    standin.ask("balance", amount=1000)
    sent = stripe.RAIL.submit(stripe.RAIL.request(instruction(account())), "k")
    stripe_client.v1.transfers.reversals.create(sent.reference)

    assert stripe.RAIL.standing(sent.reference) == "returned"
    assert stripe.RAIL.find("run:7", "1")[0].returned


def test_an_empty_balance_is_a_no_for_later_and_a_restricted_account_needs_a_person(standin, account):
    to = account()
    empty = stripe.RAIL.submit(stripe.RAIL.request(instruction(to)), "k1")
    standin.ask("balance", amount=1000)
    standin.ask("accounts", account=to, transfers="inactive")
    restricted = stripe.RAIL.submit(stripe.RAIL.request(instruction(to)), "k2")
    nobody = stripe.RAIL.submit(stripe.RAIL.request(instruction("acct_nobody1")), "k3")

    assert isinstance(empty, Declined) and empty.then == "later"
    assert isinstance(restricted, Declined) and restricted.then == "hold"
    assert isinstance(nobody, Declined) and nobody.then == "hold"


@pytest.mark.parametrize(
    ("fault", "settled"),
    [
        ("500_before", True),
        ("500_after", True),
        ("drop_before", False),
        ("drop_after", False),
        ("429", False),
        ("409", False),
    ],
)
def test_a_fault_is_never_taken_for_a_yes_or_a_no(standin, account, fault, settled):
    standin.ask("balance", amount=1000)
    asked = stripe.RAIL.request(instruction(account()))
    standin.ask("faults", kind=fault)

    outcome = stripe.RAIL.submit(asked, "k")

    assert isinstance(outcome, Unknown) and outcome.settled is settled


def test_a_key_used_for_something_else_is_looked_up_not_trusted(standin, account):
    standin.ask("balance", amount=5000)
    to = account()
    stripe.RAIL.submit(stripe.RAIL.request(instruction(to)), "k")

    assert stripe.RAIL.submit(stripe.RAIL.request(instruction(to, amount=501)), "k").settled


def test_nobody_is_declared_absent_when_the_list_cannot_be_read(standin):
    standin.stop()

    with pytest.raises(LookupFailed):
        stripe.RAIL.find("run:7", "1")

    standin.start(standin.server.server_port)


@pytest.mark.parametrize("country", ["MG", "SN", "VE", "KE"])
def test_connect_does_not_reach_the_south_and_says_so(country):
    with pytest.raises(Refused) as no:
        stripe.RAIL.cleaned({"account": "acct_123456"}, country)
    assert no.value.code == "rail_does_not_reach_country"


@pytest.mark.parametrize("account_id", ["", "acct", "acct_", "cus_123456", "acct_1234 6", "acct_'; drop"])
def test_an_account_that_is_none_is_refused(account_id):
    with pytest.raises(Refused) as no:
        stripe.RAIL.cleaned({"account": account_id}, "FR")
    assert no.value.field == "account"


def test_our_reach_is_the_stand_ins():
    assert stripe.reach() == REACH


def test_an_account_is_opened_and_says_when_it_can_receive(standin):
    standin.ask("new-accounts", transfers="inactive")
    asked = stripe.account_request(country="FR", member="m", key="account:m:1")
    sent = stripe.submit_account(asked, "account:m:1")
    assert stripe.submit_account(asked, "account:m:1") == sent
    opened = sent.reference
    assert stripe.account_can_receive(opened) is False
    assert [one.reference for one in stripe.find_accounts("m", 0)] == [opened] and not stripe.find_accounts("n", 0)
    assert stripe.papers_page(opened, back="http://127.0.0.1:9/").startswith(standin.server.url)

    standin.ask("accounts", account=opened, transfers="active")

    assert stripe.account_can_receive(opened) is True
    assert stripe.account_can_receive("acct_nobody1") is None


def checkout(key: str = "co:1") -> stripe.Checkout:
    asked = stripe.checkout_request(
        order="o1", title="Digits", amount=9_900, currency="EUR", key=key,
        success_url="http://127.0.0.1:9/ok", cancel_url="http://127.0.0.1:9/back",
    )  # fmt: skip
    return stripe.look_up_checkout(stripe.submit_checkout(asked, key).reference)


def test_a_checkout_is_opened_once_per_key_and_paid(standin):
    page = checkout()
    assert checkout().id == page.id and page.state == "open" and page.url
    assert [one.reference for one in stripe.find_checkouts("co:1", 0)] == [page.id]
    assert not stripe.find_checkouts("co:2", 0)

    standin.ask("pay", session=page.id)

    paid = stripe.look_up_checkout(page.id)
    assert (paid.state, paid.amount, paid.currency, paid.order) == ("paid", 9_900, "EUR", "o1")
    assert paid.payment.startswith("pi_") and paid.fee == 0
    assert stripe.close_checkout(page.id).state == "paid"


def test_a_closed_checkout_is_no_longer_payable(standin):
    page = checkout()

    assert stripe.close_checkout(page.id).state == "expired"


def test_a_refund_happens_once_per_key_and_is_found(standin):
    page = checkout()
    payment = standin.ask("pay", session=page.id)["payment_intent"]
    asked = stripe.refund_request(payment=payment, amount=9_900, order="o1", key="refund:1")

    first = stripe.submit_refund(asked, "re:o1:1")

    assert stripe.submit_refund(asked, "re:o1:1") == first
    assert [f.reference for f in stripe.find_refunds(payment)] == [first.reference]
    assert isinstance(stripe.submit_refund(asked, "re:o1:2"), Declined)


def test_events_can_be_polled(standin):
    page = checkout()
    standin.ask("pay", session=page.id)

    types = [e["type"] for e in stripe.events_since(0)]

    assert types == ["checkout.session.completed", "charge.succeeded", "payment_intent.succeeded"]


# --- signatures


def header(body: bytes, at: int, secret: str = "whsec_test") -> str:
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def test_a_right_signature_passes_even_among_others():
    stripe.verify(b"{}", header(b"{}", NOW), wall_time=NOW)
    stripe.verify(b"{}", header(b"{}", NOW) + ",v1=0000,v0=1", wall_time=NOW + 299)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (header(b"{}", NOW, "whsec_other"), "signature_wrong"),
        (header(b"{} ", NOW), "signature_wrong"),
        (header(b"{}", NOW - 301), "timestamp_too_old"),
        (header(b"{}", NOW + 3600), "timestamp_in_future"),
        (header(b"{}", NOW) + f",t={NOW - 1}", "signature_unreadable"),
        ("", "signature_unreadable"),
        ("t=,v1=", "signature_unreadable"),
        ("v1=00", "signature_unreadable"),
        ("t=١٢٣,v1=é", "signature_unreadable"),
        (f"t={NOW},v1=é", "signature_wrong"),
    ],
)
def test_forged_old_and_future_signatures_are_refused_by_name(value, code):
    with pytest.raises(stripe.BadSignature) as no:
        stripe.verify(b"{}", value, wall_time=NOW)

    assert no.value.code == code


def test_without_a_secret_nothing_is_believed(settings):
    settings.STRIPE_WEBHOOK_SECRET = ""

    with pytest.raises(stripe.BadSignature):
        stripe.verify(b"{}", header(b"{}", NOW, ""), wall_time=NOW)
