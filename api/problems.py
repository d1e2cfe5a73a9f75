"""What went wrong in a view of the API, as problem details (`doors.problems`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import set_rollback

from coop.doors.problems import MEDIA_TYPE, problem, title
from coop.ground.errors import Refused
from coop.ground.laws import REFUSALS, broken_law, refused_by


class ProblemRenderer(JSONRenderer):
    """JSON under the media type of problem details."""

    media_type = MEDIA_TYPE
    format = "problem"


def answer_to(raised: Exception, _context: dict[str, Any]) -> Response | None:
    """The exception handler of the API. What is not known here is a bug and crashes."""
    if broken_law(raised) in REFUSALS:
        raised = refused_by(broken_law(raised))
    if isinstance(raised, Refused):
        errors = [{"field": raised.field or "", "reason": str(raised)}] if raised.field else []
        return _response(problem(status=409, code=raised.code, detail=str(raised), errors=errors))
    if isinstance(raised, Http404):
        raised = exceptions.NotFound()
    elif isinstance(raised, DjangoPermissionDenied):
        raised = exceptions.PermissionDenied()
    elif isinstance(raised, DjangoValidationError):
        raised = exceptions.ValidationError(as_serializer_error(raised))
    if not isinstance(raised, exceptions.APIException):
        return None
    set_rollback()
    if isinstance(raised, exceptions.ValidationError):
        named = list(fields_at_fault(raised.detail))
        body = problem(status=400, code="invalid", detail=_("Some fields are missing or wrong."), errors=named)
    else:
        detail = raised.detail if isinstance(raised.detail, str) else title(raised.status_code)
        if isinstance(raised, exceptions.NotFound):
            detail = title(404)
        code = getattr(raised.detail, "code", None) or raised.default_code
        body = problem(status=raised.status_code, code=code, detail=str(detail))
    headers = {}
    if challenge := getattr(raised, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(raised, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return _response(body, headers)


def fields_at_fault(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Each {field, reason} of a validation error, nested fields by dotted path (`items.3.payload`); "" is the whole."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            whole = name in ("non_field_errors", "__all__")
            yield from fields_at_fault(inner, path if whole else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for n, inner in enumerate(detail):
            if isinstance(inner, (Mapping, list)):
                yield from fields_at_fault(inner, f"{path}.{n}".lstrip("."))
            else:
                yield {"field": path, "reason": str(inner)}
    else:
        yield {"field": path, "reason": str(detail)}


def _response(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)
