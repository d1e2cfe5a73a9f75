"""Pages about money: public reports and runs with their pictures, one's own statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from coop.doors.answers import attachment
from coop.doors.requests import CoopRequest, MemberRequest, PersonRequest
from coop.ground.clock import coop_now
from coop.ground.csv import write_table
from coop.members.models import OfficeKind
from coop.rules.actions import in_force
from coop.work.models import Project
from frontend import pictures
from frontend.forms.money import ObjectionForm
from frontend.navigation import Link, member_required
from frontend.refusals import refusals_in
from frontend.templatetags.formats import country, money
from frontend.unpaid import told_to_the_member
from frontend.views.treasury import TONES, disputed, must_leave_it, offers_approval, waits_for_members, window_open
from payouts import funds
from payouts.ledger import chart
from payouts.ledger.actions import balance
from payouts.ledger.models import Entry
from payouts.models import Adjustment, MemberShare, Objection, PayoutRun, Period
from payouts.reading import (
    bundle_bytes,
    left_unpaid,
    published_runs,
    published_versions,
    shares_to_adjust,
    spread_of,
    unpaid_in,
    version_bytes,
)
from payouts.sharing.objections import raise_objection
from payouts.sharing.reports import Spread
from payouts.sharing.statements import statement_of

COSTS = {
    "refunds": gettext_lazy("Refunds"),
    "rail_fees": gettext_lazy("Payment fees"),
    "direct_costs": gettext_lazy("Direct costs"),
    "deficit_carried": gettext_lazy("Deficit of earlier periods"),
}
REGIMES = {
    "ok": gettext_lazy("Everybody who worked comes to at least the hourly floor."),
    "floors_prorated": gettext_lazy(
        "The pool and the reserve did not cover all hourly floors: each comes to the same part of it. What is missing is owed, "
        "and paid from the next pools."
    ),
    "all_capped": gettext_lazy("Everybody reached the hourly cap; the rest went to the stabilisation reserve."),
    "no_work": gettext_lazy("Nobody worked in this period; the pool went to the stabilisation reserve."),
}


# -- for everybody


@require_safe
def reports(request: CoopRequest) -> HttpResponse:
    """Every run, and what is in the funds."""
    runs = list(published_runs()[:100])
    kept = [(_(fund.title), balance(fund.account)) for fund in (*funds.FUNDS, funds.COMMONS)]
    context = {
        "runs": [(run, spread_of(run, coop_now())) for run in runs],
        "period": Period.objects.on(coop_now()).first(),
        "funds": kept,
        "funds_picture": pictures.bars(
            title=_("What is in the funds"),
            heading=_("Fund"),
            rows=[pictures.Bar(label=label, value=amount, text=money(amount)) for label, amount in kept],
        ),
        "tones": TONES,
    }
    return render(request, "money/reports.html", context)


@require_safe
def run(request: CoopRequest, run_id: UUID) -> HttpResponse:
    """One run: where the money came from and went, how pay is spread, and how to check it."""
    found = get_object_or_404(published_runs(), pk=run_id)
    result, inputs, spread = found.result or {}, found.inputs or {}, spread_of(found, coop_now())
    context = {
        "run": found,
        "result": result,
        "inputs": inputs,
        "revenue": _revenue(inputs, named=bool(request.member)),
        "spread": spread,
        "tone": TONES.get(found.state, ""),
        "regime": REGIMES[result["regime"]],
        "waterfall": _waterfall(inputs, result, found),
        "distribution": _distribution(spread),
        "countries": _countries(spread),
        "levies": [
            (_(funds.title(levy["line"])), fund["rule"], levy)
            for fund, levy in zip(inputs["funds"], result["levies"], strict=True)
        ],
        "smallest": in_force(coop_now()).whole("reports.minimum_group"),
        "versions_before": found.versions.filter(replaced_by__isnull=False).order_by("number"),
        "window_open": window_open(found),
        "disputed": disputed(found),
        "mine": found.shares.live().visible_to(request.user).first(),
        "may_approve": offers_approval(request, found),
        "must_leave_it": must_leave_it(request, found),
        "members_approve": waits_for_members(found),
        "may_adjust": bool(request.member and shares_to_adjust(request.member, coop_now()).filter(run=found).exists()),
    }
    return render(request, "money/run.html", context)


def _revenue(inputs: dict[str, Any], *, named: bool) -> list[tuple[str, Project | None, dict[str, Any]]]:
    """(identifier, project, line) of each project that brought revenue; which one it is, members read where they may read about it."""
    lines = [(line["source"].removeprefix("project:"), line) for line in inputs["revenue"]]
    known = Project.objects.disclosed().in_bulk([id for id, _line in lines]) if named else {}
    return [(id, known.get(UUID(id)), line) for id, line in lines]


@require_safe
def run_bundle(_request: CoopRequest, run_id: UUID) -> HttpResponse:
    """The public bundle, for canut-verify."""
    found = get_object_or_404(published_runs(), pk=run_id)
    return attachment(bundle_bytes(found), name=f"run-{found.pk}.json", content_type="application/json")


@require_safe
def run_version_bundle(_request: CoopRequest, run_id: UUID, number: int) -> HttpResponse:
    """The public bundle of one version, replaced or not."""
    version = get_object_or_404(published_versions(), run=run_id, number=number)
    return attachment(version_bytes(version), name=f"run-{run_id}-{number}.json", content_type="application/json")


@require_safe
def run_shares(_request: CoopRequest, run_id: UUID) -> HttpResponse:
    """What comes to each member, under pseudonyms, as CSV."""
    found = get_object_or_404(published_runs(), pk=run_id)
    columns = ["member", "seconds", "weight", "floor", "cap", "owed_paid", "exact", "amount", "shortfall", "owed_left"]
    rows = ([member[column] for column in columns] for member in (found.result or {})["members"])
    return _csv(f"run-{found.pk}-shares.csv", columns, rows)


# -- for members


@member_required
@require_safe
def statements(request: MemberRequest) -> HttpResponse:
    """One's own statements, and what is payable now."""
    live = MemberShare.objects.live().visible_to(request.user)
    shares = live.select_related("run__period", "run__current").order_by("-run__period__number")
    member, unpaid = request.member, left_unpaid(request.member)
    codes = {
        "payable": chart.payable(member.pseudonym.hex),
        "reserved": chart.reserved(member.pseudonym.hex),
        "owed": chart.owed(member.pseudonym.hex),
    }
    context = {
        "shares": shares,
        "balances": {name: balance(code) for name, code in codes.items()},
        "period": Period.objects.on(coop_now()).first(),
        "not_paid": told_to_the_member(unpaid) if unpaid else "",
        "tones": TONES,
        "places": (Link("/rail/", gettext_lazy("Where I am paid")),),
        "adjustments": _adjustments(member.adjustments.all()),
    }
    return render(request, "money/statements.html", context)


