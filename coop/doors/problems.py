"""Saying no over HTTP: problem details (RFC 9457), one shape for every error.

    {"type", "title", "status", "detail", "code", "errors": [{"field", "reason"}]}

`code` is the name of the refusal, stable for programs; `errors` names each field at fault, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

MEDIA_TYPE = "application/problem+json"


def problem(*, status: int, code: str, detail: str = "", errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The body of a problem answer."""
    return {
        "type": f"urn:canut:problem:{code}",
        "title": title(status),
        "status": status,
        "detail": detail or title(status),
        "code": code,
        "errors": errors or [],
    }


def title(status: int) -> str:
    """What kind of problem it is, in words."""
    titles = {
        400: _("The request is not well formed."),
        401: _("Please say who you are."),
        403: _("This is not for you to do."),
        404: _("There is nothing here."),
        405: _("This cannot be done here."),
        406: _("This cannot be given in the form you asked for."),
        409: _("A rule of the co-operative refuses this."),
        412: _("It has changed since you read it."),
        413: _("This is too large."),
        415: _("This kind of content is not understood here."),
        429: _("Too many requests: please wait a little."),
        500: _("Something went wrong on our side."),
        503: _("We cannot answer just now."),
    }
    return titles.get(status, _("Something is not right."))


def as_answer(body: Mapping[str, Any]) -> HttpResponse:
    """A problem as a plain Django answer, for errors that happen outside the API's views."""
    return JsonResponse(body, status=int(body["status"]), content_type=MEDIA_TYPE)
