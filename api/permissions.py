"""Who may ask. What a person may not see does not exist (404, by queryset); these say what kind of caller is needed.

permission_classes = [HasScope("vote"), IsMember]
member = member_of(request)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.idp.oidc.models import Token
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from coop.ground.clock import coop_now
from coop.members.models import Member

if TYPE_CHECKING:  # rest_framework.views loads this module
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """A person is logged in; and where a token speaks for them, it was given one of these scopes.

    Written `HasScope("work")` in permission_classes. A browser or headless session is the person, with every scope.
    """

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    def __call__(self) -> HasScope:
        return self

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or 401 without a person, or 403 `insufficient_scope`."""
        if not request.user or not request.user.is_authenticated:
            raise NotAuthenticated()
        if not isinstance(request.auth, Token) or set(self.scopes) & set(request.auth.get_scopes()):
            return True
        refusal = PermissionDenied(
            _("This token was not given the scope %(scope)s.") % {"scope": " / ".join(self.scopes)},
            code="insufficient_scope",
        )
        refusal.auth_header = f'Bearer realm="canut", error="insufficient_scope", scope="{" ".join(self.scopes)}"'  # type: ignore[attr-defined]
        raise refusal


class IsMember(BasePermission):
    """A member of the co-operative, now."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or 401 without a person, or 403 `not_a_member`."""
        member_of(request)
        return True


class HoldsOffice(BasePermission):
    """A member whose term in this office runs now: `HoldsOffice("treasurer")`."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self) -> HoldsOffice:
        return self

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or 401 without a person, or 403 `not_in_office`."""
        if member_of(request).holds(self.kind, coop_now()):
            return True
        raise PermissionDenied(
            _("This is for those who hold the office: %(office)s.") % {"office": self.kind}, code="not_in_office"
        )


def member_of(request: Request) -> Member:
    """The running membership of the person asking. 401 without a person, 403 `not_a_member` without a membership."""
    found = member_or_none(request)
    if found is None:
        if not request.user or not request.user.is_authenticated:
            raise NotAuthenticated()
        raise PermissionDenied(_("This is for members of the co-operative."), code="not_a_member")
    return found


def member_or_none(request: Request) -> Member | None:
    """The running membership of the person asking, if there is one. Asked once per request."""
    if not request.user or not request.user.is_authenticated:
        return None
    if not hasattr(request, "_canut_member"):
        found = Member.objects.of(request.user).on(coop_now()).select_related("user").first()
        request._canut_member = found  # type: ignore[attr-defined]
    return request._canut_member  # type: ignore[attr-defined, no-any-return]
