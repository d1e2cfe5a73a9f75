"""Periods: the stretches of time whose revenue is pooled and shared once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.work.models import Project
from payouts.ledger.models import Transaction


class PeriodQuerySet(models.QuerySet["Period"]):
    def on(self, moment: datetime) -> PeriodQuerySet:
        """The one that holds `moment`: its start is in, its end is out."""
        return self.filter(starts_at__lte=moment, ends_at__gt=moment)

    def due(self, moment: datetime) -> PeriodQuerySet:
        """Those that are over and not closed yet, the earliest first."""
        return self.filter(state=Period.State.OPEN, ends_at__lte=moment).order_by("number")

    def closed(self) -> PeriodQuerySet:
        """Those whose revenue is recognised, the latest first."""
        return self.filter(state=Period.State.CLOSED).order_by("-number")


class Period(Dated):
    """From `starts_at` (in) to `ends_at` (out). Each begins at the very moment the one before ends: `follows` is that end."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.OPEN: ("starts_at",)},
            moves={State.OPEN: {State.CLOSED: ("closed_at",)}},
            ends=frozenset({State.CLOSED}),
        )
    }
    DEADLINES = frozenset({"ends_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True)
    starts_at = models.DateTimeField(unique=True)
    ends_at = models.DateTimeField(unique=True)
    follows = models.ForeignKey(
        "self", models.PROTECT, to_field="ends_at", db_column="follows", null=True, related_name="+"
    )
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    closed_at = models.DateTimeField(null=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="period_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(number=1, follows__isnull=True) | Q(number__gt=1, follows=F("starts_at")),
                name="period_begins_where_the_one_before_ends",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | Q(state="closed", closed_at__gte=F("ends_at")),
                name="period_closes_when_it_is_over",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def last_moment(self) -> datetime:
        """The last microsecond of the period, at which its results take effect in the books."""
        return self.ends_at - timedelta(microseconds=1)


class RevenueLine(models.Model):
    """What a period earned from one project: answers delivered in it, at the price billed, never more than was paid in."""

    period = models.ForeignKey(Period, models.PROTECT, related_name="revenue")
    project = models.ForeignKey(Project, models.PROTECT, related_name="revenue")
    answers = models.PositiveIntegerField()
    price = models.PositiveBigIntegerField()
    amount = models.PositiveBigIntegerField()
    transaction = models.ForeignKey(Transaction, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "project"], name="revenue_line_one_per_period_and_project"),
            models.CheckConstraint(condition=Q(answers__gt=0), name="revenue_line_counts_answers"),
            models.CheckConstraint(
                condition=Q(amount__lte=F("answers") * F("price")), name="revenue_line_not_above_its_price"
            ),
            models.CheckConstraint(
                condition=Q(amount=0, transaction__isnull=True) | Q(amount__gt=0, transaction__isnull=False),
                name="revenue_line_is_in_the_books",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id}: {self.amount}"
