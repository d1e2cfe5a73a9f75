"""Texts without Django: marking them for translation, and asking whether they can be kept. Pure."""


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
