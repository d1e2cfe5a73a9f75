"""What the sharing of revenue records: periods and what they earned, runs and what each member receives."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, FilteredRelation, Max, Q
from django.utils.translation import gettext_lazy as _

from coop.audit.models import Entry as AuditEntry
from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.members.models import Member
from coop.rules.models import PinnedBook
from coop.work.models import Project, TimeEntry
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

    def without_an_approved_run(self) -> PeriodQuerySet:
        """Those whose pay is not in the books yet."""
        return self.filter(models.Q(run=None) | models.Q(run__approved_at=None))


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
                condition=Q(number=1, follows__isnull=True)
                | Q(number__gt=1, follows__isnull=False, follows=F("starts_at")),
                name="period_begins_where_the_one_before_ends",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | Q(state="closed", closed_at__isnull=False, closed_at__gte=F("ends_at")),
                name="period_closes_when_it_is_over",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def last_moment(self) -> datetime:
        """The last microsecond of the period, at which its results take effect in the books."""
        return self.ends_at - timedelta(microseconds=1)


MOMENTS = (
    "frozen_at",
    "computed_at",
    "approved_at",
    "reserved_at",
    "executing_at",
    "settled_at",
    "closed_at",
)


def _reached(state: str, count: int) -> Q:
    """The moments that a state has, and those it has not."""
    return Q(state=state, **{f"{moment}__isnull": place >= count for place, moment in enumerate(MOMENTS)})


class PayoutRunQuerySet(models.QuerySet["PayoutRun"]):
    def published(self) -> PayoutRunQuerySet:
        """Those whose lines anybody may read, the latest period first."""
        return self.filter(computed_at__isnull=False).order_by("-period__number")

    def to_approve(self, moment: datetime) -> PayoutRunQuerySet:
        """Those whose objection window is over and that wait for the treasurer."""
        return self.filter(state=PayoutRun.State.COMPUTED, objections_until__lte=moment).order_by("period__number")

    def to_reckon(self) -> PayoutRunQuerySet:
        """Those that are not computed yet and before which every run is approved."""
        waiting = PayoutRun.objects.filter(period__number__lt=models.OuterRef("period__number"), approved_at=None)
        reckoned = self.filter(state__in=[PayoutRun.State.DRAFT, PayoutRun.State.FROZEN])
        return reckoned.filter(~models.Exists(waiting))

    def to_close(self) -> PayoutRunQuerySet:
        """Those that are paid, and of which no payment waits any more for a person to find out whether the money left.

        A payment that was given back is resolved: its money is payable again and goes out with a later run.
        """
        unresolved = FilteredRelation("items", condition=Q(items__state="held", items__reserved=True))
        settled = self.filter(state__in=[PayoutRun.State.SETTLED, PayoutRun.State.SETTLED_WITH_HOLDS])
        return settled.alias(unresolved=unresolved).filter(unresolved=None)

    def approved(self) -> PayoutRunQuerySet:
        """Those that the treasurer has approved and that are not reserved yet."""
        return self.filter(state=PayoutRun.State.APPROVED).order_by("period__number")


class PayoutRun(Dated):
    """One sharing of one period's revenue, under the one rule book that was in force when the period began.

    What was reckoned stands in its versions; `current` is the one that no other replaces. Nothing is in the books before the
    approval, which posts the current version: `recognition` moves the revenue out of escrow, `distribution` shares it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        FROZEN = "frozen", _("frozen")
        COMPUTED = "computed", _("computed, open to objections")
        APPROVED = "approved", _("approved")
        RESERVED = "reserved", _("reserved")
        EXECUTING = "executing", _("being paid")
        SETTLED = "settled", _("paid")
        SETTLED_WITH_HOLDS = "settled_with_holds", _("paid, some held")
        CLOSED = "closed", _("closed")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.DRAFT: ("drafted_at",)},
            moves={
                State.DRAFT: {State.FROZEN: ("frozen_at",)},
                State.FROZEN: {State.COMPUTED: ("computed_at",)},
                State.COMPUTED: {State.APPROVED: ("approved_at",)},
                State.APPROVED: {State.RESERVED: ("reserved_at",)},
                State.RESERVED: {State.EXECUTING: ("executing_at",)},
                State.EXECUTING: {State.SETTLED: ("settled_at",), State.SETTLED_WITH_HOLDS: ("settled_at",)},
                State.SETTLED: {State.CLOSED: ("closed_at",)},
                State.SETTLED_WITH_HOLDS: {State.CLOSED: ("closed_at",)},
            },
            ends=frozenset({State.CLOSED}),
        )
    }
    DEADLINES = frozenset({"objections_until"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    period = models.OneToOneField(Period, models.PROTECT, related_name="run")
    rule_book = models.ForeignKey(PinnedBook, models.PROTECT, related_name="+", db_column="rule_book")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=18, choices=State, default=State.DRAFT)

    frozen_inputs = models.JSONField(null=True)
    frozen_sha256 = models.CharField(max_length=64, blank=True, default="")
    current = models.OneToOneField("RunVersion", models.PROTECT, null=True, related_name="+")
    recognition = models.ForeignKey(Transaction, models.PROTECT, null=True, related_name="+")
    distribution = models.ForeignKey(Transaction, models.PROTECT, null=True, related_name="+")

    drafted_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    computed_at = models.DateTimeField(null=True)
    objections_until = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    reserved_at = models.DateTimeField(null=True)
    executing_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = PayoutRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_reached("draft", 0)
                | _reached("frozen", 1)
                | _reached("computed", 2)
                | _reached("approved", 3)
                | _reached("reserved", 4)
                | _reached("executing", 5)
                | _reached("settled", 6)
                | _reached("settled_with_holds", 6)
                | _reached("closed", 7),
                name="run_state_follows_its_moments",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True, frozen_inputs__isnull=True, frozen_sha256="")
                | Q(frozen_at__isnull=False, frozen_inputs__isnull=False) & ~Q(frozen_sha256=""),
                name="run_frozen_has_its_inputs",
            ),
            models.CheckConstraint(
                condition=Q(computed_at__isnull=True, current__isnull=True, objections_until__isnull=True)
                | Q(
                    computed_at__isnull=False,
                    current__isnull=False,
                    objections_until__isnull=False,
                    objections_until__gte=F("computed_at"),
                ),
                name="run_computed_has_its_version",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=False) | Q(distribution__isnull=True, recognition__isnull=True),
                name="run_posts_nothing_before_its_approval",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(
                    approved_at__isnull=False,
                    objections_until__isnull=False,
                    approved_at__gte=F("objections_until"),
                    approved_by__isnull=False,
                ),
                name="run_approved_after_objections_by_somebody",
            ),
        ]

    def recorded_elsewhere(self) -> Iterable[datetime | None]:
        """Files that were written and answered stand in the log of the run."""
        return [AuditEntry.objects.about(f"run:{self.pk}").aggregate(last=Max("recorded_at"))["last"]]

    def __str__(self) -> str:
        return f"run of period {self.period_id}"

    @property
    def inputs(self) -> dict[str, Any] | None:
        """What it is reckoned from: of its current version, before there is one as it was frozen."""
        found: dict[str, Any] | None = self.current.inputs if self.current else self.frozen_inputs
        return found

    @property
    def inputs_sha256(self) -> str:
        """The hash of what the current version is reckoned from."""
        return self.current.inputs_sha256 if self.current else ""

    @property
    def result(self) -> dict[str, Any] | None:
        """What came out of the current version."""
        found: dict[str, Any] | None = self.current.result if self.current else None
        return found

    @property
    def result_sha256(self) -> str:
        """The hash of what came out of the current version."""
        return self.current.result_sha256 if self.current else ""

    @property
    def payable_total(self) -> int | None:
        """What the current version pays to all members, in minor units."""
        return self.current.payable_total if self.current else None

    @property
    def bundle_sha256(self) -> str:
        """The hash of the bundle of the current version."""
        return self.current.bundle_sha256 if self.current else ""

    @property
    def version(self) -> int | None:
        """The number of the current version."""
        return self.current.number if self.current else None


