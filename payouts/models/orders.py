"""What requesters order and pay."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.members.models import Member, User
from coop.work.models import Project, Quote
from payouts.models.attempts import Attempt

BY_HAND = Q(refund__attempt__isnull=True) | Q(refund__attempt__state=Attempt.State.HELD)


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: Any) -> OrderQuerySet:
        """Those of the clients this person may act for or look at."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def editable_by(self, user: Any) -> OrderQuerySet:
        """Those this person may pay or cancel."""
        return self.filter(project__in=Project.objects.editable_by(user))

    def live(self) -> OrderQuerySet:
        """Those that were neither cancelled nor given anything back."""
        return self.exclude(state__in=Order.ENDED)

    def awaiting_transfer(self) -> OrderQuerySet:
        """Those whose bank transfer the treasurer has to confirm."""
        return self.filter(state=Order.State.AWAITING_PAYMENT, method=Order.Method.BANK_TRANSFER)

    def awaiting_refund(self) -> OrderQuerySet:
        """Those whose money has to go back."""
        return self.filter(state=Order.State.REFUND_DUE).select_related("refund__attempt")

    def refunded_by_hand(self) -> OrderQuerySet:
        """Among them those that the treasurer has to see to: by bank, and by card what the rail's list can't explain."""
        return self.awaiting_refund().filter(BY_HAND)

    def refunded_by_itself(self) -> OrderQuerySet:
        """Among them those that go back by themselves."""
        return self.awaiting_refund().exclude(BY_HAND)

    def finished(self) -> OrderQuerySet:
        """Paid ones whose project is done, and of which nobody has looked yet what is left."""
        return self.filter(state=Order.State.PAID, completed_at__isnull=True, project__status=Project.Status.DONE)


class Order(Dated):
    """A quote accepted: so much is to be paid, in this way. The amount includes the escrow buffer."""

    class Method(models.TextChoices):
        CHECKOUT = "checkout", _("card, by Stripe Checkout")
        BANK_TRANSFER = "bank_transfer", _("bank transfer")

    class State(models.TextChoices):
        AWAITING_PAYMENT = "awaiting_payment", _("awaiting payment")
        PAID = "paid", _("paid")
        CANCELLED = "cancelled", _("cancelled")
        REFUND_DUE = "refund_due", _("to be refunded")
        REFUNDED = "refunded", _("refunded")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.AWAITING_PAYMENT: ("placed_at",)},
            moves={
                State.AWAITING_PAYMENT: {State.PAID: ("paid_at",), State.CANCELLED: ("cancelled_at",)},
                State.PAID: {State.REFUND_DUE: ("cancelled_at", "completed_at")},
                State.REFUND_DUE: {State.REFUNDED: ()},
            },
            ends=frozenset({State.PAID, State.CANCELLED, State.REFUNDED}),
        )
    }

    ENDED = (State.CANCELLED, State.REFUND_DUE, State.REFUNDED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="orders")
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="orders")
    method = models.CharField(max_length=16, choices=Method)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=20, unique=True)  # what the requester writes on a bank transfer
    state = models.CharField(max_length=16, choices=State, default=State.AWAITING_PAYMENT)
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()

    checkout = models.CharField(max_length=255, blank=True, default="")
    checkout_url = models.URLField(max_length=1000, blank=True, default="")

    payment = models.CharField(max_length=255, blank=True, default="")  # the rail's, or the bank's reference
    paid_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    cancelled_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)  # the work is done and billed; what is left goes back

    objects = OrderQuerySet.as_manager()

    class Meta:
        indexes = [
            # the treasurer's lists and the sweep of refunds
            models.Index(
                fields=["state", "placed_at"],
                condition=Q(state__in=["awaiting_payment", "refund_due"]),
                name="order_open",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state__in=["awaiting_payment", "paid"]),
                name="order_one_live_per_project",
            ),
            models.UniqueConstraint(fields=["checkout"], condition=~Q(checkout=""), name="order_checkout_is_its_own"),
            models.UniqueConstraint(fields=["payment"], condition=~Q(payment=""), name="order_payment_pays_one_order"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="order_costs_something"),
            models.CheckConstraint(condition=Q(method__in=["checkout", "bank_transfer"]), name="order_method_is_known"),
            models.CheckConstraint(
                condition=Q(state="awaiting_payment", paid_at__isnull=True, cancelled_at__isnull=True)
                | Q(state="paid", paid_at__isnull=False, cancelled_at__isnull=True)
                | Q(state="cancelled", paid_at__isnull=True, cancelled_at__isnull=False)
                | Q(state__in=["refund_due", "refunded"], paid_at__isnull=False),
                name="order_state_follows_its_moments",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(paid_at__isnull=False, cancelled_at__isnull=True),
                name="order_completed_was_paid_and_not_cancelled",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refund_due", "refunded"])
                | Q(completed_at__isnull=False)
                | Q(cancelled_at__isnull=False),
                name="order_gives_back_when_cancelled_or_completed",
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=True, payment="") | (Q(paid_at__isnull=False) & ~Q(payment="")),
                name="order_paid_names_its_payment",
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=True) | ~Q(method="bank_transfer") | Q(confirmed_by__isnull=False),
                name="order_transfer_is_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(cancelled_at__gte=F("placed_at")),
                name="order_cancelled_after_placed",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Refund(Dated):
    """What goes back of an order: all of it when it was cancelled, what is left when its project is done.

    By card it is asked for by its `attempt`; by bank the treasurer sends it and says so.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.OneToOneField(Order, models.PROTECT, related_name="refund")
    amount = models.PositiveBigIntegerField()
    due_at = models.DateTimeField()
    attempt = models.OneToOneField(Attempt, models.PROTECT, null=True, related_name="refund")
    reference = models.CharField(max_length=255, blank=True, default="")  # the rail's, or the bank's
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(reference=""), name="refund_reference_gives_back_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_gives_something_back"),
            models.CheckConstraint(
                condition=Q(refunded_at__isnull=True, reference="") | Q(refunded_at__isnull=False) & ~Q(reference=""),
                name="refund_names_its_reference",
            ),
            models.CheckConstraint(
                condition=Q(refunded_at__isnull=True) | Q(refunded_at__gte=F("due_at")), name="refund_given_after_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} ({self.order_id})"
