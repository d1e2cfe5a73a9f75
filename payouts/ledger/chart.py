"""The chart of accounts: what a code means. Pure.

Amounts are signed by the debit side: an entry above zero is a debit, below zero a credit, and a transaction adds up to zero.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["asset", "liability", "equity", "income", "expense"]
Side = Literal["debit", "credit"]

CURRENCY = "EUR"
"""The currency in which revenue is pooled and pay is reckoned."""

CASH_BANK = "cash:bank"
CASH_STRIPE = "cash:stripe"
REVENUE = "revenue"
REFUNDS = "refunds"
RAIL_FEES = "costs:rail_fees"
DIRECT_COSTS = "costs:direct"
ROUNDING = "rounding"
POOL = "pool"
SHORTFALL = "shortfall"
RESERVE = "fund:reserve"
COMMONS_FUND = "fund:commons"

FOUNDING = (
    CASH_BANK,
    CASH_STRIPE,
    REVENUE,
    REFUNDS,
    RAIL_FEES,
    DIRECT_COSTS,
    ROUNDING,
    POOL,
    SHORTFALL,
    RESERVE,
    COMMONS_FUND,
)
"""The accounts that exist from the founding on; those of the other funds (`payouts/funds.py`) are opened when first booked to."""


@dataclass(frozen=True, slots=True)
class Nature:
    """What an account is. `minimum` is the least its balance may be, on its normal side; only such balances are locked."""

    kind: Kind
    normal_side: Side
    minimum: int | None
    owner: str | None


_PATTERNS: tuple[tuple[str, Kind, Side, int | None], ...] = (
    (r"cash:[a-z_]+(:[A-Z]{3})?", "asset", "debit", None),
    (r"fx:[A-Z]{3}", "asset", "debit", None),
    (r"revenue", "income", "credit", None),
    (r"refunds|costs:[a-z_]+", "expense", "debit", None),
    (r"rounding|pool|shortfall", "equity", "debit", None),
    (r"fund:reserve", "equity", "credit", 0),
    (r"fund:[a-z_]+", "equity", "credit", None),
    (r"project:[0-9a-f-]{36}:escrow", "liability", "credit", 0),
    (r"member:(?P<owner>[0-9a-f]{32}):(payable|reserved|owed)", "liability", "credit", 0),
)


def escrow(project: object) -> str:
    """What a requester has paid for a project and nobody has earned yet; `project` is its UUID."""
    return f"project:{project}:escrow"


def payable(member: str) -> str:
    """What a member can be paid; `member` is the pseudonym in the books, 32 hexadecimal digits."""
    return f"member:{member}:payable"


def reserved(member: str) -> str:
    """What is on its way to a member."""
    return f"member:{member}:reserved"


def owed(member: str) -> str:
    """What earlier periods still owe a member of the hourly floor; it becomes payable first of all."""
    return f"member:{member}:owed"


def nature(code: str) -> Nature:
    """What the account of this code is; ValueError for a code outside the chart."""
    for pattern, kind, side, minimum in _PATTERNS:
        if found := re.fullmatch(pattern, code):
            return Nature(kind, side, minimum, found.groupdict().get("owner"))
    raise ValueError(f"{code!r} is not in the chart of accounts")
