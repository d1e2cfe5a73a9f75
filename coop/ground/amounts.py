"""Amounts of money as people read them, in the language that is active. Whole minor units in, text out."""

from __future__ import annotations

import re
from copy import copy
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency
from django.utils.translation import get_language, get_language_bidi

from coop.ground.money import currency as known

APART, TOGETHER = "\u2068", "\u2069"
"""Around an amount in a language written from right to left: it is read as one thing, whatever stands beside it."""


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
    text = BESIDE_A_DIGIT.sub("\u00a0", text.replace(" ", "\u00a0"))
    return f"{APART}{text}{TOGETHER}" if get_language_bidi() else text
