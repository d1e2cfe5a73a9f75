"""Why a payment did not go as asked, or a message could not be handled. Kept as a code of ours, with a particular, or in the words of the rail that said it.

Our codes begin with `canut.`, and nothing that a rail says is kept so that it begins like them (`as_said`).

What is kept is the same in every language (it goes into the log and the steps); `in_words` says it to the reader.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.ground.laws import REFUSALS

OURS = "canut."
RETURNED = f"{OURS}returned"
CANCELLED = f"{OURS}order_cancelled"
NOT_PAID = f"{OURS}not_paid"
RAIL_OFF = f"{OURS}rail_off"
UNLIKE = f"{OURS}unlike"
UNKNOWN_TO_US = f"{OURS}unknown_to_us"
FORBIDDEN = f"{OURS}forbidden"
MISSHAPEN = f"{OURS}misshapen"
MOVED = f"{OURS}moved"

SENTENCES = {
    RETURNED: gettext_lazy("The rail sent it back"),
    CANCELLED: gettext_lazy("The order was cancelled"),
    NOT_PAID: gettext_lazy("It was not paid, says the treasurer"),
    RAIL_OFF: gettext_lazy("The rail is switched off, and nothing was asked of it"),
    MOVED: gettext_lazy("The member is paid another way since then"),
    UNLIKE: gettext_lazy("The rail shows something else than what was asked for, and a person has to find out"),
    UNKNOWN_TO_US: gettext_lazy("It is about something that we don't have"),
    FORBIDDEN: gettext_lazy("A rule of ours forbids what it says"),
    MISSHAPEN: gettext_lazy("It doesn't say what such a message says"),
}
"""What each code says."""

NOES = {
    "checkout_unknown": gettext_lazy("It names no order of ours"),
    "not_by_card": gettext_lazy("The order is paid by bank transfer"),
    "order_cancelled": gettext_lazy("The order was cancelled"),
    "already_paid": gettext_lazy("The order is already paid"),
    "stripe_unreachable": gettext_lazy("Stripe can't be reached"),
    "stripe_refused": gettext_lazy("Stripe refuses"),
    "paid_after_cancelling": gettext_lazy("The order was cancelled, and then paid: the money has to go back"),
    "paid_twice": gettext_lazy("The order was already paid: what was paid the second time has to go back"),
    "wrong_amount": gettext_lazy("Another amount was paid than the order is for"),
    "not_by_transfer": gettext_lazy("The order is paid by card"),
    "reference_missing": gettext_lazy("A reference is missing"),
    "item_not_unresolved": gettext_lazy("Nothing about the payment is unresolved"),
}
"""What the codes of the refusals say that a message may run into. (Their own sentences are said to one person, in one language.)"""


def _no_in_words(particular: str) -> str:
    """What forbids it, by the code of a refusal or the name of a law; "" for what only programs read."""
    law = REFUSALS.get(particular)
    return str(law.sentence).rstrip(".") if law else str(NOES.get(particular, ""))


def kept(code: str, particular: str = "") -> str:
    """What is stored: the code and, after a colon, a reference (at most 300 characters)."""
    return (f"{code}: {particular}" if particular else code)[:300]


def as_said(words: str) -> str:
    """What is stored of the words of a rail (at most 300 characters): in quotation marks where they would pass for a code of ours."""
    return f"“{words[:298]}”" if words.startswith(OURS) else words[:300]


def code_of(stored: str) -> str:
    """The code of what is stored, without its particular; the words of a rail as they were said."""
    return stored.partition(": ")[0]


def in_words(stored: str) -> str:
    """The sentence of the code in the reader's language, with its particular; the words of a rail as they were said."""
    code, _colon, particular = stored.partition(": ")
    sentence = SENTENCES.get(code)
    if sentence is None:
        return stored
    if code in (FORBIDDEN, MISSHAPEN):
        particular = _no_in_words(particular)
    if not particular:
        return str(sentence)
    return _("%(sentence)s (%(particular)s)") % {"sentence": sentence, "particular": particular}
