"""What each address of the API does. Every function runs inside one transaction of the store."""

from __future__ import annotations

import operator
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from . import shapes
from .store import Store, Thing
from .wire import Params, StripeSays, listed, only, whole

# Where a platform in the European Economic Area may open Connect accounts and send transfers.
REACH = frozenset(
    {
        country
        for line in (
            "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU",
            "IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK",
            "GB US CA CH",
        )
        for country in line.split()
    }
)
DAY = 24 * 3600
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class Platform:
    """One Stripe account: ours."""

    def __init__(self, store: Store, *, public_url: str, fee_bp: int = 0, fee_fixed: int = 0) -> None:
        self.store = store
        self.public_url = public_url.rstrip("/")
        self.fee_bp = fee_bp
        self.fee_fixed = fee_fixed
        self.wake: Callable[[], None] = lambda: None  # the sender of webhooks

    # --- plumbing

    def need(self, id: Any, kind: str, *, param: str = "id", status: int = 404) -> Thing:
        thing = self.store.get(str(id), kind)
        if thing is None:
            word = kind.replace(".", " ").replace("_", " ")
            raise StripeSays(status, f"No such {word}: '{id}'", code="resource_missing", param=param)
        return thing

    def emit(self, type: str, about: Thing, key: str | None = None) -> None:
        """Record an event and one delivery (or as many as was asked) for each endpoint that wants it."""
        store = self.store
        endpoints = [
            e
            for e in store.all("webhook_endpoint")
            if e["status"] == "enabled" and ("*" in e["enabled_events"] or type in e["enabled_events"])
        ]
        event = shapes.event(
            store.new_id("evt"), now=store.now(), type=type, about=about, pending=len(endpoints), key=key
        )
        store.put(event)
        how = store.setting("webhooks", {})
        for endpoint in endpoints:
            for _ in range(int(how.get("copies", 1))):
                store.db.execute(
                    "insert into delivery (event, endpoint, due) values (?, ?, ?)",
                    (event["id"], endpoint["id"], time.time() + float(how.get("delay_seconds", 0))),
                )
        self.wake()

    def expand(self, thing: Thing, paths: list[Any]) -> Thing:
        """Replace ids by objects along each path, through lists too."""
        for path in paths:
            _expand(self.store, thing, str(path).split("."))
        return thing

    def listing(self, url: str, things: list[Thing], query: Params) -> Thing:
        """Newest first, by cursor; `created` bounds."""
        limit = whole(query, "limit", default=10, least=1)
        if limit > 100:
            raise StripeSays(400, "limit must be at most 100", code="parameter_invalid_integer", param="limit")
        created = query.get("created")
        bounds: Params = (
            created if isinstance(created, dict) else ({} if created is None else {"gte": created, "lte": created})
        )
        for name, holds in COMPARISONS.items():
            if name in bounds:
                bound = whole(bounds, name)
                things = [t for t in things if holds(t["created"], bound)]
        ids = [t["id"] for t in things]
        backwards = False
        if after := query.get("starting_after"):
            if after not in ids:
                raise StripeSays(400, f"No such object: '{after}'", code="resource_missing", param="starting_after")
            things = things[ids.index(after) + 1 :]
        elif before := query.get("ending_before"):
            if before not in ids:
                raise StripeSays(400, f"No such object: '{before}'", code="resource_missing", param="ending_before")
            things, backwards = things[: ids.index(before)], True
        more = len(things) > limit
        things = things[-limit:] if backwards else things[:limit]
        prefix = "data."
        paths = [str(p).removeprefix(prefix) for p in listed(query.get("expand")) if str(p).startswith(prefix)]
        return shapes.page(url, [self.expand(t, list(paths)) for t in things], more)

    def available(self, currency: str) -> int:
        return sum(int(t["net"]) for t in self.store.all("balance_transaction") if t["currency"] == currency)

    def book(self, *, amount: int, currency: str, type: str, category: str, source: str, fee: int = 0) -> str:
        line = shapes.balance_transaction(
            self.store.new_id("txn"),
            now=self.store.now(),
            amount=amount,
            currency=currency,
            fee=fee,
            type=type,
            source=source,
            category=category,
        )
        self.store.put(line)
        return str(line["id"])

    # --- balance

    def balance(self, params: Params, key: str | None) -> Thing:
        only(params, "")
        currencies = sorted({t["currency"] for t in self.store.all("balance_transaction")} | {"eur"})
        return {
            "object": "balance",
            "livemode": False,
            "available": [
                {"amount": self.available(c), "currency": c, "source_types": {"card": self.available(c)}}
                for c in currencies
            ],
            "pending": [{"amount": 0, "currency": c, "source_types": {"card": 0}} for c in currencies],
        }

    def top_up(self, amount: int, currency: str) -> None:
        """Money put on the platform's balance by hand (on demand, not part of the API)."""
        source = self.store.new_id("tu")
        self.book(amount=amount, currency=currency, type="topup", category="topup", source=source)

    # --- checkout

    def create_session(self, params: Params, key: str | None) -> Thing:
        only(
            params,
            "mode line_items success_url",
            "cancel_url client_reference_id customer_email metadata payment_intent_data expires_at locale "
            "payment_method_types submit_type",
        )
        if params["mode"] != "payment":
            raise StripeSays(400, "This stand-in sells with mode=payment only.", param="mode")
        currency, lines = _priced(listed(params["line_items"]))
        now = self.store.now()
        expires_at = whole(params, "expires_at", default=now + DAY)
        if not now + 1800 <= expires_at <= now + DAY:
            raise StripeSays(
                400, "The `expires_at` timestamp must be 30 minutes to 24 hours from now.", param="expires_at"
            )
        id = "cs_test_" + secrets.token_hex(16)
        session = shapes.checkout_session(
            id,
            now=now,
            url=f"{self.public_url}/pay/{id}",
            amount=sum(amount for _name, amount in lines),
            currency=currency,
            expires_at=expires_at,
            success_url=params["success_url"],
            cancel_url=params.get("cancel_url"),
            client_reference_id=params.get("client_reference_id"),
            customer_email=params.get("customer_email"),
            metadata=params.get("metadata") or {},
        )
        self.store.put(session)
        self.store.set(f"lines:{id}", lines)
        self.store.set(f"intent:{id}", params.get("payment_intent_data") or {})
        return session

    def session(self, params: Params, key: str | None, id: str) -> Thing:
        return self._fresh(self.need(id, "checkout.session", param="session"))

    def _fresh(self, session: Thing) -> Thing:
        if session["status"] == "open" and session["expires_at"] <= self.store.now():
            return self._expire(session)
        return session

    def _expire(self, session: Thing) -> Thing:
        session = self.store.put({**session, "status": "expired", "url": None})
        self.emit("checkout.session.expired", session)
        return session

    def expire_session(self, params: Params, key: str | None, id: str) -> Thing:
        session = self._fresh(self.need(id, "checkout.session", param="session"))
        if session["status"] != "open":
            raise StripeSays(
                400, f"Only Checkout Sessions with a status of open can be expired. It is {session['status']}."
            )
        return self._expire(session)

    def sessions(self, params: Params, key: str | None) -> Thing:
        found = self.store.all("checkout.session")
        if "payment_intent" in params:
            found = [s for s in found if s["payment_intent"] == params["payment_intent"]]
        return self.listing("/v1/checkout/sessions", found, params)

    def pay(self, id: str, outcome: str = "paid") -> Thing:
        """What the customer does on the hosted page: pay, or have the card declined."""
        session = self._fresh(self.need(id, "checkout.session"))
        if session["status"] != "open":
            raise StripeSays(409, f"This session is {session['status']}.", code="session_not_open")
        if outcome == "declined":
            return session
        store, now = self.store, self.store.now()
        amount, currency = int(session["amount_total"]), str(session["currency"])
        given = store.setting(f"intent:{id}", {})
        told = {
            "metadata": given.get("metadata") or {},
            "transfer_group": given.get("transfer_group"),
            "description": given.get("description"),
        }
        intent_id, charge_id = store.new_id("pi"), store.new_id("ch")
        fee = (amount * self.fee_bp + 9999) // 10000 + self.fee_fixed
        line = self.book(amount=amount, currency=currency, fee=fee, type="charge", category="charge", source=charge_id)
        charge = shapes.charge(
            charge_id,
            now=now,
            amount=amount,
            currency=currency,
            payment_intent=intent_id,
            balance_transaction=line,
            **told,
        )
        intent = shapes.payment_intent(
            intent_id,
            now=now,
            amount=amount,
            currency=currency,
            charge=charge_id,
            **told,
        )
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": intent_id, "url": None}
        for thing in (charge, intent, session):
            store.put(thing)
        self.emit("payment_intent.succeeded", intent)
        self.emit("charge.succeeded", charge)
        self.emit("checkout.session.completed", session)
        return session

    def intent(self, params: Params, key: str | None, id: str) -> Thing:
        return self.need(id, "payment_intent", param="intent")

    def intents(self, params: Params, key: str | None) -> Thing:
        return self.listing("/v1/payment_intents", self.store.all("payment_intent"), params)

    def charge(self, params: Params, key: str | None, id: str) -> Thing:
        return self.need(id, "charge", param="charge")

    def balance_transaction(self, params: Params, key: str | None, id: str) -> Thing:
        return self.need(id, "balance_transaction")

    def balance_transactions(self, params: Params, key: str | None) -> Thing:
        found = self.store.all("balance_transaction")
        for name in ("type", "source", "currency"):
            if name in params:
                found = [t for t in found if t[name] == params[name]]
        return self.listing("/v1/balance_transactions", found, params)

    # --- refunds

    def create_refund(self, params: Params, key: str | None) -> Thing:
        only(params, "", "payment_intent charge amount reason metadata")
        charge = self._charge_to_refund(params)
        left = int(charge["amount"]) - int(charge["amount_refunded"])
        amount = whole(params, "amount", default=left, least=1)
        if left == 0:
            raise StripeSays(
                400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded", kept=True
            )
        if amount > left:
            raise StripeSays(
                400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
            )
        if amount > self.available(charge["currency"]):
            raise StripeSays(
                400,
                "Insufficient funds in Stripe account.",
                code="balance_insufficient",
                kept=True,
            )
        store, now = self.store, self.store.now()
        refund_id = store.new_id("re")
        line = self.book(
            amount=-amount, currency=charge["currency"], type="refund", category="refund", source=refund_id
        )
        refund = shapes.refund(
            refund_id,
            now=now,
            amount=amount,
            currency=charge["currency"],
            charge=charge["id"],
            payment_intent=charge["payment_intent"],
            balance_transaction=line,
            reason=params.get("reason"),
            metadata=params.get("metadata") or {},
        )
        refunded = int(charge["amount_refunded"]) + amount
        charge = {**charge, "amount_refunded": refunded, "refunded": refunded == charge["amount"]}
        store.put(refund)
        store.put(charge)
        self.emit("refund.created", refund, key)
        self.emit("charge.refunded", charge, key)
        return refund

    def _charge_to_refund(self, params: Params) -> Thing:
        if params.get("payment_intent"):
            intent = self.need(params["payment_intent"], "payment_intent", param="payment_intent")
            return self.need(intent["latest_charge"], "charge")
        if params.get("charge"):
            return self.need(params["charge"], "charge", param="charge")
        raise StripeSays(400, "One of the following params should be provided: payment_intent or charge.")

    def refund(self, params: Params, key: str | None, id: str) -> Thing:
        return self.need(id, "refund", param="refund")

    def refunds(self, params: Params, key: str | None) -> Thing:
        found = self.store.all("refund")
        for name in ("payment_intent", "charge"):
            if name in params:
                found = [r for r in found if r[name] == params[name]]
        return self.listing("/v1/refunds", found, params)

    # --- Connect

    def create_account(self, params: Params, key: str | None) -> Thing:
        only(params, "country", "type email capabilities metadata business_type business_profile default_currency")
        if params.get("type", "express") not in ("express", "custom", "standard"):
            raise StripeSays(400, "Invalid type: must be one of custom, express, or standard", param="type")
        country = str(params["country"])
        if country not in REACH:
            raise StripeSays(
                400, f"{country} is not currently supported by Stripe.", code="country_unsupported", param="country"
            )
        account = shapes.account(
            self.store.new_id("acct"),
            now=self.store.now(),
            country=country,
            type=params.get("type", "express"),
            transfers=self.store.setting("new_accounts", "active"),
            email=params.get("email"),
            metadata=params.get("metadata") or {},
        )
        return self.store.put(account)

    def account(self, params: Params, key: str | None, id: str) -> Thing:
        return self.need(id, "account", param="account")

    def accounts(self, params: Params, key: str | None) -> Thing:
        return self.listing("/v1/accounts", self.store.all("account"), params)

    def own_account(self, params: Params, key: str | None) -> Thing:
        return shapes.account(
            self.store.setting("platform_id", "acct_standin"),
            now=0,
            country="FR",
            type="standard",
            transfers="active",
            email=None,
            metadata={},
        )

    def update_account(self, params: Params, key: str | None, id: str) -> Thing:
        only(params, "", "email metadata business_profile capabilities")
        account = self.need(id, "account", param="account")
        account["metadata"] = {**account["metadata"], **(params.get("metadata") or {})}
        if "email" in params:
            account["email"] = params["email"]
        return self.store.put(account)

    def set_transfers(self, id: str, state: str) -> Thing:
        """An account becomes able or unable to receive (on demand; the real one asks for papers)."""
        account = self.need(id, "account")
        ready = state == "active"
        account = {
            **account,
            "capabilities": {"transfers": state},
            "charges_enabled": ready,
            "payouts_enabled": ready,
            "details_submitted": True,
        }
        self.store.put(account)
        self.emit("account.updated", account)
        return account

    def account_link(self, params: Params, key: str | None) -> Thing:
        only(params, "account type", "refresh_url return_url collection_options")
        account = self.need(params["account"], "account", param="account", status=400)
        now = self.store.now()
        self.store.set(f"return:{account['id']}", params.get("return_url"))
        return {
            "object": "account_link",
            "created": now,
            "expires_at": now + 300,
            "url": f"{self.public_url}/onboard/{account['id']}",
        }

    # --- transfers

    def create_transfer(self, params: Params, key: str | None) -> Thing:
        only(
            params, "currency destination", "amount description metadata source_transaction source_type transfer_group"
        )
        amount = whole(params, "amount", least=1)
        currency = str(params["currency"])
        account = self.store.get(str(params["destination"]), "account")
        if account is None:
            raise StripeSays(
                400,
                f"No such destination: '{params['destination']}'",
                code="resource_missing",
                param="destination",
            )
        if account["capabilities"].get("transfers") != "active":
            raise StripeSays(
                400,
                "Your destination account needs to have at least one of the following capabilities enabled: transfers",
                code="insufficient_capabilities_for_transfer",
                kept=True,
            )
        if amount > self.available(currency):
            raise StripeSays(
                400,
                "You have insufficient available funds in your Stripe account.",
                code="balance_insufficient",
                kept=True,
            )
        transfer_id = self.store.new_id("tr")
        line = self.book(amount=-amount, currency=currency, type="transfer", category="transfer", source=transfer_id)
        transfer = shapes.transfer(
            transfer_id,
            now=self.store.now(),
            amount=amount,
            currency=currency,
            destination=account["id"],
            balance_transaction=line,
            description=params.get("description"),
            metadata=params.get("metadata") or {},
            transfer_group=params.get("transfer_group"),
        )
        self.store.put(transfer)
        self.emit("transfer.created", transfer, key)
        return transfer

    def transfer(self, params: Params, key: str | None, id: str) -> Thing:
        return self.need(id, "transfer", param="transfer")

    def transfers(self, params: Params, key: str | None) -> Thing:
        found = self.store.all("transfer")
        for name in ("transfer_group", "destination"):
            if name in params:
                found = [t for t in found if t[name] == params[name]]
        return self.listing("/v1/transfers", found, params)

    def reverse(self, params: Params, key: str | None, id: str) -> Thing:
        only(params, "", "amount description metadata refund_application_fee")
        transfer = self.need(id, "transfer", param="id")
        left = int(transfer["amount"]) - int(transfer["amount_reversed"])
        amount = whole(params, "amount", default=left, least=1)
        if amount > left or left == 0:
            raise StripeSays(400, "This transfer has too little left to reverse.", param="amount")
        reversal_id = self.store.new_id("trr")
        line = self.book(
            amount=amount,
            currency=transfer["currency"],
            type="transfer_refund",
            category="transfer_reversal",
            source=reversal_id,
        )
        reversal = shapes.reversal(
            reversal_id,
            now=self.store.now(),
            amount=amount,
            currency=transfer["currency"],
            transfer=id,
            balance_transaction=line,
            metadata=params.get("metadata") or {},
        )
        done = int(transfer["amount_reversed"]) + amount
        transfer["reversals"]["data"].insert(0, reversal)
        transfer = {**transfer, "amount_reversed": done, "reversed": done == transfer["amount"]}
        self.store.put(reversal)
        self.store.put(transfer)
        self.emit("transfer.reversed", transfer, key)
        return reversal

    # --- events and where they are sent

    def event(self, params: Params, key: str | None, id: str) -> Thing:
        return self.need(id, "event")

    def events(self, params: Params, key: str | None) -> Thing:
        found = self.store.all("event")
        if "type" in params:
            found = [e for e in found if e["type"] == params["type"]]
        if types := listed(params.get("types")):
            found = [e for e in found if e["type"] in types]
        return self.listing("/v1/events", found, params)

    def create_endpoint(self, params: Params, key: str | None) -> Thing:
        only(params, "url enabled_events", "description metadata api_version connect")
        endpoint = shapes.webhook_endpoint(
            self.store.new_id("we"),
            now=self.store.now(),
            url=params["url"],
            events=[str(e) for e in listed(params["enabled_events"])],
            description=params.get("description"),
            metadata=params.get("metadata") or {},
        )
        secret = "whsec_" + secrets.token_hex(24)
        self.store.put(endpoint)
        self.store.set(f"secret:{endpoint['id']}", secret)
        return {**endpoint, "secret": secret}  # told once, at birth

    def endpoint(self, params: Params, key: str | None, id: str) -> Thing:
        return self.need(id, "webhook_endpoint")

    def endpoints(self, params: Params, key: str | None) -> Thing:
        return self.listing("/v1/webhook_endpoints", self.store.all("webhook_endpoint"), params)

    def update_endpoint(self, params: Params, key: str | None, id: str) -> Thing:
        only(params, "", "url enabled_events description metadata disabled")
        endpoint = self.need(id, "webhook_endpoint")
        if "url" in params:
            endpoint["url"] = params["url"]
        if "enabled_events" in params:
            endpoint["enabled_events"] = [str(e) for e in listed(params["enabled_events"])]
        if "disabled" in params:
            endpoint["status"] = "disabled" if params["disabled"] == "true" else "enabled"
        return self.store.put(endpoint)

    def delete_endpoint(self, params: Params, key: str | None, id: str) -> Thing:
        self.need(id, "webhook_endpoint")
        self.store.remove(id)
        return {"id": id, "object": "webhook_endpoint", "deleted": True}


