"""Answers that pages and the API give alike."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse


def attachment(content: bytes, *, name: str, content_type: str = "application/octet-stream") -> HttpResponse:
    """Bytes to be saved under `name`, and never shown as a page of ours."""
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def not_offered(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (a view)
    """404 for an address of allauth's headless API that is of no use here, in the form its clients know."""
    return JsonResponse({"status": 404}, status=404)
