"""Money is whole minor units of a currency, and a split loses none of them. Pure: no Django here.

The exponent below is the one of ISO 4217. What a rail can send (its quantum: Stripe has no cents of an ariary) belongs to the rail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

BASIS_POINTS = 10_000
LARGEST_AMOUNT = 2**53 - 1
"""What a person or a program may type as an amount: the largest whole number that every JSON reader reads exactly."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and how many digits its minor unit has: 2 for the euro (cents), 0 for the CFA franc."""

    code: str
    exponent: int

    @property
    def minor_units(self) -> int:
        """How many minor units make one of the currency."""
        return int(10**self.exponent)


CURRENCIES: Mapping[str, Currency] = {
    code: Currency(code, exponent)
    for code, exponent in {
        "BRL": 2, "CAD": 2, "CHF": 2, "COP": 2, "EUR": 2, "GBP": 2, "INR": 2, "KES": 2, "MAD": 2, "MGA": 2,
        "TND": 3, "USD": 2, "VES": 2, "XAF": 0, "XOF": 0,
    }.items()
}  # fmt: skip


def currency(code: str) -> Currency:
    """The currency of this ISO 4217 code; ValueError when we do not know it."""
    try:
        return CURRENCIES[code]
    except KeyError:
        raise ValueError(f"unknown currency {code!r}") from None


def share_of(amount: int, basis_points: int) -> int:
    """So many basis points of an amount that is not negative, rounded down to whole minor units."""
    if amount < 0 or basis_points < 0:
        raise ValueError("a share is taken of something, and is not negative")
    return amount * basis_points // BASIS_POINTS


def by_lot(seed: str, name: str) -> bytes:
    """Where a name stands when two are exactly equal: sha256("seed|name"), which nobody can choose and anyone can redo."""
    return sha256(f"{seed}|{name}".encode()).digest()


def apportion(exact: Mapping[str, Fraction], *, seed: str) -> dict[str, int]:
    """Round exact shares to whole minor units that add up to the same total, by largest remainder.

    Each gets the whole part of the share; the units left over go, one each, to those with the largest part cut off,
    and between equals by lot (`by_lot`). The shares are not negative and their sum is a whole number; ValueError otherwise.
    """
    total = _whole_sum(exact)
    rounded = {name: share.numerator // share.denominator for name, share in exact.items()}
    left = total - sum(rounded.values())
    if left:
        cut = {name: share - rounded[name] for name, share in exact.items() if share.denominator != 1}
        scale = max(part.denominator for part in cut.values()) ** 2
        order = {
            name: (-rank(part.numerator, part.denominator, scale), by_lot(seed, name)) for name, part in cut.items()
        }
        for name in sorted(cut, key=order.__getitem__)[:left]:
            rounded[name] += 1
    return rounded


def apportion_by(total: int, weights: Mapping[str, int], *, seed: str) -> dict[str, int]:
    """Split `total` minor units in proportion to whole weights, not all zero; nothing to split gives everyone zero."""
    whole = sum(weights.values())
    if total == 0:
        return dict.fromkeys(weights, 0)
    if whole == 0:
        raise ValueError("nobody to split among")
    return apportion({name: Fraction(total * weight, whole) for name, weight in weights.items()}, seed=seed)


def rank(numerator: int, denominator: int, scale: int) -> int:
    """A whole number that stands for a fraction when many are sorted, which is several times faster than comparing fractions.

    Exact when `scale` is at least the square of the largest denominator: two different fractions a/b and c/d are 1/bd apart
    or more, so scaled and rounded down they stay different and in order.
    """
    return numerator * scale // denominator


def _whole_sum(exact: Mapping[str, Fraction]) -> int:
    """The sum of the shares, which has to be whole; added up by denominator, or thousands of them would be slow."""
    numerators: dict[int, int] = {}
    for name, share in exact.items():
        if share < 0:
            raise ValueError(f"the share of {name} is negative")
        numerators[share.denominator] = numerators.get(share.denominator, 0) + share.numerator
    total = sum((Fraction(top, bottom) for bottom, top in numerators.items()), Fraction(0))
    if total.denominator != 1:
        raise ValueError(f"the shares add up to {total}, not to a whole number")
    return total.numerator
