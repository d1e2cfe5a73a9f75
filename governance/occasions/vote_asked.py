"""A ballot opened: told to everybody on its roll."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from governance.models import Ballot
from governance.occasions import _texts


class VoteAsked(Occasion[Ballot]):
    """Who is on the roll is asked to vote."""

    name = "vote_asked"
    title = gettext_lazy("A vote is asked of you")
    told_to = gettext_lazy("everybody on its roll")
    always_mailed = gettext_lazy("Every member is called to the votes of the assembly: this is always mailed.")

    def about(self, row: Ballot) -> str:
        return f"ballot:{row.pk}"

    def audience(self, row: Ballot) -> list[UUID]:
        return list(row.roll.values_list("member__user", flat=True))

    def facts(self, row: Ballot) -> dict[str, Any]:
        return {"ballot": str(row.pk), "until": row.closes_at.date().isoformat(), **_texts.titles(row.proposal)}

    def sentence(self, facts: Facts) -> str:
        until = formats.date_format(date.fromisoformat(facts["until"]))
        return _("Your vote is asked on “%(title)s”, until %(until)s.") % {"title": _texts.title(facts), "until": until}

    def path(self, facts: Facts) -> str:
        return reverse("ballot", args=[facts["ballot"]])


OCCASION = VoteAsked()
