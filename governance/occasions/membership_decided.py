"""An application was decided: told to the person who made it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.members.models import Application
from coop.notices.occasion import Facts, Occasion


class MembershipDecided(Occasion[Application]):
    """The assembly admitted a person, or did not."""

    name = "membership_decided"
    title = gettext_lazy("Your application is decided")
    told_to = gettext_lazy("the person who applied")
    always_mailed = gettext_lazy("Whoever asks to join is answered: this is always mailed.")

    def about(self, row: Application) -> str:
        return f"application:{row.pk}"

    def audience(self, row: Application) -> list[UUID]:
        return [row.user_id]

    def facts(self, row: Application) -> dict[str, Any]:
        return {"outcome": row.outcome}

    def sentence(self, facts: Facts) -> str:
        if facts["outcome"] == Application.Outcome.ADMITTED:
            return _("The assembly admitted you: you are a member.")
        return _("Your application did not pass. You may apply again.")

    def path(self, facts: Facts) -> str:
        return reverse("apply")


OCCASION = MembershipDecided()
