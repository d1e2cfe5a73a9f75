"""Pages of a requester: say what it is for, bring the items, get a quote, watch, fetch the results."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coop.doors.requests import PersonRequest
from coop.ground.clock import coop_now
from coop.rules.actions import in_force
from coop.work import actions
from coop.work.kinds import KINDS
from coop.work.models import Client, Project, Quote
from coop.work.reading import disagreements_first, gold_of, results, results_table
from coop.work.tasks import reckon_project
from frontend.forms.projects import ClientForm, DrawForm, ItemsForm, ProjectForm
from frontend.kinds import PARTS
from frontend.kinds._part import KindPart
from frontend.pictures import Bar, stacked
from frontend.refusals import refusals_in, refusals_told
from frontend.templatetags.formats import money
from payouts import funds
from payouts.actions.orders import cancel_project_order, why_not_ordered
from payouts.models import Order

QUOTE_LINES = {
    "work": gettext_lazy("Work"),
    "training": gettext_lazy("Paid training"),
    "rounding": gettext_lazy("Rounding, to the people who work"),
    "direct_costs": gettext_lazy("Direct costs"),
    "rail_fees": gettext_lazy("Payment fees"),
}
LABOUR = ("work", "training", "rounding")


@login_required
@require_safe
def projects(request: PersonRequest) -> HttpResponse:
    """My projects and the organisations I act for."""
    mine = Project.objects.visible_to(request.user).select_related("client").order_by("-drafted_at")
    return render(request, "projects/projects.html", {"projects": mine, "clients": Client.objects.of(request.user)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_client(request: PersonRequest) -> HttpResponse:
    """Register the organisation that orders."""
    form = ClientForm(request.POST or None, initial={"contact": request.user.email})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.register_client(by=request.actor, now=coop_now(), **form.cleaned_data)
            return redirect("project-new")
    return render(request, "projects/client.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_project(request: PersonRequest) -> HttpResponse:
    """State what is ordered, for whom, what for."""
    clients = Client.objects.ordering_for(request.user)
    if not clients.exists():
        return redirect("client-new")
    book = in_force(coop_now())
    initial = {"redundancy": book.whole("work.redundancy")}
    part = _chosen_kind(request)
    if part is None:
        return render(request, "projects/choose.html", {"kinds": [(key, other.title) for key, other in PARTS.items()]})
    form = ProjectForm(
        request.POST or None, part=part, clients=clients, closed=book.words("work.closed_categories"), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        client = form.cleaned_data["client"]
        with refusals_in(form):
            made = actions.draft_project(client=client, by=request.actor, now=coop_now(), **form.stated())
            return redirect("project", made.pk)
    return render(request, "projects/state.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_project(request: PersonRequest, project_id: str) -> HttpResponse:
    """Change what was stated, as long as it is not paid."""
    found = _editable(request, project_id)
    form = ProjectForm(
        request.POST or None,
        part=PARTS[found.task_type],
        clients=Client.objects.filter(pk=found.client_id),
        closed=in_force(coop_now()).words("work.closed_categories"),
        initial=ProjectForm.known(found, PARTS[found.task_type]),
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            revised = actions.revise_project(project=found, by=request.actor, now=coop_now(), **form.stated())
            return redirect("project", revised.pk)
    return render(request, "projects/state.html", {"form": form, "project": found}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project(request: PersonRequest, project_id: str) -> HttpResponse:
    """One of my projects: what is stated, its items, its quote, how far it has come. POST brings items."""
    found = _visible(request, project_id)
    form = ItemsForm(request.POST, request.FILES) if request.method == "POST" else ItemsForm()
    if request.method == "POST":
        found = _editable(request, project_id)
        if form.is_valid():
            _bring(request, found, form)
            if not form.errors:
                return redirect("project", found.pk)
    return render(request, "projects/project.html", _context(request, found, form), status=422 if form.errors else 200)


@login_required
@require_POST
def act(request: PersonRequest, project_id: str, verb: str) -> HttpResponse:
    """Ask for the quote, withdraw the order, pause or resume it."""
    found = _editable(request, project_id)
    acting: dict[str, Any] = {
        "quote": actions.quote_project,
        "cancel": cancel_project_order,
        "pause": actions.pause_project,
        "resume": actions.resume_project,
    }
    with refusals_told(request):
        acting[verb](project=found, by=request.actor, now=coop_now())
    return redirect("project", found.pk)


@login_required
@require_safe
def project_results(request: PersonRequest, project_id: str) -> HttpResponse:
    """The labels, how sure they are, and how far people agreed."""
    found = _visible(request, project_id)
    outcome, part = results(found), PARTS[found.task_type]
    shown = [
        {
            **item,
            "label": part.in_words(found.template, item["value"]),
            "said": part.counts_in_words(found.template, item["counts"]),
        }
        for item in disagreements_first(outcome["items"])[:200]
    ]
    context = {
        "project": found,
        "outcome": outcome,
        "items": shown,
        "measured": any(item["confidence_permille"] is not None for item in outcome["items"]),
        "accuracy": _percents(outcome["accuracy_permille"]),
        "more": len(outcome["items"]) > 200,
    }
    return render(request, "projects/results.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def gold(request: PersonRequest, project_id: str) -> HttpResponse:
    """Measure how often labels are right: the next of the items drawn by lot, and what is true of it. No label is shown beside it."""
    found = _visible(request, project_id)
    form = PARTS[found.task_type].answer_form(request.POST or None, project=found)
    named = request.POST.get("item", "")
    if request.method == "POST":
        found = _editable(request, project_id)
        if form.is_valid():
            with refusals_in(form):
                actions.state_truths(project=found, truths=[(named, form.value())], by=request.actor, now=coop_now())
                reckon_project.delay_on_commit(str(found.pk))
                return redirect("project-gold", found.pk)
    return _gold_page(request, found, truth=form, named=named)


@never_cache
@login_required
@require_POST
def draw(request: PersonRequest, project_id: str) -> HttpResponse:
    """Draw the items by lot, as many as the requester says."""
    found = _editable(request, project_id)
    form = DrawForm(request.POST, most=found.items.count())
    if form.is_valid():
        with refusals_in(form):
            actions.draw_gold(project=found, by=request.actor, now=coop_now(), **form.cleaned_data)
            return redirect("project-gold", found.pk)
    return _gold_page(request, found, number=form)


def _gold_page(
    request: PersonRequest,
    found: Project,
    *,
    truth: forms.Form | None = None,
    named: str = "",
    number: forms.Form | None = None,
) -> HttpResponse:
    """How far the measuring has come, and what can be said next. What was refused of the item `named` is drawn around that one only."""
    part, state = PARTS[found.task_type], gold_of(found, 1)
    item = state["next"][0] if state["next"] else None
    refused = truth is not None and bool(truth.errors)
    of_another = refused and (item is None or item["external_id"] != named)
    context = {
        "project": found,
        "form": part.answer_form(None, project=found) if truth is None or of_another else truth,
        "refused": truth if of_another else None,
        "named": named,
        "number": number or DrawForm(most=state["most"]),
        "gold": state,
        "left": state["number"] - state["stated"] if state["drawn"] else None,
        "enough": state["most"] >= state["least"],
        "next": item,
        "editable": Project.objects.editable_by(request.user).filter(pk=found.pk).exists(),
        "kind": part,
        "question": part.question(found.template),
        "item": part.shown(found.template, item["payload"]) if item else None,
    }
    refused = refused or (number is not None and bool(number.errors))
    return render(request, "projects/gold.html", context, status=422 if refused else 200)


@login_required
@require_safe
def download(request: PersonRequest, project_id: str, kind: str) -> HttpResponse:
    """The results as a file."""
    found = _visible(request, project_id)
    if kind == "csv":
        answer = HttpResponse(results_table(found), content_type="text/csv; charset=utf-8")
    else:
        answer = HttpResponse(json.dumps(results(found), ensure_ascii=False, indent=1), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="results-{found.pk}.{kind}"'
    return answer


def _percents(accuracy: dict[str, int] | None) -> dict[str, int] | None:
    """The interval in whole percents, rounded outwards."""
    return {"low": accuracy["from"] // 10, "high": -(-accuracy["to"] // 10)} if accuracy else None


def _chosen_kind(request: PersonRequest) -> KindPart | None:
    """The kind of task that the address names; None while several wait to be chosen from. 404 for one that isn't there."""
    key = request.GET.get("kind", next(iter(PARTS)) if len(PARTS) == 1 else None)
    if key is not None and key not in PARTS:
        raise Http404
    return PARTS[key] if key else None


