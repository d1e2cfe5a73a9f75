"""A rail is one module: a new one goes from the form through the books, and no other rail's money is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from payouts import rails
from payouts.actions.execution import advance_payout_items, note_return
from payouts.actions.rail_details import set_rail_details
from payouts.ledger import chart
from payouts.ledger.actions import balance
from payouts.models import PayoutItem, RailDetails
from payouts.rails import CallRail, DetailField, Details, Found, Instruction, Outcome, Rate, Sending, Sent
from tests import make
from tests.payouts.paying import approved_run, on_connect, paid_by, payable


class Cowrie(CallRail):
    """Shells, counted in euro cents or, for who asks for it, in CFA francs: one module."""

    name, title = "cowrie", "Cowrie"

    def __init__(self) -> None:
        self.made: dict[str, Found] = {}

    def is_on(self) -> bool:
        return True

    def reaches(self, country: str) -> bool:
        return country in ("SN", "FR")

    def in_words(self, country: str) -> list[str]:
        return ["Shells arrive with the tide."] if self.reaches(country) else []

    def fields(self, country: str) -> tuple[DetailField, ...]:
        return (DetailField("beach", "Beach", "such as Yoff"), DetailField("coin", "Coin"))

    def cleaned(self, details: Details, country: str) -> dict[str, str]:
        if not details.get("beach"):
            raise Refused("Name the beach.", code="beach_missing", field="beach")
        return {"beach": details["beach"], "coin": details.get("coin") or "EUR"}

    def masked(self, details: Details) -> str:
        return f"shells at {details['beach'][0]}…"

    def sends(self, details: Details, amount: int, *, pool: str, rate: Callable[[str], Rate | None]) -> Sending:
        if details["coin"] == pool:
            return Sending(pool, amount, amount)
        return Sending("XOF", amount * 655_957 // 100_000, amount)

    def request(self, instruction: Instruction) -> bytes:
        return json.dumps([instruction.item, instruction.amount, instruction.currency]).encode()

    def submit(self, request: bytes, key: str) -> Outcome:
        item, amount, currency = json.loads(request)
        self.made.setdefault(key, Found(f"shell-{len(self.made)}", amount, currency, item=item))
        return Sent(self.made[key].reference)

    def find(self, group: str, item: str) -> list[Found]:
        return [found for found in self.made.values() if found.item == item]

    def all_of(self, group: str) -> list[Found]:
        return list(self.made.values())

    def standing(self, reference: str) -> Any:
        return "returned"


@pytest.fixture
def cowrie(monkeypatch):
    rail = Cowrie()
    monkeypatch.setitem(rails.RAILS, "cowrie", rail)
    return rail


pytestmark = pytest.mark.django_db


def sweep(times: int = 3) -> None:
    for n in range(times):
        advance_payout_items(now=coop_now(), wall=coop_now() + timedelta(seconds=n))


def left(member) -> int:
    return balance(chart.payable(member.pseudonym.hex))


def test_both_doors_offer_what_a_new_rail_asks_for_and_keep_it_sealed(cowrie):
    awa = make.member("awa", country="SN")
    browser, caller = Client(), APIClient()
    browser.force_login(awa.user)
    caller.force_authenticate(awa.user)

    page = browser.get("/rail/").content.decode()
    choices = caller.get("/api/v1/rail/choices/").json()["rails"]
    refused = browser.post("/rail/", {"rail": "cowrie", "beach": ""})
    posted = browser.post("/rail/", {"rail": "cowrie", "beach": "Yoff"})
    put = caller.put("/api/v1/rail/", {"rail": "cowrie", "beach": "Ngor"}, format="json")

    assert "Shells arrive with the tide." in page and "such as Yoff" in page
    assert ["beach", "coin"] in [[one["name"] for one in rail["fields_asked"]] for rail in choices]
    assert refused.status_code == 422 and "Name the beach." in refused.content.decode()
    assert posted.status_code == 302 and put.json()["masked"] == "shells at N…"
    assert b"Yoff" not in bytes(RailDetails.objects.earliest("set_at").sealed)


def test_a_new_rail_pays_from_its_own_cash_and_from_nobody_elses(cowrie, on_stripe, account):
    on_stripe.ask("balance", amount=10_000)
    hanitra = on_connect(account, 1234, "hanitra")
    awa = payable(make.member("awa", country="SN"), 5000)
    paid_by(awa, "cowrie", beach="Yoff")
    run = approved_run()

    sweep()

    assert {item.state for item in run.items.all()} == {PayoutItem.State.PAID}
    assert (balance("cash:cowrie"), balance(chart.CASH_STRIPE)) == (-5000, -1234)
    assert left(hanitra) == left(awa) == 0


@pytest.mark.parametrize(("coin", "cash", "local"), [("EUR", "cash:cowrie", 5000), ("XOF", "cash:cowrie:XOF", 32_797)])
def test_what_a_rail_sends_back_returns_to_where_it_came_from(cowrie, coin, cash, local):
    awa = payable(make.member("awa", country="SN"), 5000)
    paid_by(awa, "cowrie", beach="Yoff", coin=coin)
    run = approved_run()
    sweep()
    item = run.items.get()
    assert (item.local_amount, balance(cash), left(awa)) == (local, -local, 0)

    assert note_return(reference=item.reference, now=coop_now())

    assert left(awa) == 5000
    assert balance(cash) == balance("fx:EUR") == balance("fx:XOF") == balance(chart.CASH_STRIPE) == 0


def test_an_unknown_rail_is_refused_by_name_and_what_is_on_a_rail_that_is_gone_stays_payable(cowrie, monkeypatch):
    awa = payable(make.member("awa", country="SN"), 5000)
    with pytest.raises(Refused) as refused:
        set_rail_details(member=awa, rail="pigeon", details={}, by=awa.actor, now=coop_now())
    paid_by(awa, "cowrie", beach="Yoff")

    monkeypatch.delitem(rails.RAILS, "cowrie")
    run = approved_run()
    sweep()

    assert (refused.value.code, refused.value.field) == ("rail_unknown", "rail")
    assert not run.items.exists()
    assert left(awa) == 5000
