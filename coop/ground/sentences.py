"""A sentence that was kept as it was written, said to its reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext


def said(template: str, params: Mapping[str, Any]) -> str:
    """The sentence in the reader's language, with its parameters filled in where it has any."""
    sentence = gettext(template)
    return sentence % params if params else sentence
