"""Who is asking: a bearer token, a headless session token, or the browser's session.

The token and its check are django-allauth's; here it only learns to say 401, and to ignore what is not a bearer token.
"""

from __future__ import annotations

from typing import Any

from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from allauth.idp.oidc.contrib.rest_framework.authentication import TokenAuthentication
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class BearerToken(TokenAuthentication):
    """`Authorization: Bearer …`: an OAuth access token or a personal one."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """(person, token); None without a bearer token; 401 where it is unknown, expired, revoked or nobody's."""
        if not request.headers.get("Authorization", "").lower().startswith("bearer "):
            return None
        found: tuple[Any, Any] | None = super().authenticate(request._request)
        if found is None or found[0] is None:
            raise AuthenticationFailed(
                _("This token is not valid: it may have expired or been revoked."), code="invalid_token"
            )
        return found

    def authenticate_header(self, request: Request) -> str:
        """What a 401 says is wanted."""
        challenge = 'Bearer realm="canut"'
        if request.headers.get("Authorization"):
            challenge += ', error="invalid_token"'
        return challenge


class SessionToken(XSessionTokenAuthentication):
    """`X-Session-Token: …`: a session of the headless API under /_allauth/app/v1/."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """(person, session); None without the header; 401 where the session is unknown, over or half logged in."""
        if not self.get_session_token(request):
            return None
        found: tuple[Any, Any] | None = super().authenticate(request)
        if found is None or not found[0].is_active:
            raise AuthenticationFailed(_("This session is over. Please log in again."), code="invalid_session")
        return found


class BrowserSession(SessionAuthentication):
    """The cookie of the pages, with the CSRF check."""


class _BearerScheme(OpenApiAuthenticationExtension):
    target_class = "api.authentication.BearerToken"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token from /account/tokens/, or an OAuth access token.",
        }


class _SessionTokenScheme(OpenApiAuthenticationExtension):
    target_class = "api.authentication.SessionToken"
    name = "session_token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token"}


class _BrowserSessionScheme(OpenApiAuthenticationExtension):
    target_class = "api.authentication.BrowserSession"
    name = "cookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
