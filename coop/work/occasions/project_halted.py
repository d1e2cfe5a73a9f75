"""An order hands out nothing for now: told to the people who act for the client."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from coop.work.models import ClientUser, Halt


class ProjectHalted(Occasion[Halt]):
    """Its instructions and price are looked at."""

    name = "project_halted"
    title = gettext_lazy("A project hands out no work for now")
    told_to = gettext_lazy("whoever acts for the organisation that ordered it")

    def about(self, row: Halt) -> str:
        return f"halt:{row.pk}"

    def audience(self, row: Halt) -> list[UUID]:
        return list(ClientUser.objects.filter(client=row.project.client_id).values_list("user", flat=True))

    def facts(self, row: Halt) -> dict[str, Any]:
        return {"project": str(row.project_id), "title": row.project.title}

    def sentence(self, facts: Facts) -> str:
        return (
            _(
                "More time was worked on “%(title)s” than its price covers so far. It goes on once a steward has looked at its instructions and its price."
            )
            % facts
        )

    def path(self, facts: Facts) -> str:
        return reverse("project", args=[facts["project"]])


OCCASION = ProjectHalted()
