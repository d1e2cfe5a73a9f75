"""What an order costs, line by line. Whole minor units and whole seconds; every division is rounded up. Pure.

The law (a test for all numbers): a quote that is paid and delivered in full, put through the waterfall of the period,
leaves a labour pool of at least the labour it was quoted for. Levies are shares of what is distributable, so they are
divided out, never added on top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BASIS = 10_000  # one whole, in basis points
HOUR = 3_600  # seconds


@dataclass(frozen=True)
class Order:
    """What is asked for: items, answers wanted for each, and the seconds one answer is declared to take."""

    items: int
    redundancy: int
    seconds_per_answer: int
    direct_costs: int = 0

    def __post_init__(self) -> None:
        if self.items < 1 or self.redundancy < 1 or self.seconds_per_answer < 1 or self.direct_costs < 0:
            raise ValueError("an order has items, answers for each, and a duration")

    @property
    def answers(self) -> int:
        return self.items * self.redundancy


@dataclass(frozen=True)
class Tariff:
    """The voted numbers a quote is made of. Shares are basis points; amounts are minor units."""

    hourly_rate: int  # what an hour of labour is sold for, never under the hourly floor
    hourly_floor: int
    duration_margin_permille: int  # a declared duration is multiplied by this until a pilot has measured it
    gold_share: int  # extra answers on items whose answer is known
    training_seconds: int  # paid training for each of the people an item needs
    levies: Mapping[str, int]  # the shares of the distributable that don't go to labour
    rail_fee_share: int  # of what is paid in
    rail_fee_fixed: int
    escrow_buffer: int  # paid in on top, given back if unused

    def __post_init__(self) -> None:
        if not 0 <= sum(self.levies.values()) < BASIS:
            raise ValueError("the levies leave nothing for labour")
        if not 0 <= self.rail_fee_share * (BASIS + self.escrow_buffer) < BASIS * BASIS:
            raise ValueError("the fees eat the payment")


@dataclass(frozen=True)
class Line:
    """One line of a quote. `seconds` where the line is time, `share` (basis points) where it is a share."""

    key: str
    amount: int
    seconds: int | None = None
    share: int | None = None


@dataclass(frozen=True)
class Quote:
    """An itemised price. The lines add up to `total`; `escrow` is what is paid in before the work starts."""

    lines: tuple[Line, ...]
    labour: int
    total: int
    escrow: int
    answers: int
    price_per_answer: int


def ceil_div(a: int, b: int) -> int:
    """a / b rounded up, for whole numbers and b > 0."""
    return -(-a // b)


def quote(order: Order, tariff: Tariff) -> Quote:
    """Reckon an order: work and training; then the levies divided out; then fees and direct costs.

    A line for time stands here only where that time can be earned.
    """
    rate = max(tariff.hourly_rate, tariff.hourly_floor)
    work_seconds = ceil_div(
        order.answers * order.seconds_per_answer * tariff.duration_margin_permille * (BASIS + tariff.gold_share),
        1000 * BASIS,
    )
    training_seconds = tariff.training_seconds * order.redundancy
    work = ceil_div(work_seconds * rate, HOUR)
    training = ceil_div(training_seconds * rate, HOUR)
    labour = work + training

    distributable = ceil_div(labour * BASIS, BASIS - sum(tariff.levies.values()))
    levies = [
        Line(f"levy.{name}", distributable * share // BASIS, share=share) for name, share in tariff.levies.items()
    ]
    rounding = distributable - labour - sum(line.amount for line in levies)  # falls to the labour pool

    needed = distributable + order.direct_costs
    total, fees = _with_fees(needed, tariff)
    lines = (
        Line("work", work, seconds=work_seconds),
        Line("training", training, seconds=training_seconds),
        *levies,
        Line("rounding", rounding),
        Line("direct_costs", order.direct_costs),
        Line("rail_fees", fees, share=tariff.rail_fee_share),
    )
    return Quote(lines, labour, total, escrow(total, tariff), order.answers, ceil_div(total, order.answers))


def escrow(total: int, tariff: Tariff) -> int:
    """What is paid in before work starts: the quote and its buffer."""
    return ceil_div(total * (BASIS + tariff.escrow_buffer), BASIS)


def rail_fees(paid: int, tariff: Tariff) -> int:
    """What the payment costs us, as voted from experience: a share of what is paid in, and a fixed part."""
    return tariff.rail_fee_fixed + ceil_div(paid * tariff.rail_fee_share, BASIS)


def _with_fees(needed: int, tariff: Tariff) -> tuple[int, int]:
    """The smallest total that still holds `needed` once the fee on its escrow is paid, and the fee line."""
    whole = BASIS * BASIS
    total = (needed + tariff.rail_fee_fixed) * whole // (whole - tariff.rail_fee_share * (BASIS + tariff.escrow_buffer))
    while total - rail_fees(escrow(total, tariff), tariff) < needed:
        total += 1
    return total, total - needed


def answers_funded(*, received: int, total: int, answers: int) -> int:
    """How many of the ordered answers the money received pays for: all of them once the quote is covered."""
    return answers if received >= total else received * answers // total
