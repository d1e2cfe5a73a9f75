"""Who has what in hand, what they answered, and the counted time it took: what members are paid for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Count, F, Func, Q, Sum
from django.utils.translation import gettext_lazy as _

from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.members.models import Member
from coop.work.models.items import Item
from coop.work.models.projects import Project


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def of(self, member: Member) -> AssignmentQuerySet:
        """This member's own, and nobody else's."""
        return self.filter(member=member)

    def leased(self) -> AssignmentQuerySet:
        """Those in hand."""
        return self.filter(state=Assignment.State.LEASED)

    def to_hand_in(self) -> AssignmentQuerySet:
        """Those in hand, and those whose time ran out: they are paid all the same."""
        return self.filter(state__in=[Assignment.State.LEASED, Assignment.State.EXPIRED])


class Assignment(Dated):
    """An item in the hands of a member. There is no "rejected": an answer that is given counts as work.

    `bound_seconds` is up to where its time is paid without a question: known before she begins, and never changed afterwards.
    `measured_seconds` from opening to submitting, `paused_seconds` of it resting, `declared_seconds` what the member
    says; they are seen and corrected by the member before submitting.
    """

    class State(models.TextChoices):
        LEASED = "leased", _("in hand")
        SUBMITTED = "submitted", _("submitted")
        RELEASED = "released", _("given back")
        EXPIRED = "expired", _("expired")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.LEASED: ("leased_at",)},
            moves={
                State.LEASED: {
                    State.SUBMITTED: ("submitted_at",),
                    State.RELEASED: ("released_at",),
                    State.EXPIRED: (),
                },
                State.EXPIRED: {
                    State.LEASED: (),
                    State.SUBMITTED: ("submitted_at",),
                    State.RELEASED: ("released_at",),
                },
            },
            ends=frozenset({State.SUBMITTED, State.RELEASED}),
        )
    }
    DEADLINES = frozenset({"lease_expires_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="assignments", db_index=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="assignments", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="assignments", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.LEASED)
    leased_at = models.DateTimeField()
    lease_expires_at = models.DateTimeField()
    bound_seconds = models.PositiveIntegerField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    measured_seconds = models.PositiveIntegerField(null=True, blank=True)
    paused_seconds = models.PositiveIntegerField(null=True, blank=True)
    declared_seconds = models.PositiveIntegerField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        indexes = [
            # the sweeper: leases that have run out
            models.Index(fields=["lease_expires_at"], condition=Q(state="leased"), name="assignment_lease_ends"),
            # the claim: what this member has in hand
            models.Index(fields=["member"], condition=Q(state="leased"), name="assignment_in_hand"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["item", "member"], name="assignment_one_item_once_per_member"),
            models.CheckConstraint(condition=Q(lease_expires_at__gt=F("leased_at")), name="assignment_lease_lasts"),
            models.CheckConstraint(condition=Q(bound_seconds__gt=0), name="assignment_has_its_bound"),
            models.CheckConstraint(
                condition=Q(state="submitted", submitted_at__isnull=False, released_at__isnull=True)
                | Q(state="released", submitted_at__isnull=True, released_at__isnull=False)
                | Q(state__in=["leased", "expired"], submitted_at__isnull=True, released_at__isnull=True),
                name="assignment_state_follows_its_timestamps",
            ),
            models.CheckConstraint(
                condition=Q(
                    submitted_at__isnull=True,
                    measured_seconds__isnull=True,
                    paused_seconds__isnull=True,
                    declared_seconds__isnull=True,
                )
                | Q(
                    submitted_at__isnull=False,
                    measured_seconds__isnull=False,
                    declared_seconds__isnull=False,
                    paused_seconds__isnull=False,
                    paused_seconds__lte=F("measured_seconds"),
                ),
                name="assignment_submitted_says_its_three_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} – {self.state}"


class MemberProject(models.Model):
    """Where a member stands in a project: the last item taken, the generation in which nothing more was found, and what counted.

    The counters are kept here, so that members who hand in at once don't wait for each other; the project's are their sums.
    """

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", db_index=False)
    last_seq = models.PositiveIntegerField(default=0)
    exhausted_gen = models.BigIntegerField(default=-1)
    counted_seconds = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)
    reading_since = models.DateTimeField(null=True)
    training_counted = models.BooleanField(default=False)

    class Meta:
        # the guard of a project: the sums of its counters
        indexes = [models.Index(fields=["project"], name="member_project_of_project")]
        constraints = [models.UniqueConstraint(fields=["member", "project"], name="member_project_one_cursor")]

    def __str__(self) -> str:
        return f"after {self.last_seq}"


class AnswerQuerySet(models.QuerySet["Answer"]):
    def submitted_between(self, start: datetime, end: datetime) -> AnswerQuerySet:
        """Those given from `start` (in) to `end` (out)."""
        return self.filter(submitted_at__gte=start, submitted_at__lt=end)

    def billable(self) -> AnswerQuerySet:
        """Those that filled a slot the requester ordered; late ones whose slot was taken are paid and not billed."""
        return self.filter(fills_slot=True)

    def that_make_labels_of(self, project: Project) -> AnswerQuerySet:
        """All of the project; once gold items are drawn, only those given until then: whoever knows them moves no label."""
        in_time = Q(submitted_at__lte=F("project__gold_draw__drawn_at"))
        return self.filter(Q(project__gold_draw__isnull=True) | in_time, project=project)

    def per_project(self) -> dict[uuid.UUID, int]:
        """How many there are of each project: {project id: count}."""
        return dict(self.values_list("project").annotate(Count("pk")).values_list("project", "pk__count"))

    def values_per_item(self) -> dict[int, list[tuple[Any, int]]]:
        """What was answered, and how often: {item id: [(value, times)]}."""
        found: dict[int, list[tuple[Any, int]]] = {}
        for item, value, times in self.values_list("item_id", "value").annotate(Count("pk")).order_by("item_id"):
            found.setdefault(item, []).append((value, times))
        return found


class Answer(models.Model):
    """What a member answered. Never edited: a correction would be a new revision."""

    id = models.BigAutoField(primary_key=True)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="answers", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="answers", db_index=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="answers", db_index=False)
    revision = models.PositiveSmallIntegerField(default=1)
    value = models.JSONField()
    fills_slot = models.BooleanField()
    submitted_at = models.DateTimeField()

    objects = AnswerQuerySet.as_manager()

    class Meta:
        indexes = [
            # what a period bills, and what a project's consensus reads
            models.Index(fields=["project", "submitted_at"], name="answer_of_project_in_time"),
            models.Index(fields=["submitted_at"], name="answer_in_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "revision"], name="answer_one_per_revision"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="answer_revisions_begin_at_one"),
        ]

    def __str__(self) -> str:
        return str(self.value)


class TimeEntryQuerySet(models.QuerySet["TimeEntry"]):
    def of(self, member: Member) -> TimeEntryQuerySet:
        """This member's own, as last corrected."""
        return self.filter(member=member, superseded_at=None)

    def counted_between(self, start: datetime, end: datetime) -> TimeEntryQuerySet:
        """Those counted from `start` (in) to `end` (out), as last corrected."""
        return self.filter(counted_at__gte=start, counted_at__lt=end, superseded_at=None)

    def seconds(self) -> int:
        """Their counted seconds together."""
        return int(self.aggregate(total=Sum("counted_seconds"))["total"] or 0)

    def week_before(self, moment: datetime) -> TimeEntryQuerySet:
        """Those of the seven days before `moment`."""
        return self.filter(counted_at__gt=moment - timedelta(days=7), counted_at__lte=moment)


class TimeEntry(models.Model):
    """A stretch of a member's time and how many seconds of it count. The same second is never counted twice.

    A correction writes a new entry and says of the old one that it is superseded; what a run has frozen stays.
    """

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
    superseded_at = models.DateTimeField(null=True)
    frozen = models.BooleanField(default=False)

    objects = TimeEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            # what a period pays, and the weekly cap of a member
            models.Index(fields=["counted_at"], name="time_entry_in_time"),
            models.Index(fields=["member", "counted_at"], name="time_entry_of_member_in_time"),
            # what a correction replaces
            models.Index(fields=["assignment"], name="time_entry_of_assignment"),
        ]
        constraints = [
            ExclusionConstraint(
                name="time_entry_no_second_is_counted_twice",
                expressions=[("member", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
                condition=Q(superseded_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True) | Q(frozen=False),
                name="time_entry_of_a_run_is_not_superseded",
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
