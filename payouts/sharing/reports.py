"""What a run says about the whole: how pay is spread, by country and by hour. Pure; whole numbers and fractions.

Nothing is said about fewer than `smallest` persons (rule reports.minimum_group), not even by what is left after subtracting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

HOUR = 3600
BANDS = 10


@dataclass(frozen=True, slots=True)
class Paid:
    """What one member received, for how much time, and where."""

    country: str
    seconds: int
    amount: int


@dataclass(frozen=True, slots=True)
class Group:
    """Several members together; a `country` of "" is all the others."""

    country: str
    members: int
    seconds: int
    amount: int


@dataclass(frozen=True, slots=True)
class Band:
    """So many members received from `least` to `most` minor units."""

    least: int
    most: int
    members: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How pay is spread among those who were paid. None where too few were paid to say it.

    `gini` and `highest_to_median` are thousandths; `hourly_median` is minor units per counted hour.
    """

    members: int
    amount: int
    seconds: int
    gini: int | None
    highest_to_median: int | None
    median: int | None
    hourly_median: int | None
    bands: tuple[Band, ...]
    countries: tuple[Group, ...]


def spread(paid: Sequence[Paid], *, smallest: int) -> Spread:
    """Everything that may be said about these payments."""
    received = sorted(one.amount for one in paid if one.amount > 0)
    enough = len(received) >= smallest
    hourly = sorted(one.amount * HOUR // one.seconds for one in paid if one.seconds > 0)
    return Spread(
        members=len(received),
        amount=sum(received),
        seconds=sum(one.seconds for one in paid),
        gini=permille(gini(received)) if enough else None,
        highest_to_median=permille(Fraction(received[-1]) / median(received)) if enough else None,
        median=floor(median(received)) if enough else None,
        hourly_median=floor(median(hourly)) if enough and len(hourly) >= smallest else None,
        bands=bands(received, smallest=smallest),
        countries=by_country(paid, smallest=smallest),
    )


def gini(amounts: Sequence[int]) -> Fraction:
    """The Gini coefficient of amounts that are not negative: 0 where all are equal, towards 1 where one has everything.

    G = 2·Σ i·x_i / (n·Σ x_i) − (n + 1)/n, over the amounts in ascending order, i from 1 (Sen 1973).
    """
    total, count = sum(amounts), len(amounts)
    if total == 0:
        return Fraction(0)
    ranked = sum(place * amount for place, amount in enumerate(sorted(amounts), start=1))
    return Fraction(2 * ranked, count * total) - Fraction(count + 1, count)


def median(amounts: Sequence[int]) -> Fraction:
    """The middle one, or the middle between the two in the middle."""
    ordered, half = sorted(amounts), len(amounts) // 2
    if len(ordered) % 2:
        return Fraction(ordered[half])
    return Fraction(ordered[half - 1] + ordered[half], 2)


def bands(amounts: Sequence[int], *, smallest: int) -> tuple[Band, ...]:
    """The amounts in ascending order in up to ten bands of about equal numbers of members, none of fewer than `smallest`."""
    ordered = sorted(amounts)
    count = min(BANDS, len(ordered) // smallest)
    cuts = [len(ordered) * place // count for place in range(count + 1)] if count else []
    return tuple(Band(ordered[start], ordered[end - 1], end - start) for start, end in pairwise(cuts))


def by_country(paid: Sequence[Paid], *, smallest: int) -> tuple[Group, ...]:
    """Countries with enough members, the largest first; the others together, where they are enough together.

    If the others were too few, subtracting would give them away: the smallest published country joins them.
    """
    sums: dict[str, list[int]] = {}
    for one in paid:
        group = sums.setdefault(one.country, [0, 0, 0])
        group[0], group[1], group[2] = group[0] + 1, group[1] + one.seconds, group[2] + one.amount
    groups = sorted((Group(country, *facts) for country, facts in sums.items()), key=lambda g: (-g.members, g.country))
    shown = [group for group in groups if group.members >= smallest]
    rest = [group for group in groups if group.members < smallest]
    while rest and shown and sum(group.members for group in rest) < smallest:
        rest.append(shown.pop())
    if sum(group.members for group in rest) >= smallest:
        shown.append(
            Group("", *(sum(facts) for facts in zip(*((g.members, g.seconds, g.amount) for g in rest), strict=True)))
        )
    return tuple(shown)


def permille(value: Fraction) -> int:
    """To the nearest thousandth, halves up."""
    return floor(value * 1000 + Fraction(1, 2))


def floor(value: Fraction) -> int:
    """The whole part."""
    return value.numerator // value.denominator
