"""Stripe: the only module that speaks its SDK. Checkout takes money in, Connect transfers send it out.

No function may be called with a database transaction open: each one may wait for the network.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stripe
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.ground.canonical import canonical_json
from coop.ground.errors import Refused
from payouts.rails._rail import (
    CallRail,
    Declined,
    DetailField,
    Details,
    Found,
    Instruction,
    LookupFailed,
    Outcome,
    Rate,
    Sending,
    Sent,
    Standing,
    Unknown,
)

API_VERSION = "2026-05-27.dahlia"
TIMEOUT_SECONDS = 30
TOLERANCE_SECONDS = 300
SKEW_SECONDS = 60  # how far ahead of ours the sender's clock may be

# A definite no that concerns the balance, not the person.
_RAIL_IS_EMPTY = {"balance_insufficient", "insufficient_funds"}


class Off(Exception):
    """Stripe is not configured here."""


def is_on() -> bool:
    """Whether a key is configured."""
    return bool(settings.STRIPE_KEY)


@functools.lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    addresses: Any = {"api": base.rstrip("/")} if base else None
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses=addresses,
        max_network_retries=0,  # we decide what is tried again, and under which key
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


def client() -> stripe.StripeClient:
    """A client by the settings; it never retries by itself."""
    if not is_on():
        raise Off
    return _client(settings.STRIPE_KEY, settings.STRIPE_API_BASE)


def _asked(error: stripe.StripeError) -> Unknown | Declined:
    """What an error means for a request that would move money."""
    status = error.http_status or 0
    if isinstance(error, stripe.IdempotencyError):
        return Unknown(str(error), settled=True)  # the key was used for something: look it up
    if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
        code = error.code or "invalid_request"
        return Declined(code, str(error.user_message or error), "later" if code in _RAIL_IS_EMPTY else "hold")
    return Unknown(str(error)[:300], settled=status >= 500)


# --- payouts


class Stripe(CallRail):
    """The rail that pays to Connect accounts."""

    name = "stripe"
    title = gettext_lazy("Stripe")

    def is_on(self) -> bool:
        return is_on()

    def reaches(self, country: str) -> bool:
        return country in reach()

    def in_words(self, country: str) -> list[str]:
        if not self.reaches(country):
            return [_("Stripe does not pay out to your country from here.")]
        return [_("Stripe: yes.") + ("" if is_on() else " " + _("It is switched off here at the moment."))]

    def fields(self, country: str) -> tuple[DetailField, ...]:
        return (DetailField("account", gettext_lazy("Stripe account"), _("It begins with acct_.")),)

    def sends(self, details: Details, amount: int, *, pool: str, rate: Callable[[str], Rate | None]) -> Sending:
        return Sending(pool, amount, amount)

    def cleaned(self, details: Details, country: str) -> dict[str, str]:
        if not self.reaches(country):
            raise Refused(
                _("Stripe does not pay out to your country from here. Choose another way to be paid."),
                code="rail_does_not_reach_country",
                field="rail",
            )
        account = str(details.get("account", "")).strip()
        if not re.fullmatch(r"acct_[A-Za-z0-9]{6,40}", account):
            raise Refused(
                _("A Stripe account begins with acct_, followed by letters and digits."),
                code="account_invalid",
                field="account",
            )
        return {"account": account}

    def masked(self, details: Details) -> str:
        account = str(details["account"])
        return f"Stripe acct_…{account[-4:]}"

    def request(self, instruction: Instruction) -> bytes:
        return canonical_json(
            {
                "amount": instruction.amount,
                "currency": instruction.currency.lower(),
                "destination": instruction.details["account"],
                "metadata": {"item": instruction.item, "key": instruction.key},
                "transfer_group": instruction.group,
            }
        )

    def submit(self, request: bytes, key: str) -> Outcome:
        asked = json.loads(request)
        try:
            transfer = client().v1.transfers.create(asked, {"idempotency_key": key})
        except stripe.StripeError as error:
            return _asked(error)
        if (transfer.amount, transfer.currency) != (asked["amount"], asked["currency"]):
            return Unknown("the transfer is not the one asked for", settled=True)
        return Sent(transfer.id)

    def find(self, group: str, item: str) -> list[Found]:
        return [found for found in self.all_of(group) if found.item == item]

    def all_of(self, group: str) -> list[Found]:
        try:
            listed = client().v1.transfers.list({"transfer_group": group, "limit": 100})
            return [
                Found(t.id, t.amount, t.currency.upper(), t.reversed, str(t.metadata.to_dict().get("item", "")))
                for t in listed.auto_paging_iter()
            ]
        except stripe.StripeError as error:
            raise LookupFailed(str(error)) from error

    def standing(self, reference: str) -> Standing:
        try:
            transfer = client().v1.transfers.retrieve(reference)
        except stripe.StripeError as error:
            raise LookupFailed(str(error)) from error
        return "returned" if transfer.reversed else "paid"


RAIL = Stripe()


@functools.cache
def reach() -> frozenset[str]:
    """The countries that Connect reaches from here."""
    facts = json.loads((Path(__file__).parent / "reach.json").read_text(encoding="utf-8"))
    return frozenset(facts["stripe"]["countries"])


def account_can_receive(account: str) -> bool | None:
    """Whether transfers to this account work; None when there is no such account. LookupFailed when it can't be asked."""
    try:
        found = client().v1.accounts.retrieve(account)
    except (stripe.InvalidRequestError, stripe.PermissionError):
        return None
    except stripe.StripeError as error:
        raise LookupFailed(str(error)) from error
    return getattr(found.capabilities, "transfers", "") == "active"