def _bring(request: PersonRequest, found: Project, form: ItemsForm) -> None:
    """Add the items, or show in the form why not."""
    content, keep, encoding = (form.cleaned_data[name] for name in ("content", "keep_good", "encoding"))
    with refusals_in(form):
        done = actions.import_csv(
            project=found, content=content, encoding=encoding, keep_good=keep, by=request.actor, now=coop_now()
        )
        if done.kept:
            text = ngettext("%(kept)d item was added.", "%(kept)d items were added.", done.kept)
            messages.success(request, text % {"kept": done.kept})
        if done.unchanged and (done.kept or keep or not done.refused):
            text = ngettext("%(n)d item was there already.", "%(n)d items were there already.", done.unchanged)
            messages.success(request, text % {"n": done.unchanged})
        elif done.refused and not done.kept:
            form.add_error("file", _("Nothing was added, because some rows are bad; they are listed below."))


def _context(request: PersonRequest, found: Project, form: ItemsForm) -> dict[str, Any]:
    """What the page of a project shows."""
    kind = KINDS[found.task_type]
    columns = kind.columns(found.template)
    return {
        "project": found,
        "form": form,
        "editable": Project.objects.editable_by(request.user).filter(pk=found.pk).exists(),
        "columns": columns if len(columns) < 5 else [columns[0], "…", columns[-1]],
        "progress": found.items.progress(),
        "last_import": found.imports.order_by("-pk").first(),
        "lines": _lines(found.quote) if found.quote else [],
        "quote_picture": _quote_picture(found.quote) if found.quote else "",
        "orderable": not why_not_ordered(project=found, now=coop_now()),
        "paid_order": Order.objects.filter(project=found, paid_at__isnull=False).first(),
        "halted": found.open_halt,
        "unpaid": found.status in ("draft", "quoted"),
    }


