"""Counted time: what members are paid for."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Sum
from django.utils.translation import gettext_lazy as _

from coop.members.models import Member
from coop.work.models.assignments import Assignment
from coop.work.models.projects import Project


class TimeEntryQuerySet(models.QuerySet["TimeEntry"]):
    def of(self, member: Member) -> TimeEntryQuerySet:
        """This member's own."""
        return self.filter(member=member)

    def counted_between(self, start: datetime, end: datetime) -> TimeEntryQuerySet:
        """Those counted from `start` (in) to `end` (out)."""
        return self.filter(counted_at__gte=start, counted_at__lt=end)

    def seconds(self) -> int:
        """Their counted seconds together."""
        return int(self.aggregate(total=Sum("counted_seconds"))["total"] or 0)

    def week_before(self, moment: datetime) -> TimeEntryQuerySet:
        """Those of the seven days before `moment`."""
        return self.filter(counted_at__gt=moment - timedelta(days=7), counted_at__lte=moment)


class TimeEntry(models.Model):
    """A stretch of a member's time and how many seconds of it count. The same second is never counted twice."""

    class Kind(models.TextChoices):
        TASK = "task", _("task")
        PILOT = "pilot", _("pilot")
        TRAINING = "training", _("training")
        STANDBY = "standby", _("stand-by")
        REVIEW = "review", _("review")
        JURY = "jury", _("jury")
        ASSEMBLY = "assembly", _("assembly")

    class Source(models.TextChoices):
        MEASURED = "measured", _("measured")
        DECLARED = "declared", _("declared")
        ROSTER = "roster", _("roster")

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="time_entries", db_index=False)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="time_entries", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(max_length=10, choices=Source)
    span = DateTimeRangeField()
    counted_seconds = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    objects = TimeEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            # what a period pays, and the weekly cap of a member
            models.Index(fields=["counted_at"], name="time_entry_in_time"),
            models.Index(fields=["member", "counted_at"], name="time_entry_of_member_in_time"),
        ]
        constraints = [
            ExclusionConstraint(
                name="time_entry_no_second_is_counted_twice",
                expressions=[("member", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(span__isempty=False, span__lower_inf=False, span__upper_inf=False),
                name="time_entry_has_a_beginning_and_an_end",
            ),
            models.CheckConstraint(
                condition=Q(
                    counted_seconds__lte=Func(
                        Func(F("span"), function="upper") - Func(F("span"), function="lower"),
                        template="extract(epoch from %(expressions)s)",
                        output_field=models.DecimalField(),
                    )
                ),
                name="time_entry_counts_no_more_than_passed",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["task", "pilot", "training", "standby", "review", "jury", "assembly"]),
                name="time_entry_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["measured", "declared", "roster"]), name="time_entry_source_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted_seconds} s ({self.kind})"
