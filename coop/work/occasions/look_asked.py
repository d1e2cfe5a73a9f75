"""A project waits for a look at its instructions and price: told to the stewards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.members.models import Office, OfficeKind
from coop.notices.occasion import Facts, Occasion
from coop.work.models import Halt


class LookAsked(Occasion[Halt]):
    """It hands out nothing until somebody has looked."""

    name = "look_asked"
    title = gettext_lazy("A project waits for you to look at it")
    told_to = gettext_lazy("the stewards")

    def about(self, row: Halt) -> str:
        return f"halt:{row.pk}"

    def audience(self, row: Halt) -> list[UUID]:
        terms = Office.objects.on(row.halted_at).filter(kind=OfficeKind.STEWARD)
        return list(terms.values_list("member__user", flat=True))

    def facts(self, row: Halt) -> dict[str, Any]:
        return {"halt": str(row.pk), "title": row.project.title}

    def sentence(self, facts: Facts) -> str:
        return _("“%(title)s” hands out no work until somebody has looked at its instructions and its price.") % facts

    def path(self, facts: Facts) -> str:
        return reverse("work-look", args=[facts["halt"]])


OCCASION = LookAsked()
