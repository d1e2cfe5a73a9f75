"""How sure a label is: measured on gold, never claimed beyond it."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop.work.calibration import FEWEST_GOLD, accuracy_interval, calibrate


def drawn(size: int, *, claimed: float, true: float, seed: int = 1) -> tuple[np.ndarray, list[int]]:
    """Items of two labels on which a model claims `claimed` for the first, which is true in a share `true`."""
    lot = np.random.default_rng(seed)
    return np.tile([claimed, 1 - claimed], (size, 1)), [int(lot.random() >= true) for _item in range(size)]


def test_below_thirty_gold_items_there_is_no_calibration():
    assert calibrate(*drawn(FEWEST_GOLD - 1, claimed=0.9, true=0.9)) is None


@pytest.mark.parametrize(("claimed", "true"), [(0.999, 0.8), (0.99, 0.6), (0.7, 0.95)])
def test_what_is_claimed_becomes_what_was_seen(claimed, true):
    posterior, truth = drawn(2000, claimed=claimed, true=true)

    found = calibrate(posterior, truth)

    assert found is not None
    assert abs(found.confidence(posterior)[0, 0] - true) < 0.03


@given(
    st.integers(30, 200),
    st.floats(0.0, 1.0),
    st.sampled_from([2, 3, 5]),
    st.floats(0.5, 1.0),
)
@settings(max_examples=25, deadline=None)
def test_an_even_vote_is_told_as_one_whatever_the_gold(gold, even, labels, sure):
    """Thirty gold items that all happened to be right made an even vote 909 per mille sure."""

    def posterior(first: float) -> list[float]:
        return [first, *[(1 - first) / (labels - 1)] * (labels - 1)]

    hung = [posterior(1.02 / labels)] * int(gold * even)
    seen = np.array([*hung, *[posterior(max(sure, 1 / labels))] * (gold - len(hung))])

    found = calibrate(seen, [0] * gold)

    assert found is not None
    assert found.confidence(np.array([posterior(1.02 / labels)]))[0, 0] < 1.2 / labels


def test_a_few_sure_items_that_are_right_make_doubtful_ones_hardly_surer():
    posterior, truth = drawn(30, claimed=0.95, true=1.0)

    found = calibrate(posterior, truth)

    assert found is not None
    assert 0.55 <= found.confidence(np.array([[0.55, 0.45]]))[0, 0] < 0.65


def test_nothing_is_ever_claimed_beyond_the_rule_of_three():
    posterior, truth = drawn(47, claimed=1.0, true=1.0)

    found = calibrate(posterior, truth)

    assert found is not None
    assert found.confidence(posterior).max() == pytest.approx(1 - 3 / 50)


@given(st.integers(1, 60).flatmap(lambda gold: st.tuples(st.integers(0, gold), st.just(gold))))
@settings(max_examples=40)
def test_the_interval_is_what_a_binomial_test_would_not_reject(counts):
    right, gold = counts
    lowest, highest = accuracy_interval(right, gold)

    def tail(share: float, numbers: range) -> float:
        return sum(comb(gold, n) * share**n * (1 - share) ** (gold - n) for n in numbers)

    assert lowest <= right / gold <= highest
    assert right == 0 or tail(lowest, range(right, gold + 1)) == pytest.approx(0.025, abs=1e-6)
    assert right == gold or tail(highest, range(right + 1)) == pytest.approx(0.025, abs=1e-6)


def test_impossible_counts_are_an_error():
    for right, gold in [(1, 0), (3, 2), (-1, 5)]:
        with pytest.raises(ValueError, match="can't be right"):
            accuracy_interval(right, gold)
