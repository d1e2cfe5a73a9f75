"""The things to look at, the imports that brought them, and what the answers say of them together."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Sum, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from coop.ground.moments import Dated
from coop.ground.sentences import said
from coop.ground.states import Graph
from coop.members.models import User
from coop.work.calibration import FEWEST_GOLD
from coop.work.models.projects import Project


@dataclass(frozen=True)
class Progress:
    """How far a project has come."""

    items: int
    items_done: int
    answers_wanted: int
    answers_done: int
    in_hand: int

    @property
    def percent(self) -> int:
        """Answers there of a hundred wanted, rounded down."""
        return 100 * self.answers_done // self.answers_wanted if self.answers_wanted else 0


class ItemQuerySet(models.QuerySet["Item"]):
    def unfinished(self) -> ItemQuerySet:
        """Those that still want an answer that has not arrived."""
        return self.filter(state=Item.OPEN, n_done__lt=F("target"))

    def begun(self) -> ItemQuerySet:
        """Those somebody has worked on, or is working on, or let expire; a released assignment is no beginning."""
        return self.filter(assignments__state__in=["leased", "submitted", "expired"])

    def with_consensus(self) -> ItemQuerySet:
        """Each with the newest `consensus_value`, `consensus_support`, `consensus_confidence` (permille) and `consensus_answers`, or None."""
        newest = Consensus.objects.filter(item=OuterRef("pk")).order_by("-round__number")
        return self.annotate(
            consensus_value=Subquery(newest.values("value")[:1]),
            consensus_support=Subquery(newest.values("support")[:1]),
            consensus_confidence=Subquery(newest.values("confidence")[:1]),
            consensus_answers=Subquery(newest.values("answers")[:1]),
        )

    def progress(self) -> Progress:
        """How far they have come, counted in items and in answers."""
        return Progress(
            **self.aggregate(
                items=Count("pk"),
                items_done=Count("pk", filter=Q(n_done__gte=F("target"))),
                answers_wanted=Coalesce(Sum("target"), 0),
                answers_done=Coalesce(Sum("n_done"), 0),
                in_hand=Coalesce(Sum("n_active"), 0),
            )
        )


class Item(Dated):
    """One thing to look at. `n_active` members hold it, `n_done` answers arrived, `target` are wanted, never more.

    `extra` are the requester's own columns: given back with the results and never shown to a member.
    """

    OPEN, CLOSED = 0, 1
    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={str(OPEN): ()},
            moves={str(OPEN): {str(CLOSED): ()}},
            ends=frozenset({str(CLOSED)}),
            names={str(OPEN): "open", str(CLOSED): "closed"},
        )
    }

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.PROTECT, related_name="items", db_index=False)
    seq = models.PositiveIntegerField()
    payload = models.JSONField()
    extra = models.JSONField(default=dict)
    external_id = models.CharField(max_length=200)
    payload_sha256 = models.CharField(max_length=64)
    target = models.PositiveSmallIntegerField()
    n_active = models.PositiveSmallIntegerField(default=0)
    n_done = models.PositiveSmallIntegerField(default=0)
    state = models.PositiveSmallIntegerField(default=OPEN)
    open = models.GeneratedField(
        expression=Case(
            When(Q(state=0, target__gt=F("n_active") + F("n_done")), then=Value(True)), default=Value(False)
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects = ItemQuerySet.as_manager()

    class Meta:
        indexes = [
            # the claim: the next open item of a project. It must stay the only index that gives (project, seq) in order,
            # and must not hold the counters, or no update of them would be heap-only.
            models.Index(fields=["project", "seq"], condition=Q(open=True), name="item_open_in_order"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(n_active__gte=0), name="item_active_is_not_negative"),
            models.CheckConstraint(condition=Q(n_done__gte=0), name="item_done_is_not_negative"),
            models.CheckConstraint(
                condition=Q(target__gte=F("n_active") + F("n_done")),
                name="item_is_never_given_out_more_often_than_wanted",
            ),
            models.CheckConstraint(condition=Q(target__gte=1), name="item_wants_an_answer"),
            models.CheckConstraint(condition=Q(state__in=[0, 1]), name="item_state_is_known"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="item_numbers_begin_at_one"),
            # as one text, because an index on the two columns would offer itself to the claim
            models.UniqueConstraint(
                Concat(Cast("project", TextField()), Value("/", TextField()), Cast("seq", TextField())),
                name="item_number_once_per_project",
            ),
            models.UniqueConstraint(fields=["project", "external_id"], name="item_external_id_once_per_project"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} ({self.seq})"


class ItemImport(models.Model):
    """One upload of items: how many rows were added, how many were there already, and every refused row.

    A refused row comes with its line, its field, the reason and its content.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="imports")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    source_sha256 = models.CharField(max_length=64)
    kept = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kept} kept, {len(self.refused)} refused"

    @property
    def refused_in_words(self) -> list[dict[str, Any]]:
        """{line, field, reason, row} of each refused row, the reason in the reader's language."""
        return [
            {name: row[name] for name in ("line", "field", "row")} | {"reason": said(row["reason"], row["params"])}
            for row in self.refused
        ]


