"""Texts without Django: marking them for translation, asking whether they can be kept, and their place in a list. Pure."""

import unicodedata

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th"})


def gettext_noop(text: str) -> str:
    """The text itself, marked for translation; the pages translate it."""
    return text


def unkeepable(text: str) -> str:
    """Why PostgreSQL (which has no NUL) or UTF-8 (which has no half of a surrogate pair) can't hold the text; "" where they can."""
    if "\x00" in text:
        return gettext_noop("A text can't hold the character NUL.")
    try:
        text.encode()
    except UnicodeEncodeError:
        return gettext_noop("A text can't hold half of a surrogate pair.")
    return ""


def by_letters(text: str) -> tuple[str, str, str]:
    """Where a text stands in a list for readers of English or French: É with E, œ as oe, hyphens and apostrophes are no letters.

    As the Unicode Collation Algorithm (UTS 10) compares Latin script: letters first, accents where those are the same, then the rest.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    accented = "".join(letter for letter in plain if letter.isalnum() or unicodedata.combining(letter))
    letters = "".join(letter for letter in accented if not unicodedata.combining(letter))
    return letters.translate(_LETTERS), accented, text
