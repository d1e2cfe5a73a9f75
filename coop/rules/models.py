"""Versions of rules, and the books that were pinned."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from coop.ground.moments import Dated


class RuleVersionQuerySet(models.QuerySet["RuleVersion"]):
    def on(self, moment: datetime) -> RuleVersionQuerySet:
        """The version of each rule in force at `moment`: the last one that began by then."""
        return self.filter(effective_from__lte=moment).order_by("key", "-effective_from", "-number").distinct("key")

    def of(self, key: str) -> RuleVersionQuerySet:
        """The history of one rule, newest first."""
        return self.filter(key=key).order_by("-number")


class RuleVersion(Dated):
    """A value of a rule from `effective_from` on, until a later version begins. Append-only; the first version is the founding."""

    DEADLINES = frozenset({"effective_from"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    value = models.JSONField()
    value_hash = models.CharField(max_length=64)
    effective_from = models.DateTimeField()
    decision = models.UUIDField(null=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    recorded_at = models.DateTimeField()

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "effective_from"], name="rule_version_one_per_moment"),
            models.UniqueConstraint(fields=["key", "number"], name="rule_version_numbers_are_unique"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(supersedes__isnull=True), name="rule_version_one_founding_value"
            ),
            models.CheckConstraint(
                condition=Q(number=1, supersedes__isnull=True)
                | Q(number__gt=1, supersedes__isnull=False, decision__isnull=False),
                name="rule_version_after_the_founding_has_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.number}"


class PinnedBook(models.Model):
    """A rule book that a run, a roll or an order was reckoned under, kept whole."""

    hash = models.CharField(primary_key=True, max_length=64)
    rules = models.JSONField()
    pinned_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.hash
