"""From a request for data to the stewards' vote: assembled here, because the commons knows nothing of votes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from coop.commons import screen
from coop.commons.actions import link_to_proposal, refuse_access
from coop.commons.models import AccessRequest
from coop.members.models import Member
from coop.rules.actions import in_force
from governance.actions.drafting import LONGEST_TITLE, draft_proposal, submit_proposal
from governance.changes import GrantAccess
from governance.models import Proposal, State


@transaction.atomic
def put_to_vote(*, request: AccessRequest, by: Member, now: datetime) -> Proposal:
    """Make the request a proposal that the stewards vote on. Asked twice, the same proposal; one that was withdrawn makes room for another.

    Refused `request_closed`, `red_line`, `not_a_member`, `empty_roll`.
    """
    request = AccessRequest.objects.select_for_update(of=("self",)).select_related("dataset").get(pk=request.pk)
    if request.proposal is not None:
        under_way = Proposal.objects.get(pk=request.proposal)
        if under_way.state != State.WITHDRAWN:
            return under_way
    texts = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            texts[code] = {"title": _title(request), "body": _body(request)}
    language = settings.LANGUAGES[0][0]
    proposal = draft_proposal(
        language=language, texts=texts, changes=(GrantAccess(request=request.pk),), by=by, now=now
    )
    proposal = submit_proposal(proposal=proposal, by=by, now=now)
    link_to_proposal(request=request, proposal=proposal.pk, now=now)
    return proposal


def lapse_requests(*, now: datetime) -> int:
    """Refuse requests that nobody put to the vote in time: silence means no. How many."""
    patience = timedelta(days=in_force(now).whole("commons.request_days"))
    waiting = AccessRequest.objects.undecided().filter(submitted_at__lte=now - patience)
    asked = {request.pk: request.proposal for request in waiting}
    deciding = set(
        Proposal.objects.filter(pk__in=[proposal for proposal in asked.values() if proposal])
        .exclude(state__in=[State.WITHDRAWN, State.EXECUTION_FAILED])
        .values_list("pk", flat=True)
    )
    silent = [request for request in waiting if request.proposal not in deciding]
    for request in silent:
        refuse_access(request=request, reason="silence", decision=None, now=now)
    return len(silent)


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
            "country": request.country,
            "sector": _(screen.SECTORS[request.sector]),
            "dataset": request.dataset.title,
        },
        _("Purpose: %(purpose)s. In their words: %(words)s")
        % {"purpose": _(screen.PURPOSES[request.purpose]), "words": request.purpose_text},
        _("What they will do: %(actions)s.") % {"actions": "; ".join(request.actions_in_words)},
        _("Who will receive it: %(recipients)s") % {"recipients": request.recipients},
        _("Until %(day)s.") % {"day": request.until.isoformat()},
    ]
    if request.offer:
        lines.append(
            _("They offer %(offer)d euro cents to the commons fund; no part of it goes to a person.")
            % {"offer": request.offer}
        )
    if undecided := request.screening.get("undecided"):
        lines.append(_("The machine could not decide these rules: %(rules)s.") % {"rules": ", ".join(undecided)})
    lines.append(_("If the stewards do not say yes, the request is refused."))
    return "\n\n".join(lines)
