"""Pages of the office about an approved run: who was not paid, and a mistake of somebody's pay put right."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from coop.doors.requests import MemberRequest
from coop.ground.clock import coop_now
from frontend.forms.money import AdjustmentForm
from frontend.navigation import office_required, offices_of
from frontend.refusals import refusals_in
from frontend.templatetags.formats import money
from payouts.models import Adjustment, MemberShare, PayoutRun
from payouts.reading import published_runs, shares_to_adjust, unpaid_by
from payouts.sharing.approval import adjust_pay


@office_required("treasurer", "steward")
@require_safe
def run_office(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """For the treasurer, who was not paid by a run, and why; for whoever puts a mistake right, the statements to choose from."""
    found = get_object_or_404(published_runs(), pk=run_id)
    shares = shares_to_adjust(request.member, coop_now()).filter(run=found).select_related("member")
    treasurer = "treasurer" in offices_of(request)
    if not treasurer and not shares:
        raise Http404
    context = {
        "run": found,
        "treasurer": treasurer,
        "not_paid": unpaid_by(found),
        "shares": shares.order_by("member__name"),
    }
    return render(request, "money/run_office.html", context)


@office_required("treasurer", "steward")
@require_http_methods(["GET", "HEAD", "POST"])
def adjustment(request: MemberRequest, share_id: UUID) -> HttpResponse:
    """Put a mistake of an approved run right, by a line in the next one: no pay is shown, of others' adjustments the reason."""
    share = get_object_or_404(
        shares_to_adjust(request.member, coop_now()).select_related("run__period", "member"), pk=share_id
    )
    form = AdjustmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        stated = form.stated()
        if stated["amount"] and "checked" not in request.POST:
            return _check_adjustment(request, share, form)
        with refusals_in(form):
            adjusted = adjust_pay(share=share, by=request.actor, now=coop_now(), **stated)
            messages.success(request, _told(adjusted))
            return redirect("run-office", run_id=share.run_id)
    made = [
        (one, _moved(one.amount, share.run) if one.made_by_id == request.member.pk else "")
        for one in share.member.adjustments.filter(run=share.run)
    ]
    context = {"share": share, "run": share.run, "form": form, "made": made}
    return render(request, "money/adjustment.html", context, status=422 if form.errors else 200)


def _told(made: Adjustment) -> str:
    """That it is recorded; of one that a run has taken already, that this was no second one."""
    if made.taken_in:
        said = _(
            "This adjustment stands in the run of period %(number)s already. For another mistake, word the reason otherwise."
        )
        return said % {"number": made.taken_in.period.number}
    said = _("The adjustment for %(name)s, %(amount)s, is recorded and stands in the next run.")
    return said % {"amount": _moved(made.amount, made.run), "name": made.member.name}


def _moved(amount: int, run: PayoutRun) -> str:
    """An adjustment in words: how much more, or less."""
    words = _("%(amount)s more") if amount > 0 else _("%(amount)s less")
    return words % {"amount": money(abs(amount), run.currency)}


def _check_adjustment(request: MemberRequest, share: MemberShare, form: AdjustmentForm) -> HttpResponse:
    """The adjustment once more before it binds: whose pay, how much, why."""
    stated = form.stated()
    facts = [
        (_("Member"), share.member.name),
        (_("Period"), str(share.run.period.number)),
        (_("Amount"), _moved(stated["amount"], share.run)),
        (_("What was wrong?"), stated["reason"]),
    ]
    context = {
        "title": _("Is this adjustment right?"),
        "facts": facts,
        "form": form,
        "button": _("Record the adjustment"),
    }
    return render(request, "forms/check.html", context)


urlpatterns: list[URLPattern | URLResolver] = [
    path("runs/<uuid:run_id>/office/", run_office, name="run-office"),
    path("treasurer/statements/<uuid:share_id>/adjust/", adjustment, name="statement-adjust"),
]
