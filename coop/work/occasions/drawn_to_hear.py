"""Members were drawn by lot to hear a contest: told to each of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from coop.work.models import Contest


class DrawnToHear(Occasion[Contest]):
    """Two members hear whose time is contested, and decide."""

    name = "drawn_to_hear"
    title = gettext_lazy("You were drawn to hear a member")
    told_to = gettext_lazy("the two members who were drawn")

    def about(self, row: Contest) -> str:
        return f"contest:{row.pk}"

    def audience(self, row: Contest) -> list[UUID]:
        return list(row.seats.values_list("member__user", flat=True))

    def facts(self, row: Contest) -> dict[str, Any]:
        return {"contest": str(row.pk), "title": row.waiting.project.title}

    def sentence(self, facts: Facts) -> str:
        return _(
            "You were drawn by lot to hear a member whose time for “%(title)s” is contested, and to decide with another."
        ) % {"title": facts["title"]}

    def path(self, facts: Facts) -> str:
        return reverse("work-contest", args=[facts["contest"]])


OCCASION = DrawnToHear()