def account_request(*, country: str, member: str, key: str) -> bytes:
    """The exact request for a member's account, to be stored before it is sent."""
    return canonical_json(
        {
            "country": country,
            "type": "express",
            "capabilities": {"transfers": {"requested": True}},
            "metadata": {"member": member, "key": key},
        }
    )


def submit_account(request: bytes, key: str) -> Outcome:
    """Ask for the account once, under this key."""
    try:
        return Sent(str(client().v1.accounts.create(json.loads(request), {"idempotency_key": key}).id))
    except stripe.StripeError as error:
        return _asked(error)


def find_accounts(member: str, since: int) -> list[Found]:
    """Every account opened for a member since a Unix time, the oldest first. LookupFailed when it can't be asked."""
    try:
        listed = client().v1.accounts.list({"created": {"gte": since}, "limit": 100})
        ours = [a for a in listed.auto_paging_iter() if _told(a).get("member") == member]
    except stripe.StripeError as error:
        raise LookupFailed(str(error)) from error
    return [Found(one.id, 0, "", item=member, country=str(one.country or "")) for one in reversed(ours)]


def _told(thing: Any) -> dict[str, Any]:
    """The metadata that we gave it."""
    return dict(thing.metadata.to_dict()) if thing.metadata else {}


def papers_page(account: str, *, back: str) -> str:
    """Where Stripe asks the owner of an account for their papers. LookupFailed when it can't be asked."""
    try:
        link = client().v1.account_links.create(
            {"account": account, "type": "account_onboarding", "return_url": back, "refresh_url": back}
        )
    except stripe.StripeError as error:
        raise LookupFailed(str(error)) from error
    return str(link.url)


# --- payments in


@dataclass(frozen=True)
class Checkout:
    """A hosted payment page, as Stripe sees it now. `state` is open, paid or expired; `fee` is what the rail kept."""

    id: str
    state: str
    amount: int
    currency: str
    order: str
    url: str = ""
    payment: str = ""
    fee: int = 0


def _checkout(session: Any) -> Checkout:
    intent = session.payment_intent
    charge = getattr(intent, "latest_charge", None) if intent is not None and not isinstance(intent, str) else None
    line = getattr(charge, "balance_transaction", None) if charge is not None else None
    state = "paid" if session.payment_status == "paid" else str(session.status)
    return Checkout(
        id=session.id,
        state=state,
        amount=int(session.amount_total or 0),
        currency=str(session.currency or "").upper(),
        order=str(session.client_reference_id or ""),
        url=str(session.url or ""),
        payment=intent if isinstance(intent, str) else (intent.id if intent is not None else ""),
        fee=int(line.fee) if line is not None and not isinstance(line, str) else 0,
    )


def checkout_request(
    *, order: str, title: str, amount: int, currency: str, success_url: str, cancel_url: str, key: str
) -> bytes:
    """The exact request for a payment page of exactly this amount, to be stored before it is sent."""
    price = {"currency": currency.lower(), "unit_amount": amount, "product_data": {"name": title[:200]}}
    return canonical_json(
        {
            "mode": "payment",
            "client_reference_id": order,
            "success_url": success_url,
            "cancel_url": cancel_url,
            "line_items": [{"quantity": 1, "price_data": price}],
            "metadata": {"order": order, "key": key},
            "payment_intent_data": {"metadata": {"order": order}, "transfer_group": f"order:{order}"},
        }
    )


