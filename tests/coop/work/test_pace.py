"""The pace of a project and the bound of an item, for all numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop.work.pace import bound_seconds, pace_seconds

quotes = st.integers(1, 36_000)
seconds = st.integers(1, 2_000_000)
crowds = st.lists(seconds, max_size=60)


@pytest.mark.parametrize(
    ("quoted", "medians", "pace"),
    [
        (30, [], 30),
        (30, [60], 34),  # exp((5 ln 30 + ln 60) / 6) = 33.67
        (30, [60, 60, 60, 60, 60], 42),  # half the voices: sqrt(30 * 60) = 42.43
        (30, [10, 20, 80], 28),  # exp((5 ln 30 + ln 16000) / 8) = 28.11
        (100, [400] * 1000, 397),
    ],
)
def test_the_pace_is_the_geometric_mean_with_five_voices_for_the_quote(quoted, medians, pace):
    expected = math.exp((5 * math.log(quoted) + sum(map(math.log, medians))) / (5 + len(medians)))

    assert pace_seconds(quoted, medians) == round(expected)
    assert abs(pace - expected) < 1


@given(quotes, crowds)
def test_no_voice_is_heard_below_a_quarter_or_beyond_four_times_the_quote(quoted, medians):
    clipped = [min(max(-(-quoted // 4), median), 4 * quoted) for median in medians]

    assert abs(pace_seconds(quoted, medians) - pace_seconds(quoted, clipped)) <= 1


@given(quotes, crowds)
def test_the_pace_stays_between_a_quarter_and_four_times_the_quote(quoted, medians):
    pace = pace_seconds(quoted, medians)

    assert max(1, quoted / 4 - 1) <= pace <= 4 * quoted


@given(quotes, crowds, st.randoms())
def test_the_order_of_the_voices_changes_nothing(quoted, medians, lot):
    shuffled = list(medians)
    lot.shuffle(shuffled)

    assert pace_seconds(quoted, shuffled) == pace_seconds(quoted, medians)


@given(quotes, st.lists(seconds, min_size=1, max_size=30), st.data())
def test_who_takes_longer_never_makes_the_pace_shorter(quoted, medians, data):
    slower = list(medians)
    who = data.draw(st.integers(0, len(medians) - 1))
    slower[who] += data.draw(seconds)

    assert pace_seconds(quoted, slower) >= pace_seconds(quoted, medians)


@given(quotes, st.lists(st.integers(10, 100), min_size=15, max_size=30), seconds)
def test_one_voice_is_one_voice_however_long_she_slept(quoted, medians, slept):
    """Among M members one alone moves the pace by no more than her share of the voices."""
    with_her = pace_seconds(quoted, [*medians, slept])
    without = pace_seconds(quoted, medians)

    voices = 5 + len(medians) + 1
    most = math.exp(abs(math.log(slept) - math.log(max(without, 1))) / voices + 1 / voices)
    assert with_her <= (without + 1) * most + 1


def test_no_pace_is_made_of_nothing():
    for quoted, medians in ((0, []), (10, [0])):
        with pytest.raises(ValueError, match="positive"):
            pace_seconds(quoted, medians)


@given(st.integers(1, 144_000), st.integers(30, 3600), st.integers(3, 10), st.integers(1000, 3000))
def test_the_bound_is_so_many_paces_or_the_least_times_her_own_factor(pace, least, paces, factor):
    bound = bound_seconds(pace, least=least, paces=paces, factor_permille=factor)

    assert bound * 1000 >= max(least, paces * pace) * factor > (bound - 1) * 1000


@pytest.mark.parametrize("factor", [0, 999, 3001])
def test_a_factor_is_between_one_and_three(factor):
    with pytest.raises(ValueError, match="between one and three"):
        bound_seconds(10, least=60, paces=5, factor_permille=factor)
