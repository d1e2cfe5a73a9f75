"""Why a run did not pay somebody, in words for that person. Others read the same reasons as the model says them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontend.templatetags.formats import money
from payouts.models import NotPaid

TO_THE_MEMBER = {
    NotPaid.Why.NO_DETAILS: gettext_lazy("you have not said where to be paid"),
    NotPaid.Why.MOVED: gettext_lazy("you are paid another way since then"),
    NotPaid.Why.NOTHING_DUE: gettext_lazy("nothing was due to you"),
}
"""The reasons in which the member is spoken of."""


def to_the_member(why: str) -> str:
    """The reason as the member reads it."""
    reason = NotPaid.Why(why)
    return str(TO_THE_MEMBER.get(reason, reason.label))


def told_to_the_member(unpaid: NotPaid) -> str:
    """What became of the pay of a run that did not reach the member, as whole sentences."""
    words = {
        "amount": money(unpaid.amount, unpaid.run.currency),
        "number": unpaid.run.period.number,
        "why": to_the_member(unpaid.why),
    }
    if not unpaid.amount:
        return _("The run of period %(number)d did not pay you: %(why)s.") % words
    if unpaid.why == NotPaid.Why.UNKNOWN:
        said = (
            _("Of %(amount)s from the run of period %(number)d, nobody knows yet whether the payment arrived.") % words
        )
        return f"{said} {_('They stay set aside until the treasurer has found out.')}"
    said = _("The run of period %(number)d did not pay you %(amount)s: %(why)s.") % words
    return f"{said} {_('They stayed yours: each run sends what is payable to you then.')}"
