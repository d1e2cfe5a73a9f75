"""Pages: the public log, its checkpoint, and the tool that checks our sums."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from coop.audit.actions import log_key
from coop.audit.models import Checkpoint, Entry
from coop.audit.proofs import log_proof
from coop.doors.requests import CoopRequest

TOOL = settings.BASE_DIR / "script" / "canut-verify"
PLAIN = "text/plain; charset=utf-8"


@require_safe
def log(request: CoopRequest) -> HttpResponse:
    """Everything that was recorded, newest first, with its place in the log."""
    entries = Entry.objects.select_related("leaf").order_by("-pk")
    subject = request.GET.get("subject", "").strip()
    if subject:
        entries = entries.filter(subject=subject)
    page = Paginator(entries, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "subject": subject,
        "checkpoint": Checkpoint.objects.latest_one(),
        "key": log_key().verifier_key,
    }
    return render(request, "log/log.html", context)


@require_safe
def entry(request: CoopRequest, entry_id: str) -> HttpResponse:
    """One entry: what it says, and the proof that it stands in the log."""
    found = get_object_or_404(Entry.objects.select_related("leaf"), uuid=entry_id)
    return render(request, "log/entry.html", {"entry": found, "data": found.as_data(), "proof": log_proof(found)})


@require_safe
def checkpoint(request: CoopRequest) -> HttpResponse:
    """The text of the latest checkpoint, or with `?size=` of an earlier one."""
    return HttpResponse(_checkpoint(request).note, content_type=PLAIN)


@require_safe
def key(_request: CoopRequest) -> HttpResponse:
    """The public key of the log as a file for `canut-verify --key`."""
    return HttpResponse(f"{log_key().verifier_key}\n", content_type=PLAIN)


@require_safe
def canut_verify(_request: CoopRequest) -> FileResponse:
    """The tool itself: one file, to be read before it is run."""
    return FileResponse(
        TOOL.open("rb"), as_attachment=True, filename="canut-verify", content_type="text/x-python; charset=utf-8"
    )


def _checkpoint(request: CoopRequest) -> Checkpoint:
    size = request.GET.get("size", "")
    if not size:
        found = Checkpoint.objects.latest_one()
    else:
        found = Checkpoint.objects.filter(size=size).first() if size.isdecimal() and len(size) < 17 else None
    if found is None:
        raise Http404
    return found


urlpatterns = [
    path("log/", log, name="log"),
    path("log/checkpoint/", checkpoint, name="log_checkpoint"),
    path("log/key/", key, name="log_key"),
    path("log/<uuid:entry_id>/", entry, name="log_entry"),
    path("canut-verify", canut_verify, name="canut_verify"),
]
