"""Released versions of a dataset: files whose bytes never change."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from coop.commons.models.datasets import HASH, Dataset, UsePolicy
from coop.ground.moments import Dated


class Release(Dated):
    """A version of a dataset. `manifest_sha256` is the hash of its SHA256SUMS, which names the hash of every other file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="releases")
    policy = models.ForeignKey(UsePolicy, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    units = models.PositiveIntegerField()
    contributors = models.PositiveIntegerField()
    consensus_round = models.PositiveIntegerField()
    manifest_sha256 = models.CharField(max_length=64)
    released_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "version"], name="release_versions_are_unique"),
            models.CheckConstraint(condition=Q(manifest_sha256__regex=HASH), name="release_is_hashed"),
            models.CheckConstraint(condition=Q(units__gt=0), name="release_holds_something"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} {self.version}"


class ReleaseFile(models.Model):
    """One file of a release, byte for byte."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="files")
    name = models.CharField(max_length=60)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="release_file_names_are_unique"),
            models.CheckConstraint(condition=Q(name__regex=r"^[A-Za-z0-9.]+$"), name="release_file_name_is_plain"),
        ]

    def __str__(self) -> str:
        return self.name
