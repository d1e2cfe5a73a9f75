"""The crash simulation: whatever dies, whenever, nobody is paid twice and nobody is forgotten.

The real actions on the real database pay through the stand-in over HTTP, while lines are cut, the rail fails before and after
the effect, the balance runs out, the worker dies between any two commits, and hours or days pass between the rounds. The naive
ways of doing it are run through the same storm as mutants: it must catch each of them.
"""

from __future__ import annotations

import contextlib
import os
import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from coop.ground.clock import coop_now
from payouts import rails
from payouts.actions import execution
from payouts.ledger import chart
from payouts.ledger.actions import balance
from payouts.models import Attempt, PayoutItem
from payouts.rails import Declined, Found, Outcome, Unknown, stripe
from script.stripe_standin import faults
from tests.payouts.paying import approved_run, on_connect
from tests.script.stripe_standin.running import StandIn

pytestmark = pytest.mark.django_db
STORMS = int(os.environ.get("CANUT_STORMS", "5"))  # of each kind; more for a longer look
ITEMS = 4
ROUNDS = 14


class Crash(Exception):
    """The worker dies here."""


class Stormy(stripe.Stripe):
    """The rail, with a worker that dies before or after a call, and a line that the stand-in cuts."""

    def __init__(self, chance: random.Random, standin: StandIn) -> None:
        self.chance, self.standin, self.calm = chance, standin, False

    def _dies(self) -> None:
        if not self.calm and self.chance.random() < 0.12:
            raise Crash

    def _fault(self, method: str, kinds: tuple[str, ...], odds: float) -> None:
        if not self.calm and self.chance.random() < odds:
            faults.add(
                self.standin.server.store,
                kind=self.chance.choice(kinds),
                method=method,
                path="/v1/transfers",
                times=1,
            )

    def submit(self, request: bytes, key: str) -> Outcome:
        self._dies()
        self._fault("POST", ("500_before", "500_after", "drop_before", "drop_after", "drop_after", "429", "409"), 0.45)
        outcome = self.ask(request, key)
        self._dies()
        return outcome

    def ask(self, request: bytes, key: str) -> Outcome:
        return super().submit(request, key)

    def all_of(self, group: str) -> list[Found]:
        self._dies()
        self._fault("GET", ("500_before", "drop_after"), 0.2)
        found = super().all_of(group)
        self._dies()
        return found


@dataclass
class Result:
    twice: int
    never: int
    ghosts: int
    unsettled: int

    @property
    def right(self) -> bool:
        return not (self.twice or self.never or self.ghosts or self.unsettled)


