"""Money: nothing is lost in a split, and two people with the same claim differ by one minor unit at most."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop.ground.money import apportion, apportion_by, by_lot, currency, share_of

amounts = st.integers(0, 10**12)
weights = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.integers(0, 10**9), min_size=1, max_size=30)


def with_someone(weights: dict[str, int]) -> bool:
    return any(weights.values())


@given(amounts, weights.filter(with_someone))
def test_a_split_loses_nothing(total, weights):
    assert sum(apportion_by(total, weights, seed="run").values()) == total


@given(amounts, weights.filter(with_someone))
def test_each_part_is_the_exact_one_rounded_down_or_up(total, weights):
    parts, whole = apportion_by(total, weights, seed="run"), sum(weights.values())

    for name, part in parts.items():
        assert part * whole <= total * weights[name] + whole - 1
        assert part * whole >= total * weights[name] - whole + 1


@given(amounts, weights.filter(with_someone), st.randoms())
def test_the_order_in_which_people_are_listed_changes_nothing(total, weights, chance):
    shuffled = list(weights.items())
    chance.shuffle(shuffled)

    assert apportion_by(total, dict(shuffled), seed="run") == apportion_by(total, weights, seed="run")


@given(amounts, weights.filter(with_someone))
def test_more_weight_is_never_less_money(total, weights):
    parts = apportion_by(total, weights, seed="run")
    ranked = sorted(weights, key=lambda name: weights[name])

    for less, more in pairwise(ranked):
        if weights[less] < weights[more]:
            assert parts[less] <= parts[more]


def test_equal_claims_are_settled_by_the_lot_of_the_run():
    claims = {"awa": 1, "hanitra": 1, "theo": 1}

    for seed in ("run one", "run two", "run three"):
        first = min(claims, key=lambda name: by_lot(seed, name))
        assert apportion_by(1, claims, seed=seed) == dict.fromkeys(claims, 0) | {first: 1}


def test_the_largest_part_cut_off_is_served_first():
    exact = {"awa": Fraction(5, 3), "hanitra": Fraction(1, 3), "theo": Fraction(1)}

    assert apportion(exact, seed="run") == {"awa": 2, "hanitra": 0, "theo": 1}


def test_shares_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="not to a whole number"):
        apportion({"awa": Fraction(1, 3)}, seed="run")
    with pytest.raises(ValueError, match="negative"):
        apportion({"awa": Fraction(-1), "hanitra": Fraction(1)}, seed="run")
    with pytest.raises(ValueError, match="nobody"):
        apportion_by(1, {"awa": 0}, seed="run")


@given(amounts, st.integers(0, 10_000))
def test_a_share_in_basis_points_is_rounded_down(amount, points):
    assert 0 <= amount * points - share_of(amount, points) * 10_000 < 10_000


def test_an_unknown_currency_is_an_error():
    with pytest.raises(ValueError, match="unknown currency"):
        currency("ZZZ")
