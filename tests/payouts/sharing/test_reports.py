"""Public figures: exact, and silent about groups so small that a person could be recognised."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.sharing.reports import Paid, bands, by_country, gini, median, permille, spread

people = st.lists(
    st.builds(Paid, st.sampled_from(["MG", "SN", "FR", "VE", "KE"]), st.integers(1, 10**6), st.integers(0, 10**6)),
    max_size=60,
)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [([5, 5, 5, 5], 0), ([0, 0, 0, 8], Fraction(3, 4)), ([1, 3], Fraction(1, 4)), ([0, 0], 0)],
)
def test_gini_of_plain_cases(amounts, expected):
    assert gini(amounts) == expected


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_gini_is_the_mean_difference_over_twice_the_mean(amounts):
    differences = sum(abs(a - b) for a in amounts for b in amounts)
    whole = sum(amounts)

    assert gini(amounts) == (Fraction(differences, 2 * len(amounts) * whole) if whole else 0)


def test_median_of_even_and_odd():
    assert median([3, 1, 2]) == 2
    assert median([1, 2]) == Fraction(3, 2)


@given(people, st.integers(5, 20))
def test_no_group_is_smaller_than_the_rule_says_not_even_by_subtraction(paid, smallest):
    groups = by_country(paid, smallest=smallest)

    assert all(group.members >= smallest for group in groups)
    unsaid = len(paid) - sum(group.members for group in groups)
    assert unsaid == 0 or not groups
    assert all(band.members >= smallest for band in bands([one.amount for one in paid], smallest=smallest))


@given(people.filter(lambda paid: len(paid) >= 5))
def test_what_is_said_adds_up(paid):
    said = spread(paid, smallest=5)

    assert sum(band.members for band in said.bands) in {said.members, 0}
    assert said.amount == sum(one.amount for one in paid)
    assert sum(group.amount for group in said.countries) in {said.amount, 0}


def test_a_small_country_hides_behind_others():
    paid = [Paid("MG", 3600, 100)] * 7 + [Paid("SN", 3600, 100)] * 6 + [Paid("VE", 3600, 100)] * 2

    assert [(group.country, group.members) for group in by_country(paid, smallest=5)] == [("MG", 7), ("", 8)]


def test_too_few_people_are_no_distribution():
    said = spread([Paid("MG", 3600, 100)] * 4, smallest=5)

    assert (said.gini, said.median, said.hourly_median, said.bands, said.countries) == (None, None, None, (), ())


def test_figures_of_a_small_cooperative():
    said = spread([Paid("MG", 3600, amount) for amount in (100, 100, 200, 300, 400)], smallest=5)

    assert (said.median, said.highest_to_median, said.hourly_median) == (200, 2000, 200)
    assert said.gini == permille(Fraction(16, 55))
