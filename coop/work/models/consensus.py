"""What the answers say together."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from coop.ground.moments import Dated
from coop.work.models.items import Item
from coop.work.models.projects import Project


class ConsensusRound(Dated):
    """One reckoning over all answers of a project: by which strategy, over which inputs, and how far people agree.

    Agreement and alpha are exact fractions; null where they say nothing.
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
    reckoned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="consensus_round_numbers_are_unique"),
            models.CheckConstraint(
                condition=Q(agreement_num__isnull=True, agreement_den__isnull=True)
                | Q(agreement_num__lte=F("agreement_den"), agreement_den__gt=0),
                name="consensus_round_agreement_is_a_share",
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
    """The label of one item in one round; written only where it differs from the round before. Confidence is in permille."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(Item, models.PROTECT, related_name="consensus", db_index=False)
    round = models.ForeignKey(ConsensusRound, models.PROTECT, related_name="verdicts", db_index=False)
    value = models.JSONField()
    confidence = models.PositiveSmallIntegerField()
    answers = models.PositiveSmallIntegerField()

    objects = ConsensusQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "round"], name="consensus_one_per_item_and_round"),
            models.CheckConstraint(condition=Q(confidence__lte=1000), name="consensus_confidence_is_permille"),
        ]

    def __str__(self) -> str:
        return f"{self.value} ({self.confidence}‰)"
