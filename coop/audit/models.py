"""The audit log: what was done, by whom, when; the bytes that are chained, and the seals on them."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from coop.ground.moments import Dated


class LogEntryQuerySet(models.QuerySet["Entry"]):
    def unsealed(self) -> LogEntryQuerySet:
        """Those no seal covers yet, in the order in which they were written."""
        return self.filter(leaf__isnull=True).order_by("pk")

    def about(self, subject: str) -> LogEntryQuerySet:
        """The history of one thing, oldest first."""
        return self.filter(subject=subject).order_by("pk")


class Entry(models.Model):
    """One act, as stored bytes; written unchained in the transaction of the act itself, and chained later by the sealer."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    canonical = models.BinaryField()

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject", "id"], name="audit_entry_of_subject")]  # the history of one thing
        constraints = [
            models.CheckConstraint(condition=~models.Q(kind=""), name="audit_entry_names_its_kind"),
            models.CheckConstraint(condition=~models.Q(subject=""), name="audit_entry_names_its_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    def as_data(self) -> dict[str, Any]:
        """What the stored bytes say: {"at", "by", "format", "id", "kind", "payload", "subject"}."""
        data: dict[str, Any] = json.loads(bytes(self.canonical))
        return data


class Seal(models.Model):
    """A batch of entries, chained to the batch before: entries from number `first` on, `count` of them.

    `hash` is the SHA-256 of the canonical JSON of all other fields (`coop.audit.seals`).
    """

    number = models.BigIntegerField(primary_key=True)
    first = models.BigIntegerField(unique=True)
    count = models.IntegerField()
    leaves_sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0), name="audit_seal_covers_entries"),
            models.CheckConstraint(condition=~Q(hash=F("previous")), name="audit_seal_has_a_hash_of_its_own"),
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"


class LeafQuerySet(models.QuerySet["Leaf"]):
    def under(self, size: int) -> LeafQuerySet:
        """The first `size` leaves, in their order."""
        return self.filter(index__lt=size).order_by("index")


class Leaf(models.Model):
    """The place of an entry in the log: its number from 0 on, and its Merkle leaf hash."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="leaf")
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="leaves")
    hash = models.BinaryField()

    objects = LeafQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(index__gte=0), name="audit_leaf_counts_from_zero")]

    def __str__(self) -> str:
        return f"leaf {self.index}"


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    def latest_one(self) -> Checkpoint | None:
        """The checkpoint over the most entries."""
        return self.order_by("-size").first()


class Checkpoint(Dated):
    """A signed statement of the size and root of the log; `peaks` are the roots of its full subtrees, from which it grows."""

    size = models.BigIntegerField(primary_key=True)
    seal = models.OneToOneField(Seal, models.PROTECT, related_name="checkpoint")
    root = models.BinaryField()
    peaks = models.BinaryField()
    note = models.TextField()
    signed_at = models.DateTimeField()

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="audit_checkpoint_covers_entries")]

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"
