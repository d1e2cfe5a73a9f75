"""Payments to members, one by one, and the files that carry some of them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.members.models import Member
from payouts import rails, sealing, troubles
from payouts.ledger.models import Transaction
from payouts.models.attempts import Attempt
from payouts.models.rails import ExchangeRate, RailDetails
from payouts.sharing.models import PayoutRun


class BatchFileQuerySet(models.QuerySet["BatchFile"]):
    def taken(self) -> BatchFileQuerySet:
        """Those that the treasurer took to their operator."""
        return self.filter(downloaded_at__isnull=False)

    def in_use(self) -> BatchFileQuerySet:
        """Those that no newer file stands in for."""
        return self.filter(withdrawn_at__isnull=True)

    def unanswered(self) -> BatchFileQuerySet:
        """Those with payments of which nobody knows yet what became: to be taken to their operator, or its answer to be read."""
        return self.in_use().filter(Exists(PayoutItem.objects.under_way().filter(file=OuterRef("pk"))))


class BatchFile(Dated):
    """One file of a run for one operator: written once, hashed, downloaded by the treasurer; its answer comes back here.

    One that nobody took yet is withdrawn when a member in it is paid elsewhere by then; another is written.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="files")
    rail = models.CharField(max_length=16)
    operator = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    rows = models.PositiveIntegerField()
    total = models.PositiveBigIntegerField()  # ISO minor units of the currency
    sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    downloaded_at = models.DateTimeField(null=True)
    downloaded_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = BatchFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "rail", "operator"],
                condition=Q(withdrawn_at__isnull=True),
                name="batch_file_written_once",
            ),
            models.CheckConstraint(
                condition=Q(downloaded_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="batch_file_taken_or_withdrawn",
            ),
            models.CheckConstraint(condition=Q(rows__gt=0, total__gt=0), name="batch_file_pays_somebody"),
            models.CheckConstraint(
                condition=Q(downloaded_at__isnull=True, downloaded_by__isnull=True)
                | Q(downloaded_at__isnull=False, downloaded_by__isnull=False),
                name="batch_file_downloaded_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator} ({self.rows})"

    @property
    def file_name(self) -> str:
        """What the treasurer's browser calls it."""
        return f"canut-{self.operator}-{str(self.run_id)[:8]}.csv"

    def content(self) -> bytes:
        """The bytes as they were written; ValueError if they are not."""
        content = sealing.unseal(bytes(self.sealed), about=f"batch-file:{self.pk}")
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ValueError("the file is not the one that was written")
        return content


class BatchAnswer(models.Model):
    """An operator's answer as the treasurer uploaded it, once per content."""

    file = models.ForeignKey(BatchFile, models.PROTECT, related_name="answers")
    sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    taken = models.PositiveIntegerField()
    bad_lines = models.JSONField(default=list)  # [{"line": n, "reason": sentence, "params": {…}}]
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(Member, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "sha256"], name="batch_answer_read_once")]

    def __str__(self) -> str:
        return f"{self.file}: {self.taken}"


class PayoutItemQuerySet(models.QuerySet["PayoutItem"]):
    def visible_to(self, user: Any) -> PayoutItemQuerySet:
        """A person's own, and nobody else's."""
        return self.filter(member__user=user) if user.is_authenticated else self.none()

    def under_way(self) -> PayoutItemQuerySet:
        """Those whose end is not known yet."""
        return self.filter(state__in=PayoutItem.UNDER_WAY)

    def waiting_for_a_rail(self) -> PayoutItemQuerySet:
        """Those of which nothing was asked and whose rail is switched off, or not ours any more."""
        on = [name for name in rails.RAILS if rails.is_on(name)]
        return self.filter(state=PayoutItem.State.PLANNED).exclude(rail__in=on)

    def held(self) -> PayoutItemQuerySet:
        """Those that wait for a person."""
        return self.filter(state=PayoutItem.State.HELD)

    def unresolved(self) -> PayoutItemQuerySet:
        """Among them those whose money is still set aside: the treasurer finds out what became of it."""
        return self.held().filter(reserved=True)


