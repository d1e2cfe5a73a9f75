"""What every page needs to know, and the headers every page carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from coop.ground.clock import coop_now
from coop.members.models import Member

POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
DOCS_POLICY = POLICY + "; style-src 'self' 'unsafe-inline'"  # Swagger UI writes style attributes


def knows_the_member(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Sets `request.member`: the running membership of the person, falsy where there is none. Asked when first used."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        request.member = SimpleLazyObject(lambda: _member(request))  # type: ignore[attr-defined]
        return get_response(request)

    return answer


def says_what_may_load(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Content-Security-Policy: everything comes from here, no script or style inside a page."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        policy = DOCS_POLICY if request.path.startswith("/api/docs/") else POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response

    return answer


def _member(request: HttpRequest) -> Member | None:
    if not request.user.is_authenticated:
        return None
    return Member.objects.of(request.user).on(coop_now()).select_related("user").first()
