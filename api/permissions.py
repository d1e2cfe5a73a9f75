"""Who may ask. What a person may not see does not exist (404, by queryset); these say what kind of caller is needed.

permission_classes = [has_scope("vote"), IsMember]
member = member_of(request)
some_action(by=actor_of(request), …)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from allauth.idp.oidc.models import Token
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from coop.doors.requests import CoopRequest, PersonRequest
from coop.ground.actor import Actor
from coop.ground.clock import coop_now
from coop.members.actors import not_in_office
from coop.members.models import Member, OfficeKind, User

if TYPE_CHECKING:  # rest_framework.views loads this module
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """A person is logged in; and where a token speaks for them, it was given one of `scopes`. Made by `has_scope("work")`.

    A browser or headless session is the person, with every scope.
    """

    scopes: tuple[str, ...] = ()

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or 401 without a person, or 403 `insufficient_scope`."""
        if not request.user or not request.user.is_authenticated:
            raise NotAuthenticated()
        if not isinstance(request.auth, Token) or set(self.scopes) & set(request.auth.get_scopes()):
            return True
        raise InsufficientScope(self.scopes)


class InsufficientScope(PermissionDenied):
    """403 `insufficient_scope`, with the challenge that names the scopes that would do (RFC 6750)."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        super().__init__(
            _("This token was not given the scope %(scope)s.") % {"scope": " / ".join(scopes)},
            code="insufficient_scope",
        )
        self.auth_header = f'Bearer realm="canut", error="insufficient_scope", scope="{" ".join(scopes)}"'


class IsMember(BasePermission):
    """A member of the co-operative, now."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or 401 without a person, or 403 `not_a_member`."""
        member_of(request)
        return True


class HoldsOffice(BasePermission):
    """A member whose term in one of the offices `kinds` runs now. Made by `holds_office("treasurer")`."""

    kinds: tuple[str, ...] = ()

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or 401 without a person, or 403 `not_in_office`."""
        member = member_of(request)
        if not any(member.holds(kind, coop_now()) for kind in self.kinds):
            no = not_in_office(OfficeKind(self.kinds[0]))
            raise PermissionDenied(str(no), code=no.code)
        return True


def has_scope(*scopes: str) -> type[HasScope]:
    """The permission of who was given one of these scopes."""
    return type("HasScope", (HasScope,), {"scopes": scopes})


def holds_office(*kinds: str) -> type[HoldsOffice]:
    """The permission of who holds one of these offices."""
    return type("HoldsOffice", (HoldsOffice,), {"kinds": kinds})


def actor_of(request: Request) -> Actor:
    """As who the person asking acts. 401 where there is none."""
    person_of(request)
    return cast(PersonRequest, request._request).actor


def person_of(request: Request) -> User:
    """The person asking. 401 where there is none."""
    if not isinstance(request.user, User):
        raise NotAuthenticated()
    return request.user


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
    asked = cast(CoopRequest, request._request)
    return asked.member or None