def submit_checkout(request: bytes, key: str) -> Outcome:
    """Ask for the payment page once, under this key."""
    try:
        return Sent(client().v1.checkout.sessions.create(json.loads(request), {"idempotency_key": key}).id)
    except stripe.StripeError as error:
        return _asked(error)


def find_checkouts(key: str, since: int) -> list[Found]:
    """Every page opened under a key, the oldest first, by Stripe's own list since a Unix time. LookupFailed when it can't be asked."""
    try:
        listed = client().v1.checkout.sessions.list({"created": {"gte": since}, "limit": 100})
        ours = [session for session in listed.auto_paging_iter() if _told(session).get("key") == key]
    except stripe.StripeError as error:
        raise LookupFailed(str(error)) from error
    pages = [_checkout(session) for session in reversed(ours)]
    return [Found(page.id, page.amount, page.currency, page.state == "expired", page.order) for page in pages]


def look_up_checkout(id: str) -> Checkout:
    """The page as it stands now, with the fee. LookupFailed when Stripe can't be asked."""
    try:
        session = client().v1.checkout.sessions.retrieve(
            id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
        )
    except stripe.StripeError as error:
        raise LookupFailed(str(error)) from error
    return _checkout(session)


def close_checkout(id: str) -> Checkout:
    """Make the page unpayable, unless it was paid already; how it stands then."""
    try:
        client().v1.checkout.sessions.expire(id)
    except stripe.InvalidRequestError:
        pass  # no longer open: what it is now is what counts
    except stripe.StripeError as error:
        raise LookupFailed(str(error)) from error
    return look_up_checkout(id)


def refund_request(*, payment: str, amount: int, order: str, key: str) -> bytes:
    """The exact refund request, to be stored before it is sent."""
    return canonical_json({"payment_intent": payment, "amount": amount, "metadata": {"order": order, "key": key}})


def submit_refund(request: bytes, key: str) -> Outcome:
    """Ask for the refund once, under this key."""
    try:
        refund = client().v1.refunds.create(json.loads(request), {"idempotency_key": key})
    except stripe.StripeError as error:
        return _asked(error)
    return Sent(refund.id)


def find_refunds(payment: str) -> list[Found]:
    """Every refund of a payment, by Stripe's own list. LookupFailed when it can't be asked."""
    try:
        listed = client().v1.refunds.list({"payment_intent": payment, "limit": 100})
        return [
            Found(r.id, r.amount, r.currency.upper(), r.status in ("failed", "canceled"))
            for r in listed.auto_paging_iter()
        ]
    except stripe.StripeError as error:
        raise LookupFailed(str(error)) from error


# --- events


class BadSignature(Exception):
    """A webhook that is not from Stripe, or not from now. `code` says which."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


def verify(payload: bytes, header: str, *, wall_time: int) -> None:
    """Check who signed and when: forged, older than five minutes or dated in the future is a BadSignature.

    (The SDK's own check accepts a timestamp in the future.) `wall_time` is Unix time, not the co-operative's clock.
    """
    secret = settings.STRIPE_WEBHOOK_SECRET
    if not secret:
        raise BadSignature("no webhook secret is configured", code="not_configured")
    parts = [part.partition("=")[::2] for part in header.split(",")]
    stamps = [value for name, value in parts if name.strip() == "t" and re.fullmatch(r"[0-9]{1,12}", value)]
    macs = [value for name, value in parts if name.strip() == "v1"]
    if len(stamps) != 1 or not macs:
        raise BadSignature("the signature header can't be read", code="signature_unreadable")
    right = hmac.new(secret.encode(), stamps[0].encode() + b"." + payload, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(right.encode(), mac.encode()) for mac in macs):
        raise BadSignature("the signature is not ours", code="signature_wrong")
    if int(stamps[0]) < wall_time - TOLERANCE_SECONDS:
        raise BadSignature("the signature is too old", code="timestamp_too_old")
    if int(stamps[0]) > wall_time + SKEW_SECONDS:
        raise BadSignature("the signature is dated in the future", code="timestamp_in_future")


def events_since(moment: int) -> Iterator[dict[str, Any]]:
    """Events created at or after this Unix time, as plain values, newest first. LookupFailed when Stripe can't be asked."""
    try:
        for event in client().v1.events.list({"created": {"gte": moment}, "limit": 100}).auto_paging_iter():
            yield json.loads(json.dumps(event.to_dict()))
    except stripe.StripeError as error:
        raise LookupFailed(str(error)) from error
