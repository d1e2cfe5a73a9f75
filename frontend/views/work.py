"""Pages of a member at work: find it, take it, hand it in, look at one's time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coop.doors.requests import MemberRequest
from coop.ground.clock import coop_now
from coop.rules.actions import in_force
from coop.work import actions
from coop.work.models import Assignment, Halt, MemberProject, Project
from coop.work.standing import may_contest
from coop.work.tasks import reckon_project
from frontend.counted import became_of, bounds_of
from frontend.forms.fields import MinutesField
from frontend.kinds import PARTS
from frontend.navigation import member_required
from frontend.refusals import refusals_in, refusals_told


@member_required
@require_safe
def work(request: MemberRequest) -> HttpResponse:
    """What is in hand, and what is open, with whom and what it is for."""
    projects = Project.objects.handing_out().select_related("client").order_by("-live_at")
    context = {
        "in_hand": _mine(request).to_hand_in().order_by("leased_at"),
        "projects": projects,
        "halted": Halt.objects.open().exists(),
    }
    return render(request, "work/work.html", context)


@member_required
@require_safe
def project(request: MemberRequest, project_id: str) -> HttpResponse:
    """All a member may want to know about a project before accepting any of it."""
    found = get_object_or_404(Project.objects.disclosed().select_related("client"), pk=project_id)
    mine = MemberProject.objects.filter(member=request.member, project=found).first()
    context = {
        "project": found,
        "hands_out": Project.objects.handing_out().filter(pk=found.pk).exists(),
        "reading": mine.reading_since if mine and not mine.training_counted else None,
        "begun": mine is not None and (mine.training_counted or mine.reading_since is not None or mine.last_seq > 0),
        "may_contest": may_contest(found.client, request.actor, coop_now()),
        "reading_bound": actions.reading_bound(member_id=request.member.pk, book=in_force(coop_now())),
    }
    return render(request, "work/project.html", context)


@member_required
@require_POST
def take(request: MemberRequest) -> HttpResponse:
    """Take an item, of the project that was chosen or of the one the rule offers."""
    chosen = None
    if request.POST.get("project"):
        try:
            chosen = get_object_or_404(Project.objects.disclosed(), pk=request.POST["project"])
        except ValidationError:  # not a UUID
            chosen = get_object_or_404(Project.objects.none())
    return _take_next(request, chosen)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def assignment(request: MemberRequest, assignment_id: str) -> HttpResponse:
    """The item in hand: look, choose, see the time, hand in."""
    mine = get_object_or_404(_mine(request), pk=assignment_id)
    now = coop_now()
    part = PARTS[mine.project.task_type]
    form = part.answer_form(request.POST or None, project=mine.project)
    looking = request.method == "POST" and "look" in request.POST
    if looking:
        form = part.answer_form(initial=form.kept() | _times(request, mine, now), project=mine.project)
    elif request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.submit(
                assignment=mine,
                by=request.actor,
                value=form.value(),
                paused_seconds=form.cleaned_data["paused_seconds"] or 0,
                declared_seconds=form.cleaned_data["declared_seconds"],
                now=now,
            )
            reckon_project.delay_on_commit(str(mine.project_id))
            mine.refresh_from_db()
            messages.success(request, f"{_('Handed in. Thank you.')} {became_of(mine)}")
            return redirect("work") if "stop" in request.POST else _take_next(request, mine.project)
    context = {
        "assignment": mine,
        "project": mine.project,
        "form": form,
        "looking": looking or "declared_seconds" in form.errors or "paused_seconds" in form.errors,
        "passed": actions.seconds_since(mine.leased_at, now),
        "bounds": bounds_of(mine, in_force(now)),
        "became": became_of(mine) if mine.state == Assignment.State.SUBMITTED else "",
        "late": mine.state == Assignment.State.EXPIRED
        or (mine.state == Assignment.State.LEASED and mine.lease_expires_at <= now),
        "keeps": mine.state == Assignment.State.LEASED or mine.item.open,
        "kind": part,
        "question": part.question(mine.project.template),
        "item": part.shown(mine.project.template, mine.item.payload),
    }
    return render(request, "work/assignment.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def release(request: MemberRequest, assignment_id: str) -> HttpResponse:
    """Give the item back."""
    mine = get_object_or_404(_mine(request), pk=assignment_id)
    with refusals_told(request):
        actions.release(assignment=mine, by=request.actor, now=coop_now())
        messages.success(request, _("You gave the item back. That is free and is not scored."))
    return redirect("work")


@member_required
@require_POST
def extend(request: MemberRequest, assignment_id: str) -> HttpResponse:
    """Keep the item longer."""
    mine = get_object_or_404(_mine(request), pk=assignment_id)
    with refusals_told(request):
        kept = actions.extend_lease(assignment=mine, by=request.actor, now=coop_now())
        until = {"moment": date_format(kept.lease_expires_at, "DATETIME_FORMAT")}
        messages.success(
            request,
            _("The item is kept for you until %(moment)s (UTC). That is free and changes nothing about your pay.")
            % until,
        )
    return redirect("work-assignment", mine.pk)


@member_required
@require_POST
def begin_reading(request: MemberRequest, project_id: str) -> HttpResponse:
    """Begin to read the instructions, with time that counts."""
    found = get_object_or_404(Project.objects.disclosed(), pk=project_id)
    with refusals_told(request):
        actions.begin_reading(project=found, by=request.actor, now=coop_now())
        messages.success(request, _("Your reading counts from now on, with your first answer."))
    return redirect("work-project", found.pk)


def _times(request: MemberRequest, mine: Assignment, now: Any) -> dict[str, Any]:
    """What the form proposes when the member wants to see the time first."""
    try:
        rested = MinutesField(required=False).clean(request.POST.get("paused_seconds", "")) or 0
    except ValidationError:
        rested = 0
    measured = actions.seconds_since(mine.leased_at, now)
    limit = in_force(now).whole("work.pause_limit_seconds")
    proposal = actions.proposed_times(
        measured=measured, paused=min(rested, measured), pause_limit=limit, bound=mine.bound_seconds
    )
    return {"paused_seconds": proposal.paused, "declared_seconds": proposal.declared}


def _take_next(request: MemberRequest, chosen: Project | None) -> HttpResponse:
    with refusals_told(request):
        taken = actions.claim(by=request.actor, project=chosen, now=coop_now())
        if taken is not None:
            return redirect("work-assignment", taken.pk)
        messages.info(request, _("There is no more work for you here at the moment."))
    return redirect("work")


def _mine(request: MemberRequest) -> Any:
    return Assignment.objects.of(request.member).select_related("project__client", "item")


urlpatterns: list[URLPattern | URLResolver] = [
    path("work/", work, name="work"),
    path("work/projects/<uuid:project_id>/", project, name="work-project"),
    path("work/claims/", take, name="work-take"),
    path("work/assignments/<uuid:assignment_id>/", assignment, name="work-assignment"),
    path("work/assignments/<uuid:assignment_id>/release/", release, name="work-release"),
    path("work/assignments/<uuid:assignment_id>/extend/", extend, name="work-extend"),
    path("work/projects/<uuid:project_id>/reading/", begin_reading, name="work-reading"),
]
