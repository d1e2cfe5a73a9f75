"""Amounts of money, shares and times as people read them, in the language that is active. Whole numbers in, text out."""

from __future__ import annotations

import re
from copy import copy
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency
from django.utils.formats import number_format
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from coop.ground.money import currency as known

APART, TOGETHER = "\u2068", "\u2069"
"""Around an amount in a language written from right to left: it is read as one thing, whatever stands beside it."""


MINUS = "\u2212"
"""The sign before an amount below zero; many a language's data (CLDR) has the hyphen of keyboards there."""

BESIDE_A_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
"""Between a currency's letters and a digit stands a space (CLDR, currencySpacing), which Babel leaves out."""


def shown_amount(minor: int, currency: str) -> str:
    """1250 EUR is €12.50 in English and 12,50 € in French; no line breaks inside it.

    How many digits stand behind the point is the currency's own (ISO 4217), as the books have it: a language's own data
    (CLDR) leaves out those that nobody uses in cash. ValueError for a currency that we do not know.
    """
    exponent = known(currency).exponent
    locale = Locale.parse(get_language() or "en", sep="-")
    pattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (exponent, exponent)
    amount = Decimal(minor).scaleb(-exponent)
    text: str = format_currency(amount, currency, format=pattern, locale=locale, currency_digits=False)
    text = text.replace("-", MINUS)
    text = BESIDE_A_DIGIT.sub("\u00a0", text.replace(" ", "\u00a0"))
    return f"{APART}{text}{TOGETHER}" if get_language_bidi() else text


def shown_share(basis_points: int) -> str:
    """300 → 3 %; 1250 → 12.5 %."""
    value = Decimal(basis_points).scaleb(-2).normalize()
    return f"{number_format(value if value % 1 else int(value), use_l10n=True)}\u00a0%"


def shown_duration(seconds: int) -> str:
    """3725 → 1 h 02 min; below an hour 2 min 05 s."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)02d s") % {"minutes": minutes, "seconds": left}
    return _("%(seconds)d s") % {"seconds": left}
