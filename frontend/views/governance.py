"""Pages of the assembly: proposals, what is said about them, ballots, results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coop.doors.requests import CoopRequest, MemberRequest
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.talk.actions import post
from coop.talk.models import Post
from frontend import operations, pictures
from frontend.forms.governance import PostForm, ProposalForm, VoteForm
from frontend.navigation import member_required
from frontend.operations._part import Change
from frontend.refusals import refusals_in, refusals_told
from frontend.views.errors import refused
from governance import procedure_text
from governance.actions.drafting import draft_proposal, propose, revise_draft, submit_proposal, withdraw_proposal
from governance.actions.voting import cast_vote
from governance.bundle import published
from governance.changes import ChangeSet
from governance.models import Ballot, Choice, Proposal, ProposalQuerySet, State
from governance.operations import changes_of
from governance.reading import named_votes, own_line, procedure_of
from governance.tally import Base, Procedure, QuorumKind

TONES = {
    State.EXECUTED: "good",
    State.ADOPTED: "good",
    State.EXECUTABLE: "good",
    State.VOTING: "warm",
    State.EXECUTION_FAILED: "bad",
    State.EXPIRED: "bad",
}
OUTCOMES = {
    "adopted": gettext_lazy("Adopted."),
    "rejected": gettext_lazy("Rejected."),
    "tied": gettext_lazy("Tied: nothing changes."),
    "no_quorum": gettext_lazy("The quorum was not reached: nothing changes."),
}


@dataclass(frozen=True)
class Moment:
    """A step on the way of a proposal."""

    label: str
    at: Any


def _visible(request: CoopRequest) -> ProposalQuerySet:
    return Proposal.objects.visible_to(request.user).with_outcome()


@require_safe
def proposals(request: CoopRequest) -> HttpResponse:
    """What is before the assembly, what was decided, and one's own drafts."""
    seen = _visible(request)
    context = {
        "under_way": seen.under_way().order_by("-submitted_at"),
        "settled": seen.filter(settled_at__isnull=False, submitted_at__isnull=False).order_by("-settled_at")[:100],
        "drafts": seen.filter(state=State.DRAFT).order_by("-drafted_at"),
        "tones": TONES,
    }
    return render(request, "governance/proposals.html", context)


# -- writing


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_proposal(request: MemberRequest) -> HttpResponse:
    """Choose what to propose, then write it. `?rule=`, `?office=`, `?admit=`, `?request=` or `?kind=resolution` say what."""
    changes = operations.chosen(request.GET)
    if not changes:
        return render(request, "governance/choose.html", {"sections": operations.sections()})
    form = _form(request, changes)
    if request.method == "POST" and form.is_valid():
        proposal = _written(request, form)
        if proposal:
            return redirect(proposal)
    context = {"form": form, "what": operations.subject(changes)}
    return render(request, "governance/write.html", context, status=422 if form.errors else 200)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_proposal(request: MemberRequest, proposal_id: UUID) -> HttpResponse:
    """Write one's own draft anew."""
    proposal = get_object_or_404(_visible(request), pk=proposal_id)
    if proposal.state != State.DRAFT:  # sent again by the button that goes back
        messages.error(request, _("A submitted proposal is not edited."))
        return redirect(proposal)
    try:
        changes = changes_of(proposal)
    except Refused as no:
        return refused(request, no, what_to_do=_("Withdraw this draft and write another."))
    form = _form(request, changes, draft=proposal)
    if request.method == "POST" and form.is_valid() and _written(request, form, draft=proposal):
        return redirect(proposal)
    context = {"form": form, "what": operations.subject(changes), "proposal": proposal}
    return render(request, "governance/write.html", context, status=422 if form.errors else 200)


def _form(request: CoopRequest, changes: ChangeSet, draft: Proposal | None = None) -> ProposalForm:
    """The form for what is proposed, with what the draft says."""
    initial: dict[str, Any] = {}
    if draft:
        initial = {"language": draft.language, **draft.texts[draft.language]}
        for code, text in draft.texts.items():
            if code != draft.language:
                initial |= {f"title_{code}": text["title"], f"body_{code}": text["body"]}
    data = request.POST if request.method == "POST" else None
    return operations.form_for(changes, data=data, initial=initial, is_draft=draft is not None)


