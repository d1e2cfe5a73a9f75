"""Rails: the ways money leaves the house, one module each, found by their folder. An unknown one is refused by name."""

from __future__ import annotations

from django.utils.translation import gettext as _

from coop.ground.folder import found_in
from payouts.ledger import chart
from payouts.rails._rail import (
    LARGEST_ANSWER,
    Answer,
    Answers,
    BadRow,
    CallRail,
    Declined,
    DetailField,
    Details,
    FileRail,
    Found,
    Instruction,
    LookupFailed,
    Outcome,
    Rail,
    Rate,
    Row,
    Sending,
    Sent,
    Standing,
    Unknown,
)

__all__ = [
    "LARGEST_ANSWER",
    "RAILS",
    "Answer",
    "Answers",
    "BadRow",
    "CallRail",
    "Declined",
    "DetailField",
    "Details",
    "FileRail",
    "Found",
    "Instruction",
    "LookupFailed",
    "Outcome",
    "Rail",
    "Rate",
    "Row",
    "Sending",
    "Sent",
    "Standing",
    "Unknown",
    "call_rail",
    "carrier_title",
    "cash_accounts",
    "file_rail",
    "is_on",
    "title",
]

RAILS: dict[str, Rail] = found_in(__name__, "RAIL")
"""By name. KeyError names one that we don't have."""


def call_rail(name: str) -> CallRail | None:
    """The rail, if we have it and it is one that is asked over the network."""
    rail = RAILS.get(name)
    return rail if isinstance(rail, CallRail) else None


def cash_accounts() -> list[tuple[str, str]]:
    """(what people call it, account) of where the co-operative's own money lies in the pool's currency: at the bank, and at each rail."""
    return [(_("at the bank"), chart.CASH_BANK), *((title(name), RAILS[name].cash(chart.CURRENCY)) for name in RAILS)]


def file_rail(name: str) -> FileRail | None:
    """The rail, if we have it and it is one that writes files."""
    rail = RAILS.get(name)
    return rail if isinstance(rail, FileRail) else None


def carrier_title(name: str, carrier: str) -> str:
    """What people call who carries the money of a rail's file; the carrier's own name where we don't have the rail any more."""
    rail = file_rail(name)
    return rail.carrier_title(carrier) if rail else carrier


def is_on(name: str) -> bool:
    """Whether we have the rail, and it is configured: what is on none stays payable."""
    return name in RAILS and RAILS[name].is_on()


def title(name: str) -> str:
    """What people call a rail; its name where we don't have it any more."""
    return str(RAILS[name].title) if name in RAILS else name
