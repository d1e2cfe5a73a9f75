"""The waterfall: every cent is somewhere, the floor comes before everything else, and a second, slower reckoning agrees."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from payouts.sharing.waterfall import STRATEGIES, Measured, Outcome, Takings, Terms, Work, compute_waterfall, divide

TERMS = Terms(
    levies=(("solidarity", 500), ("reserve", 1000), ("commons_operations", 300), ("social_contributions", 700)),
    equal_base_share=1000,
    hourly_floor=900,
    hourly_cap=0,
    kind_permille={"task": 1000, "training": 800, "jury": 1200},
    seniority_step_permille=20,
    debt_share=10_000,
    reserve_draw_limit=2500,
    share_strategy="clamped_weight/1",
)
HOURS = 3600


def work(member: str, hours: int = 1, *, kind: str = "task", years: int = 0) -> Work:
    return Work(member, {kind: hours * HOURS}, years)


def share(outcome: Outcome, member: str):
    return next(share for share in outcome.members if share.member == member)


# -- a deliberately naive second method -------------------------------------------------------------------------------


def naive_divide(pool, base, weights, floors, caps):
    """Try every λ at which someone bends, then solve between the last that fits and the next: quadratic and plain."""
    working = [member for member in weights if weights[member]]
    if not working:
        return dict.fromkeys(weights, Fraction(0)), "no_work"
    if sum(floors[m] for m in working) > pool:
        whole = sum(floors[m] for m in working)
        return {
            m: Fraction(floors[m] * pool, whole) if m in working else Fraction(0) for m in weights
        }, "floors_prorated"
    if all(caps[m] is not None for m in working) and sum(caps[m] for m in working) <= pool:
        return {m: Fraction(caps[m]) if m in working else Fraction(0) for m in weights}, "all_capped"
    if pool == 0:
        return dict.fromkeys(weights, Fraction(0)), "ok"
    whole = sum(weights.values())
    entitled = {m: Fraction(base, len(working)) + Fraction((pool - base) * weights[m], whole) for m in working}

    def at(lam):
        shares = {}
        for m in working:
            shares[m] = max(Fraction(floors[m]), lam * entitled[m])
            if caps[m] is not None:
                shares[m] = min(shares[m], Fraction(caps[m]))
        return shares

    points = {Fraction(0)}
    for m in working:
        points |= {Fraction(floors[m]) / entitled[m]}
        points |= {Fraction(caps[m]) / entitled[m]} if caps[m] is not None else set()
    lam = max(point for point in points if sum(at(point).values()) <= pool)
    rising = [m for m in working if lam * entitled[m] >= floors[m] and (caps[m] is None or lam * entitled[m] < caps[m])]
    if rising:
        lam += (pool - sum(at(lam).values())) / sum(entitled[m] for m in rising)
    return dict.fromkeys(weights, Fraction(0)) | at(lam), "ok"


@st.composite
def cases(draw):
    size = draw(st.integers(1, 12))
    weight = st.one_of(st.just(0), st.just(1), st.integers(1, 50), st.integers(1, 10**10))
    weights = {f"m{i}": draw(weight) for i in range(size)}
    floors = {m: draw(st.integers(0, 3000)) if weights[m] else 0 for m in weights}
    slack = st.one_of(st.none(), st.just(0), st.integers(0, 9000)) if draw(st.booleans()) else st.integers(0, 900)
    caps = {m: 0 if not weights[m] else None if (more := draw(slack)) is None else floors[m] + more for m in weights}
    pool = draw(st.one_of(st.just(0), st.just(sum(floors.values())), st.integers(0, 10**5)))
    base = draw(st.integers(0, pool))
    return pool, base, weights, floors, caps


@settings(max_examples=500, deadline=None)
@given(cases())
def test_the_sweep_and_the_naive_method_agree_exactly(case):
    pool, base, weights, floors, caps = case
    measured = {m: Measured(0, 0, 0, weights[m], weights[m], floors[m], caps[m]) for m in weights}
    division = divide(pool, base, measured)
    event(division.regime)

    assert (division.exact, division.regime) == naive_divide(*case)


@settings(max_examples=500, deadline=None)
@given(cases())
def test_the_level_makes_everybody_s_share_and_is_the_least_that_does(case):
    pool, base, weights, floors, caps = case
    measured = {m: Measured(0, 0, 0, weights[m], weights[m], floors[m], caps[m]) for m in weights}
    division = divide(pool, base, measured)
    people, whole = sum(weight > 0 for weight in weights.values()), sum(weights.values())

    def at(level):
        parts = {}
        for member, weight in weights.items():
            value = (Fraction(base, people) + Fraction((pool - base) * weight, whole)) * level if weight else 0
            way = "no_work" if not weight else "floor" if value <= floors[member] else "level"
            if weight and way == "level" and caps[member] is not None and value >= caps[member]:
                way = "cap"
            parts[member] = ({"floor": floors[member], "cap": caps[member]}.get(way, value), way)
        return parts

    assert (division.level is None) == (division.regime != "ok")
    if division.level is not None:
        assert {m: (division.exact[m], division.ways[m]) for m in weights} == at(division.level)
        assert (
            division.level == 0 or sum(part for part, _way in at(division.level * Fraction(999, 1000)).values()) < pool
        )


# -- laws that hold for every period ----------------------------------------------------------------------------------

basis_points = st.integers(0, 1500)


@st.composite
def periods(draw):
    terms = Terms(
        levies=tuple((f"fund{n}", share) for n, share in enumerate(draw(st.lists(basis_points, max_size=6)))),
        equal_base_share=draw(st.integers(0, 10_000)),
        hourly_floor=draw(st.integers(0, 2000)),
        hourly_cap=draw(st.sampled_from([0, 0, 1500, 5000])),
        kind_permille={"task": draw(st.integers(0, 1000)), "training": 800, "jury": 1200},
        seniority_step_permille=draw(st.integers(0, 200)),
        debt_share=draw(st.integers(0, 10_000)),
        reserve_draw_limit=draw(st.integers(0, 10_000)),
        share_strategy=draw(st.sampled_from(sorted(STRATEGIES))),
    )
    seconds = st.dictionaries(st.sampled_from(["task", "training", "jury"]), st.integers(0, 100 * HOURS), max_size=3)
    works = [Work(f"m{i}", draw(seconds), draw(st.integers(0, 30))) for i in range(draw(st.integers(0, 10)))]
    small = st.integers(0, 5000)
    takings = Takings(
        revenue=draw(st.one_of(small, st.integers(0, 10**7))),
        refunds=draw(small),
        rail_fees=draw(small),
        direct_costs=draw(small),
        deficit_carried=draw(st.sampled_from([0, 0, 700])),
        reserve_balance=draw(st.integers(0, 10**6)),
        owed={work.member: draw(small) for work in works if draw(st.booleans())},
        adjustments={work.member: draw(st.integers(-5000, 5000)) for work in works if draw(st.booleans())},
    )
    return takings, works, terms


@settings(max_examples=250, deadline=None)
@given(periods())
def test_every_minor_unit_is_somewhere(period):
    takings, works, terms = period
    done = compute_waterfall(takings, works, terms, run_hash="run")
    event(done.regime)

    spent = takings.refunds + takings.rail_fees + takings.direct_costs + takings.deficit_carried
    assert takings.revenue - spent == done.net == done.distributable - done.deficit_next
    assert done.distributable == sum(levy.amount for levy in done.levies) + done.labour_pool
    assert done.labour_pool + done.reserve_draw == done.payable_total + done.to_reserve
    assert sum(share.exact for share in done.members) + done.to_reserve - done.adjustments_taken == done.pool
    owed = sum((takings.owed or {}).values())
    assert sum(share.owed_paid + share.owed_left for share in done.members) == owed
    assert done.owed_paid <= done.labour_pool * terms.debt_share // 10_000
    asked = takings.adjustments or {}
    assert {s.member: s.adjustment + s.adjustment_left for s in done.members if s.member in asked} == asked
    assert all(s.payable >= 0 and s.adjustment * s.adjustment_left >= 0 for s in done.members)
    assert 0 <= done.reserve_draw <= takings.reserve_balance * terms.reserve_draw_limit // 10_000


@settings(max_examples=250, deadline=None)
@given(periods())
def test_nobody_is_under_the_floor_unless_the_shortfall_is_written_down(period):
    done = compute_waterfall(*period, run_hash="run")

    for share in done.members:
        assert share.amount + share.shortfall >= share.floor
        assert done.regime == "floors_prorated" or share.shortfall == 0
        assert share.shortfall >= 0
        assert share.cap is None or share.amount <= share.cap
        assert share.weight or share.exact == share.amount == 0


@settings(max_examples=120, deadline=None)
@given(periods(), st.randoms())
def test_the_order_of_the_members_changes_nothing(period, chance):
    takings, works, terms = period
    shuffled = chance.sample(works, len(works))

    assert compute_waterfall(takings, shuffled, terms, run_hash="run") == compute_waterfall(
        takings, works, terms, run_hash="run"
    )


@settings(max_examples=120, deadline=None)
@given(periods())
def test_more_time_of_the_same_kind_is_never_less_pay(period):
    takings, _, terms = period
    works = [Work(f"m{hours}", {"task": hours * HOURS}) for hours in range(6)]
    done = compute_waterfall(replace(takings, owed=None, adjustments=None), works, terms, run_hash="run")

    exact = [share.exact for share in done.members]
    assert exact == sorted(exact)


# -- each regime, by hand ---------------------------------------------------------------------------------------------


def test_the_pool_is_what_the_funds_leave_and_is_shared_by_time():
    done = compute_waterfall(Takings(revenue=100_000), [work("awa", 1), work("hanitra", 3)], TERMS, run_hash="run")

    assert {levy.line: levy.amount for levy in done.levies} == {
        "solidarity": 5000, "reserve": 10_000, "commons_operations": 3000, "social_contributions": 7000,
    }  # fmt: skip
    assert done.labour_pool == done.pool == 75_000
    assert share(done, "awa").amount == 5000 + 65_000 // 4
    assert share(done, "hanitra").amount == 5000 + 65_000 * 3 // 4
    assert done.regime == "ok"


def test_the_other_strategy_shares_the_pool_by_head():
    terms = replace(TERMS, share_strategy="clamped_equal/1")
    done = compute_waterfall(Takings(revenue=100_000), [work("awa", 1), work("hanitra", 3)], terms, run_hash="run")

    assert [share.amount for share in done.members] == [37_500, 37_500]


def test_kind_and_seniority_weigh_but_the_floor_follows_the_seconds():
    done = compute_waterfall(
        Takings(revenue=10**6),
        [work("awa", 2, kind="training"), work("hanitra", 2, kind="jury", years=99)],
        TERMS,
        run_hash="r",
    )

    assert share(done, "awa").weight == 2 * HOURS * 800 * 1000
    assert share(done, "hanitra").weight == 2 * HOURS * 1200 * 2000
    assert share(done, "awa").floor == share(done, "hanitra").floor == 1800


def test_who_would_fall_under_the_floor_is_lifted_and_the_others_pay_for_it():
    terms = replace(TERMS, equal_base_share=0)
    works = [Work("awa", {"training": 10 * HOURS}), Work("hanitra", {"jury": 10 * HOURS})]
    done = compute_waterfall(Takings(revenue=24_400), works, terms, run_hash="run")

    assert done.labour_pool == 18_300
    assert share(done, "awa").amount == 9000
    assert share(done, "hanitra").amount == 9300


def test_the_reserve_helps_to_reach_the_floors_within_its_voted_limit():
    done = compute_waterfall(Takings(revenue=1000, reserve_balance=1000), [work("awa", 1)], TERMS, run_hash="run")

    assert done.labour_pool == 750
    assert done.reserve_draw == 150
    assert share(done, "awa").amount == 900
    assert done.regime == "ok"


def test_when_nothing_covers_the_floors_they_are_prorated_and_the_rest_is_owed():
    done = compute_waterfall(
        Takings(revenue=1000, reserve_balance=200), [work("awa", 1), work("hanitra", 2)], TERMS, run_hash="run"
    )

    assert (done.pool, done.reserve_draw, done.regime) == (800, 50, "floors_prorated")
    assert share(done, "awa").exact == Fraction(900 * 800, 2700)
    assert [share.amount for share in done.members] == [267, 533]
    assert [share.shortfall for share in done.members] == [633, 1267]


def test_what_is_owed_is_paid_before_anything_else():
    owed = {"awa": 600, "hanitra": 300}
    done = compute_waterfall(
        Takings(revenue=800, owed=owed), [Work("awa", {}), work("hanitra", 1)], TERMS, run_hash="run"
    )

    assert (done.labour_pool, done.owed_paid, done.pool) == (600, 600, 0)
    assert [share.owed_paid for share in done.members] == [400, 200]
    assert [share.owed_left for share in done.members] == [200, 100]
    assert share(done, "hanitra").shortfall == 900


def test_someone_who_did_not_work_this_time_still_gets_what_is_owed_and_nothing_more():
    done = compute_waterfall(
        Takings(revenue=10_000, owed={"awa": 100}), [Work("awa", {}), work("hanitra", 1)], TERMS, run_hash="run"
    )

    assert (share(done, "awa").payable, share(done, "awa").amount) == (100, 0)
    assert share(done, "hanitra").amount == 7400


def test_when_everyone_meets_the_cap_the_rest_goes_to_the_reserve_and_not_to_who_did_not_work():
    terms = replace(TERMS, hourly_cap=1000)
    done = compute_waterfall(
        Takings(revenue=100_000), [work("awa", 1), work("hanitra", 2), Work("theo", {})], terms, run_hash="run"
    )

    assert [share.amount for share in done.members] == [1000, 2000, 0]
    assert (done.regime, done.to_reserve) == ("all_capped", 72_000)


@pytest.mark.parametrize(("seconds", "floor"), [(1, 1), (4, 1), (5, 2), (3599, 900), (3600, 900), (3601, 901)])
def test_a_begun_cent_of_the_floor_is_a_cent(seconds, floor):
    done = compute_waterfall(Takings(revenue=10**6), [Work("awa", {"task": seconds})], TERMS, run_hash="run")

    assert share(done, "awa").floor == floor


@pytest.mark.parametrize(("seconds", "cap"), [(1, 1), (3, 2), (3599, 2999), (3601, 3000)])
def test_a_cent_of_the_cap_is_reached_when_it_is_full_and_never_under_the_floor(seconds, cap):
    terms = replace(TERMS, hourly_cap=3000)
    done = compute_waterfall(Takings(revenue=10**6), [Work("awa", {"task": seconds})], terms, run_hash="run")

    assert share(done, "awa").cap == cap


def test_a_cap_under_the_floor_gives_way_to_the_floor():
    terms = replace(TERMS, hourly_cap=100)
    done = compute_waterfall(Takings(revenue=100_000), [work("awa", 1)], terms, run_hash="run")

    assert share(done, "awa").amount == share(done, "awa").cap == 900


def test_without_work_the_pool_waits_in_the_reserve():
    done = compute_waterfall(Takings(revenue=1000, owed={"awa": 50}), [Work("awa", {})], TERMS, run_hash="run")

    assert (done.regime, done.to_reserve, done.owed_paid) == ("no_work", 700, 50)


def test_a_loss_is_carried_and_nothing_is_taken_from_it():
    done = compute_waterfall(Takings(revenue=100, refunds=400, rail_fees=50), [work("awa", 1)], TERMS, run_hash="run")

    assert (done.net, done.distributable, done.deficit_next) == (-350, 0, 350)
    assert all(levy.amount == 0 for levy in done.levies)
    assert share(done, "awa").shortfall == 900


def test_a_kind_of_time_or_a_strategy_nobody_voted_is_an_error():
    with pytest.raises(KeyError):
        compute_waterfall(Takings(revenue=1), [work("awa", 1, kind="gossip")], TERMS, run_hash="run")
    with pytest.raises(KeyError):
        compute_waterfall(
            Takings(revenue=1), [work("awa", 1)], replace(TERMS, share_strategy="fastest/1"), run_hash="run"
        )


def test_a_member_is_listed_once_and_whoever_is_owed_is_listed():
    with pytest.raises(ValueError, match="twice"):
        compute_waterfall(Takings(revenue=1), [work("awa"), work("awa")], TERMS, run_hash="run")
    with pytest.raises(ValueError, match="owed"):
        compute_waterfall(Takings(revenue=1, owed={"hanitra": 1}), [work("awa")], TERMS, run_hash="run")
