"""Pages of being paid: where a member is paid; the treasurer's payments, files and rates."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coop.doors.answers import attachment
from coop.doors.requests import MemberRequest
from coop.ground.clock import coop_now, wall_now
from frontend.forms.rails import AnswerForm, RailForm, RateForm, ResolutionForm
from frontend.navigation import member_required, office_required
from frontend.refusals import refusals_in, refusals_told
from payouts.actions.batch_files import download_batch_file, take_answer
from payouts.actions.items import resolve_item
from payouts.actions.rail_details import record_rate, set_rail_details
from payouts.actions.stripe_accounts import open_stripe_account
from payouts.models import BatchFile, ExchangeRate, PayoutItem, PayoutRun, RailDetails
from payouts.rails import RAILS, carrier_title, stripe


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def rail(request: MemberRequest) -> HttpResponse:
    """Where I am paid, what reaches my country, and what was sent to me."""
    member = request.member
    current = RailDetails.objects.of(member).current().first()
    form = RailForm(
        request.POST or None,
        country=member.country,
        initial=RailForm.known(current, member.country) if current else None,
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            set_rail_details(
                member=member, rail=form.cleaned_data["rail"], details=form.details(), by=request.actor, now=coop_now()
            )
            messages.success(request, _("You are paid this way from now on."))
            return redirect("rail")
    context = {
        "form": form,
        "current": current,
        "reach": [sentence for rail in RAILS.values() for sentence in rail.in_words(member.country)],
        "opens_account": stripe.RAIL.reaches(member.country) and stripe.is_on(),
        "payments": PayoutItem.objects.visible_to(request.user).order_by("-planned_at")[:50],
    }
    return render(request, "rails/rail.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def stripe_account(request: MemberRequest) -> HttpResponse:
    """Open an account at Stripe, or go on with its papers there."""
    member = request.member
    with refusals_told(request):
        return redirect(open_stripe_account(member=member, by=request.actor, now=coop_now(), wall=wall_now()))
    return redirect("rail")


# -- the treasurer


@office_required("treasurer")
@require_safe
def payouts(request: MemberRequest) -> HttpResponse:
    """Payments to members: files to take to operators, payments that wait for a person, and all of them by run."""
    return _payouts(request)


def _payouts(
    request: MemberRequest, wrong: dict[UUID, forms.Form] | None = None, bad: object = (), bad_file: UUID | None = None
) -> HttpResponse:
    wrong = wrong or {}
    files = BatchFile.objects.in_use().select_related("run__period").order_by("-written_at")[:50]
    unresolved = PayoutItem.objects.unresolved().select_related("member", "run__period")
    runs = PayoutRun.objects.filter(approved_at__isnull=False).select_related("period").order_by("-period__number")[:12]
    context = {
        "files": [
            {
                "file": file,
                "carrier": carrier_title(file.rail, file.operator),
                "open": file.items.under_way().count(),
                "form": wrong.get(file.pk) or AnswerForm(auto_id=f"id_{file.pk}_%s"),
                "bad": bad if file.pk == bad_file else (),
            }
            for file in files
        ],
        "wrong": wrong,
        "waiting": PayoutItem.objects.waiting_for_a_rail().select_related("member").order_by("planned_at", "pk"),
        "unresolved": [(item, wrong.get(item.pk) or ResolutionForm(auto_id=f"id_{item.pk}_%s")) for item in unresolved],
        "runs": [(run, _counted(run)) for run in runs],
        "held": PayoutItem.objects.held()
        .filter(reserved=False)
        .select_related("member", "run__period")
        .order_by("-ended_at")[:50],
    }
    return render(request, "rails/payouts.html", context, status=422 if wrong or bad else 200)


def _counted(run: PayoutRun) -> list[tuple[str, int]]:
    counts = [(label, run.items.filter(state=state).count()) for state, label in PayoutItem.State.choices]
    return [(str(label), n) for label, n in counts if n]


@office_required("treasurer")
@require_POST
def download(request: MemberRequest, file_id: UUID) -> HttpResponse:
    """Take the file to its operator, the first time written down; then to its link."""
    found = get_object_or_404(BatchFile, pk=file_id)
    with refusals_told(request):
        download_batch_file(file=found, by=request.actor, now=coop_now())
        return redirect("batch-file", found.pk)
    return redirect("payouts")


@never_cache
@office_required("treasurer")
@require_safe
def batch_file(_request: MemberRequest, file_id: UUID) -> HttpResponse:
    """The bytes of a file that was taken."""
    found = get_object_or_404(BatchFile.objects.taken(), pk=file_id)
    return attachment(found.content(), name=found.file_name, content_type="text/csv")


@office_required("treasurer")
@require_POST
def answer(request: MemberRequest, file_id: UUID) -> HttpResponse:
    """The operator's answer: good rows are booked, bad ones named by line."""
    found = get_object_or_404(BatchFile, pk=file_id)
    form = AnswerForm(request.POST, request.FILES, auto_id=f"id_{found.pk}_%s")
    if form.is_valid():
        with refusals_in(form):
            done = take_answer(file=found, content=form.cleaned_data["file"], by=request.actor, now=coop_now())
            booked = ngettext("%(n)d payment was booked.", "%(n)d payments were booked.", done.paid) % {"n": done.paid}
            failed = ngettext("%(n)d failed.", "%(n)d failed.", done.failed) % {"n": done.failed}
            back = ngettext("%(n)d came back.", "%(n)d came back.", done.returned) % {"n": done.returned}
            said = [booked, *([failed] if done.failed else []), *([back] if done.returned else [])]
            messages.success(request, " ".join(said))
            return _payouts(request, bad=done.bad, bad_file=found.pk) if done.bad else redirect("payouts")
    return _payouts(request, {found.pk: form})


