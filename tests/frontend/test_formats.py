"""Amounts, times and shares as people read them."""

import re

import pytest
from django.utils import translation

from coop.ground.money import CURRENCIES
from frontend.templatetags.formats import duration, money, permille, share, words


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "EUR", "€12.50"),
        (-4, "EUR", "\u2212€0.04"),
        (123456789, "EUR", "€1,234,567.89"),
        (11035, "XOF", "F\u202fCFA\u00a011,035"),  # no cents
        (10180, "TND", "TND\u00a010.180"),  # thousandths
    ],
)
def test_an_amount_has_the_digits_of_its_currency(minor: int, currency: str, text: str):
    assert money(minor, currency) == text


@pytest.mark.parametrize("code", CURRENCIES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_amount_loses_no_digit_in_any_language_and_breaks_at_no_line(code: str, language: str):
    with translation.override(language):
        shown = money(-1020304, code)

    assert re.sub(r"\D", "", shown) == "1020304"
    assert not re.search(r"[ \t\n]", shown) and "\u2212" in shown


def test_amounts_are_french_for_the_french():
    with translation.override("fr"):
        assert money(123456, "EUR") == "1\u202f234,56\u00a0€"


def test_an_amount_stands_by_itself_where_one_reads_from_right_to_left():
    with translation.override("ar"):
        shown = money(900, "EUR")

    assert shown[0] == "\u2068" and shown[-1] == "\u2069"


def test_times_and_shares():
    assert [duration(s) for s in (5, 65, 3725)] == ["5 s", "1 min 05 s", "1 h 02 min"]
    assert [share(bp) for bp in (0, 300, 1250, 5)] == ["0\u00a0%", "3\u00a0%", "12.5\u00a0%", "0.05\u00a0%"]
    assert permille(1500) == "×\u00a01.5"


def test_a_stored_word_is_shown_as_people_say_it():
    assert words("yes_no") == "the Yes and No votes"
    assert words(["military", "some_new_word"]) == "military, some new word"
    assert words("") == ""
