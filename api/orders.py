"""API: ordering by a quote, paying, cancelling; what the treasurer confirms; events that need a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import actor_of, has_scope, holds_office, member_or_none
from coop.ground.clock import coop_now, wall_now
from coop.ground.money import LARGEST_AMOUNT
from coop.work.models import Project
from payouts.actions import checkouts, inbox, orders, payments, refunds
from payouts.models import InboxEvent, Order
from payouts.models.rails import LONGEST_REFERENCE


class OrderData(serializers.ModelSerializer[Order]):
    """An order. Amounts are minor units; `refund_amount` is what goes back. `payment_url` is where to pay by card; `bank` is what to write on a transfer."""

    refund_amount = serializers.IntegerField(source="refund.amount", default=None, read_only=True, allow_null=True)
    refunded_at = serializers.DateTimeField(source="refund.refunded_at", default=None, read_only=True, allow_null=True)
    payment_url = serializers.SerializerMethodField(help_text="Empty unless it is to be paid by card now.")
    bank = serializers.SerializerMethodField(help_text="Empty unless it is to be paid by transfer now.")

    class Meta:
        model = Order
        fields = [
            "id", "project", "quote", "method", "amount", "currency", "reference", "state", "placed_at", "paid_at",
            "cancelled_at", "completed_at", "refund_amount", "refunded_at", "payment_url", "bank",
        ]  # fmt: skip

    def get_payment_url(self, order: Order) -> str:
        return order.checkout_url if order.state == Order.State.AWAITING_PAYMENT else ""

    def get_bank(self, order: Order) -> str:
        waiting = order.state == Order.State.AWAITING_PAYMENT and order.method == Order.Method.BANK_TRANSFER
        return str(settings.BANK_DETAILS) if waiting else ""


class NewOrder(Body):
    method = serializers.ChoiceField(choices=Order.Method.choices)


class Confirmation(Body):
    amount = serializers.IntegerField(
        min_value=1, max_value=LARGEST_AMOUNT, help_text="Minor units, as on the statement."
    )
    reference = serializers.CharField(
        max_length=LONGEST_REFERENCE, help_text="The bank's own reference of the transfer."
    )


class RefundConfirmation(Body):
    reference = serializers.CharField(
        max_length=LONGEST_REFERENCE,
        help_text="The bank's own reference of the transfer back, or Stripe's of the refund.",
    )


class PlaceOrder(APIView):
    """Ordering a quoted project."""

    permission_classes = [has_scope("requester")]

    @extend_schema(request=NewOrder, responses={201: OrderData})
    @idempotent(spanning=True)
    def post(self, request: Request, project_id: UUID) -> Response:
        """Accept the quote and choose how to pay. Asking again gives the same order, and the same page to pay on."""
        project = get_object_or_404(Project.objects.editable_by(request.user), pk=project_id)
        serializer = NewOrder(data=request.data)
        serializer.is_valid(raise_exception=True)
        order = orders.place_order(project=project, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        if order.method == Order.Method.CHECKOUT:
            checkouts.open_payment_page(order=order, now=coop_now(), wall=wall_now())
        return Response(OrderData(Order.objects.get(pk=order.pk)).data, status=201)


class Orders(generics.ListAPIView[Order]):
    """Orders: a requester's own, or all of them for the treasurer."""

    permission_classes = [has_scope("requester", "treasurer")]
    serializer_class = OrderData
    queryset = Order.objects.none()
    ordering = ("-placed_at", "-pk")

    @extend_schema(parameters=[OpenApiParameter("state", str, enum=Order.State.values)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Those you may see, the latest first; `?state=awaiting_payment` leaves only some."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        """Those this person may see."""
        found = _visible(self.request)
        state = self.request.query_params.get("state")
        return found.filter(state=state) if state in Order.State.values else found


class OneOrder(APIView):
    permission_classes = [has_scope("requester", "treasurer")]

    @extend_schema(responses=OrderData)
    def get(self, request: Request, order_id: UUID) -> Response:
        """An order and how far it has come."""
        return Response(OrderData(get_object_or_404(_visible(request), pk=order_id)).data)


class CancelOrder(APIView):
    permission_classes = [has_scope("requester")]

    @extend_schema(request=None, responses=OrderData)
    @idempotent(spanning=True)
    def post(self, request: Request, order_id: UUID) -> Response:
        """Withdraw an order. What was paid goes back in full, as long as nobody has begun to work (409 `work_began`)."""
        order = get_object_or_404(Order.objects.editable_by(request.user), pk=order_id)
        return Response(OrderData(orders.cancel_order(order=order, by=actor_of(request), now=coop_now())).data)


class ConfirmTransfer(APIView):
    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]

    @extend_schema(request=Confirmation, responses=OrderData)
    @idempotent
    def post(self, request: Request, order_id: UUID) -> Response:
        """The transfer is on the bank statement. Another amount than the order's is refused (409 `wrong_amount`)."""
        order = get_object_or_404(Order, pk=order_id)
        serializer = Confirmation(data=request.data)
        serializer.is_valid(raise_exception=True)
        done = payments.confirm_transfer(order=order, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(OrderData(done).data)


class ConfirmRefund(APIView):
    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]

    @extend_schema(request=RefundConfirmation, responses=OrderData)
    @idempotent
    def post(self, request: Request, order_id: UUID) -> Response:
        """What was due back (`refund_amount`) went back by bank, or by the refund that Stripe's list could not explain."""
        order = get_object_or_404(Order, pk=order_id)
        serializer = RefundConfirmation(data=request.data)
        serializer.is_valid(raise_exception=True)
        done = refunds.confirm_refund(order=order, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(OrderData(done).data)


class EventData(serializers.ModelSerializer[InboxEvent]):
    """An event of the payment service as it stands in the inbox."""

    trouble = serializers.CharField(source="trouble_in_words", read_only=True)

    class Meta:
        model = InboxEvent
        fields = ["id", "event_id", "type", "about", "source", "state", "tries", "trouble", "said_at", "received_at"]


class Poisoned(generics.ListAPIView[InboxEvent]):
    """Events that could not be handled and wait for a person."""

    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]
    serializer_class = EventData
    queryset = InboxEvent.objects.poisoned()
    ordering = ("-received_at", "-pk")


class ReplayEvent(APIView):
    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]

    @extend_schema(request=None, responses=EventData)
    @idempotent
    def post(self, request: Request, event_id: int) -> Response:
        """Put it back into the queue: it is handled again within seconds."""
        event = get_object_or_404(InboxEvent, pk=event_id)
        return Response(EventData(inbox.replay_event(event=event, by=actor_of(request), now=coop_now())).data)


def _visible(request: Request) -> Any:
    member = member_or_none(request)
    if member is not None and member.holds("treasurer", coop_now()):
        return Order.objects.all()
    return Order.objects.visible_to(request.user)


urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<uuid:project_id>/order/", PlaceOrder.as_view(), name="place-order"),
    path("orders/", Orders.as_view(), name="orders"),
    path("orders/<uuid:order_id>/", OneOrder.as_view(), name="order"),
    path("orders/<uuid:order_id>/cancel/", CancelOrder.as_view(), name="cancel-order"),
    path("orders/<uuid:order_id>/confirm-transfer/", ConfirmTransfer.as_view(), name="confirm-transfer"),
    path("orders/<uuid:order_id>/confirm-refund/", ConfirmRefund.as_view(), name="confirm-refund"),
    path("inbox/", Poisoned.as_view(), name="inbox"),
    path("inbox/<int:event_id>/replay/", ReplayEvent.as_view(), name="replay-event"),
]
