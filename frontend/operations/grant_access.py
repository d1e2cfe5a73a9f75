"""Granting access to data: it comes to the stewards by itself, or from the page of the request."""

from django.http import QueryDict

from coop.commons.models import AccessRequest
from frontend.operations._part import Change, Part, identifier
from governance.operations.grant_access import GrantAccess


class GrantAccessPart(Part[GrantAccess]):
    """The request says everything."""

    kind = GrantAccess
    place = 50

    def section(self) -> None:
        """Nobody chooses it here."""
        return

    def chosen(self, query: QueryDict) -> GrantAccess | None:
        """`?request=`."""
        asked = identifier(query.get("request"))
        return GrantAccess(request=asked) if asked else None

    def in_words(self, change: GrantAccess, *, named: bool) -> Change:
        """The request, with the way to it."""
        request = AccessRequest.objects.select_related("dataset").filter(pk=change.request).first()
        return Change(
            title=change.title(),
            link=request.get_absolute_url() if request else "",
            after=str(request) if request else "",
        )


PART = GrantAccessPart()
