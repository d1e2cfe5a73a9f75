"""What a member says about her time: her own pace, corrections, time that waits, and contests about it. Also what stops a project."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from coop.audit.models import Entry
from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.members.models import Member, User
from coop.work.models.assignments import Assignment, TimeEntry
from coop.work.models.projects import Project


class PaceFactor(models.Model):
    """How much longer than others a member wants to be given, in thousandths. Nobody else sees it, and no reason is asked."""

    member = models.OneToOneField(Member, models.PROTECT, related_name="pace_factor")
    permille = models.PositiveSmallIntegerField(default=1000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(permille__gte=1000, permille__lte=3000), name="pace_factor_is_one_to_three"
            )
        ]

    def __str__(self) -> str:
        return f"{self.permille}‰"


class TimeCorrection(models.Model):
    """What a member said later about the time of something she had handed in. The row before it stays."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="corrections", db_index=False)
    number = models.PositiveSmallIntegerField()
    declared_seconds = models.PositiveIntegerField()
    corrected_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "number"], name="time_correction_numbers_are_unique")
        ]

    def __str__(self) -> str:
        return f"{self.declared_seconds} s"


class WaitingTimeQuerySet(models.QuerySet["WaitingTime"]):
    def of(self, member: Member) -> WaitingTimeQuerySet:
        """This member's own, and nobody else's."""
        return self.filter(member=member)

    def waiting(self) -> WaitingTimeQuerySet:
        """Those that nobody has contested and no sweep has counted."""
        return self.filter(state=WaitingTime.State.WAITING)

    def unsettled(self) -> WaitingTimeQuerySet:
        """Those that are neither counted, refused nor taken back."""
        return self.filter(state__in=[WaitingTime.State.WAITING, WaitingTime.State.CONTESTED])

    def stated(self) -> WaitingTimeQuerySet:
        """Those beyond the bound of an item, on a member's word."""
        return self.filter(cause=WaitingTime.Cause.BOUND)

    def held(self) -> WaitingTimeQuerySet:
        """Those that wait because their project is looked at."""
        return self.filter(cause=WaitingTime.Cause.PROJECT)

    def standing(self) -> WaitingTimeQuerySet:
        """Those that were neither refused nor taken back."""
        return self.exclude(state__in=[WaitingTime.State.REFUSED, WaitingTime.State.WITHDRAWN])

    def seconds(self) -> int:
        """Their seconds together."""
        return int(self.aggregate(total=Sum("seconds"))["total"] or 0)


