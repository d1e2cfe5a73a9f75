"""What is asked of the stand-in for each purpose, and how often it happened there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coop.ground.clock import coop_now
from coop.members.models import Member
from payouts.actions import checkouts, orders, refunds
from payouts.actions.checkouts import CheckoutErrand
from payouts.actions.execution import reserve_run
from payouts.actions.items import PayoutErrand
from payouts.actions.refunds import RefundErrand
from payouts.actions.stripe_accounts import AccountErrand
from payouts.attempts import protocol
from payouts.attempts.protocol import Act, Again, Drop, Errand, Look
from payouts.models import Attempt, Order, PayoutItem
from payouts.rails import Declined, Found, LookupFailed, Outcome, stripe
from script.stripe_standin import faults
from tests import make
from tests.payouts.paying import approved_run, on_connect
from tests.script.stripe_standin.running import StandIn


class Crash(Exception):
    """The worker dies here."""


POINTS = ("nowhere", "before asking", "after asking", "while writing", "before looking", "after looking")
"""Where the worker dies once; what it had committed before stays, what it was writing does not."""
MEANWHILE = ("nobody", "before the effect", "after the effect")
"""When a second worker comes while the first one's request is under way."""


class Unsteady(Errand):
    """An errand whose worker dies once at a point, and is overtaken once by another."""

    def __init__(self, errand: Errand, dies: str = "nowhere", other: Callable[[str], None] | None = None) -> None:
        self.errand, self.dies, self.other = errand, dies, other
        self.purpose, self.rail, self.lone = errand.purpose, errand.rail, errand.lone

    def _point(self, name: str) -> None:
        if self.dies == name:
            self.dies = "nowhere"
            raise Crash

    def _meanwhile(self, moment: str) -> None:
        if self.other is not None:
            self.other(moment)

    def request(self, attempt: Attempt) -> bytes:
        return self.errand.request(attempt)

    def ask(self, request: bytes, key: str) -> Outcome:
        self._point("before asking")
        self._meanwhile("before the effect")
        outcome = self.errand.ask(request, key)
        self._meanwhile("after the effect")
        self._point("after asking")
        return outcome

    def find(self, attempt: Attempt) -> list[Found]:
        self._point("before looking")
        found = self.errand.find(attempt)
        self._point("after looking")
        return found

    def fits(self, attempt: Attempt, found: Found) -> bool:
        return self.errand.fits(attempt, found)

    def declined(self, attempt: Attempt, no: Declined) -> Again | Look | Drop:
        return self.errand.declined(attempt, no)

    def done(self, attempt: Attempt, act: Act) -> None:
        self.errand.done(attempt, act)
        self._point("while writing")

    def moved(self, attempt: Attempt, step: str, act: Act) -> None:
        self.errand.moved(attempt, step, act)


@dataclass
class Case:
    """One thing to ask: its attempt, its errand, where the stand-in hears it, and the references it happened under."""

    standin: StandIn
    attempt: Attempt
    errand: Errand
    path: str
    made: Callable[[], list[str]]

    def __post_init__(self) -> None:
        self.start = coop_now()

    def at(self, hours: float) -> datetime:
        """So many hours after the start, on their clock too."""
        self.standin.server.store.set("clock_offset", int(hours * 3600))
        return self.start + timedelta(hours=hours)

    def fault(self, kind: str, method: str = "POST", times: int = 1) -> None:
        faults.add(self.standin.server.store, kind=kind, method=method, path=self.path, times=times)

    def step(self, hours: float, errand: Errand | None = None, *, patient: bool = True) -> str:
        """One round of one worker; "crash" where it died."""
        try:
            return protocol.advance(
                attempt=self.attempt, errand=errand or self.errand, now=coop_now(), wall=self.at(hours), patient=patient
            )
        except Crash:
            return "crash"

    def state(self) -> Attempt:
        return Attempt.objects.get(pk=self.attempt.pk)


def payout(standin: StandIn, account: Any) -> Case:
    standin.ask("balance", amount=10_000)
    member = on_connect(account, 1_234)
    reserve_run(run=approved_run(), now=coop_now())
    item = PayoutItem.objects.get(member=member)

    def made() -> list[str]:
        listed = standin.client().v1.transfers.list({"transfer_group": item.group, "limit": 100}).auto_paging_iter()
        return [one.id for one in listed if one.metadata.to_dict().get("item") == str(item.pk)]

    return Case(standin, item.attempt, PayoutErrand("stripe"), "/v1/transfers", made)


def checkout(standin: StandIn, _account: Any) -> Case:
    project = make.quoted(items=3)
    order = orders.place_order(project=project, method="checkout", by=make.owner(project).actor, now=coop_now())

    def made() -> list[str]:
        listed = standin.client().v1.checkout.sessions.list({"limit": 100}).auto_paging_iter()
        return [one.id for one in listed if one.client_reference_id == str(order.pk)]

    attempt = Attempt.objects.get(subject=order.pk)
    return Case(standin, attempt, CheckoutErrand(), "/v1/checkout/sessions", made)


def refund(standin: StandIn, account: Any) -> Case:
    """A third of what was paid goes back: a second third could go too, so that nothing but the protocol prevents it."""
    page = checkout(standin, account)
    order = Order.objects.get(pk=page.attempt.subject)
    checkouts.open_payment_page(order=order, now=coop_now(), wall=coop_now())
    order.refresh_from_db()
    standin.ask("pay", session=order.checkout)
    order = checkouts.settle_checkout(found=stripe.look_up_checkout(order.checkout), now=coop_now())
    Order.objects.filter(pk=order.pk).update(completed_at=coop_now())
    order = Order.objects.get(pk=order.pk)
    due = refunds.owe_back(order=order, amount=order.amount // 3, now=coop_now())

    def made() -> list[str]:
        listed = standin.client().v1.refunds.list({"payment_intent": order.payment, "limit": 100}).auto_paging_iter()
        return [one.id for one in listed]

    assert due.attempt is not None
    return Case(standin, due.attempt, RefundErrand(), "/v1/refunds", made)


def an_account(standin: StandIn, _account: Any) -> Case:
    member: Member = make.member(country="FR")
    attempt = protocol.prepare(errand=AccountErrand(), subject=member.pk)

    def made() -> list[str]:
        listed = standin.client().v1.accounts.list({"limit": 100}).auto_paging_iter()
        return [one.id for one in listed if dict(one.metadata.to_dict()).get("member") == member.pseudonym.hex]

    return Case(standin, attempt, AccountErrand(), "/v1/accounts", made)


PURPOSES = {"payout": payout, "refund": refund, "checkout": checkout, "account": an_account}


class Told(Unsteady):
    """An errand that is told an outcome or a list, whatever the rail says."""

    def __init__(self, errand: Errand, *, outcome: Outcome | None = None, listed: list[Found] | None = None) -> None:
        super().__init__(errand)
        self.outcome, self.listed = outcome, listed

    def ask(self, request: bytes, key: str) -> Outcome:
        return self.outcome if self.outcome is not None else super().ask(request, key)

    def find(self, attempt: Attempt) -> list[Found]:
        if self.listed is None:
            raise LookupFailed
        return self.listed
