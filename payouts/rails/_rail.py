"""What every rail states: the ways money leaves the house.

A rail owns its books and its form: which account pays in which currency, what a payment and its return post, which details it asks
a member for, in which currency it sends to them. Two kinds exist. A *call* rail is asked once per item over the network; a *file*
rail writes one file per run and carrier, which the treasurer takes there and whose answer comes back as a file.

The quantum and the exponent belong to the rail: what a rail cannot send stays in the member's payable.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from coop.ground.sentences import said
from payouts.ledger import chart
from payouts.ledger.actions import Leg, credit, debit

Details = Mapping[str, Any]
"""Where a member is paid on a rail, by the names of its fields."""


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
    """A payment that the rail's own list shows, and the item it names; or an account, and the country it is opened in."""

    reference: str
    amount: int
    currency: str
    returned: bool = False
    item: str = ""
    country: str = ""


Standing = Literal["paid", "pending", "returned"]


class LookupFailed(Exception):
    """The rail could not be asked now; nothing follows from that."""


@dataclass(frozen=True)
class DetailField:
    """One thing a rail asks a member for: its name in the details, what people call it, an example, and a list to choose from."""

    name: str
    label: Any
    help_text: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rate:
    """An exchange rate as it was recorded: its id, and `num/den` whole units of the currency for one of the pool's."""

    id: int
    num: int
    den: int


@dataclass(frozen=True)
class Sending:
    """What a rail can send of an amount: `spent` minor units of the pool's currency become `local` minor units of `currency`."""

    currency: str
    local: int
    spent: int
    rate: Rate | None = None


class Rail(ABC):
    """What every rail knows about itself, about where a member is paid, and about its books."""

    name: ClassVar[str]
    title: ClassVar[Any]
    """What people call it, lazily translated."""

    @abstractmethod
    def is_on(self) -> bool:
        """Whether it is configured here."""

    @abstractmethod
    def reaches(self, country: str) -> bool:
        """Whether a person living there can be paid with it."""

    @abstractmethod
    def in_words(self, country: str) -> Sequence[str]:
        """What reaches a country by it, in sentences; none where nobody would look for it there."""

    # -- where a member is paid

    @abstractmethod
    def fields(self, country: str) -> tuple[DetailField, ...]:
        """What it asks a member who lives there for. No two rails ask under one name."""

    @abstractmethod
    def cleaned(self, details: Details, country: str) -> dict[str, str]:
        """The details in their stored form; Refused, naming the field, for what can't be paid to."""

    @abstractmethod
    def masked(self, details: Details) -> str:
        """Enough to recognise, too little to use."""

    # -- the books

    @abstractmethod
    def sends(self, details: Details, amount: int, *, pool: str, rate: Callable[[str], Rate | None]) -> Sending | None:
        """The most it can send of `amount` minor units of the pool's currency; None where nothing, or where there is no rate."""

    def cash(self, currency: str) -> str:
        """The account of what lies at the rail in this currency; no other rail's."""
        return f"cash:{self.name}" if currency == chart.CURRENCY else f"cash:{self.name}:{currency}"

    def sent(self, reserved: str, sending: Sending, *, pool: str) -> list[Leg]:
        """What a payment posts: the reserved money leaves; through trading accounts where the rail's currency is another."""
        if sending.currency == pool:
            return [debit(reserved, sending.spent, pool), credit(self.cash(pool), sending.spent, pool)]
        return [
            debit(reserved, sending.spent, pool),
            credit(f"fx:{pool}", sending.spent, pool),
            debit(f"fx:{sending.currency}", sending.local, sending.currency),
            credit(self.cash(sending.currency), sending.local, sending.currency),
        ]

    def returned(self, payable: str, sending: Sending, *, pool: str) -> list[Leg]:
        """What a payment that came back posts: the mirror of `sent`, and the money is payable again."""
        return [
            Leg(payable if leg.account == "" else leg.account, -leg.amount, leg.currency)
            for leg in self.sent("", sending, pool=pool)
        ]


class CallRail(Rail):
    """A rail that is asked over the network, once per item. No method may be called with a database transaction open."""

    @abstractmethod
    def request(self, instruction: Instruction) -> bytes:
        """The exact request, to be stored before it is sent."""

    @abstractmethod
    def submit(self, request: bytes, key: str) -> Outcome:
        """Ask once, under this key."""

    @abstractmethod
    def find(self, group: str, item: str) -> list[Found]:
        """Every payment of this item in the rail's own list; LookupFailed when it can't be asked."""

    @abstractmethod
    def all_of(self, group: str) -> list[Found]:
        """Every payment of a group in the rail's own list; LookupFailed when it can't be asked."""

    @abstractmethod
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
    """What the operator says about one row: paid, not paid, or that what was paid came back."""

    key: str
    became: Literal["paid", "failed", "returned"]
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class BadRow:
    """A line of an answer file that can't be used, and why: a sentence with its parameters, kept as it was written."""

    line: int
    template: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why, in the reader's language."""
        return said(self.template, self.params)


@dataclass(frozen=True)
class Answers:
    """An answer file, read: what it says and on which lines, and the lines that say nothing usable."""

    rows: tuple[Answer, ...] = ()
    lines: tuple[int, ...] = ()
    bad: tuple[BadRow, ...] = field(default=())


LARGEST_ANSWER = 5_000_000
"""Bytes of an answer file."""


class FileRail(Rail):
    """A rail that writes one file per run and carrier (an operator, a bank), whose answer comes back as a file."""

    @abstractmethod
    def carrier(self, details: Details) -> str:
        """Who carries the money to these details: files are written for each."""

    @abstractmethod
    def carrier_title(self, carrier: str) -> str:
        """What people call the carrier, and where it is."""

    @abstractmethod
    def address(self, details: Details) -> str:
        """The number or account that stands in the file."""

    @abstractmethod
    def write(self, carrier: str, rows: Sequence[Row]) -> bytes:
        """The file."""

    @abstractmethod
    def read(self, carrier: str, content: bytes, keys: Collection[str]) -> Answers:
        """The carrier's answer about the rows with these keys. Refused where it is no answer; every unusable line is named."""