def _written(request: MemberRequest, form: ProposalForm, draft: Proposal | None = None) -> Proposal | None:
    """Keep the draft, and submit it where that button was pressed; None with the refusal in the form."""
    now = coop_now()
    submits = "submit" in request.POST
    with refusals_in(form):
        if submits:
            proposal = propose(draft=draft, **form.written(), by=request.actor, now=now)
        elif draft:
            proposal = revise_draft(proposal=draft, **form.written(), by=request.actor, now=now)
        else:
            proposal = draft_proposal(**form.written(), by=request.actor, now=now)
        done = _("Your proposal is before the assembly.") if submits else _("Your draft was saved. Only you see it.")
        messages.success(request, done)
        return proposal
    return None


# -- one proposal


@require_safe
def proposal(request: CoopRequest, proposal_id: UUID) -> HttpResponse:
    """The proposal: what it changes, how it is decided, what is said about it, the vote, what came of it."""
    return _proposal_page(request, get_object_or_404(_visible(request), pk=proposal_id))


def _proposal_page(
    request: CoopRequest,
    found: Proposal,
    *,
    vote_form: VoteForm | None = None,
    post_form: PostForm | None = None,
) -> HttpResponse:
    member = request.member
    now = coop_now()
    ballot = found.ballot if found.opened_at else None
    mine = own_line(ballot, member) if ballot and member else None
    procedure = procedure_of(found, now)
    context = {
        "proposal": found,
        "tone": TONES.get(State(found.state), ""),
        "changes": _changes_in_words(found, named=bool(member)),
        "is_author": bool(member and found.author_id == member.pk),
        "procedure": procedure_text.sentences(procedure) if procedure else [],
        "abstentions": procedure_text.do_abstentions_count(procedure) if procedure else "",
        "way": _way(found),
        "ballot": ballot,
        "is_open": ballot is not None and ballot.is_open_at(now),
        "mine": mine,
        "my_choice": Choice(mine["choice"]).label if mine and mine["choice"] else "",
        "vote_form": vote_form or VoteForm(initial={"choice": mine["choice"] if mine else None}),
        "picture": _picture(ballot) if ballot else "",
        "outcome": OUTCOMES[ballot.result["outcome"]] if ballot and ballot.result else "",
        "posts": Post.objects.filter(thread=found.thread_id).in_order() if member and found.thread_id else [],
        "post_form": post_form or PostForm(),
    }
    wrong = (vote_form and vote_form.errors) or (post_form and post_form.errors)
    return render(request, "governance/proposal.html", context, status=422 if wrong else 200)


@member_required
@require_POST
def submit(request: MemberRequest, proposal_id: UUID) -> HttpResponse:
    """Put one's own draft before the assembly."""
    found = get_object_or_404(_visible(request), pk=proposal_id)
    with refusals_told(request):
        submit_proposal(proposal=found, by=request.actor, now=coop_now())
        messages.success(request, _("Your proposal is before the assembly."))
    return redirect(found)


@member_required
@require_POST
def withdraw(request: MemberRequest, proposal_id: UUID) -> HttpResponse:
    """Take one's own proposal back."""
    found = get_object_or_404(_visible(request), pk=proposal_id)
    with refusals_told(request):
        withdraw_proposal(proposal=found, by=request.actor, now=coop_now())
        messages.success(request, _("Your proposal was withdrawn."))
    return redirect(found)


@member_required
@require_POST
def say(request: MemberRequest, proposal_id: UUID) -> HttpResponse:
    """Say something about a proposal."""
    found = get_object_or_404(_visible(request), pk=proposal_id)
    if found.thread is None:
        raise Http404
    form = PostForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            post(thread=found.thread, by=request.actor, now=coop_now(), **form.cleaned_data)
            return redirect(f"{found.get_absolute_url()}#thread")
    return _proposal_page(request, found, post_form=form)


@member_required
@require_POST
def vote(request: MemberRequest, ballot_id: UUID) -> HttpResponse:
    """Vote, or change the vote."""
    ballot = get_object_or_404(Ballot.objects.visible_to(request.user), pk=ballot_id)
    found = get_object_or_404(_visible(request), pk=ballot.proposal_id)
    form = VoteForm(request.POST)
    if form.is_valid():
        choice = Choice(form.cleaned_data["choice"])
        with refusals_in(form):
            cast_vote(ballot=ballot, choice=choice, by=request.actor, now=coop_now())
            messages.success(
                request,
                _("Your vote was recorded: %(choice)s. You can change it until the close.") % {"choice": choice.label},
            )
            return redirect(found)
    return _proposal_page(request, found, vote_form=form)


# -- ballots