def _priced(items: list[Any]) -> tuple[str, list[tuple[str, int]]]:
    """The currency of a session's line items and, for each, its name and amount."""
    currency, lines = "", []
    for number, line in enumerate(items):
        price = line.get("price_data") or {}
        where = f"line_items[{number}]"
        if not price.get("currency") or not (price.get("product_data") or {}).get("name"):
            raise StripeSays(
                400, f"Missing required param: {where}[price_data].", code="parameter_missing", param=where
            )
        if currency and price["currency"] != currency:
            raise StripeSays(400, "All line items must have the same currency.", param=where)
        currency = price["currency"]
        amount = whole(price, "unit_amount", least=0) * whole(line, "quantity", default=1, least=1)
        lines.append((price["product_data"]["name"], amount))
    return currency, lines


def _expand(store: Store, thing: Any, keys: list[str]) -> None:
    if isinstance(thing, list):
        for one in thing:
            _expand(store, one, keys)
        return
    if not isinstance(thing, dict) or keys[0] not in thing:
        raise StripeSays(400, f"This property cannot be expanded ({keys[0]}).", param="expand")
    value = thing[keys[0]]
    if isinstance(value, str):
        value = thing[keys[0]] = store.get(value) or value
    if len(keys) > 1 and value is not None:
        _expand(store, value, keys[1:])


