"""What was wrong and is put right: objections before the approval of a run, adjustments after it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from coop.ground.moments import Dated
from coop.members.models import Member
from payouts.sharing.models import MemberShare, PayoutRun, RunVersion

MOST_SECONDS = 31 * 24 * 3600
"""Of one correction: all of a month. All together give nobody more time than the period had."""
MOST_MINUTES = MOST_SECONDS // 60
"""The same, as people type it."""
MOST_ADJUSTED = 10_000_000
"""Of one adjustment, one way or the other, in minor units: what may be typed. What it takes to pay it is another officer's approval."""


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def unanswered(self) -> ObjectionQuerySet:
        """Those that keep a run from being approved, the oldest first."""
        return self.filter(answered_at__isnull=True).order_by("raised_at")


class Objection(Dated):
    """A member says what is wrong with their statement, and the treasurer answers; until then the run waits.

    One that is upheld adds so many `seconds` to the member's time of one kind, and led to the version that counts them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(MemberShare, models.PROTECT, related_name="objections")
    reason = models.CharField(max_length=2000)
    raised_at = models.DateTimeField()
    answer = models.CharField(max_length=2000, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    upheld = models.BooleanField(null=True)
    kind = models.CharField(max_length=10, blank=True, default="")
    seconds = models.IntegerField(default=0)
    led_to = models.ForeignKey(RunVersion, models.PROTECT, null=True, related_name="objections_upheld")

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason__regex=r"^\s*$"), name="objection_gives_its_reason"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="", upheld__isnull=True)
                | Q(
                    answered_at__isnull=False,
                    answered_at__gte=F("raised_at"),
                    answered_by__isnull=False,
                    upheld__isnull=False,
                )
                & ~Q(answer__regex=r"^\s*$"),
                name="objection_is_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(upheld__isnull=False, upheld=True, led_to__isnull=False) & ~Q(seconds=0) & ~Q(kind="")
                | Q(led_to__isnull=True, seconds=0, kind="") & (Q(upheld__isnull=True) | Q(upheld=False)),
                name="objection_upheld_changes_something",
            ),
            models.CheckConstraint(
                condition=Q(seconds__gte=0, seconds__lte=MOST_SECONDS),
                name="objection_adds_a_month_at_most",
            ),
            models.UniqueConstraint(
                fields=["share"], condition=Q(answered_at__isnull=True), name="objection_one_open_per_statement"
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:60]

    def as_correction(self) -> dict[str, Any]:
        """What it changes if it is upheld, as it stands among the inputs of the version that counts it."""
        return {
            "objection": str(self.pk),
            "member": self.share.pseudonym,
            "kind": self.kind,
            "seconds": self.seconds,
        }


class Adjustment(Dated):
    """A mistake of an approved run, put right by a signed line in the next run: minor units, above zero to the member."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="adjustments")
    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="adjustments")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    taken_in = models.ForeignKey(PayoutRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="adjustment_moves_something"),
            models.CheckConstraint(
                condition=Q(amount__gte=-MOST_ADJUSTED, amount__lte=MOST_ADJUSTED),
                name="adjustment_is_what_may_be_typed",
            ),
            models.CheckConstraint(condition=~Q(reason__regex=r"^\s*$"), name="adjustment_gives_its_reason"),
            models.CheckConstraint(condition=~Q(member=F("made_by")), name="adjustment_made_by_somebody_else"),
            models.UniqueConstraint(fields=["member", "run", "amount", "reason"], name="adjustment_is_made_once"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}: {self.reason[:40]}"