def _lines(quote: Quote) -> list[dict[str, Any]]:
    return [
        {
            "label": _quote_label(line.key),
            "amount": line.amount,
            "seconds": line.seconds,
            "share": line.share,
        }
        for line in quote.lines.order_by("position")
        if line.amount
    ]


def _quote_label(key: str) -> str:
    return _(funds.title(key.removeprefix("levy."))) if key.startswith("levy.") else str(QUOTE_LINES.get(key, key))


def _quote_picture(quote: Quote) -> Any:
    """Where the money of this quote goes: people, common funds, fees."""
    amounts = dict(quote.lines.values_list("key", "amount"))
    labour = sum(amounts.get(key, 0) for key in LABOUR)
    shared = sum(amount for key, amount in amounts.items() if key.startswith("levy."))
    fees = quote.total - labour - shared
    return stacked(
        title=_("Where the money of this quote goes"),
        parts=[
            Bar(label=_("the people who work"), value=labour, text=money(labour)),
            Bar(label=_("common funds, as voted"), value=shared, text=money(shared), tone="warm"),
            Bar(label=_("fees and costs"), value=fees, text=money(fees), tone="quiet"),
        ],
    )


def _visible(request: PersonRequest, project_id: Any) -> Project:
    return get_object_or_404(Project.objects.visible_to(request.user).select_related("client", "quote"), pk=project_id)


def _editable(request: PersonRequest, project_id: Any) -> Project:
    return get_object_or_404(Project.objects.editable_by(request.user).select_related("client", "quote"), pk=project_id)


urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/", projects, name="projects"),
    path("projects/new/", new_project, name="project-new"),
    path("projects/client/", new_client, name="client-new"),
    path("projects/<uuid:project_id>/", project, name="project"),
    path("projects/<uuid:project_id>/edit/", edit_project, name="project-edit"),
    path("projects/<uuid:project_id>/quote/", act, {"verb": "quote"}, name="project-quote"),
    path("projects/<uuid:project_id>/cancel/", act, {"verb": "cancel"}, name="project-cancel"),
    path("projects/<uuid:project_id>/pause/", act, {"verb": "pause"}, name="project-pause"),
    path("projects/<uuid:project_id>/resume/", act, {"verb": "resume"}, name="project-resume"),
    path("projects/<uuid:project_id>/gold/", gold, name="project-gold"),
    path("projects/<uuid:project_id>/gold/draw/", draw, name="project-gold-draw"),
    path("projects/<uuid:project_id>/results/", project_results, name="project-results"),
    path("projects/<uuid:project_id>/results.csv", download, {"kind": "csv"}, name="project-results-csv"),
    path("projects/<uuid:project_id>/results.json", download, {"kind": "json"}, name="project-results-json"),
]
