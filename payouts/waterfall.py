"""Waterfall A: how the revenue of a period becomes funds and pay. Pure: whole minor units and fractions, no Django, no floats.

In the words of the bylaws: revenue, less refunds, fees, direct costs and the deficit carried, is what can be distributed (D).
Voted shares of D go to the funds; the rest is the labour pool. What earlier periods still owe is paid first. Then everyone who
worked receives the equal base and a share by weight, never less than the hourly floor and never more than the hourly cap.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from typing import Literal

from coop.ground.money import apportion, apportion_by, rank, share_of

Regime = Literal["ok", "floors_prorated", "all_capped", "no_work"]
PERMILLE = 1000
SENIORITY_CEILING_PERMILLE = 2000  # the legal template: seniority at most doubles a weight
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Terms:
    """The voted numbers a run is reckoned with: shares in basis points of D, hourly amounts in minor units."""

    solidarity_share: int
    reserve_share: int
    commons_operations_share: int
    social_contributions_share: int
    equal_base_share: int
    hourly_floor: int
    hourly_cap: int  # 0 is no cap
    kind_permille: Mapping[str, int]
    seniority_step_permille: int
    reserve_draw_limit: int  # basis points of the reserve's balance
    share_strategy: str

    @property
    def levies(self) -> tuple[tuple[str, int], ...]:
        """The lines taken from D before labour, in the order in which they are shown."""
        return (
            ("solidarity", self.solidarity_share),
            ("reserve", self.reserve_share),
            ("commons_operations", self.commons_operations_share),
            ("social_contributions", self.social_contributions_share),
        )


@dataclass(frozen=True, slots=True)
class Takings:
    """What came in and what was spent in the period, and what earlier periods left behind; minor units, none negative."""

    revenue: int
    refunds: int = 0
    rail_fees: int = 0
    direct_costs: int = 0
    deficit_carried: int = 0
    reserve_balance: int = 0
    owed: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """The counted time of one member, by kind of time, in seconds; `seniority_years` are whole years."""

    member: str
    seconds: Mapping[str, int]
    seniority_years: int = 0


@dataclass(frozen=True, slots=True)
class Levy:
    """One share of D taken for a fund."""

    line: str
    share_bp: int
    amount: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one member receives: `exact` before rounding, `amount` in minor units, and what stays owed of the floor."""

    member: str
    seconds: int
    weight: int
    floor: int
    cap: int | None
    owed_paid: int
    exact: Fraction
    amount: int
    shortfall: int
    owed_left: int

    @property
    def payable(self) -> int:
        """Pay of the period and of what earlier periods owed."""
        return self.amount + self.owed_paid


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every line of the waterfall, from revenue down to each member."""

    revenue: int
    net: int
    distributable: int
    deficit_next: int
    levies: tuple[Levy, ...]
    labour_pool: int
    owed_paid: int
    reserve_draw: int
    pool: int
    regime: Regime
    to_reserve: int
    members: tuple[Share, ...]

    @property
    def payable_total(self) -> int:
        """All that members are paid."""
        return sum(share.payable for share in self.members)


STRATEGIES: dict[str, Callable[[int], int]] = {}
"""How a weight counts in the labour pool, by the name that is voted (rule pay.share_strategy)."""


def strategy(name: str) -> Callable[[Callable[[int], int]], Callable[[int], int]]:
    """Register a way of counting weights under a name with its version. A registered one never changes: it gets a new version."""

    def register(rule: Callable[[int], int]) -> Callable[[int], int]:
        STRATEGIES[name] = rule
        return rule

    return register


@strategy("clamped_weight/1")
def by_weight(weight: int) -> int:
    """By counted time, kind of time and seniority."""
    return weight


@strategy("clamped_equal/1")
def equally(weight: int) -> int:
    """The same for everyone who worked, whatever their time; the floor still follows the time."""
    return 1 if weight > 0 else 0


def compute_waterfall(takings: Takings, works: Iterable[Work], terms: Terms, *, run_hash: str) -> Outcome:
    """The whole waterfall. `run_hash` is the hash of the inputs and settles ties; KeyError for a kind or strategy without a rule."""
    ordered = sorted(works, key=lambda work: work.member)
    owed = {member: left for member, left in (takings.owed or {}).items() if left}
    weights = {work.member: weight_of(work, terms) for work in ordered}
    if len(weights) != len(ordered):
        raise ValueError("a member appears twice")
    if not owed.keys() <= weights.keys():
        raise ValueError("someone is owed who is not among the members")

    net = takings.revenue - takings.refunds - takings.rail_fees - takings.direct_costs - takings.deficit_carried
    distributable = max(net, 0)
    levies = tuple(Levy(line, share, share_of(distributable, share)) for line, share in terms.levies)
    labour_pool = distributable - sum(levy.amount for levy in levies)

    owed_paid = min(labour_pool, sum(owed.values()))
    repaid = apportion_by(owed_paid, owed, seed=run_hash)
    left = labour_pool - owed_paid

    seconds = {work.member: sum(work.seconds.values()) for work in ordered}
    floors = {member: floor_of(seconds[member], terms) if weights[member] else 0 for member in weights}
    caps = {member: cap_of(seconds[member], floors[member], terms) if weights[member] else 0 for member in weights}

    draw = 0
    if any(weights.values()):
        draw = draw_on_reserve(sum(floors.values()) - left, takings.reserve_balance, terms)
    pool = left + draw
    base = min(left, share_of(distributable, terms.equal_base_share))
    counted = {member: STRATEGIES[terms.share_strategy](weight) for member, weight in weights.items()}
    exact, regime = divide(pool, base, counted, floors, caps)
    amounts = apportion(exact, seed=run_hash)
    prorated = regime == "floors_prorated"

    return Outcome(
        revenue=takings.revenue,
        net=net,
        distributable=distributable,
        deficit_next=max(-net, 0),
        levies=levies,
        labour_pool=labour_pool,
        owed_paid=owed_paid,
        reserve_draw=draw,
        pool=pool,
        regime=regime,
        to_reserve=pool - sum(amounts.values()),
        members=tuple(
            Share(
                member=member,
                seconds=seconds[member],
                weight=weights[member],
                floor=floors[member],
                cap=caps[member],
                owed_paid=repaid.get(member, 0),
                exact=exact[member],
                amount=amounts[member],
                shortfall=floors[member] - amounts[member] if prorated else 0,
                owed_left=owed.get(member, 0) - repaid.get(member, 0),
            )
            for member in weights
        ),
    )


def weight_of(work: Work, terms: Terms) -> int:
    """Counted seconds, each by the voted permille of its kind, times the permille of seniority."""
    if any(seconds < 0 for seconds in work.seconds.values()) or work.seniority_years < 0:
        raise ValueError(f"negative time or seniority of {work.member}")
    by_kind = sum(seconds * terms.kind_permille[kind] for kind, seconds in work.seconds.items())
    return by_kind * seniority_permille(work.seniority_years, terms)


def seniority_permille(years: int, terms: Terms) -> int:
    """1000 at admission, and the voted step for each whole year, up to the ceiling."""
    return min(SENIORITY_CEILING_PERMILLE, PERMILLE + terms.seniority_step_permille * years)


def floor_of(seconds: int, terms: Terms) -> int:
    """The least that this time is paid, rounded up."""
    return -(-seconds * terms.hourly_floor // HOUR)


def cap_of(seconds: int, floor: int, terms: Terms) -> int | None:
    """The most that this time is paid, rounded down but never under the floor; None where no cap was voted."""
    return max(floor, seconds * terms.hourly_cap // HOUR) if terms.hourly_cap else None


def draw_on_reserve(missing: int, balance: int, terms: Terms) -> int:
    """What the stabilisation reserve adds when the pool does not cover the floors, within its voted limit."""
    return min(missing, share_of(balance, terms.reserve_draw_limit)) if missing > 0 else 0


def divide(
    pool: int, base: int, weights: Mapping[str, int], floors: Mapping[str, int], caps: Mapping[str, int | None]
) -> tuple[dict[str, Fraction], Regime]:
    """The exact share of each, and under which regime. Who has no weight has no share.

    Each is entitled to an equal part of `base` and to a part of the rest by weight; all entitlements are multiplied by one
    number λ, then held between floor and cap, and λ is the one number at which the pool is used up.
    """
    shares = dict.fromkeys(weights, Fraction(0))
    working = [member for member, weight in weights.items() if weight > 0]
    if not working:
        return shares, "no_work"
    floor_total = sum(floors[member] for member in working)
    if floor_total > pool:
        return shares | {m: Fraction(floors[m] * pool, floor_total) for m in working}, "floors_prorated"
    finite = [cap for member in working if (cap := caps[member]) is not None]
    if len(finite) == len(working) and sum(finite) <= pool:
        return shares | {m: Fraction(cap) for m, cap in zip(working, finite, strict=True)}, "all_capped"
    if pool == 0:
        return shares, "ok"

    everyone, whole = len(working), sum(weights.values())
    entitled = {m: base * whole + (pool - base) * everyone * weights[m] for m in working}
    num, den = level(pool, entitled, floors, caps)
    for member, value in entitled.items():
        cap = caps[member]
        if value * num <= floors[member] * den:
            shares[member] = Fraction(floors[member])
        elif cap is not None and value * num >= cap * den:
            shares[member] = Fraction(cap)
        else:
            shares[member] = Fraction(value * num, den)
    return shares, "ok"


def level(
    pool: int, entitled: Mapping[str, int], floors: Mapping[str, int], caps: Mapping[str, int | None]
) -> tuple[int, int]:
    """λ as a fraction (numerator, denominator): the least at which Σ clamp(λ·entitled, floor, cap) reaches the pool.

    The sum grows with λ in straight pieces that bend only where someone leaves the floor or meets the cap. Sort those points
    and walk up until the pool is reached: n log n.
    """
    scale = max(entitled.values()) ** 2
    bends: list[
        tuple[int, int, int, int]
    ] = []  # (order, amount, entitled, 1 where it leaves the floor, -1 where it meets the cap)
    for member, value in entitled.items():
        floor, cap = floors[member], caps[member]
        bends.append((rank(floor, value, scale), floor, value, 1))
        if cap is not None:
            bends.append((rank(cap, value, scale), cap, value, -1))
    bends.sort(key=itemgetter(0))  # stable: nobody meets the cap before leaving the floor

    fixed, slope = sum(floors[member] for member in entitled), 0
    for _, amount, value, turn in bends:
        if slope and fixed * value + slope * amount >= pool * value:
            break
        slope += turn * value
        fixed -= turn * amount
    return pool - fixed, slope
