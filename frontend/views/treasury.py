"""The first page of the treasury: objections that are answered and runs that are approved, each with its page of checking."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from coop.doors.requests import CoopRequest, MemberRequest
from coop.ground import invariants
from coop.ground.clock import coop_now
from coop.work.models import TimeEntry
from frontend.forms.money import UPHOLD, AnswerForm
from frontend.navigation import member_required, office_required, offices_of, treasury_of
from frontend.refusals import refusals_in, refusals_told
from frontend.templatetags.formats import duration, money
from payouts.ledger.actions import balance
from payouts.models import Objection, PayoutRun
from payouts.rails import cash_accounts
from payouts.reading import objections_for, published_runs
from payouts.sharing.approval import approve_run, may_approve
from payouts.sharing.approvers import may_be_upheld, members_approve, parties_to_changes
from payouts.sharing.objections import answer_objection

TONES = {"computed": "warm", "settled": "good", "closed": "good", "settled_with_holds": "warm"}


@office_required("treasurer", "steward")
@require_safe
def treasury(request: MemberRequest) -> HttpResponse:
    """What waits for the treasurer; for a steward too, while a run or an objection there is theirs to decide."""
    if not treasury_of(request):
        raise Http404
    return _treasury(request)


@office_required("treasurer", "steward")
@require_POST
def answer(request: MemberRequest, objection_id: UUID) -> HttpResponse:
    """Answer a member's objection."""
    objection = get_object_or_404(objections_for(request.member, coop_now()), pk=objection_id)
    form = _answer_form(request, objection, request.POST)
    if form.is_valid() and "change" not in request.POST:
        corrects = form.answered()["correction"]
        whole = corrects is None or (corrects.kind and corrects.seconds)
        if whole and "checked" not in request.POST:
            return _check_answer(request, objection, form)
        with refusals_in(form):
            answer_objection(objection=objection, by=request.actor, now=coop_now(), **form.answered())
            messages.success(request, _("Your answer is recorded."))
            return redirect("treasury") if treasury_of(request) else redirect("run", run_id=objection.share.run_id)
    return _treasury(request, {objection.pk: form})


def _answer_form(request: MemberRequest, objection: Objection, said: Any = None) -> AnswerForm:
    """The form of one objection among others: upheld is nobody's own, and nothing late."""
    own = objection.share.member_id == request.member.pk
    may_uphold = not own and may_be_upheld(objection.share.run, coop_now())
    return AnswerForm(said, auto_id=f"id_{objection.pk}_%s", may_uphold=may_uphold)


def _check_answer(request: MemberRequest, objection: Objection, form: AnswerForm) -> HttpResponse:
    """The answer once more before it binds: whose statement, upheld by how much of which time or rejected, and the words."""
    facts = [(_("Member"), objection.share.member.name)]
    if form.cleaned_data["decision"] == UPHOLD:
        added = duration(60 * form.cleaned_data["minutes"])
        facts += [
            (_("Your decision"), _("Upheld: the run is reckoned again")),
            (_("Kind of time"), str(TimeEntry.Kind(form.cleaned_data["kind"]).label)),
            (_("Correction"), _("%(time)s more") % {"time": added}),
        ]
    else:
        facts.append((_("Your decision"), _("Rejected: the run stays as it was reckoned")))
    facts.append((_("Your answer"), form.cleaned_data["answer"]))
    context = {"title": _("Is this answer right?"), "facts": facts, "form": form, "button": _("Answer")}
    return render(request, "forms/check.html", context)


def _treasury(request: MemberRequest, wrong: dict[UUID, AnswerForm] | None = None) -> HttpResponse:
    wrong = wrong or {}
    runs = list(published_runs()[:24])
    objections = objections_for(request.member, coop_now()).unanswered()
    waiting = objections.select_related("share__run__period", "share__member")
    context = {
        "runs": [
            (
                run,
                offers_approval(request, run),
                must_leave_it(request, run),
                disputed(run),
                not window_open(run),
                waits_for_members(run),
            )
            for run in runs
        ],
        "objections": [
            (objection, wrong.get(objection.pk) or _answer_form(request, objection)) for objection in waiting
        ],
        "wrong": wrong,
        "treasurer": "treasurer" in offices_of(request),
        "places": treasury_of(request)[1:],
        "cash": [(title, balance(account)) for title, account in cash_accounts()],
        "broken": invariants.broken(),
    }
    refused = any(form.errors for form in wrong.values())
    return render(request, "money/treasury.html", context, status=422 if refused else 200)


@member_required
@require_POST
def approve(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Let the run be paid. For whoever is in no office the page exists only where nobody in office may approve."""
    found = get_object_or_404(published_runs(), pk=run_id)
    if not offices_of(request) and not members_approve(found, coop_now()):
        raise Http404
    if "change" in request.POST:
        return redirect("run", run_id=found.pk)
    if "checked" not in request.POST and offers_approval(request, found):
        return _check_approval(request, found)
    with refusals_told(request):
        approve_run(run=found, by=request.actor, now=coop_now())
        messages.success(request, _("The run of period %(number)d is approved.") % {"number": found.period.number})
    return redirect("run", run_id=found.pk)


def _check_approval(request: MemberRequest, run: PayoutRun) -> HttpResponse:
    """The approval once more before it binds: how much, for how many people, and what was changed by a person."""
    result, changes = run.result or {}, (run.inputs or {})["corrections"]
    moved = {
        "more": money(result["adjustments_paid"], run.currency),
        "less": money(result["adjustments_taken"], run.currency),
    }
    facts = [
        (_("Period"), str(run.period.number)),
        (_("Members together"), money(run.payable_total or 0, run.currency)),
        (_("Members who come to something"), str(sum(1 for one in result["members"] if one["payable"] > 0))),
        (_("Objections upheld"), str(len(changes))),
        (_("Mistakes of earlier runs"), _("%(more)s more, %(less)s less") % moved),
    ]
    context = {"title": _("Approve this run?"), "facts": facts, "form": forms.Form(), "button": _("Approve")}
    return render(request, "forms/check.html", context)


def offers_approval(request: CoopRequest, run: PayoutRun) -> bool:
    """Whether a button makes sense."""
    return bool(request.member and may_approve(run, request.member, coop_now()))


def must_leave_it(request: CoopRequest, run: PayoutRun) -> bool:
    """Whether an officer asks who changed pay in this run, or whose pay was changed: another approves it."""
    waits = run.state == PayoutRun.State.COMPUTED and bool(offices_of(request))
    return bool(waits and request.member and request.member.pk in parties_to_changes(run))


def waits_for_members(run: PayoutRun) -> bool:
    """Whether nobody in office is left who may approve the run, so that it is a member's."""
    return run.state == PayoutRun.State.COMPUTED and members_approve(run, coop_now())


def window_open(run: PayoutRun) -> bool:
    """Whether objections may be raised against the run now."""
    until = run.objections_until
    return run.state == PayoutRun.State.COMPUTED and until is not None and coop_now() < until


def disputed(run: PayoutRun) -> bool:
    """Whether an objection keeps the run from being approved."""
    return run.state == PayoutRun.State.COMPUTED and Objection.objects.unanswered().filter(share__run=run).exists()


urlpatterns: list[URLPattern | URLResolver] = [
    path("runs/<uuid:run_id>/approve/", approve, name="run-approve"),
    path("treasurer/", treasury, name="treasury"),
    path("treasurer/objections/<uuid:objection_id>/", answer, name="objection-answer"),
]
