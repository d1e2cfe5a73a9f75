"""What every answer of the API carries: an ETag on reads, and what is left of the caller's budget."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import patch_vary_headers


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
