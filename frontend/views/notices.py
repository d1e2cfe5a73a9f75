"""What is new for a person, and what of it is mailed."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coop.doors.requests import PersonRequest
from coop.ground.clock import coop_now
from coop.notices.actions import choose_mails, mark_read, send_again
from coop.notices.models import Letter, MailChoice, Notice
from coop.notices.occasion import occasions
from frontend.forms.notices import MailsForm, ReadForm
from frontend.refusals import refusals_in

A_PAGE = 30


@login_required
@require_safe
def notices(request: PersonRequest) -> HttpResponse:
    """What this person was told, newest first."""
    page = Paginator(Notice.objects.of(request.user).newest_first(), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "unread": [notice for notice in page if notice.read_at is None],
        "failed": Letter.objects.failed().filter(user=request.user).order_by("-ended_at"),
    }
    return render(request, "notices/notices.html", context)


@login_required
@require_POST
def read(request: PersonRequest) -> HttpResponse:
    """The reader has read what the page showed. What came meanwhile stays new."""
    form = ReadForm(request.POST, reader=request.user)
    if not form.is_valid():
        raise Http404
    shown = [notice.pk for notice in form.cleaned_data["notices"]]
    mark_read(notices=shown, by=request.actor, now=coop_now())
    return redirect("notices")


@login_required
@require_POST
def again(request: PersonRequest) -> HttpResponse:
    """Try the mails that may not have arrived once more."""
    n = send_again(by=request.actor, now=coop_now())
    said = ngettext("%(n)d mail is sent again.", "%(n)d mails are sent again.", n)
    messages.success(request, said % {"n": n})
    return redirect("notices")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mails(request: PersonRequest) -> HttpResponse:
    """Choose what is mailed."""
    chosen = list(MailChoice.objects.filter(user=request.user, kind__in=occasions()).values_list("kind", flat=True))
    form = MailsForm(request.POST or None, initial={"kinds": chosen})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            choose_mails(by=request.actor, now=coop_now(), **form.cleaned_data)
            messages.success(request, _("Kept. This is what we mail to you from now on."))
            return redirect("notice-mails")
    always = [one for _name, one in sorted(occasions().items()) if one.always_mailed]
    context = {"form": form, "always": always, "language": request.user.language}
    return render(request, "notices/mails.html", context, status=422 if form.errors else 200)


urlpatterns: list[URLPattern | URLResolver] = [
    path("notices/", notices, name="notices"),
    path("notices/read/", read, name="notices-read"),
    path("notices/mails/", mails, name="notice-mails"),
    path("notices/again/", again, name="notices-again"),
]
