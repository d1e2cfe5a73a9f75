"""A mistake in approved pay will be put right: told to the member whose pay it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from payouts.models import Adjustment
from payouts.occasions import _pay


class PayAdjusted(Occasion[Adjustment]):
    """A signed line in the next run. How much and why is on the statement."""

    name = "pay_adjusted"
    title = gettext_lazy("A mistake in your pay is put right")
    told_to = gettext_lazy("the member whose pay it is")

    def about(self, row: Adjustment) -> str:
        return f"adjustment:{row.pk}"

    def audience(self, row: Adjustment) -> list[UUID]:
        return _pay.reader(row.member_id)

    def facts(self, row: Adjustment) -> dict[str, Any]:
        return _pay.of_run(row.run_id, row.member_id, row.run.period.number)

    def sentence(self, facts: Facts) -> str:
        return _("A mistake in your pay for period %(period)d is put right with the next run.") % facts

    def path(self, facts: Facts) -> str:
        return _pay.statement_path(facts)


OCCASION = PayAdjusted()
