"""Marking texts for translation where there is no Django. Pure."""


def gettext_noop(text: str) -> str:
    """The text itself, marked for translation; the pages translate it."""
    return text
