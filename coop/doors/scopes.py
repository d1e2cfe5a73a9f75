"""What a token may be used for. A scope lets a program do what its person may do; it never adds to what the person may do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCOPES: dict[str, str | Promise] = {
    "member": _("Read and change your own membership."),
    "work": _("Take and submit work in your name."),
    "vote": _("Make proposals and vote in your name."),
    "pay": _("Read your statements and change where you are paid."),
    "requester": _("Order work, pay for it and fetch the results."),
    "commons": _("Ask for access to data of the commons and decide on requests as a steward."),
    "treasurer": _("Confirm payments and approve payout runs as treasurer."),
}
