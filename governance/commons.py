"""From a request for data to the stewards' vote: assembled here, because the commons knows nothing of votes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from coop.commons import screen
from coop.commons.actions import refuse_access
from coop.commons.models import AccessRequest
from coop.ground.amounts import shown_amount
from coop.ground.cldr import country_name
from coop.ground.errors import Refused
from coop.rules.actions import in_force
from governance.actions.drafting import LONGEST_TITLE, put_request_to_vote
from governance.models import Proposal, State
from governance.operations.grant_access import GrantAccess


@transaction.atomic
def put_to_vote(*, request: AccessRequest, now: datetime) -> Proposal:
    """Bring the request to the stewards, in every language of the site. Doing it twice changes nothing.

    Refused `request_closed`, `red_line`, and `empty_roll` where there is no steward.
    """
    request = AccessRequest.objects.select_for_update(of=("self",)).select_related("dataset").get(pk=request.pk)
    now = request.not_before(now)
    texts = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            texts[code] = {"title": _title(request), "body": _body(request)}
    return put_request_to_vote(changes=(GrantAccess(request=request.pk),), texts=texts, now=now)


def advance_requests(*, now: datetime) -> int:
    """Bring every request that waits to its stewards; refuse those that waited too long: silence means no. How many moved."""
    longest = timedelta(days=in_force(now).whole("commons.request_days"))
    moved = 0
    deciding = Proposal.objects.filter(request__isnull=False, submitted_at__isnull=False).exclude(state=State.WITHDRAWN)
    waiting = AccessRequest.objects.undecided().exclude(pk__in=deciding.values("request"))
    for request in waiting.order_by("submitted_at"):
        if request.submitted_at + longest <= now:
            refuse_access(request=request, reason="silence", decision=None, now=now)
            moved += 1
            continue
        try:
            put_to_vote(request=request, now=now)
            moved += 1
        except Refused as no:
            if no.code != "empty_roll":  # without a steward it waits
                raise
    return moved


def _title(request: AccessRequest) -> str:
    title = _("Access to “%(dataset)s” for %(organisation)s") % {
        "dataset": request.dataset.title,
        "organisation": request.organisation,
    }
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def _body(request: AccessRequest) -> str:
    lines = [
        _("%(organisation)s (%(form)s, %(country)s, %(sector)s) asks for access to “%(dataset)s”.")
        % {
            "organisation": request.organisation,
            "form": _(screen.LEGAL_FORMS[request.legal_form]),
            "country": country_name(request.country),
            "sector": _(screen.SECTORS[request.sector]),
            "dataset": request.dataset.title,
        },
        _("Purpose: %(purpose)s. In their words: %(words)s")
        % {"purpose": _(screen.PURPOSES[request.purpose]), "words": request.purpose_text},
        _("What they will do: %(actions)s.") % {"actions": "; ".join(request.actions_in_words)},
        _("Who will receive it: %(recipients)s") % {"recipients": request.recipients},
        _("Until %(day)s.") % {"day": date_format(request.until, "DATE_FORMAT")},
    ]
    if request.offer:
        lines.append(
            _("They offer %(offer)s to the commons fund; no part of it goes to a person.")
            % {"offer": shown_amount(request.offer, "EUR")}
        )
    if undecided := request.undecided_in_words:
        lines.append(_("The machine could not decide these rules: %(rules)s.") % {"rules": "; ".join(undecided)})
    lines.append(_("If the stewards do not say yes, the request is refused."))
    return "\n\n".join(lines)
