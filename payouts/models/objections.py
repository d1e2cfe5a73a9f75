"""What members object to in a run before it may be approved."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from coop.ground.moments import Dated
from coop.members.models import Member
from payouts.models.runs import MemberShare


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def unanswered(self) -> ObjectionQuerySet:
        """Those that keep a run from being approved, the oldest first."""
        return self.filter(answered_at__isnull=True).order_by("raised_at")


class Objection(Dated):
    """A member says what is wrong with their statement, and the treasurer answers; until then the run waits."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(MemberShare, models.PROTECT, related_name="objections")
    reason = models.CharField(max_length=2000)
    raised_at = models.DateTimeField()
    answer = models.CharField(max_length=2000, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason__regex=r"^\s*$"), name="objection_gives_its_reason"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | Q(answered_at__gte=F("raised_at"), answered_by__isnull=False) & ~Q(answer__regex=r"^\s*$"),
                name="objection_is_answered_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["share"], condition=Q(answered_at__isnull=True), name="objection_one_open_per_statement"
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:60]
