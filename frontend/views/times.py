"""Pages about time: one's own, what waits of it, contests, and projects that wait for a look."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coop.doors.requests import MemberRequest, PersonRequest
from coop.ground.amounts import shown_duration
from coop.ground.clock import coop_now
from coop.rules.actions import in_force
from coop.work import actions
from coop.work.models import Assignment, Contest, Halt, Project, TimeEntry, WaitingTime
from coop.work.standing import anybody_looks_from, concern_of, may_contest, may_look
from frontend.counted import became_of, bounds_of
from frontend.forms.times import CorrectionForm, DecisionForm, HeardForm, LookForm, PaceForm, ReasonsForm
from frontend.navigation import member_required
from frontend.refusals import refusals_in, refusals_told


@member_required
@require_safe
def time(request: MemberRequest) -> HttpResponse:
    """My counted time, entry by entry, what waits, and what others asked about it."""
    now, member = coop_now(), request.member
    mine = TimeEntry.objects.of(member)
    entries = mine.select_related("project", "assignment").order_by("-counted_at", "-pk")
    hers = WaitingTime.objects.of(member).select_related("project", "contest")
    page = Paginator(entries.annotate(**_told_of_an_entry()), 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "entries": [(entry, _said(entry.assignment)) for entry in page],
        "week": mine.week_before(now).seconds(),
        "all": mine.seconds(),
        "cap": in_force(now).whole("work.weekly_cap_seconds"),
        "waiting": hers.unsettled().annotate(corrected=~_fixed(OuterRef("assignment"))).order_by("counts_at"),
        "refused": hers.filter(state=WaitingTime.State.REFUSED).order_by("-refused_at"),
        "heard": Contest.objects.heard_by(member).select_related("waiting__project"),
        "pace": PaceForm(initial={"permille": actions.factor_of(member.pk)}),
    }
    return render(request, "work/time.html", context)


def _told_of_an_entry() -> dict[str, Any]:
    """Whether an entry waited before it was counted, goes on with an item that has an earlier one, and can still be corrected."""
    item = TimeEntry.objects.filter(assignment=OuterRef("assignment"), kind=OuterRef("kind"), superseded_at=None)
    waited = WaitingTime.objects.filter(assignment=OuterRef("assignment"), kind=OuterRef("kind"))
    return {
        "waited": Exists(waited.filter(counted_at=OuterRef("counted_at"))),
        "goes_on": Exists(item.filter(pk__lt=OuterRef("pk"))),
        "corrected": ~_fixed(OuterRef("assignment")),
    }


def _fixed(assignment: Any) -> Q:
    """Whether the time of an item stays as it is: a payout is reckoned from it, or it was contested."""
    task = TimeEntry.Kind.TASK
    frozen = TimeEntry.objects.filter(assignment=assignment, kind=task, superseded_at=None, frozen=True)
    contested = WaitingTime.objects.filter(assignment=assignment, kind=task, contested_at__isnull=False)
    return Q(Exists(frozen)) | Q(Exists(contested))


def _said(assignment: Assignment | None) -> int | None:
    """The seconds that the member said herself; None where what was measured counts."""
    if assignment is None or assignment.submitted_at is None:
        return None
    if last := assignment.corrections.order_by("-number").first():
        return last.declared_seconds
    proposal = actions.proposed_times(
        measured=assignment.measured_seconds or 0,
        paused=assignment.paused_seconds or 0,
        pause_limit=in_force(assignment.submitted_at).whole("work.pause_limit_seconds"),
        bound=assignment.bound_seconds,
    )
    return None if assignment.declared_seconds == proposal.declared else assignment.declared_seconds


@member_required
@require_POST
def pace(request: MemberRequest) -> HttpResponse:
    """Be given more time for the items taken from now on."""
    form = PaceForm(request.POST)
    if form.is_valid():
        with refusals_told(request):
            actions.set_pace_factor(by=request.actor, permille=int(form.cleaned_data["permille"]))
            messages.success(request, _("The items you take from now on are given this time. Nobody else sees it."))
    return redirect("work-time")


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: MemberRequest, assignment_id: str) -> HttpResponse:
    """Correct the time of something handed in."""
    mine = get_object_or_404(
        Assignment.objects.of(request.member).filter(submitted_at__isnull=False).select_related("project"),
        pk=assignment_id,
    )
    last = mine.corrections.order_by("-number").first()
    said = last.declared_seconds if last else mine.declared_seconds
    form = CorrectionForm(request.POST or None, initial={"declared_seconds": said})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.correct_time(assignment=mine, by=request.actor, now=coop_now(), **form.cleaned_data)
            messages.success(request, f"{_('Your time is corrected.')} {became_of(mine)}")
            return redirect("work-time")
    context = {
        "form": form,
        "assignment": mine,
        "why_fixed": _why_fixed(mine),
        "became": became_of(mine),
        "bounds": bounds_of(mine, in_force(coop_now())),
    }
    return render(request, "work/correct.html", context, status=422 if form.errors else 200)


def _why_fixed(assignment: Assignment) -> str:
    """Why the time of this item can't be corrected any more, in words; nothing where it can."""
    task = TimeEntry.Kind.TASK
    if assignment.time_entries.filter(kind=task, superseded_at=None, frozen=True).exists():
        return _("A payout is already reckoned from this time; it can't be corrected any more.")
    if assignment.waiting.filter(kind=task, contested_at__isnull=False).exists():
        return _("This time was contested; it is decided by those who hear it.")
    return ""


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: MemberRequest, contest_id: str) -> HttpResponse:
    """A contest, for her whose time it is and for the two who hear it."""
    seen = Contest.objects.visible_to(request.member).select_related("waiting__project", "waiting__assignment")
    found = get_object_or_404(seen, pk=contest_id)
    own = found.waiting.member_id == request.member.pk
    answering = HeardForm(request.POST or None, initial={"words": found.answer})
    deciding = DecisionForm(request.POST or None)
    form: HeardForm | DecisionForm = answering if own else deciding
    decided = found.seats.filter(member=request.member, decided_at__isnull=False).first()
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        if not own and not decided and "checked" not in request.POST:
            return _check_decision(request, found, deciding)
        with refusals_in(form):
            if own:
                actions.answer_contest(contest=found, by=request.actor, **answering.cleaned_data)
                messages.success(request, _("Those who hear this read what you said."))
            else:
                actions.decide_contest(contest=found, by=request.actor, now=coop_now(), **deciding.decided())
                messages.success(request, _("You have decided. Thank you."))
            return redirect("work-time")
    context = {
        "contest": found,
        "waiting": found.waiting,
        "own": own,
        "heard": actions.heard_time(waiting=found.waiting, now=coop_now()),
        "form": form,
        "decided": decided,
    }
    return render(request, "work/contest.html", context, status=422 if form.errors else 200)


