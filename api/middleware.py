"""What every answer of the API carries: an ETag on reads, and what is left of the caller's budget; and JSON for allauth, read first by us."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from coop.ground.strict_json import UnreadableJson, read_json


class ApiHeaders(ConditionalGetMiddleware):
    """Only for /api/. A read with `If-None-Match` and the same ETag is answered 304, without a body."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the headers."""
        if not request.path.startswith("/api/"):
            return response
        limit = getattr(request, "rate_limit", None)
        if limit:
            response["RateLimit-Policy"] = f'"api";q={limit["limit"]};w={limit["window"]}'
            response["RateLimit"] = f'"api";r={limit["remaining"]};t={limit["reset"]}'
        patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        assert isinstance(response, HttpResponse) or response.streaming
        return super().process_response(request, response)


def reads_what_can_be_kept(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Bodies for allauth's endpoints are read strictly before allauth reads them, and refused in the form its clients know."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/_allauth/") and request.body:
            try:
                read_json(request.body)
            except UnreadableJson as wrong:
                fault = {"message": _(wrong.reason), "code": "unreadable", "param": wrong.field}
                return JsonResponse({"status": 400, "errors": [fault]}, status=400)
        return get_response(request)

    return middleware
