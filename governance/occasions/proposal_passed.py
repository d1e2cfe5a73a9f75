"""The assembly said yes: told to every member."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.members.models import Member
from coop.notices.occasion import Facts, Occasion
from governance.models import Proposal
from governance.occasions import _texts


class ProposalPassed(Occasion[Proposal]):
    """A proposal was adopted; what it decides holds for all, whoever voted."""

    name = "proposal_passed"
    title = gettext_lazy("A proposal passed")
    told_to = gettext_lazy("every member")

    def about(self, row: Proposal) -> str:
        return f"proposal:{row.pk}"

    def audience(self, row: Proposal) -> list[UUID]:
        assert row.tallied_at is not None, "an adopted proposal was counted"
        return list(Member.objects.on(row.tallied_at).values_list("user", flat=True))

    def facts(self, row: Proposal) -> dict[str, Any]:
        return {"proposal": str(row.pk), **_texts.titles(row)}

    def sentence(self, facts: Facts) -> str:
        return _("The assembly adopted “%(title)s”.") % {"title": _texts.title(facts)}

    def path(self, facts: Facts) -> str:
        return reverse("proposal", args=[facts["proposal"]])


OCCASION = ProposalPassed()
