"""From the pool's currency to what a rail can send. Pure.

A rate is a fraction: `num/den` whole units of the local currency for one whole unit of the pool's currency, with its source and time.
"""

from __future__ import annotations

from dataclasses import dataclass

from coop.ground.money import currency


@dataclass(frozen=True)
class Rate:
    """So many units of `code` for one euro, exactly num/den."""

    code: str
    num: int
    den: int

    def __post_init__(self) -> None:
        if self.num <= 0 or self.den <= 0:
            raise ValueError("a rate is above zero")


@dataclass(frozen=True)
class Conversion:
    """`local` ISO minor units are sent, worth `spent` minor units of the pool's currency; `left` of them stay payable."""

    local: int
    spent: int
    left: int


def convert(amount: int, *, rate: Rate, exponent: int, quantum: int, pool: str = "EUR") -> Conversion:
    """The most the rail can send for `amount`, in whole quanta of its own exponent; never worth more than `amount`.

    `spent` is what the local amount is worth, rounded up, so that the books never give more than they take.
    """
    if amount < 0 or quantum < 1 or exponent < 0:
        raise ValueError("an amount is not negative, a quantum is at least one")
    unit = currency(rate.code).minor_units
    per_rail_unit = unit // 10**exponent
    if per_rail_unit < 1:
        raise ValueError("the rail is finer than the currency")
    euro = currency(pool).minor_units
    step = quantum * per_rail_unit
    local = amount * rate.num * unit // (rate.den * euro) // step * step
    spent = -(-local * rate.den * euro // (rate.num * unit))
    return Conversion(local=local, spent=spent, left=amount - spent)
