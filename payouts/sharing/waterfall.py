"""Waterfall A: how the revenue of a period becomes funds and pay. Pure: whole minor units and fractions, no Django, no floats.

In the words of the bylaws: revenue, less refunds, fees, direct costs and the deficit carried, is what can be distributed (D).
Voted shares of D go to the funds; the rest is the labour pool. Mistakes of earlier runs are put right first, then a
voted share of the pool at most pays what earlier periods still owe. Then everyone who worked receives the equal base and a share by weight, never less than the hourly floor and never more than the hourly cap.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import itemgetter
from typing import Literal

from coop.ground.money import apportion, apportion_by, rank, share_of

Regime = Literal["ok", "floors_prorated", "all_capped", "no_work"]
Way = Literal["level", "floor", "cap", "prorated", "no_work"]
"""How the exact share of one member came about: by the level, held at the floor or the cap, a part of the floor, nothing (`held`)."""
PERMILLE = 1000
SENIORITY_CEILING_PERMILLE = 2000  # the legal template: seniority at most doubles a weight
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Terms:
    """The voted numbers a run is reckoned with: shares in basis points of D, hourly amounts in minor units."""

    levies: tuple[
        tuple[str, int], ...
    ]  # the fund and its share of D, taken before labour, in the order in which they are shown
    equal_base_share: int
    hourly_floor: int
    hourly_cap: int  # 0 is no cap
    kind_permille: Mapping[str, int]
    seniority_step_permille: int
    reserve_draw_limit: int  # basis points of the reserve's balance
    debt_share: int  # the most that old debts take, basis points of the labour pool
    share_strategy: str


@dataclass(frozen=True, slots=True)
class Takings:
    """What came in and what was spent in the period, and what earlier periods left behind; minor units.

    Only an adjustment may be below zero: so much was paid to the member by mistake.
    """

    revenue: int
    refunds: int = 0
    rail_fees: int = 0
    direct_costs: int = 0
    deficit_carried: int = 0
    reserve_balance: int = 0
    owed: Mapping[str, int] | None = None
    adjustments: Mapping[str, int] | None = None

    @property
    def net(self) -> int:
        """What came in less what was spent and the deficit carried."""
        return self.revenue - self.refunds - self.rail_fees - self.direct_costs - self.deficit_carried


@dataclass(frozen=True, slots=True)
class Work:
    """The counted time of one member, by kind of time, in seconds; `seniority_years` are whole years."""

    member: str
    seconds: Mapping[str, int]
    seniority_years: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """The counted time of one member, weighed, with the least and the most that it is paid (cap None: no most)."""

    seconds: int
    weighted_seconds: int
    seniority_permille: int
    weight: int
    counted_weight: int
    floor: int
    cap: int | None


@dataclass(frozen=True, slots=True)
class Levy:
    """One share of D taken for a fund."""

    line: str
    share_bp: int
    amount: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one member receives, and everything it was reckoned from: `exact` before rounding, `amount` in minor units.

    weight = weighted_seconds (seconds × permille of their kind) × seniority_permille; `counted_weight` is what the voted
    strategy makes of it, and what the pool is divided by. `payable` is the amount, what was paid of earlier debts, and the adjustment;
    `owed_left` stays owed of the floor of earlier periods. `adjustment_left` waits for the next run: nobody is paid less than
    nothing, and no pool pays more than it has.
    """

    member: str
    seconds: int
    weighted_seconds: int
    seniority_permille: int
    weight: int
    counted_weight: int
    floor: int
    cap: int | None
    owed_paid: int
    regime: Way
    exact: Fraction
    amount: int
    payable: int
    shortfall: int
    owed_left: int
    adjustment: int
    adjustment_left: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every line of the waterfall, from revenue down to each member.

    `base` is what is shared equally, `working` how many have weight, `counted_weight` and `floors` are sums over them, and
    `level` is the one factor on all entitlements; None where the regime needs none. `adjustments_paid` come out of the labour
    pool before everything; `adjustments_taken` go to the stabilisation reserve.
    """

    revenue: int
    net: int
    distributable: int
    deficit_next: int
    levies: tuple[Levy, ...]
    labour_pool: int
    adjustments_paid: int
    adjustments_taken: int
    owed_paid: int
    reserve_draw: int
    pool: int
    base: int
    working: int
    counted_weight: int
    floors: int
    level: Fraction | None
    regime: Regime
    to_reserve: int
    members: tuple[Share, ...]

    @property
    def payable_total(self) -> int:
        """All that members are paid."""
        return sum(share.payable for share in self.members)


@dataclass(frozen=True, slots=True)
class Division:
    """How a pool was divided: the exact share of each, how each came about, and the level."""

    regime: Regime
    exact: Mapping[str, Fraction]
    ways: Mapping[str, Way]
    level: Fraction | None = None


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
    measured = {work.member: measure(work, terms) for work in ordered}
    if len(measured) != len(ordered):
        raise ValueError("a member appears twice")
    owed, adjustments = _of_members(takings.owed, measured), _of_members(takings.adjustments, measured)
    net, distributable = takings.net, max(takings.net, 0)
    levies = tuple(Levy(line, share, share_of(distributable, share)) for line, share in terms.levies)
    labour_pool = distributable - sum(levy.amount for levy in levies)
    due = {member: amount for member, amount in adjustments.items() if amount > 0}
    adjustments_paid = min(labour_pool, sum(due.values()))
    owed_paid = min(labour_pool - adjustments_paid, share_of(labour_pool, terms.debt_share), sum(owed.values()))
    left = labour_pool - adjustments_paid - owed_paid
    working = [one for one in measured.values() if one.weight]
    floors = sum(one.floor for one in working)
    draw = draw_on_reserve(floors - left, takings.reserve_balance, terms) if working else 0
    pool, base = left + draw, min(left, share_of(distributable, terms.equal_base_share))
    division = divide(pool, base, measured)
    before = shares(measured, division, owed, apportion_by(owed_paid, owed, seed=run_hash), run_hash=run_hash)
    members = adjusted(before, adjustments, apportion_by(adjustments_paid, due, seed=run_hash))
    taken = -sum(share.adjustment for share in members if share.adjustment < 0)

    return Outcome(
        revenue=takings.revenue,
        net=net,
        distributable=distributable,
        deficit_next=max(-net, 0),
        levies=levies,
        labour_pool=labour_pool,
        adjustments_paid=adjustments_paid,
        adjustments_taken=taken,
        owed_paid=owed_paid,
        reserve_draw=draw,
        pool=pool,
        base=base,
        working=len(working),
        counted_weight=sum(one.counted_weight for one in working),
        floors=floors,
        level=division.level,
        regime=division.regime,
        to_reserve=pool - sum(share.amount for share in members) + taken,
        members=members,
    )


def _of_members(amounts: Mapping[str, int] | None, members: Mapping[str, Measured]) -> dict[str, int]:
    """The amounts that are not nothing; ValueError where one is of nobody among the members."""
    found = {member: amount for member, amount in (amounts or {}).items() if amount}
    if not found.keys() <= members.keys():
        raise ValueError("someone is owed, or has something adjusted, who is not among the members")
    return found


def shares(
    measured: Mapping[str, Measured],
    division: Division,
    owed: Mapping[str, int],
    repaid: Mapping[str, int],
    *,
    run_hash: str,
) -> tuple[Share, ...]:
    """What each receives, in whole minor units, with what was repaid and what stays owed."""
    amounts = apportion(division.exact, seed=run_hash)
    return tuple(
        Share(
            member=member,
            seconds=one.seconds,
            weighted_seconds=one.weighted_seconds,
            seniority_permille=one.seniority_permille,
            weight=one.weight,
            counted_weight=one.counted_weight,
            floor=one.floor,
            cap=one.cap,
            owed_paid=repaid.get(member, 0),
            regime=division.ways[member],
            exact=division.exact[member],
            amount=amounts[member],
            payable=amounts[member] + repaid.get(member, 0),
            shortfall=one.floor - amounts[member] if division.regime == "floors_prorated" else 0,
            owed_left=owed.get(member, 0) - repaid.get(member, 0),
            adjustment=0,
            adjustment_left=0,
        )
        for member, one in measured.items()
    )


def adjusted(before: tuple[Share, ...], adjustments: Mapping[str, int], paid: Mapping[str, int]) -> tuple[Share, ...]:
    """The shares with their adjustments: above zero as much as is paid of them, below zero as much as the member receives."""
    after = []
    for share in before:
        whole = adjustments.get(share.member, 0)
        settled = paid.get(share.member, 0) if whole > 0 else max(whole, -share.payable)
        after.append(
            replace(share, adjustment=settled, adjustment_left=whole - settled, payable=share.payable + settled)
        )
    return tuple(after)


def measure(work: Work, terms: Terms) -> Measured:
    """Counted seconds, each by the voted permille of its kind, times the permille of seniority; and what floor and cap make of them."""
    if any(seconds < 0 for seconds in work.seconds.values()) or work.seniority_years < 0:
        raise ValueError(f"negative time or seniority of {work.member}")
    seconds = sum(work.seconds.values())
    by_kind = sum(seconds * terms.kind_permille[kind] for kind, seconds in work.seconds.items())
    seniority = seniority_permille(work.seniority_years, terms)
    weight = by_kind * seniority
    floor = floor_of(seconds, terms) if weight else 0
    return Measured(
        seconds=seconds,
        weighted_seconds=by_kind,
        seniority_permille=seniority,
        weight=weight,
        counted_weight=STRATEGIES[terms.share_strategy](weight),
        floor=floor,
        cap=cap_of(seconds, floor, terms) if weight else 0,
    )


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


def divide(pool: int, base: int, measured: Mapping[str, Measured]) -> Division:
    """The exact share of each, and how it came about. Who has no weight has no share.

    Each is entitled to an equal part of `base` and to a part of the rest by counted weight; all entitlements are multiplied
    by one number λ, the level, then held between floor and cap, and λ is the least number at which the pool is used up.
    """
    working = {member: one for member, one in measured.items() if one.counted_weight > 0}
    nothing = dict.fromkeys(measured, Fraction(0))
    idle: dict[str, Way] = dict.fromkeys(measured, "no_work")
    if not working:
        return Division("no_work", nothing, idle)
    floors = sum(one.floor for one in working.values())
    if floors > pool:
        parts = {member: Fraction(one.floor * pool, floors) for member, one in working.items()}
        return Division("floors_prorated", nothing | parts, idle | dict.fromkeys(working, "prorated"))
    caps = {member: one.cap for member, one in working.items() if one.cap is not None}
    if len(caps) == len(working) and sum(caps.values()) <= pool:
        full = {member: Fraction(cap) for member, cap in caps.items()}
        return Division("all_capped", nothing | full, idle | dict.fromkeys(working, "cap"))

    people, whole = len(working), sum(one.counted_weight for one in working.values())
    entitled = {m: base * whole + (pool - base) * people * one.counted_weight for m, one in working.items()}
    num, den = level(pool, entitled, working) if pool else (0, 1)
    exact, ways = {}, {}
    for member, one in working.items():
        exact[member], ways[member] = held(entitled[member] * num, den, one)
    return Division("ok", nothing | exact, idle | ways, Fraction(num * people * whole, den))


def held(value: int, den: int, one: Measured) -> tuple[Fraction, Way]:
    """value/den, which is the level times what the member is entitled to, but not under the floor and not over the cap.

    "floor" where level × entitlement is not above the floor; else "cap" where it is not below the cap; else "level". The amount
    alone can't tell: where floor and cap are equal it is the same for both.
    """
    if value <= one.floor * den:
        return Fraction(one.floor), "floor"
    if one.cap is not None and value >= one.cap * den:
        return Fraction(one.cap), "cap"
    return Fraction(value, den), "level"


def level(pool: int, entitled: Mapping[str, int], measured: Mapping[str, Measured]) -> tuple[int, int]:
    """λ as a fraction (numerator, denominator): the least at which Σ clamp(λ·entitled, floor, cap) reaches the pool.

    The sum grows with λ in straight pieces that bend only where someone leaves the floor or meets the cap. Sort those points
    and walk up until the pool is reached: n log n.
    """
    fixed, slope = sum(measured[member].floor for member in entitled), 0
    if fixed == pool:
        return 0, 1
    scale = max(entitled.values()) ** 2
    bends: list[
        tuple[int, int, int, int]
    ] = []  # (order, amount, entitled, 1 where it leaves the floor, -1 where it meets the cap)
    for member, value in entitled.items():
        floor, cap = measured[member].floor, measured[member].cap
        bends.append((rank(floor, value, scale), floor, value, 1))
        if cap is not None:
            bends.append((rank(cap, value, scale), cap, value, -1))
    bends.sort(key=itemgetter(0))  # stable: nobody meets the cap before leaving the floor

    for _, amount, value, turn in bends:
        if slope and fixed * value + slope * amount >= pool * value:
            break
        slope += turn * value
        fixed -= turn * amount
    return pool - fixed, slope
