"""Rails: the ways money leaves the house. A rail is a module; this file says what a rail has to answer.

Two kinds exist. A *call* rail is asked once per item over the network (stripe); a *file* rail writes one file per run and
operator, which the treasurer carries there and whose answer comes back as a file (mobile_money).

The quantum and the exponent belong to the rail: what a rail cannot send stays in the member's payable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Details = Mapping[str, Any]
"""Where a member is paid on a rail: {"account": "acct_…"}, or {"operator": "mvola", "number": "+26134…"}."""


@dataclass(frozen=True)
class Instruction:
    """One payment to make. `amount` is minor units (ISO 4217) of `currency`; `item` and `group` make it findable later."""

    item: str
    group: str
    key: str
    amount: int
    currency: str
    details: Details


@dataclass(frozen=True)
class Sent:
    """The rail took it, and this is its reference."""

    reference: str


@dataclass(frozen=True)
class Declined:
    """A definite no: nothing was and nothing will be paid under this key.

    `then` is "later" when the rail as a whole can't pay now (an empty balance), "hold" when this item needs a person.
    """

    code: str
    message: str
    then: Literal["later", "hold"]


@dataclass(frozen=True)
class Unknown:
    """Nobody knows. `settled` says that the rail has finished with the request and will say the same again (a kept 500)."""

    message: str
    settled: bool = False


Outcome = Sent | Declined | Unknown


@dataclass(frozen=True)
class Found:
    """A payment that the rail's own list shows, and the item it names."""

    reference: str
    amount: int
    currency: str
    returned: bool = False
    item: str = ""


Standing = Literal["paid", "pending", "returned"]


class LookupFailed(Exception):
    """The rail could not be asked now; nothing follows from that."""


class Rail(Protocol):
    """What every rail knows about itself and about where a member is paid."""

    name: str

    def is_on(self) -> bool:
        """Whether it is configured here."""

    def reaches(self, country: str) -> bool:
        """Whether a person living there can be paid with it."""

    def cleaned(self, details: Details, country: str) -> dict[str, str]:
        """The details in their stored form; Refused, naming the field, for what can't be paid to."""

    def masked(self, details: Details) -> str:
        """Enough to recognise, too little to use."""


class CallRail(Rail, Protocol):
    """A rail that is asked over the network, once per item. No method may be called with a database transaction open."""

    def request(self, instruction: Instruction) -> bytes:
        """The exact request, to be stored before it is sent."""

    def submit(self, request: bytes, key: str) -> Outcome:
        """Ask once, under this key."""

    def find(self, group: str, item: str) -> list[Found]:
        """Every payment of this item in the rail's own list; LookupFailed when it can't be asked."""

    def all_of(self, group: str) -> list[Found]:
        """Every payment of a group in the rail's own list; LookupFailed when it can't be asked."""

    def standing(self, reference: str) -> Standing:
        """How a payment that was sent stands now; LookupFailed when it can't be asked."""


@dataclass(frozen=True)
class Row:
    """One line of a batch file. `amount` is ISO minor units of the file's currency."""

    key: str
    number: str
    name: str
    amount: int


@dataclass(frozen=True)
class Answer:
    """What the operator says about one row."""

    key: str
    paid: bool
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class BadRow:
    """A line of an answer file that can't be used, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Answers:
    """An answer file, read: what it says and on which lines, and the lines that say nothing usable."""

    rows: tuple[Answer, ...] = ()
    lines: tuple[int, ...] = ()
    bad: tuple[BadRow, ...] = field(default=())


def get(name: str) -> Rail:
    """The rail of this name; KeyError for one we don't have."""
    from payouts.rails import mobile_money, stripe

    rails: dict[str, Rail] = {"stripe": stripe.RAIL, "mobile_money": mobile_money.RAIL}
    return rails[name]


def call_rail(name: str) -> CallRail | None:
    """The rail, if it is one that is asked over the network."""
    from payouts.rails import stripe

    return stripe.RAIL if name == "stripe" else None