Handler = Callable[..., Thing]
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = [
    (method, re.compile("^/v1/" + path.replace("{}", r"([^/]+)") + "$"), handler)
    for method, path, handler in (
        ("GET", "balance", Platform.balance),
        ("GET", "account", Platform.own_account),
        ("POST", "checkout/sessions", Platform.create_session),
        ("GET", "checkout/sessions", Platform.sessions),
        ("GET", "checkout/sessions/{}", Platform.session),
        ("POST", "checkout/sessions/{}/expire", Platform.expire_session),
        ("GET", "payment_intents", Platform.intents),
        ("GET", "payment_intents/{}", Platform.intent),
        ("GET", "charges/{}", Platform.charge),
        ("GET", "balance_transactions", Platform.balance_transactions),
        ("GET", "balance_transactions/{}", Platform.balance_transaction),
        ("POST", "refunds", Platform.create_refund),
        ("GET", "refunds", Platform.refunds),
        ("GET", "refunds/{}", Platform.refund),
        ("POST", "accounts", Platform.create_account),
        ("GET", "accounts", Platform.accounts),
        ("GET", "accounts/{}", Platform.account),
        ("POST", "accounts/{}", Platform.update_account),
        ("POST", "account_links", Platform.account_link),
        ("POST", "transfers", Platform.create_transfer),
        ("GET", "transfers", Platform.transfers),
        ("GET", "transfers/{}", Platform.transfer),
        ("POST", "transfers/{}/reversals", Platform.reverse),
        ("GET", "events", Platform.events),
        ("GET", "events/{}", Platform.event),
        ("POST", "webhook_endpoints", Platform.create_endpoint),
        ("GET", "webhook_endpoints", Platform.endpoints),
        ("GET", "webhook_endpoints/{}", Platform.endpoint),
        ("POST", "webhook_endpoints/{}", Platform.update_endpoint),
        ("DELETE", "webhook_endpoints/{}", Platform.delete_endpoint),
    )
]
