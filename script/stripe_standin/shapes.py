"""The objects, in the shape of Stripe's specification (the fields we or the SDK read, and every required one)."""

from __future__ import annotations

from typing import Any

from .wire import API_VERSION

Thing = dict[str, Any]


def page(url: str, data: list[Thing], has_more: bool = False) -> Thing:
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def checkout_session(
    id: str, *, now: int, url: str, amount: int, currency: str, expires_at: int, **given: Any
) -> Thing:
    return {
        "id": id,
        "object": "checkout.session",
        "livemode": False,
        "mode": "payment",
        "status": "open",
        "payment_status": "unpaid",
        "payment_method_types": ["card"],
        "payment_intent": None,
        "amount_subtotal": amount,
        "amount_total": amount,
        "currency": currency,
        "created": now,
        "expires_at": expires_at,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "shipping_options": [],
        "ui_mode": "hosted_page",
        "url": url,
        **given,
    }


def payment_intent(id: str, *, now: int, amount: int, currency: str, charge: str, **given: Any) -> Thing:
    return {
        "id": id,
        "object": "payment_intent",
        "livemode": False,
        "status": "succeeded",
        "amount": amount,
        "amount_received": amount,
        "currency": currency,
        "created": now,
        "latest_charge": charge,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "payment_method_types": ["card"],
        **given,
    }


def charge(id: str, *, now: int, amount: int, currency: str, **given: Any) -> Thing:
    return {
        "id": id,
        "object": "charge",
        "livemode": False,
        "status": "succeeded",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "currency": currency,
        "created": now,
        "captured": True,
        "paid": True,
        "refunded": False,
        "disputed": False,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        **given,
    }


def balance_transaction(
    id: str, *, now: int, amount: int, currency: str, fee: int, type: str, source: str, category: str
) -> Thing:
    lines = [
        {"amount": fee, "application": None, "currency": currency, "description": "Stand-in fee", "type": "stripe_fee"}
    ]
    return {
        "id": id,
        "object": "balance_transaction",
        "amount": amount,
        "fee": fee,
        "net": amount - fee,
        "fee_details": lines if fee else [],
        "currency": currency,
        "created": now,
        "available_on": now,
        "balance_type": "payments",
        "reporting_category": category,
        "source": source,
        "status": "available",
        "type": type,
        "description": None,
        "exchange_rate": None,
    }


def account(id: str, *, now: int, country: str, type: str, transfers: str, **given: Any) -> Thing:
    ready = transfers == "active"
    return {
        "id": id,
        "object": "account",
        "type": type,
        "country": country,
        "created": now,
        "default_currency": "eur",
        "charges_enabled": ready,
        "payouts_enabled": ready,
        "details_submitted": ready,
        "capabilities": {"transfers": transfers},
        **given,
    }


def transfer(id: str, *, now: int, amount: int, currency: str, destination: str, **given: Any) -> Thing:
    return {
        "id": id,
        "object": "transfer",
        "livemode": False,
        "amount": amount,
        "amount_reversed": 0,
        "reversed": False,
        "reversals": page(f"/v1/transfers/{id}/reversals", []),
        "currency": currency,
        "created": now,
        "destination": destination,
        "source_transaction": None,
        "source_type": "card",
        **given,
    }


def reversal(id: str, *, now: int, amount: int, currency: str, transfer: str, **given: Any) -> Thing:
    return {
        "id": id,
        "object": "transfer_reversal",
        "amount": amount,
        "currency": currency,
        "created": now,
        "transfer": transfer,
        "source_refund": None,
        "destination_payment_refund": None,
        **given,
    }


def refund(id: str, *, now: int, amount: int, currency: str, charge: str, **given: Any) -> Thing:
    return {
        "id": id,
        "object": "refund",
        "status": "succeeded",
        "amount": amount,
        "currency": currency,
        "created": now,
        "charge": charge,
        "receipt_number": None,
        **given,
    }


def event(id: str, *, now: int, type: str, about: Thing, pending: int, key: str | None) -> Thing:
    return {
        "id": id,
        "object": "event",
        "livemode": False,
        "api_version": API_VERSION,
        "created": now,
        "type": type,
        "data": {"object": about},
        "pending_webhooks": pending,
        "request": {"id": None, "idempotency_key": key},
    }


def webhook_endpoint(id: str, *, now: int, url: str, events: list[str], **given: Any) -> Thing:
    return {
        "id": id,
        "object": "webhook_endpoint",
        "livemode": False,
        "status": "enabled",
        "url": url,
        "enabled_events": events,
        "api_version": API_VERSION,
        "application": None,
        "created": now,
        **given,
    }
