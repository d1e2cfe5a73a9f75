"""Pages that say no; under /api/ the same as problem details."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.translation import gettext as _

from coop.doors.problems import as_answer, problem
from coop.doors.requests import CoopRequest
from coop.doors.unreadable import UnreadableRequest
from coop.ground.errors import Refused


def not_found(request: CoopRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 (Django hands it by name)
    """404: what you may not see does not exist either."""
    if _is_program(request):
        return as_answer(problem(status=404, code="not_found"))
    return _page(
        request, 404, _("There is nothing here"), _("The address may be wrong, or what was here is not yours to see.")
    )


def forbidden(request: CoopRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 (Django hands it by name)
    """403."""
    if _is_program(request):
        return as_answer(problem(status=403, code="permission_denied"))
    return _page(
        request,
        403,
        _("This is not for you to do"),
        _("Your account does not let you do this. Perhaps you are logged in as someone else?"),
    )


def bad_request(request: CoopRequest, exception: Exception | None = None) -> HttpResponse:
    """400; where something in it can't be kept, it says what and where."""
    wrong = exception if isinstance(exception, UnreadableRequest) else None
    if _is_program(request):
        errors = [{"field": wrong.field, "reason": wrong.reason}] if wrong else []
        return as_answer(problem(status=400, code="malformed", detail=wrong.reason if wrong else "", errors=errors))
    what_to_do = _("Please go back and try again.")
    return _page(
        request,
        400,
        _("This request could not be read"),
        f"{wrong.reason} {what_to_do}" if wrong else what_to_do,
    )


def only_by_a_form(request: CoopRequest) -> HttpResponse:
    """405: an address that a form sends to and nobody opens, reached by a bookmark, a language or a login."""
    return _page(
        request,
        405,
        _("This address only takes what a form sends"),
        _("Nothing was sent, and nothing was done. Open the page where the form is."),
        back=_page_before(request),
    )


def _page_before(request: CoopRequest) -> str:
    """The page of this site where the person came from; "" where that isn't known or is this very address."""
    before = urlsplit(request.META.get("HTTP_REFERER", ""))
    return before.path if before.netloc == request.get_host() and before.path != request.path else ""


def refused(request: CoopRequest, no: Refused, *, what_to_do: str) -> HttpResponse:
    """409 where a page can't be shown because of what it is about."""
    return _page(request, 409, str(no), what_to_do)


def failed(request: CoopRequest) -> HttpResponse:
    """500: nothing here may ask the database or the session, which may be what failed."""
    if _is_program(request):
        return as_answer(problem(status=500, code="failed"))
    return HttpResponse(get_template("500.html").render({}), status=500)


def csrf_failed(request: CoopRequest, reason: str = "") -> HttpResponse:
    """403 where a form came from elsewhere or is too old."""
    if _is_program(request):
        return as_answer(problem(status=403, code="csrf_failed", detail=reason))
    return _page(
        request,
        403,
        _("This form is too old"),
        _(
            "It was opened before you logged in or out, or cookies are switched off. Go back, reload the page and send it again."
        ),
    )


def too_many(request: CoopRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 (Django hands it by name)
    """429 of the account pages."""
    return _page(request, 429, _("Too many attempts"), _("Please wait a little and try again."))


def _is_program(request: CoopRequest) -> bool:
    return request.path.startswith(("/api/", "/webhooks/"))


def _page(request: CoopRequest, status: int, title: str, what_to_do: str, **more: Any) -> HttpResponse:
    return render(request, "errors/problem.html", {"title": title, "what_to_do": what_to_do, **more}, status=status)
