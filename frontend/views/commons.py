"""Pages of the commons: datasets, policies in plain words, requests, the public register."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coop.commons.actions import fetch_file, open_dataset, request_access, withdraw_request
from coop.commons.models import AccessEvent, AccessRequest, Dataset, Grant, ReleaseFile, UsePolicy
from coop.doors.answers import attachment
from coop.doors.requests import CoopRequest, MemberRequest, PersonRequest
from coop.ground.clock import coop_now
from coop.members.models import OfficeKind
from coop.work.models import Project
from frontend.forms.commons import AccessForm, DatasetForm
from frontend.navigation import office_required, offices_of
from frontend.refusals import refusals_in, refusals_told

STEWARD = str(OfficeKind.STEWARD)


@require_safe
def commons(request: CoopRequest) -> HttpResponse:
    """What the commons holds, and on what terms."""
    waiting = Project.objects.none()
    if STEWARD in offices_of(request):
        delivered = Project.objects.filter(status=Project.Status.DONE)
        waiting = delivered.filter(dataset__isnull=True).order_by("-done_at")
    context = {
        "datasets": Dataset.objects.order_by("-opened_at"),
        "waiting": waiting,
        "undecided": AccessRequest.objects.undecided().select_related("dataset").order_by("submitted_at"),
    }
    return render(request, "commons/commons.html", context)


@require_safe
def dataset(request: CoopRequest, dataset_id: UUID) -> HttpResponse:
    """One dataset: where it comes from, what it may be used for, its releases, who asked."""
    found = get_object_or_404(Dataset, pk=dataset_id)
    context = {
        "dataset": found,
        "policy": found.policy,
        "releases": found.releases.order_by("-version").prefetch_related("files"),
        "requests": found.requests.select_related("dataset").order_by("-submitted_at")[:50],
    }
    return render(request, "commons/dataset.html", context)


@office_required(STEWARD)
@require_http_methods(["GET", "HEAD", "POST"])
def new_dataset(request: MemberRequest, project_id: UUID) -> HttpResponse:
    """A steward takes the labels of a delivered project into the commons."""
    project = get_object_or_404(Project, pk=project_id, status=Project.Status.DONE)
    form = DatasetForm(_sent(request), initial={"title": project.title})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = open_dataset(project=project, by=request.actor, now=coop_now(), **form.cleaned_data)
            messages.success(request, _("The dataset is in the commons, with its policy and a first release."))
            return redirect(made)
    context = {"form": form, "project": project}
    return render(request, "commons/new.html", context, status=422 if form.errors else 200)


@require_safe
def policy(request: CoopRequest, policy_id: UUID) -> HttpResponse:
    """A policy in plain words, with what machines read."""
    found = get_object_or_404(UsePolicy.objects.select_related("dataset"), pk=policy_id)
    return render(request, "commons/policy.html", {"policy": found, "dataset": found.dataset})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: PersonRequest, dataset_id: UUID) -> HttpResponse:
    """Ask for access. What is stated is published at once."""
    found = get_object_or_404(Dataset, pk=dataset_id)
    form = AccessForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = request_access(dataset=found, by=request.actor, now=coop_now(), **form.cleaned_data)
            if made.outcome:
                messages.error(request, _("The request was refused: %(reason)s.") % {"reason": made.refused_because})
            else:
                messages.success(request, _("The request is published and goes to the vote of the stewards."))
            return redirect(made)
    context = {"form": form, "dataset": found, "policy": found.policy}
    return render(request, "commons/ask.html", context, status=422 if form.errors else 200)


def _sent(request: CoopRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_safe
def access_request(request: CoopRequest, request_id: UUID) -> HttpResponse:
    """One request in full: what was stated, what the machine said, what people decided."""
    found = get_object_or_404(AccessRequest.objects.select_related("dataset", "policy"), pk=request_id)
    grant = Grant.objects.filter(request=found).select_related("release").first()
    context = {
        "asked": found,
        "grant": grant,
        "files": grant.release.files.order_by("name") if grant else (),
        "events": grant.events.order_by("-at")[:50] if grant else (),
        "mine": found.asked_by_id == request.user.pk,
        "is_open": grant.is_open_on(coop_now()) if grant else False,
    }
    return render(request, "commons/request.html", context)


@login_required
@require_POST
def withdraw(request: PersonRequest, request_id: UUID) -> HttpResponse:
    """Take one's own request back."""
    mine = get_object_or_404(AccessRequest.objects.made_by(request.user), pk=request_id)
    with refusals_told(request):
        withdraw_request(request=mine, by=request.actor, now=coop_now())
        messages.success(request, _("The request was taken back. It stays in the register."))
    return redirect(mine)


@login_required
@require_POST
def fetch(request: PersonRequest, grant_id: UUID, name: str) -> HttpResponse:
    """Fetch a file of a granted release: written down for everyone to see, then to its link."""
    grant = get_object_or_404(Grant.objects.held_by(request.user).select_related("request"), pk=grant_id)
    with refusals_told(request):
        try:
            event = fetch_file(grant=grant, name=name, by=request.actor, now=coop_now())
        except ReleaseFile.DoesNotExist:
            raise Http404 from None
        return redirect("fetched_file", grant.pk, event.pk)
    return redirect(grant.request)


@login_required
@require_safe
def fetched(request: PersonRequest, grant_id: UUID, event_id: int) -> HttpResponse:
    """The bytes of a file that was fetched, for who fetched it."""
    event = get_object_or_404(AccessEvent.objects.open_to(request.user, coop_now()), grant=grant_id, pk=event_id)
    return attachment(event.content(), name=event.file)


@require_safe
def register(request: CoopRequest) -> HttpResponse:
    """The public register: everyone who asked, what for, and what came of it."""
    requests = AccessRequest.objects.select_related("dataset").order_by("-submitted_at", "pk")
    outcome = request.GET.get("outcome", "")
    if outcome in ("granted", "refused"):
        requests = requests.filter(outcome=outcome)
    elif outcome == "waiting":
        requests = requests.undecided()
    page = Paginator(requests, 50).get_page(request.GET.get("page"))
    return render(request, "commons/register.html", {"page": page, "outcome": outcome})


urlpatterns: list[URLPattern | URLResolver] = [
    path("commons/", commons, name="commons"),
    path("commons/register/", register, name="register"),
    path("commons/new/<uuid:project_id>/", new_dataset, name="new_dataset"),
    path("commons/datasets/<uuid:dataset_id>/", dataset, name="dataset"),
    path("commons/datasets/<uuid:dataset_id>/ask/", ask, name="ask_for_access"),
    path("commons/policies/<uuid:policy_id>/", policy, name="use_policy"),
    path("commons/requests/<uuid:request_id>/", access_request, name="access_request"),
    path("commons/requests/<uuid:request_id>/withdraw/", withdraw, name="withdraw_access_request"),
    path("commons/grants/<uuid:grant_id>/files/<str:name>", fetch, name="fetch_file"),
    path("commons/grants/<uuid:grant_id>/downloads/<int:event_id>", fetched, name="fetched_file"),
]
