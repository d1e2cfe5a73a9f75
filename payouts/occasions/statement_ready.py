"""A run was computed, and its objection window is open: told to every member with a statement in it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from payouts.models import PayoutRun


class StatementReady(Occasion[PayoutRun]):
    """A version of a run, to be looked at before it is approved."""

    name = "statement_ready"
    title = gettext_lazy("Your statement is there to be looked at")
    told_to = gettext_lazy("every member who has one")

    def about(self, row: PayoutRun) -> str:
        return f"version:{row.current_id}"

    def audience(self, row: PayoutRun) -> list[UUID]:
        return list(row.shares.live().values_list("member__user", flat=True))

    def facts(self, row: PayoutRun) -> dict[str, Any]:
        assert row.current is not None and row.objections_until is not None, (
            "a computed run has a version and its window"
        )
        until = row.objections_until.date().isoformat()
        return {"period": row.period.number, "version": row.current.number, "until": until}

    def sentence(self, facts: Facts) -> str:
        until = formats.date_format(date.fromisoformat(facts["until"]))
        said = {"period": facts["period"], "until": until}
        if facts["version"] > 1:
            return (
                _(
                    "After an objection all statements for period %(period)d were reckoned anew. Until %(until)s you can say what is wrong with yours."
                )
                % said
            )
        return (
            _("Your statement for period %(period)d is there. Until %(until)s you can say what is wrong with it.")
            % said
        )

    def path(self, facts: Facts) -> str:
        return reverse("statements")


OCCASION = StatementReady()