class WaitingTime(Dated):
    """Time that is not counted yet: beyond the bound of its item on the member's word, or beyond what its project may owe unseen."""

    class Cause(models.TextChoices):
        BOUND = "bound", _("beyond what is counted without a question")
        PROJECT = "project", _("the project's instructions and price are being looked at")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        COUNTED = "counted", _("counted")
        CONTESTED = "contested", _("contested")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("taken back")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.WAITING: ("stated_at",)},
            moves={
                State.WAITING: {
                    State.COUNTED: ("counted_at",),
                    State.CONTESTED: ("contested_at",),
                    State.WITHDRAWN: ("withdrawn_at",),
                },
                State.CONTESTED: {State.COUNTED: ("counted_at",), State.REFUSED: ("refused_at",)},
            },
            ends=frozenset({State.COUNTED, State.REFUSED, State.WITHDRAWN}),
        )
    }
    DEADLINES = frozenset({"counts_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="waiting")
    member = models.ForeignKey(Member, models.PROTECT, related_name="waiting_time", db_index=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="waiting_time", db_index=False)
    kind = models.CharField(max_length=10, choices=TimeEntry.Kind)
    cause = models.CharField(max_length=8, choices=Cause)
    seconds = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    stated_at = models.DateTimeField()
    counts_at = models.DateTimeField()
    counted_at = models.DateTimeField(null=True)
    contested_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = WaitingTimeQuerySet.as_manager()

    class Meta:
        indexes = [
            # the sweep: what is due
            models.Index(
                fields=["counts_at"], condition=Q(state__in=["waiting", "contested"]), name="waiting_time_due"
            ),
            # the look at a project
            models.Index(fields=["project"], condition=Q(state="waiting"), name="waiting_time_of_project"),
            # the hours of a day that a member may state, and her own page
            models.Index(fields=["member", "stated_at"], name="waiting_time_of_member"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(seconds__gt=0), name="waiting_time_is_some_time"),
            models.CheckConstraint(
                condition=Q(kind="task") | Q(kind="training", cause="project"), name="waiting_time_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(counts_at__gt=F("stated_at")), name="waiting_time_ends"),
            models.CheckConstraint(
                condition=Q(cause="bound") | Q(contested_at__isnull=True),
                name="waiting_time_of_projects_is_not_contested",
            ),
            models.UniqueConstraint(
                fields=["assignment", "cause", "kind"],
                condition=Q(state__in=["waiting", "contested"]),
                name="waiting_time_once_per_assignment",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", counted_at=None, contested_at=None, refused_at=None, withdrawn_at=None)
                | Q(state="contested", counted_at=None, contested_at__isnull=False, refused_at=None, withdrawn_at=None)
                | Q(state="counted", counted_at__isnull=False, refused_at=None, withdrawn_at=None)
                | Q(state="refused", contested_at__isnull=False, refused_at__isnull=False, counted_at=None)
                | Q(state="withdrawn", withdrawn_at__isnull=False, contested_at=None, counted_at=None),
                name="waiting_time_state_follows_its_timestamps",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seconds} s – {self.state}"


class ContestQuerySet(models.QuerySet["Contest"]):
    def heard_by(self, member: Member) -> ContestQuerySet:
        """Those this member was drawn to hear, and still decides."""
        return self.filter(
            waiting__state=WaitingTime.State.CONTESTED, seats__member=member, seats__decided_at__isnull=True
        )

    def concerning(self, member: Member) -> ContestQuerySet:
        """Undecided ones that ask something of this member: to hear it, or to answer it."""
        hers = Q(waiting__member=member, answer="")
        heard = Q(seats__member=member, seats__decided_at__isnull=True)
        return self.filter(hers | heard, waiting__state=WaitingTime.State.CONTESTED).distinct()

    def visible_to(self, member: Member) -> ContestQuerySet:
        """Those about this member's own time, and those she was drawn to hear."""
        return self.filter(Q(waiting__member=member) | Q(seats__member=member)).distinct()


class Contest(models.Model):
    """Somebody's reasons against a piece of stated time, and the answer of the member whose time it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    waiting = models.OneToOneField(WaitingTime, models.PROTECT, related_name="contest")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reasons = models.TextField(_("reasons"), max_length=2000)
    answer = models.TextField(_("what you say to it"), max_length=2000, blank=True)
    log_entry = models.OneToOneField(Entry, models.PROTECT, related_name="+")
    seed = models.CharField(max_length=128, blank=True)
    opened_at = models.DateTimeField()

    objects = ContestQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reasons__regex=r"^\s*$"), name="contest_says_its_reasons")]

    def __str__(self) -> str:
        return self.reasons


class ContestSeat(models.Model):
    """A member drawn by lot to hear a contest, and what she decided."""

    contest = models.ForeignKey(Contest, models.PROTECT, related_name="seats", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    refuses = models.BooleanField(null=True)
    words = models.TextField(_("your reasons"), max_length=2000, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contest", "member"], name="contest_seat_one_per_member"),
            models.CheckConstraint(
                condition=Q(refuses__isnull=True, decided_at__isnull=True)
                | Q(refuses__isnull=False, decided_at__isnull=False),
                name="contest_seat_decides_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.refuses)


class HaltQuerySet(models.QuerySet["Halt"]):
    def open(self) -> HaltQuerySet:
        """Those nobody has looked at yet."""
        return self.filter(state=Halt.State.OPEN)


class Halt(Dated):
    """A project hands out nothing until its instructions and its price were looked at. It says nothing about any person.

    `more_seconds` is what the look added, for everybody to read. `allowed_seconds` is that and what was counted, which in a small
    project is one member's: the guard alone reads it.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be looked at")
        LOOKED = "looked", _("looked at")

    class Reason(models.TextChoices):
        QUOTE = "quote", _("more hours are counted than its quote pays for")
        DEBT = "debt", _("at the floor it would owe more than the labour billed for its answers")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.OPEN: ("halted_at",)},
            moves={State.OPEN: {State.LOOKED: ("looked_at",)}},
            ends=frozenset({State.LOOKED}),
        )
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="halts")
    reason = models.CharField(max_length=6, choices=Reason)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    halted_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    words = models.TextField(_("what you found in the instructions and the price"), max_length=2000, blank=True)
    more_seconds = models.PositiveIntegerField(null=True)
    allowed_seconds = models.PositiveIntegerField(null=True)

    objects = HaltQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project"], condition=Q(state="open"), name="halt_one_open_per_project"),
            models.CheckConstraint(
                condition=Q(
                    state="open", looked_at=None, looked_by=None, more_seconds=None, allowed_seconds=None, words=""
                )
                | (
                    Q(
                        state="looked",
                        looked_at__isnull=False,
                        looked_by__isnull=False,
                        more_seconds__isnull=False,
                        allowed_seconds__isnull=False,
                        allowed_seconds__gte=F("more_seconds"),
                    )
                    & ~Q(words__regex=r"^\s*$")
                ),
                name="halt_looked_at_says_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} – {self.reason}"
