"""Contested time is counted or refused: told to the member whose time it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from coop.work.models import Contest, WaitingTime


class ContestEnded(Occasion[Contest]):
    """It was decided, or its days are over."""

    name = "contest_ended"
    title = gettext_lazy("A contest of your time has ended")
    told_to = gettext_lazy("the member whose time it is")

    def about(self, row: Contest) -> str:
        return f"contest:{row.pk}"

    def audience(self, row: Contest) -> list[UUID]:
        return [row.waiting.member.user_id]

    def facts(self, row: Contest) -> dict[str, Any]:
        return {
            "contest": str(row.pk),
            "title": row.waiting.project.title,
            "counted": row.waiting.state == WaitingTime.State.COUNTED,
        }

    def sentence(self, facts: Facts) -> str:
        if facts["counted"]:
            return _("Your contested time in “%(title)s” is counted.") % facts
        return _("Both who heard it refused your contested time in “%(title)s”; you can read their reasons.") % facts

    def path(self, facts: Facts) -> str:
        return reverse("work-contest", args=[facts["contest"]])


OCCASION = ContestEnded()
