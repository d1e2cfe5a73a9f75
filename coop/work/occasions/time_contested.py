"""Somebody gave reasons why time that a member stated should not count: told to that member, who is heard."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from coop.work.models import Contest


class TimeContested(Occasion[Contest]):
    """A contest was opened. Reasons and seconds are on its page alone."""

    name = "time_contested"
    title = gettext_lazy("Time that you stated is contested")
    told_to = gettext_lazy("the member who stated it")

    def about(self, row: Contest) -> str:
        return f"contest:{row.pk}"

    def audience(self, row: Contest) -> list[UUID]:
        return [row.waiting.member.user_id]

    def facts(self, row: Contest) -> dict[str, Any]:
        return {"contest": str(row.pk), "title": row.waiting.project.title}

    def sentence(self, facts: Facts) -> str:
        return _(
            "Time that you stated for “%(title)s” is contested. You can say what you have to say to it; two members drawn by lot decide."
        ) % {"title": facts["title"]}

    def path(self, facts: Facts) -> str:
        return reverse("work-contest", args=[facts["contest"]])


OCCASION = TimeContested()