class RunVersion(models.Model):
    """One reckoning of a run, with its bundle. An upheld objection makes the next, which names the one it replaces.

    `inputs` and `result` are the two halves of the public bundle; `postings` is what the approval books.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    inputs = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64)
    result = models.JSONField()
    result_sha256 = models.CharField(max_length=64)
    payable_total = models.PositiveBigIntegerField()
    postings = models.JSONField()  # [{"account": code, "amount": debits above zero}]
    bundle_sha256 = models.CharField(max_length=64)
    log_entry = models.ForeignKey(AuditEntry, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="run_version_has_its_number"),
            models.CheckConstraint(
                condition=Q(number=1, replaces__isnull=True) | Q(number__gt=1, replaces__isnull=False),
                name="run_version_names_what_it_replaces",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class RevenueLine(models.Model):
    """What a period earned from one project: answers delivered in it, at the price billed, never more than was paid in."""

    version = models.ForeignKey(RunVersion, models.PROTECT, related_name="revenue")
    superseded_by = models.ForeignKey(RunVersion, models.PROTECT, null=True, related_name="+")
    period = models.ForeignKey(Period, models.PROTECT, related_name="revenue")
    project = models.ForeignKey(Project, models.PROTECT, related_name="revenue")
    answers = models.PositiveIntegerField()
    price = models.PositiveBigIntegerField()
    amount = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "project"],
                condition=Q(superseded_by__isnull=True),
                name="revenue_line_one_per_period_and_project",
            ),
            models.CheckConstraint(condition=Q(answers__gt=0), name="revenue_line_counts_answers"),
            models.CheckConstraint(
                condition=Q(amount__lte=F("answers") * F("price")), name="revenue_line_not_above_its_price"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id}: {self.amount}"


class MemberShareQuerySet(models.QuerySet["MemberShare"]):
    def visible_to(self, user: Any) -> MemberShareQuerySet:
        """A person's own, and nobody else's."""
        return self.filter(member__user=user) if user.is_authenticated else self.none()

    def live(self) -> MemberShareQuerySet:
        """Those of versions that no other has replaced."""
        return self.filter(version__replaced_by__isnull=True)


class MemberShare(models.Model):
    """A member's part of a version of a run: the statement they receive. `exact` is the share before rounding, as "num/den".

    `adjustment` is what this run settled of signed adjustments, `adjustment_left` what the next one has to settle.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="shares")
    version = models.ForeignKey(RunVersion, models.PROTECT, related_name="shares")
    member = models.ForeignKey(Member, models.PROTECT, related_name="shares")
    pseudonym = models.CharField(max_length=32)
    seconds = models.PositiveBigIntegerField()
    weight = models.PositiveBigIntegerField()
    floor = models.PositiveBigIntegerField()
    cap = models.PositiveBigIntegerField(null=True)
    owed_paid = models.PositiveBigIntegerField()
    exact = models.TextField()
    amount = models.PositiveBigIntegerField()
    shortfall = models.PositiveBigIntegerField()
    owed_left = models.PositiveBigIntegerField()
    adjustment = models.BigIntegerField(default=0)
    adjustment_left = models.BigIntegerField(default=0)
    payable = models.GeneratedField(
        expression=F("amount") + F("owed_paid") + F("adjustment"),
        output_field=models.PositiveBigIntegerField(),
        db_persist=True,
    )

    objects = MemberShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "member"], name="member_share_one_per_version"),
            models.CheckConstraint(
                condition=Q(weight__gt=0) | Q(amount=0, floor=0, shortfall=0),
                name="member_share_without_work_is_nothing",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=F("floor")) | Q(shortfall=F("floor") - F("amount")),
                name="member_share_reaches_the_floor_or_owes_it",
            ),
            models.CheckConstraint(
                condition=Q(cap__isnull=True) | Q(amount__lte=F("cap")), name="member_share_not_above_its_cap"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pseudonym}: {self.amount}"

    @property
    def exact_share(self) -> Fraction:
        """The share before rounding."""
        return Fraction(self.exact)


class PaidTime(models.Model):
    """A time entry that a run has paid. Each is paid once: by one version that no other replaces."""

    superseded_by = models.ForeignKey(RunVersion, models.PROTECT, null=True, related_name="+")
    share = models.ForeignKey(MemberShare, models.PROTECT, related_name="time")
    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    seconds = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(superseded_by__isnull=True), name="paid_time_is_paid_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.seconds} s ({self.kind})"