@office_required("treasurer")
@require_POST
def resolve(request: MemberRequest, item_id: UUID) -> HttpResponse:
    """What became of a payment that the rail's list could not explain, or that waits for a rail which is off."""
    found = get_object_or_404(PayoutItem, pk=item_id)
    form = ResolutionForm(request.POST, auto_id=f"id_{found.pk}_%s")
    if form.is_valid():
        with refusals_in(form):
            resolve_item(
                item=found,
                paid=form.cleaned_data["outcome"] == "paid",
                reference=form.cleaned_data["reference"],
                by=request.actor,
                now=coop_now(),
            )
            messages.success(request, _("The payment is resolved."))
            return redirect("payouts")
    return _payouts(request, {found.pk: form})


@office_required("treasurer")
@require_http_methods(["GET", "HEAD", "POST"])
def rates(request: MemberRequest) -> HttpResponse:
    """Exchange rates, with where they were read."""
    form = RateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = coop_now()
        with refusals_in(form):
            record_rate(by=request.actor, read_at=now, now=now, **form.cleaned_data)
            messages.success(request, _("The rate is recorded."))
            return redirect("rates")
    recorded = ExchangeRate.objects.select_related("recorded_by").order_by("-recorded_at")[:50]
    return render(request, "rails/rates.html", {"form": form, "rates": recorded}, status=422 if form.errors else 200)


urlpatterns: list[URLPattern | URLResolver] = [
    path("rail/", rail, name="rail"),
    path("rail/stripe/", stripe_account, name="stripe-account"),
    path("treasurer/payouts/", payouts, name="payouts"),
    path("treasurer/files/<uuid:file_id>/", batch_file, name="batch-file"),
    path("treasurer/files/<uuid:file_id>/download/", download, name="file-download"),
    path("treasurer/files/<uuid:file_id>/answer/", answer, name="file-answer"),
    path("treasurer/items/<uuid:item_id>/resolve/", resolve, name="item-resolve"),
    path("treasurer/rates/", rates, name="rates"),
]
