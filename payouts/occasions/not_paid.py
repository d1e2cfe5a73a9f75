"""A run sent a member nothing, or the payment failed: told to that member, with the reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from payouts.models import NotPaid
from payouts.occasions import _pay

Why = NotPaid.Why
REASONS = {
    Why.NO_DETAILS: gettext_lazy("you have not said where you are paid"),
    Why.BELOW_MINIMUM: gettext_lazy("it is less than the smallest payout, and is added to the next"),
    Why.RAIL_OFF: gettext_lazy("the way in which you are paid is switched off"),
    Why.MOVED: gettext_lazy("you are paid another way since then, and it goes out with the next run"),
    Why.NO_RATE: gettext_lazy("there was no exchange rate for your currency"),
    Why.TOO_LITTLE: gettext_lazy("it is too little to be sent in your currency, and is added to the next"),
    Why.HELD: gettext_lazy("the payment did not go through"),
    Why.RETURNED: gettext_lazy("the payment came back"),
    Why.NOTHING_DUE: gettext_lazy("nothing was due to you"),
    Why.UNKNOWN: gettext_lazy("nobody knows yet whether the payment arrived, and the treasurer finds out"),
}
"""Each reason, said to the member."""


class NotPaidOccasion(Occasion[NotPaid]):
    """A run ended without paying a member."""

    name = "not_paid"
    title = gettext_lazy("You were not paid, and why")
    told_to = gettext_lazy("the member who was not paid")

    def about(self, row: NotPaid) -> str:
        return f"run:{row.run_id}"

    def audience(self, row: NotPaid) -> list[UUID]:
        return _pay.reader(row.member_id)

    def facts(self, row: NotPaid) -> dict[str, Any]:
        return _pay.of_run(row.run_id, row.member_id, row.run.period.number) | {"why": str(row.why)}

    def sentence(self, facts: Facts) -> str:
        why = REASONS[Why(facts["why"])]
        return _("You were not paid for period %(period)d: %(why)s.") % {"period": facts["period"], "why": why}

    def path(self, facts: Facts) -> str:
        return _pay.statement_path(facts)


OCCASION = NotPaidOccasion()