@require_safe
def ballot(request: CoopRequest, ballot_id: UUID) -> HttpResponse:
    """The ballot: roll, hashes, result, and how to count again."""
    found = get_object_or_404(Ballot.objects.visible_to(request.user).select_related("proposal"), pk=ballot_id)
    member = request.member
    context = {
        "ballot": found,
        "proposal": found.proposal,
        "procedure": procedure_text.sentences(found.procedure),
        "picture": _picture(found),
        "outcome": OUTCOMES[found.result["outcome"]] if found.result else "",
        "mine": own_line(found, member) if member else None,
        "votes": _named(found) if found.result and member else None,
    }
    return render(request, "governance/ballot.html", context)


@require_safe
def bundle(request: CoopRequest, ballot_id: UUID) -> HttpResponse:
    """The bundle of a counted ballot, as a file for canut-verify."""
    found = get_object_or_404(Ballot.objects.visible_to(request.user), pk=ballot_id, result__isnull=False)
    return HttpResponse(
        published(found),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="ballot-{found.pk}.json"'},
    )


def _named(found: Ballot) -> list[dict[str, Any]]:
    return [{**vote, "label": Choice(vote["choice"]).label} for vote in named_votes(found)]


# -- changes, moments and pictures


def _changes_in_words(found: Proposal, *, named: bool) -> list[Change]:
    try:
        return [operations.in_words(change, named=named) for change in changes_of(found)]
    except Refused as no:
        return [Change(title=str(no))]


def _way(found: Proposal) -> list[Moment]:
    """The moments that lie behind the proposal and those that are known to come."""
    ballot = found.ballot if found.opened_at else None
    steps = [
        Moment(_("Submitted"), found.submitted_at),
        Moment(_("Voting begins"), found.opened_at or found.voting_from),
        Moment(_("Voting ends"), found.closed_at or (ballot.closes_at if ballot else None)),
        Moment(_("Counted"), found.tallied_at),
        Moment(_("Waits until"), found.executable_at),
        Moment(_("At an end"), found.settled_at),
    ]
    return [step for step in steps if step.at]


def _picture(found: Ballot) -> SafeString | str:
    """The result as one bar out of the whole roll, with the marks it had to pass."""
    if not found.result:
        return ""
    result, procedure = found.result, found.procedure
    silent = result["roll"] - result["cast"]
    parts = [
        pictures.Bar(label=_("Yes"), value=result["in_favour"], text=str(result["in_favour"]), tone="good"),
        pictures.Bar(label=_("No"), value=result["against"], text=str(result["against"]), tone="bad"),
        pictures.Bar(label=_("Abstained"), value=result["abstained"], text=str(result["abstained"]), tone="warm"),
        pictures.Bar(label=_("Did not vote"), value=silent, text=str(silent), tone="quiet"),
    ]
    return pictures.stacked(
        title=_("The result, out of everyone on the roll"),
        parts=parts,
        marks=_marks(procedure, result["roll"]),
        of=result["roll"],
        summary=_summary(result),
        heading=_("Votes"),
    )


def _marks(procedure: Procedure, roll: int) -> list[pictures.Mark]:
    """Where on the bar of the roll a threshold stands: the quorum, and a majority that is of the roll."""
    marks = []
    if procedure.quorum_kind is not QuorumKind.NONE:
        needed = -(-procedure.quorum_num * roll // procedure.quorum_den)
        marks.append(pictures.Mark(label=_("quorum"), value=needed))
    if procedure.base is Base.ROLL:
        marks.append(pictures.Mark(label=_("majority"), value=procedure.num * roll // procedure.den))
    return marks


def _summary(result: dict[str, Any]) -> str:
    """The result as sentences."""
    said = _("%(yes)s in favour, %(no)s against and %(abstained)s abstained, of %(roll)s on the roll.") % {
        "yes": result["in_favour"],
        "no": result["against"],
        "abstained": result["abstained"],
        "roll": result["roll"],
    }
    return f"{OUTCOMES[result['outcome']]} {said}"


urlpatterns: list[URLPattern | URLResolver] = [
    path("proposals/", proposals, name="proposals"),
    path("proposals/new/", new_proposal, name="new-proposal"),
    path("proposals/<uuid:proposal_id>/", proposal, name="proposal"),
    path("proposals/<uuid:proposal_id>/edit/", edit_proposal, name="edit-proposal"),
    path("proposals/<uuid:proposal_id>/submit/", submit, name="submit-proposal"),
    path("proposals/<uuid:proposal_id>/withdraw/", withdraw, name="withdraw-proposal"),
    path("proposals/<uuid:proposal_id>/posts/", say, name="say"),
    path("ballots/<uuid:ballot_id>/", ballot, name="ballot"),
    path("ballots/<uuid:ballot_id>/vote/", vote, name="vote"),
    path("ballots/<uuid:ballot_id>/bundle.json", bundle, name="ballot-bundle"),
]
