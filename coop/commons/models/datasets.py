"""Datasets, what members contributed to them, and the policies for their use."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from coop.ground.moments import Dated
from coop.members.models import Member
from coop.work.models import Project

HASH = r"^[0-9a-f]{64}$"


class Dataset(Dated):
    """Data that its makers govern together. Its creator is the collective, in every metadata.

    `client_rights` says in words by what right it came to the commons, `returns` what of the order came back.
    """

    class Origin(models.TextChoices):
        MEMBER_INITIATED = "member_initiated", _("begun by members")
        CLIENT_COMMISSIONED = "client_commissioned", _("ordered by a client")

    class Returns(models.TextChoices):
        ALL = "all", _("the items and their labels")
        LABELS = "labels", _("the labels only")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.OneToOneField(Project, models.PROTECT, related_name="dataset")
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), max_length=5000)
    origin = models.CharField(_("origin"), max_length=20, choices=Origin)
    client_rights = models.TextField(_("by what right it is ours to share"), max_length=2000)
    returns = models.CharField(_("what returns to the commons"), max_length=12, choices=Returns)
    personal_data = models.BooleanField(_("holds personal data"), default=False)
    steward = models.ForeignKey(Member, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(summary=""), name="dataset_says_what_it_is"),
            models.CheckConstraint(
                condition=~Q(client_rights__regex=r"^\s*$"), name="dataset_says_by_what_right_it_is_shared"
            ),
            models.CheckConstraint(
                condition=Q(origin__in=["member_initiated", "client_commissioned"]), name="dataset_origin_is_known"
            ),
            models.CheckConstraint(condition=Q(returns__in=["all", "labels"]), name="dataset_says_what_returns"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The page of the dataset."""
        return reverse("dataset", args=[self.pk])

    @property
    def policy(self) -> UsePolicy:
        """The policy in force: the last one adopted."""
        return self.policies.order_by("-version")[0]


class UsePolicy(Dated):
    """What a dataset may be used for: ODRL, its canonical hash, and plain words per language. Never edited once adopted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField()
    odrl = models.JSONField()
    odrl_sha256 = models.CharField(max_length=64)
    texts = models.JSONField()
    decision = models.UUIDField(null=True)
    adopted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "version"], name="use_policy_versions_are_unique"),
            models.CheckConstraint(condition=Q(odrl_sha256__regex=HASH), name="use_policy_is_hashed"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} – {self.version}"

    def get_absolute_url(self) -> str:
        """The page of the policy."""
        return reverse("use_policy", args=[self.pk])

    @property
    def sentences(self) -> list[str]:
        """The policy in plain words, in the reader's language if it was written in it, else in English."""
        written: list[str] = self.texts.get((get_language() or "en").split("-")[0]) or self.texts["en"]
        return written


class Contributor(models.Model):
    """Who stands behind a pseudonym of a dataset. Shown to nobody but that member; deleted rows are how a member is erased."""

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="contributors")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "member"], name="contributor_one_pseudonym_per_dataset")
        ]

    def __str__(self) -> str:
        return self.pseudonym.hex


class Contribution(models.Model):
    """A piece of work in a dataset: which unit, by which pseudonym, in which month. It has no price and no weight, by design."""

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="contributions")
    pseudonym = models.UUIDField()
    unit = models.CharField(max_length=64)
    payload_sha256 = models.CharField(max_length=64)
    month = models.CharField(max_length=7)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "unit", "pseudonym"], name="contribution_one_per_unit"),
            models.CheckConstraint(condition=Q(month__regex=r"^\d{4}-\d{2}$"), name="contribution_month_is_coarse"),
            models.CheckConstraint(condition=Q(payload_sha256__regex=HASH), name="contribution_is_hashed"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.month}"