class PayoutItem(Dated):
    """One payment to one member on one rail.

    planned → submitting (asked for, or in a file) → sent → paid | returned; held waits for a person. A rail that is asked per
    item is asked by its `attempt`. `amount` is what leaves the member's payable, in the pool's minor units; `local_amount` what
    arrives, in the rail's currency. While `reserved` the money is set aside in the books.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        SUBMITTING = "submitting", _("being sent")
        SENT = "sent", _("sent")
        PAID = "paid", _("paid")
        RETURNED = "returned", _("came back")
        HELD = "held", _("held")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.PLANNED: ("planned_at",)},
            moves={
                State.PLANNED: {State.SUBMITTING: (), State.HELD: ("ended_at",)},
                State.SUBMITTING: {State.SENT: ("sent_at",), State.PLANNED: (), State.HELD: ("ended_at",)},
                State.SENT: {State.PAID: ("ended_at",), State.RETURNED: ("ended_at",)},
                State.PAID: {State.RETURNED: ("ended_at",)},
                State.HELD: {State.SENT: ("sent_at",)},
            },
            ends=frozenset({State.PAID, State.RETURNED, State.HELD}),
        )
    }

    UNDER_WAY = (State.PLANNED, State.SUBMITTING, State.SENT)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="items")
    member = models.ForeignKey(Member, models.PROTECT, related_name="payout_items")
    rail = models.CharField(max_length=16)
    details = models.ForeignKey(RailDetails, models.PROTECT, related_name="+")
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    local_amount = models.PositiveBigIntegerField()
    rate = models.ForeignKey(ExchangeRate, models.PROTECT, null=True, related_name="+")
    hold = models.ForeignKey(Transaction, models.PROTECT, related_name="+")
    reserved = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=State, default=State.PLANNED)
    planned_at = models.DateTimeField()

    attempt = models.OneToOneField(Attempt, models.PROTECT, null=True, related_name="payout_item")
    file = models.ForeignKey(BatchFile, models.PROTECT, null=True, related_name="items")

    reference = models.CharField(max_length=255, blank=True, default="")
    trouble = models.CharField(max_length=300, blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = PayoutItemQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["run", "state"], name="payout_item_of_run"),  # settling a run, the treasurer's page
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "member", "currency", "rail"], name="payout_item_one_per_run_member_and_rail"
            ),
            models.UniqueConstraint(
                fields=["rail", "reference"], condition=~Q(reference=""), name="payout_item_reference_pays_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, local_amount__gt=0), name="payout_item_pays_something"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "submitting", "sent", "paid", "returned", "held"]),
                name="payout_item_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitting") | Q(attempt__isnull=False) | Q(file__isnull=False),
                name="payout_item_is_sent_by_an_attempt_or_a_file",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "paid", "returned"]) | ~Q(reference=""),
                name="payout_item_sent_has_its_reference",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["planned", "submitting"]) | Q(reserved=True),
                name="payout_item_reserves_before_it_sends",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "paid", "returned"]) | Q(reserved=False),
                name="payout_item_sent_is_no_longer_reserved",
            ),
            models.CheckConstraint(condition=~Q(state="held") | ~Q(trouble=""), name="payout_item_held_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=["paid", "returned", "held"], ended_at__isnull=False)
                | Q(state__in=["planned", "submitting", "sent"], ended_at__isnull=True),
                name="payout_item_ended_has_its_moment",
            ),
        ]

    @property
    def trouble_in_words(self) -> str:
        """Why it did not go as asked, or doesn't go on, in the reader's language; empty where it did, or does.

        An operator's words stay as they are.
        """
        if self.waits_for_its_rail:
            return troubles.in_words(troubles.RAIL_OFF)
        carrier, _colon, words = self.trouble.partition(": ")
        if words and self.file is not None and carrier == self.file.operator:
            operator = rails.carrier_title(self.rail, carrier)
            return gettext("%(operator)s says: %(words)s") % {"operator": operator, "words": words}
        return troubles.in_words(self.trouble)

    @property
    def waits_for_its_rail(self) -> bool:
        """Whether nothing was asked yet, and nothing will be until its rail is switched on."""
        return self.state == self.State.PLANNED and not rails.is_on(self.rail)

    def recorded_elsewhere(self) -> Iterable[datetime | None]:
        """That a key was burnt, or asked under, is a step, and no moment of the item."""
        return [self.steps.aggregate(last=Max("at"))["last"]]

    @property
    def rail_title(self) -> str:
        """What people call the rail."""
        return rails.title(self.rail)

    def __str__(self) -> str:
        return f"{self.rail} {self.state}"

    @property
    def key(self) -> str:
        """What it is called in the books and in an operator's file."""
        return f"po:{self.pk}"

    @property
    def group(self) -> str:
        """What all payments of the run carry at the rail."""
        return f"run:{self.run_id}"


class PayoutStep(models.Model):
    """What happened to an item, step by step. Never edited."""

    item = models.ForeignKey(PayoutItem, models.PROTECT, related_name="steps")
    epoch = models.PositiveIntegerField()
    what = models.CharField(max_length=20)
    note = models.CharField(max_length=300, blank=True, default="")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["item", "at"], name="payout_step_of_item")]

    def __str__(self) -> str:
        return f"{self.what} ({self.epoch})"


class NotPaid(models.Model):
    """A member to whom an approved run sent nothing, or whose payment failed; the amount, if any, stays payable."""

    class Why(models.TextChoices):
        NO_DETAILS = "no_details", _("has not said where to be paid")
        BELOW_MINIMUM = "below_minimum", _("less than the smallest payout")
        RAIL_OFF = "rail_off", _("this way of paying is switched off")
        MOVED = "moved", _("is paid another way since then")
        NO_RATE = "no_rate", _("there is no exchange rate")
        TOO_LITTLE = "too_little", _("too little to be sent in this currency")
        HELD = "held", _("the payment did not go through")
        RETURNED = "returned", _("the payment came back")
        NOTHING_DUE = "nothing_due", _("nothing was due to this member")
        UNKNOWN = "unknown", _("nobody knows yet whether the payment arrived")

    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="not_paid")
    member = models.ForeignKey(Member, models.PROTECT, related_name="not_paid")
    why = models.CharField(max_length=14, choices=Why)
    amount = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "member"], name="not_paid_named_once_per_run"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & ~Q(why="nothing_due") | Q(amount=0, why="nothing_due"),
                name="not_paid_is_something_or_nothing_was_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}: {self.why}"