class ConsensusRound(Dated):
    """One reckoning over all answers of a project: by which strategy, over which inputs, and how far people agree.

    Agreement and alpha are exact fractions; null where they say nothing. Between the two accuracies (permille) lies the share of all
    labels that are right, at 95 %, measured on `gold` items; null where these are too few.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="consensus_rounds", db_index=False)
    number = models.PositiveIntegerField()
    strategy = models.CharField(max_length=40)
    rule_book = models.CharField(max_length=64)
    answers = models.PositiveIntegerField()
    inputs_sha256 = models.CharField(max_length=64)
    agreement_num = models.BigIntegerField(null=True)
    agreement_den = models.BigIntegerField(null=True)
    alpha_permille = models.IntegerField(null=True)
    gold = models.PositiveIntegerField(default=0)
    accuracy_from_permille = models.PositiveSmallIntegerField(null=True)
    accuracy_to_permille = models.PositiveSmallIntegerField(null=True)
    reckoned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="consensus_round_numbers_are_unique"),
            models.CheckConstraint(
                condition=Q(agreement_num__isnull=True, agreement_den__isnull=True)
                | Q(
                    agreement_num__isnull=False,
                    agreement_den__isnull=False,
                    agreement_num__lte=F("agreement_den"),
                    agreement_den__gt=0,
                ),
                name="consensus_round_agreement_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(accuracy_from_permille__isnull=True, accuracy_to_permille__isnull=True)
                | Q(
                    gold__gte=FEWEST_GOLD,
                    accuracy_from_permille__isnull=False,
                    accuracy_to_permille__isnull=False,
                    accuracy_from_permille__lte=F("accuracy_to_permille"),
                    accuracy_to_permille__lte=1000,
                ),
                name="consensus_round_accuracy_was_measured",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.strategy} ({self.number})"


class ConsensusQuerySet(models.QuerySet["Consensus"]):
    def newest_of(self, project: Project) -> ConsensusQuerySet:
        """The newest of each item of the project, in the order of the items."""
        newest = self.filter(item__project=project).order_by("item", "-round__number").distinct("item")
        return self.filter(pk__in=newest.values("pk")).order_by("item__seq")


class Consensus(models.Model):
    """The label of one item in one round; written only where it differs from the round before.

    `support` is the model's own figure and `confidence` what was measured on items whose truth is known, both in permille; None is
    not known.
    """

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(Item, models.PROTECT, related_name="consensus", db_index=False)
    round = models.ForeignKey(ConsensusRound, models.PROTECT, related_name="verdicts", db_index=False)
    value = models.JSONField()
    support = models.PositiveSmallIntegerField(null=True)
    confidence = models.PositiveSmallIntegerField(null=True)
    answers = models.PositiveSmallIntegerField()

    objects = ConsensusQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "round"], name="consensus_one_per_item_and_round"),
            models.CheckConstraint(
                condition=Q(support__isnull=True) | Q(support__lte=1000), name="consensus_support_is_permille"
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__lte=1000), name="consensus_confidence_is_permille"
            ),
        ]

    def __str__(self) -> str:
        return str(self.value)
