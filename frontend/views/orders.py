"""Pages of orders: order and pay; the treasurer's transfers and the inbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coop.doors.requests import MemberRequest, PersonRequest
from coop.ground.clock import coop_now, wall_now
from coop.ground.errors import Refused
from coop.work.models import Project
from frontend.forms.orders import OrderForm, RefundForm, TransferForm
from frontend.navigation import office_required
from frontend.refusals import refusals_in, refusals_told
from payouts.actions import checkouts, inbox, orders, payments, refunds
from payouts.models import InboxEvent, Order


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: PersonRequest, project_id: UUID) -> HttpResponse:
    """Accept the quote of a project and choose how to pay."""
    project = get_object_or_404(Project.objects.editable_by(request.user).select_related("quote"), pk=project_id)
    live = Order.objects.live().filter(project=project).first()
    if live is not None and request.method != "POST":
        return redirect("order", live.pk)
    form = OrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            order = orders.place_order(
                project=project, method=form.cleaned_data["method"], by=request.actor, now=coop_now()
            )
            return _to_pay(request, order) if order.method == Order.Method.CHECKOUT else redirect("order", order.pk)
    context = {
        "project": project,
        "quote": project.quote,
        "form": form,
        "why_not": orders.why_not_ordered(project=project, now=coop_now()),
    }
    return render(request, "orders/place.html", context, status=422 if form.errors else 200)


def _to_pay(request: PersonRequest, order: Order) -> HttpResponse:
    """Away to the payment page, or back to the order with the reason why not."""
    try:
        return redirect(checkouts.open_payment_page(order=order, now=coop_now(), wall=wall_now()))
    except Refused as no:
        (messages.success if no.code == "already_paid" else messages.error)(request, str(no))
        return redirect("order", order.pk)


@never_cache
@login_required
@require_safe
def order(request: PersonRequest, order_id: UUID) -> HttpResponse:
    """An order: what is to be paid and how, and how far it has come."""
    found = get_object_or_404(Order.objects.visible_to(request.user).select_related("project"), pk=order_id)
    context = {
        "order": found,
        "mine": Order.objects.editable_by(request.user).filter(pk=found.pk).exists(),
        "may_be_cancelled": found.state == Order.State.AWAITING_PAYMENT
        or (found.state == Order.State.PAID and found.project.may_be_cancelled),
        "bank": settings.BANK_DETAILS,
        "came_back": "paid" in request.GET and found.state == Order.State.AWAITING_PAYMENT,
    }
    return render(request, "orders/order.html", context)


@login_required
@require_POST
def pay(request: PersonRequest, order_id: UUID) -> HttpResponse:
    """Go to the payment page; there is only ever one."""
    return _to_pay(request, get_object_or_404(Order.objects.editable_by(request.user), pk=order_id))


@login_required
@require_POST
def cancel(request: PersonRequest, order_id: UUID) -> HttpResponse:
    """Withdraw an order; what was paid goes back as long as nobody has begun to work."""
    found = get_object_or_404(Order.objects.editable_by(request.user), pk=order_id)
    with refusals_told(request):
        done = orders.cancel_order(order=found, by=request.actor, now=coop_now())
        due = done.state == Order.State.REFUND_DUE
        messages.success(
            request,
            _("The order was cancelled; your money goes back to you.") if due else _("The order was cancelled."),
        )
    return redirect("order", found.pk)


# -- the treasurer


@office_required("treasurer")
@require_safe
def transfers(request: MemberRequest) -> HttpResponse:
    """Bank transfers to confirm, and those to send back."""
    return _transfers(request)


def _transfers(request: MemberRequest, wrong: dict[UUID, forms.Form] | None = None) -> HttpResponse:
    wrong = wrong or {}
    waiting = Order.objects.awaiting_transfer().select_related("project__client").order_by("placed_at")
    back = Order.objects.refunded_by_hand().select_related("project__client").order_by("paid_at")
    context: dict[str, Any] = {
        "wrong": wrong,
        "waiting": [(one, wrong.get(one.pk) or TransferForm(auto_id=f"id_{one.reference}_%s")) for one in waiting],
        "back": [(one, wrong.get(one.pk) or RefundForm(auto_id=f"id_{one.reference}_%s")) for one in back],
        "by_card": Order.objects.refunded_by_itself(),
        "settled": Order.objects.filter(paid_at__isnull=False).select_related("project").order_by("-paid_at")[:20],
    }
    return render(request, "orders/transfers.html", context, status=422 if wrong else 200)


@office_required("treasurer")
@require_POST
def confirm(request: MemberRequest, order_id: UUID) -> HttpResponse:
    """The transfer is on the bank statement."""
    found = get_object_or_404(Order, pk=order_id)
    form = TransferForm(request.POST, auto_id=f"id_{found.reference}_%s")
    if form.is_valid():
        with refusals_in(form):
            payments.confirm_transfer(order=found, by=request.actor, now=coop_now(), **form.cleaned_data)
            messages.success(request, _("Order %(order)s is paid.") % {"order": found.reference})
            return redirect("transfers")
    return _transfers(request, {found.pk: form})


@office_required("treasurer")
@require_POST
def give_back(request: MemberRequest, order_id: UUID) -> HttpResponse:
    """What was due back went back by bank."""
    found = get_object_or_404(Order, pk=order_id)
    form = RefundForm(request.POST, auto_id=f"id_{found.reference}_%s")
    if form.is_valid():
        with refusals_in(form):
            refunds.confirm_refund(order=found, by=request.actor, now=coop_now(), **form.cleaned_data)
            messages.success(request, _("The money of order %(order)s went back.") % {"order": found.reference})
            return redirect("transfers")
    return _transfers(request, {found.pk: form})


@office_required("treasurer")
@require_safe
def events(request: MemberRequest) -> HttpResponse:
    """Messages of the payment provider that could not be handled."""
    context = {
        "poisoned": InboxEvent.objects.poisoned().order_by("-received_at")[:100],
        "waiting": InboxEvent.objects.filter(state=InboxEvent.State.NEW).count(),
        "last": InboxEvent.objects.order_by("-pk")[:20],
    }
    return render(request, "orders/inbox.html", context)


@office_required("treasurer")
@require_POST
def replay(request: MemberRequest, event_id: int) -> HttpResponse:
    """Handle it again."""
    found = get_object_or_404(InboxEvent, pk=event_id)
    inbox.replay_event(event=found, by=request.actor, now=coop_now())
    messages.success(request, _("It is back in the queue and is handled within seconds."))
    return redirect("inbox")


urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<uuid:project_id>/order/", place, name="order-place"),
    path("orders/<uuid:order_id>/", order, name="order"),
    path("orders/<uuid:order_id>/pay/", pay, name="order-pay"),
    path("orders/<uuid:order_id>/cancel/", cancel, name="order-cancel"),
    path("treasurer/transfers/", transfers, name="transfers"),
    path("treasurer/transfers/<uuid:order_id>/confirm/", confirm, name="transfer-confirm"),
    path("treasurer/transfers/<uuid:order_id>/refund/", give_back, name="transfer-refund"),
    path("treasurer/inbox/", events, name="inbox"),
    path("treasurer/inbox/<int:event_id>/replay/", replay, name="inbox-replay"),
]
