"""Grant a request for access to data of the commons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from coop.commons.actions import grant_access, link_to_proposal, refuse_access
from coop.commons.models import AccessRequest
from coop.commons.screen import RED_LINES
from coop.ground.errors import Refused
from governance.changes import Identifier, Operation
from governance.models import Proposal
from governance.procedures import STEWARDS


@dataclass(frozen=True)
class GrantAccess(Operation):
    """Grant this request for access."""

    op: ClassVar[str] = "grant_access"
    request: Identifier

    def title(self) -> str:
        """That somebody would receive data."""
        return _("Grant a request for access to data of the commons")

    def procedure(self) -> str:
        """The stewards decide."""
        return STEWARDS

    @property
    def answers(self) -> UUID | None:
        """This request."""
        return self.request

    def check(self, *, now: datetime) -> None:
        """The request waits. Refused `unknown_request`, `red_line`, `request_closed`, `request_under_vote`."""
        request = AccessRequest.objects.filter(pk=self.request).first()
        if request is None:
            raise Refused(_("There is no such request."), code="unknown_request", field="request")
        if request.refused_for in RED_LINES:
            raise Refused(
                _("This request crosses a red line: %(line)s.") % {"line": request.refused_because},
                code="red_line",
                field="request",
            )
        if request.outcome:
            raise Refused(_("This request is already decided."), code="request_closed", field="request")
        if Proposal.objects.about_request(request.pk).under_way().exists():
            raise Refused(_("The stewards are deciding on this request."), code="request_under_vote", field="request")

    def submitted(self, *, proposal: UUID, now: datetime) -> None:
        """The request names the proposal that decides it."""
        link_to_proposal(request=AccessRequest.objects.get(pk=self.request), proposal=proposal, now=now)

    def apply(self, *, decision: UUID, now: datetime) -> dict[str, Any]:
        """Grant it. Refused `request_closed`, `red_line`, `too_late`."""
        grant = grant_access(request=AccessRequest.objects.get(pk=self.request), decision=decision, now=now)
        return {"grant": str(grant.pk)}

    def decline(self, *, decision: UUID, now: datetime) -> None:
        """Without a yes it is refused."""
        refuse_access(request=AccessRequest.objects.get(pk=self.request), reason="vote", decision=decision, now=now)


KIND = GrantAccess
