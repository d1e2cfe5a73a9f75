"""Which countries and languages there are to say. Pure."""

from __future__ import annotations

from babel import Locale

LANGUAGES = (
    *("ar", "de", "en", "es", "fr", "ha", "hi", "ht", "it", "ln", "mg", "pt", "rw", "sw", "tl", "uk", "vi", "wo", "yo", "zh"),
)  # fmt: skip
"""Languages that work can be in (ISO 639), by code. One more is one more word here."""
_NO_COUNTRIES = {"CQ", "EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
COUNTRIES = tuple(
    sorted(
        code
        for code in map(str, Locale("en").territories)
        if len(code) == 2 and code.isalpha() and code.isupper() and code not in _NO_COUNTRIES
    )
)
"""Every country by its two letters (ISO 3166, from CLDR)."""
