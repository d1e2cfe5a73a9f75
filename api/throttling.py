"""How often one caller may ask. The counters are in the shared cache; every answer says what is left.

`RateLimit-Policy: "api";q=600;w=60` and `RateLimit: "api";r=599;t=60` (IETF draft), and `Retry-After` on 429.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from coop.doors.requests import CoopRequest

if TYPE_CHECKING:  # rest_framework.views loads this module
    from rest_framework.views import APIView


class ByCaller(SimpleRateThrottle):
    """One budget per person, or per address for visitors."""

    def __init__(self) -> None:
        """The rate depends on who asks, so it is read in allow_request."""

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """Who is counted."""
        who = request.user.pk if request.user and request.user.is_authenticated else self.get_ident(request)
        return f"throttle:{self.scope}:{who}"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """True while the budget lasts; the state is left on the request for the headers."""
        self.scope = "person" if request.user and request.user.is_authenticated else "visitor"
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        allowed = super().allow_request(request, view)
        limit, window = self.num_requests, self.duration
        if limit is not None and window is not None:
            oldest: float = self.history[-1] if self.history else self.now
            cast(CoopRequest, request._request).rate_limit = {
                "limit": limit,
                "window": window,
                "remaining": max(0, limit - len(self.history)),
                "reset": max(1, int(oldest + window - self.now)),
            }
        return allowed