def _adjustments(made: QuerySet[Adjustment]) -> list[tuple[Adjustment, str]]:
    """Each adjustment of a member's pay with its amount and sign in words, the latest first."""
    found = made.select_related("run__period", "taken_in__period").order_by("-made_at", "pk")
    return [(one, ("+" if one.amount > 0 else "−") + money(abs(one.amount), one.run.currency)) for one in found]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: PersonRequest, share_id: UUID) -> HttpResponse:
    """One of one's own statements, line by line, and the way to object to it, for who has left too. Anybody else's does not exist."""
    share = get_object_or_404(
        MemberShare.objects.visible_to(request.user).select_related(
            "run__period", "run__current", "version__run", "member"
        ),
        pk=share_id,
    )
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            raise_objection(share=share, by=request.actor, now=coop_now(), **form.cleaned_data)
            messages.success(request, _("Your objection is recorded. The run waits until it is answered."))
            return redirect("statement", share_id=share.pk)
    unpaid = unpaid_in(share.run, share.member) if share.version_id == share.run.current_id else None
    context = {
        "share": share,
        "run": share.run,
        "statement": statement_of(share),
        "objections": [
            (objection, _answered_as(objection))
            for objection in Objection.objects.filter(share__run=share.run, share__member=share.member)
            .select_related("answered_by")
            .order_by("raised_at")
        ],
        "adjustments": _adjustments(share.member.adjustments.filter(run=share.run)),
        "may_object": share.version_id == share.run.current_id and window_open(share.run),
        "replacing": share.run.shares.live().visible_to(request.user).exclude(pk=share.pk).first(),
        "not_paid": told_to_the_member(unpaid) if unpaid else "",
        "form": form,
    }
    return render(request, "money/statement.html", context, status=422 if form.errors else 200)


