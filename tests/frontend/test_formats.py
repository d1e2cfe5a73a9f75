"""Amounts, times and shares as people read them."""

import pytest
from django.utils import translation

from coop.ground.money import CURRENCIES, written
from frontend.templatetags.formats import duration, money, permille, share, words


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "EUR", "12.50\u00a0€"),
        (-4, "EUR", "-0.04\u00a0€"),
        (123456789, "EUR", "1,234,567.89\u00a0€"),
        (11035, "XOF", "11,035\u00a0XOF"),  # no cents
        (10180, "TND", "10.180\u00a0TND"),  # thousandths
    ],
)
def test_an_amount_has_the_digits_of_its_currency(minor: int, currency: str, text: str):
    assert money(minor, currency) == text


@pytest.mark.parametrize("code", CURRENCIES)
def test_pages_and_books_write_the_same_amount(code: str):
    shown = money(10180, code).split("\u00a0")[0].replace(",", "")

    assert shown == written(10180, code).split(" ")[0]


def test_amounts_are_french_for_the_french():
    with translation.override("fr"):
        assert money(123456, "EUR").replace("\u202f", " ").replace("\u00a0", " ") == "1 234,56 €"


def test_times_and_shares():
    assert [duration(s) for s in (5, 65, 3725)] == ["5 s", "1 min 05 s", "1 h 02 min"]
    assert [share(bp) for bp in (0, 300, 1250, 5)] == ["0\u00a0%", "3\u00a0%", "12.5\u00a0%", "0.05\u00a0%"]
    assert permille(1500) == "×\u00a01.5"


def test_a_stored_word_is_shown_as_people_say_it():
    assert words("yes_no") == "the Yes and No votes"
    assert words(["military", "some_new_word"]) == "military, some new word"
    assert words("") == ""
