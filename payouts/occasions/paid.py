"""A payment has arrived: told to the member who was paid."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from payouts.models import PayoutItem
from payouts.occasions import _pay


class Paid(Occasion[PayoutItem]):
    """The pay of a period was paid."""

    name = "paid"
    title = gettext_lazy("You were paid")
    told_to = gettext_lazy("the member who was paid")

    def about(self, row: PayoutItem) -> str:
        return f"payment:{row.pk}"

    def audience(self, row: PayoutItem) -> list[UUID]:
        return _pay.reader(row.member_id)

    def facts(self, row: PayoutItem) -> dict[str, Any]:
        return _pay.of_run(row.run_id, row.member_id, row.run.period.number)

    def sentence(self, facts: Facts) -> str:
        return _("Your pay for period %(period)d was paid.") % facts

    def path(self, facts: Facts) -> str:
        return _pay.statement_path(facts)


OCCASION = Paid()
