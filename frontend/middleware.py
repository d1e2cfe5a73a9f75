"""The headers every page carries, and a page where a server would say nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from frontend.views.errors import only_by_a_form

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


def leaves_nobody_before_an_empty_page(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """An address that only takes forms, opened by a person, answers with a page that says so."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code != 405 or not isinstance(response, HttpResponse) or response.content:
            return response
        page = only_by_a_form(request)  # type: ignore[arg-type]  # the middleware before this one knows the member
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return answer
