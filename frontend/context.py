"""What every template can use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings

from coop.doors.requests import CoopRequest
from coop.ground.clock import coop_now, sandbox_offset
from frontend.navigation import FOOTER, NEWS, links_for


def page(request: CoopRequest) -> dict[str, Any]:
    """The name of the co-operative, the navigation of the person, and what must be said while it is a sandbox."""
    if not hasattr(request, "member"):  # an answer made before the middleware ran
        return {"coop_name": settings.COOP_NAME}
    offset = sandbox_offset() if settings.SANDBOX else timedelta(0)
    return {
        "coop_name": settings.COOP_NAME,
        "sandbox": settings.SANDBOX,
        "clock_offset": offset,
        "clock_now": coop_now() if offset else None,
        "member": request.member,
        "news": NEWS,
        "main_links": links_for(request),
        "footer_links": FOOTER,
    }