def _answered_as(objection: Objection) -> str:
    """The office in which an objection was answered; nothing where it waits."""
    by, moment = objection.answered_by, objection.answered_at
    if by is None or moment is None:
        return ""
    return str((OfficeKind.TREASURER if by.holds(OfficeKind.TREASURER, moment) else OfficeKind.STEWARD).label)


@member_required
@require_safe
def account(request: MemberRequest) -> HttpResponse:
    """Every movement of what is payable to the member, with the running balance, as CSV."""
    member = request.member
    entries = (
        Entry.objects.of(chart.payable(member.pseudonym.hex))
        .select_related("transaction")
        .order_by("transaction_id", "leg")
    )
    columns = ["transaction", "effective_at", "kind", "amount", "currency", "balance"]
    return _csv("account.csv", columns, _movements(entries))


def _movements(entries: Any) -> Iterator[list[Any]]:
    running = 0
    for entry in entries:
        running -= entry.amount
        header = entry.transaction
        yield [header.pk, header.effective_at.isoformat(), header.kind, -entry.amount, entry.currency, running]


# -- pictures


def _waterfall(inputs: dict[str, Any], result: dict[str, Any], run: PayoutRun) -> SafeString:
    """From revenue down to what members receive."""

    def step(label: Any, amount: int, *, total: bool = False) -> pictures.Step:
        return pictures.Step(label=str(label), amount=amount, text=money(amount, run.currency), total=total)

    steps = [step(_("Revenue"), result["revenue"], total=True)]
    steps += [step(label, -inputs[key]) for key, label in COSTS.items() if inputs[key]]
    if len(steps) > 1:
        steps.append(step(_("Can be distributed"), result["distributable"], total=True))
    steps += [step(_(funds.title(levy["line"])), -levy["amount"]) for levy in result["levies"]]
    steps.append(step(_("Labour pool"), result["labour_pool"], total=True))
    if result["reserve_draw"]:
        steps.append(step(_("From the reserve, for the floor"), result["reserve_draw"]))
    if result["to_reserve"]:
        steps.append(step(_("Left over, to the reserve"), -result["to_reserve"]))
    steps.append(step(_("Members together"), run.payable_total or 0, total=True))
    return pictures.waterfall(
        title=_("From revenue to pay, period %(number)d") % {"number": run.period.number},
        heading=_("Line"),
        summary=_("Of %(revenue)s of revenue, members receive %(paid)s.")
        % {"revenue": money(result["revenue"], run.currency), "paid": money(run.payable_total or 0, run.currency)},
        steps=steps,
    )


def _distribution(spread: Spread) -> SafeString | None:
    if not spread.bands:
        return None
    return pictures.bars(
        title=_("What comes to each member, from least to most"),
        heading=_("Members and what comes to them"),
        rows=[
            pictures.Bar(
                label=ngettext("%(count)d member", "%(count)d members", band.members) % {"count": band.members},
                value=band.most,
                text=_("%(least)s to %(most)s") % {"least": money(band.least), "most": money(band.most)},
            )
            for band in spread.bands
        ],
    )


def _countries(spread: Spread) -> SafeString | None:
    if not spread.countries:
        return None
    return pictures.bars(
        title=_("Where pay went"),
        heading=_("Country"),
        rows=[
            pictures.Bar(
                label=_("%(country)s (%(members)d)")
                % {
                    "country": country(group.country) if group.country else _("Other countries"),
                    "members": group.members,
                },
                value=group.amount,
                text=money(group.amount),
            )
            for group in spread.countries
        ],
    )


def _csv(name: str, columns: list[str], rows: Any) -> HttpResponse:
    return attachment(write_table(columns, rows), name=name, content_type="text/csv; charset=utf-8")


urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/", reports, name="reports"),
    path("runs/<uuid:run_id>/", run, name="run"),
    path("runs/<uuid:run_id>/bundle/", run_bundle, name="run-bundle"),
    path("runs/<uuid:run_id>/versions/<int:number>/bundle/", run_version_bundle, name="run-version-bundle"),
    path("runs/<uuid:run_id>/shares.csv", run_shares, name="run-shares"),
    path("statements/", statements, name="statements"),
    path("statements/account.csv", account, name="statements-account"),
    path("statements/<uuid:share_id>/", statement, name="statement"),
]
