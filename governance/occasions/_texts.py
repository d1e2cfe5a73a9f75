"""The title of a proposal as its authors wrote it, in every language it has."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from coop.notices.occasion import Facts
from governance.models import Proposal


def titles(proposal: Proposal) -> dict[str, Any]:
    """{"titles": {language: title}, "binding": language}"""
    return {
        "titles": {language: text["title"] for language, text in proposal.texts.items()},
        "binding": proposal.language,
    }


def title(facts: Facts) -> str:
    """In the reader's language where it exists, else the binding one."""
    said: dict[str, str] = facts["titles"]
    return said.get((get_language() or "").split("-")[0], said[facts["binding"]])
