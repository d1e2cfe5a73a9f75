"""Countries and languages by name, in the reader's language (CLDR, from Babel)."""

from __future__ import annotations

from functools import cache

from babel import Locale
from django.utils.translation import get_language

from coop.ground.places import COUNTRIES, LANGUAGES
from coop.ground.texts import by_letters


def countries() -> list[tuple[str, str]]:
    """(code, name) of every country, sorted by name."""
    return _countries(_language())


def languages() -> list[tuple[str, str]]:
    """(code, name) of the languages people may say they work in, sorted by name."""
    return _languages(_language())


def country_name(code: str) -> str:
    """MG → Madagascar; the code where it is unknown."""
    return dict(countries()).get(code, code)


def language_name(code: str) -> str:
    """mg → Malagasy; the code where it is unknown."""
    return str(Locale.parse(_language()).languages.get(code, code))


def _language() -> str:
    return (get_language() or "en").split("-")[0]


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    territories = Locale.parse(language).territories
    named = [(code, str(territories.get(code, code))) for code in COUNTRIES]
    return sorted(named, key=lambda pair: by_letters(pair[1]))


@cache
def _languages(language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language).languages
    named = [(code, str(names.get(code, code))) for code in LANGUAGES]
    return sorted(named, key=lambda pair: by_letters(pair[1]))