def storm(
    standin: StandIn, account: Any, monkeypatch: pytest.MonkeyPatch, seed: int, rail_class: type[Stormy], pace: float
) -> Result:
    """One run through bad weather, `pace` hours between rounds on average, then some calm days to come to rest."""
    chance = random.Random(seed)
    rail = rail_class(chance, standin)
    monkeypatch.setattr(rails, "call_rail", lambda name: rail)
    amounts = [chance.randint(100, 9999) for _ in range(ITEMS)]
    enough = sum(amounts)
    standin.ask("clock", offset=0)
    before = {t.id for t in transfers(standin)}
    have = standin.client().v1.balance.retrieve().available[0].amount
    standin.ask("balance", amount=(enough if chance.random() < 0.7 else enough * 2 // 3) - have)
    members = [on_connect(account, amount) for amount in amounts]
    run = approved_run()
    start, hours = coop_now(), 0.0

    def round_() -> None:
        standin.server.store.set("clock_offset", int(hours * 3600))
        with contextlib.suppress(Crash):
            execution.advance_payout_items(now=coop_now(), wall=start + timedelta(hours=hours))

    for n in range(ROUNDS):
        hours += chance.expovariate(1 / pace)
        if n == ROUNDS // 2:
            standin.ask("balance", amount=enough)
        round_()
    rail.calm = True
    with standin.server.store.transaction():
        standin.server.store.db.execute("delete from fault")
    for _ in range(8):
        hours += max(pace, 1)
        round_()

    made = [t for t in transfers(standin) if t.id not in before]
    times = Counter(t.destination for t in made)
    accounts = [m.rail_details.get().opened()["account"] for m in members]
    items = {i.details.opened()["account"]: i for i in PayoutItem.objects.filter(run=run).select_related("details")}
    result = Result(
        twice=sum(times[a] > 1 for a in accounts),
        never=sum(times[a] == 0 for a in accounts),
        ghosts=sum(items[a].state == "paid" and times[a] == 0 for a in accounts),
        unsettled=sum(items[a].state != "paid" for a in accounts),
    )
    if result.right:
        assert {t.destination: t.amount for t in made} == dict(zip(accounts, amounts, strict=True))
        assert balance(chart.CASH_STRIPE) == -enough
        assert not any(balance(chart.reserved(m.pseudonym.hex)) for m in members)
        run.refresh_from_db()
        assert run.state == "settled"
    return result


def transfers(standin: StandIn) -> list[Any]:
    return list(standin.client().v1.transfers.list({"limit": 100}).auto_paging_iter())


def storms(
    standin: StandIn, account: Any, monkeypatch: pytest.MonkeyPatch, rail_class: type[Stormy], pace: float, n: int
) -> list[Result]:
    results = []
    for seed in range(n):
        with transaction.atomic(), monkeypatch.context() as patched:
            results.append(storm(standin, account, patched, seed, rail_class, pace))
            transaction.set_rollback(True)
        if rail_class is not Stormy and not results[-1].right:
            break  # caught
    return results


@pytest.mark.parametrize("pace", [0.02, 1, 9])
def test_nobody_is_paid_twice_and_nobody_is_forgotten(on_stripe, account, monkeypatch, pace):
    results = storms(on_stripe, account, monkeypatch, Stormy, pace, STORMS)

    assert all(result.right for result in results), results


# --- the naive ways, which the storm must catch


class NoKey(Stormy):
    """Just ask, without a key."""

    def ask(self, request: bytes, key: str) -> Outcome:
        return stripe.Stripe.submit(self, request, f"none:{uuid.uuid4()}")  # as good as none


class FreshKey(Stormy):
    """A new key for each attempt, as many integrations do."""

    def ask(self, request: bytes, key: str) -> Outcome:
        return stripe.Stripe.submit(self, request, str(uuid.UUID(int=self.chance.getrandbits(128))))


class GivesUpOnSilence(Stormy):
    """No answer is taken for a no: another key at once."""

    def ask(self, request: bytes, key: str) -> Outcome:
        outcome = super().ask(request, key)
        return Declined("no_answer", "?", "later") if isinstance(outcome, Unknown) else outcome


class NeverLooks(Stormy):
    """A stable key, tried again for ever, however old it is; a kept 500 is tried again too."""

    def ask(self, request: bytes, key: str) -> Outcome:
        outcome = super().ask(request, key)
        return Unknown(outcome.message) if isinstance(outcome, Unknown) else outcome


class TakesFailureForSuccess(Stormy):
    """Whatever was asked counts as done."""

    def ask(self, request: bytes, key: str) -> Outcome:
        outcome = super().ask(request, key)
        return rails.Sent(f"tr_{key}") if isinstance(outcome, Unknown) else outcome


Harm = Callable[[Result], int]


@pytest.mark.parametrize(
    ("naive", "pace", "harm"),
    [
        (NoKey, 1, lambda r: r.twice),
        (FreshKey, 1, lambda r: r.twice),
        (GivesUpOnSilence, 1, lambda r: r.twice),
        (NeverLooks, 9, lambda r: r.twice),
        (NeverLooks, 0.01, lambda r: r.unsettled),
        (TakesFailureForSuccess, 1, lambda r: r.never or r.unsettled),
    ],
    ids=["no key", "a fresh key each time", "silence is a no", "an old key", "never looks", "failure is success"],
)
def test_the_storm_catches_the_naive_ways(on_stripe, account, monkeypatch, naive, pace, harm: Harm):
    if naive is NeverLooks:
        monkeypatch.setattr(Attempt, "must_look", lambda attempt, wall: False)

    results = storms(on_stripe, account, monkeypatch, naive, pace, 25)

    assert harm(results[-1]), f"{len(results)} storms passed and harmed nobody"
