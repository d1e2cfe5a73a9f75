"""An order has all its answers: told to the people who act for the client."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from coop.work.models import ClientUser, Project


class ProjectDelivered(Occasion[Project]):
    """Every item has its answers."""

    name = "project_delivered"
    title = gettext_lazy("A project is delivered")
    told_to = gettext_lazy("whoever acts for the organisation that ordered it")

    def about(self, row: Project) -> str:
        return f"project:{row.pk}"

    def audience(self, row: Project) -> list[UUID]:
        return list(ClientUser.objects.filter(client=row.client_id).values_list("user", flat=True))

    def facts(self, row: Project) -> dict[str, Any]:
        return {"project": str(row.pk), "title": row.title}

    def sentence(self, facts: Facts) -> str:
        return _("“%(title)s” has all its answers.") % facts

    def path(self, facts: Facts) -> str:
        return reverse("project-results", args=[facts["project"]])


OCCASION = ProjectDelivered()