def _check_decision(request: MemberRequest, contest: Contest, form: DecisionForm) -> HttpResponse:
    """The decision once more before it binds: about what, and which."""
    refuses = form.cleaned_data["refuses"]
    facts = [
        (_("Project"), contest.waiting.project.title),
        (
            _("Stated beyond, shown up to as much again"),
            shown_duration(actions.heard_time(waiting=contest.waiting, now=coop_now()).stated),
        ),
        (_("What do you decide?"), dict(DecisionForm.DECISIONS)[refuses]),
        (_("Your reasons"), form.cleaned_data["words"]),
    ]
    return _check(request, _("Is this what you decide?"), facts, form, _("Decide"))


def _check(request: PersonRequest, title: str, facts: list[tuple[str, Any]], form: Form, button: str) -> HttpResponse:
    """What was entered once more, before it binds."""
    shown = [(label, text) for label, text in facts if text]
    context = {"title": title, "facts": shown, "form": form, "button": button}
    return render(request, "forms/check.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest_project(request: PersonRequest, project_id: str) -> HttpResponse:
    """Contest the stated time that waits in a project, for who ordered it and for officers. Nobody's time is shown."""
    found = get_object_or_404(Project.objects.select_related("client"), pk=project_id)
    if not may_contest(found.client, request.actor, coop_now()):
        raise Http404
    form = ReasonsForm(request.POST or None)
    waits = WaitingTime.objects.filter(project=found).waiting().stated().exists()
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        if waits and "checked" not in request.POST:
            facts = [(_("Project"), found.title), (_("Your reasons"), form.cleaned_data["reasons"])]
            return _check(request, _("Contest all stated time that waits here?"), facts, form, _("Contest it"))
        with refusals_in(form):
            pieces = actions.contest_project_time(project=found, by=request.actor, now=coop_now(), **form.cleaned_data)
            text = ngettext(
                "%(n)d piece of stated time is contested; two members drawn by lot hear it.",
                "%(n)d pieces of stated time are contested; two members drawn by lot hear each.",
                pieces,
            )
            messages.success(request, text % {"n": pieces})
            return redirect("project-contest", found.pk)
    context = {"project": found, "form": form, "waits": waits, "outcome": _outcome(found)}
    return render(request, "work/contest_project.html", context, status=422 if form.errors else 200)


def _outcome(project: Project) -> dict[str, int]:
    """How many contested pieces of the project are heard, counted and refused: numbers alone."""
    contested = WaitingTime.objects.filter(project=project, contested_at__isnull=False)
    return {state: contested.filter(state=state).count() for state in ("contested", "counted", "refused")}


@member_required
@require_safe
def looks(request: MemberRequest) -> HttpResponse:
    """Projects that hand out nothing until somebody has looked, and what was found lately."""
    halts, now = Halt.objects.select_related("project__client", "looked_by"), coop_now()
    waiting = halts.open().order_by("halted_at")
    context = {
        "open": [(one, may_look(one, request.actor, now), concern_of(one, request.member, now)) for one in waiting],
        "looked": halts.exclude(state=Halt.State.OPEN).order_by("-looked_at")[:20],
    }
    return render(request, "work/looks.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: MemberRequest, halt_id: str) -> HttpResponse:
    """Look at the instructions and the price of a halted project, and let it go on."""
    halt = get_object_or_404(Halt.objects.select_related("project__client", "project__quote"), pk=halt_id)
    now = coop_now()
    account = actions.account_of(halt.project, in_force(now))
    may = may_look(halt, request.actor, now)
    form = LookForm(request.POST or None, most=account.quoted_seconds)
    if halt.state != Halt.State.OPEN:
        typed = form.data.get("words", "") if form.is_bound else ""
        return render(request, "work/looked.html", {"halt": halt, "typed": typed}, status=422 if typed else 200)
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        if may and "checked" not in request.POST:
            return _check_look(request, halt, form)
        with refusals_in(form):
            actions.look_at_project(halt=halt, by=request.actor, now=now, **form.found())
            messages.success(request, _("The project goes on, and what waited for it is counted."))
            return redirect("work-looks")
    context: dict[str, Any] = {
        "halt": halt,
        "project": halt.project,
        "account": account,
        "may_look": may,
        "concern": concern_of(halt, request.member, now),
        "anybody_from": anybody_looks_from(halt, now),
        "late": now >= anybody_looks_from(halt, now),
        "form": form,
    }
    return render(request, "work/look.html", context, status=422 if form.errors else 200)


def _check_look(request: MemberRequest, halt: Halt, form: LookForm) -> HttpResponse:
    """The look once more before it binds: what was found, and how much more the project may count."""
    found = form.found()
    facts = [
        (_("Project"), halt.project.title),
        (_("What did you find in the instructions and the price?"), found["words"]),
        (_("It may count until the next look"), shown_duration(found["more_seconds"])),
    ]
    return _check(request, _("Is this what you found?"), facts, form, _("I have looked; let it go on"))


urlpatterns: list[URLPattern | URLResolver] = [
    path("work/time/", time, name="work-time"),
    path("work/time/pace/", pace, name="work-pace"),
    path("work/assignments/<uuid:assignment_id>/time/", correct, name="work-correct"),
    path("work/contests/<uuid:contest_id>/", contest, name="work-contest"),
    path("work/looks/", looks, name="work-looks"),
    path("work/looks/<uuid:halt_id>/", look, name="work-look"),
    path("projects/<uuid:project_id>/contest/", contest_project, name="project-contest"),
]
