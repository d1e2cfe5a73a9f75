"""Who asks for data, what came of it, and what was fetched. All of it public."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from coop.commons import screen
from coop.commons.models.datasets import HASH, Dataset, UsePolicy
from coop.commons.models.releases import Release, ReleaseFile
from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.members.models import COUNTRY, User

LARGEST_OFFER = 10**12
"""Euro cents that a request may offer at most: beyond that somebody mistyped."""
LINK_LIVES = timedelta(hours=1)
"""How long a file can be had after it was written down that it is fetched: long enough for a slow line."""


def _choices(words: Any) -> list[tuple[str, Any]]:
    return [(key, _(text)) for key, text in words.items()]


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def undecided(self) -> AccessRequestQuerySet:
        """Those that are neither granted nor refused."""
        return self.filter(outcome="")

    def made_by(self, user: Any) -> AccessRequestQuerySet:
        """Those of this person."""
        return self.filter(asked_by=user) if user.is_authenticated else self.none()


class AccessRequest(Dated):
    """What somebody wants to do with a dataset, as stated, published in full when it is made and never edited.

    `screening` is what the machine said, `proposal` the vote it was put to, `outcome` what came of it; a refusal names its reason.
    """

    class Outcome(models.TextChoices):
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "outcome": Graph(
            begins={"": ("submitted_at",), Outcome.REFUSED: ("submitted_at", "decided_at")},
            moves={"": {Outcome.GRANTED: ("decided_at",), Outcome.REFUSED: ("decided_at",)}},
            ends=frozenset({Outcome.GRANTED, Outcome.REFUSED}),
            names={"": "waiting"},
        )
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="requests")
    policy = models.ForeignKey(UsePolicy, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    organisation = models.CharField(_("organisation"), max_length=200)
    legal_form = models.CharField(_("legal form"), max_length=20, choices=_choices(screen.LEGAL_FORMS))
    country = models.CharField(_("country"), max_length=2, validators=[COUNTRY])
    sector = models.CharField(_("sector"), max_length=30, choices=_choices(screen.SECTORS))
    purpose = models.CharField(_("kind of purpose"), max_length=30, choices=_choices(screen.PURPOSES))
    purpose_text = models.TextField(
        _("what exactly you want to do"), max_length=5000, validators=[MinLengthValidator(20)]
    )
    actions = ArrayField(
        models.CharField(max_length=20, choices=_choices(screen.ACTIONS)), verbose_name=_("what you will do")
    )
    recipients = models.TextField(_("who will receive the data or results"), max_length=2000)
    recipient_sectors = ArrayField(
        models.CharField(max_length=30, choices=_choices(screen.SECTORS)),
        verbose_name=_("sectors of those who will receive it"),
        default=list,
        blank=True,
    )
    environment = models.CharField(
        _("where you will use it"), max_length=12, choices=_choices(screen.ENVIRONMENTS), default="download"
    )
    until = models.DateField(_("until"))
    offer = models.PositiveBigIntegerField(_("what you offer for the commons, in euro cents"), default=0)
    simulated = models.BooleanField(default=False)
    screening = models.JSONField()
    proposal = models.UUIDField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    refused_for = models.CharField(max_length=30, blank=True, default="")
    decision = models.UUIDField(null=True)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-submitted_at"], name="access_request_newest"),  # the public register
            # what still waits: the sweep that turns silence into a refusal
            models.Index(fields=["submitted_at"], condition=Q(outcome=""), name="access_request_undecided"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(organisation=""), name="access_request_names_who_asks"),
            models.CheckConstraint(condition=~Q(purpose_text=""), name="access_request_says_what_for"),
            models.CheckConstraint(condition=~Q(actions=[]), name="access_request_says_what_will_be_done"),
            models.CheckConstraint(condition=~Q(recipients=""), name="access_request_names_who_receives"),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="access_request_country_is_two_letters"
            ),
            models.CheckConstraint(
                condition=(Q(outcome="refused") & ~Q(refused_for=""))
                | (~Q(outcome="refused") & Q(refused_for="", outcome__in=["", "granted"])),
                name="access_request_refused_names_why",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True) | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="access_request_decided_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="granted") | Q(decision__isnull=False),
                name="access_request_granted_only_by_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.dataset}"

    def get_absolute_url(self) -> str:
        """The page of the request."""
        return reverse("access_request", args=[self.pk])

    def as_facts(self) -> screen.Facts:
        """What the machine looks at."""
        return screen.Facts(
            legal_form=self.legal_form,
            sectors=frozenset({self.sector, *self.recipient_sectors}),
            purpose=self.purpose,
            actions=frozenset(self.actions),
            offer=self.offer,
        )

    def stated(self) -> dict[str, Any]:
        """Everything that was stated, as it is published and hashed."""
        return {
            "actions": sorted(self.actions),
            "country": self.country,
            "dataset": str(self.dataset_id),
            "environment": self.environment,
            "legal_form": self.legal_form,
            "offer": self.offer,
            "organisation": self.organisation,
            "policy": str(self.policy_id),
            "purpose": self.purpose,
            "purpose_text": self.purpose_text,
            "recipient_sectors": sorted(self.recipient_sectors),
            "recipients": self.recipients,
            "sector": self.sector,
            "until": self.until.isoformat(),
        }

    @property
    def refused_because(self) -> str:
        """The reason of a refusal in words, empty where there is none."""
        return gettext(screen.REASONS[self.refused_for]) if self.refused_for else ""

    @property
    def undecided_in_words(self) -> list[str]:
        """The rules that the machine could not decide, in words, each once."""
        names = map(screen.rule_name, self.screening.get("undecided", []))
        return [gettext(name) for name in dict.fromkeys(names)]

    @property
    def actions_in_words(self) -> list[str]:
        """What will be done, in words."""
        return [gettext(screen.ACTIONS[action]) for action in self.actions]

    @property
    def recipient_sectors_in_words(self) -> list[str]:
        """The sectors of those who receive, in words."""
        return [gettext(screen.SECTORS[sector]) for sector in self.recipient_sectors]


class GrantQuerySet(models.QuerySet["Grant"]):
    def held_by(self, user: Any) -> GrantQuerySet:
        """Those this person may use."""
        return self.filter(request__asked_by=user) if user.is_authenticated else self.none()


class Grant(Dated):
    """Access given by a decision: to one release, under one policy and agreement, from a moment (in) to a moment (out).

    `fee` is what was offered and agreed to; the release opens when it is paid. It belongs to the commons fund, never to a person.
    """

    DEADLINES = frozenset({"ends_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.OneToOneField(AccessRequest, models.PROTECT, related_name="grant")
    release = models.ForeignKey(Release, models.PROTECT, related_name="grants")
    policy_sha256 = models.CharField(max_length=64)
    agreement_sha256 = models.CharField(max_length=64)
    fee = models.PositiveBigIntegerField()
    fee_paid_at = models.DateTimeField(null=True)
    decision = models.UUIDField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="grant_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(fee__gt=0) | Q(fee_paid_at__isnull=True), name="grant_free_is_not_paid"),
            models.CheckConstraint(
                condition=Q(policy_sha256__regex=HASH, agreement_sha256__regex=HASH), name="grant_is_hashed"
            ),
        ]

    def __str__(self) -> str:
        return f"grant to {self.request.organisation}"

    def is_open_on(self, moment: datetime) -> bool:
        """Whether the release may be fetched at `moment`."""
        return self.starts_at <= moment < self.ends_at and (self.fee == 0 or self.fee_paid_at is not None)


class AccessEventQuerySet(models.QuerySet["AccessEvent"]):
    def open_to(self, user: Any, moment: datetime) -> AccessEventQuerySet:
        """Those whose link gives this person the file at `moment`: young enough, and the grant is open."""
        if not user.is_authenticated:
            return self.none()
        young = self.filter(grant__request__asked_by=user, at__gt=moment - LINK_LIVES)
        paid = Q(grant__fee=0) | Q(grant__fee_paid_at__isnull=False)
        return young.filter(paid, grant__starts_at__lte=moment, grant__ends_at__gt=moment)


class AccessEvent(models.Model):
    """A file of a release was fetched under a grant. Public. For an hour the file can be had under it, as often as the line breaks."""

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="events")
    file = models.CharField(max_length=60)
    at = models.DateTimeField()

    objects = AccessEventQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.file} {self.at}"

    @property
    def open_until(self) -> datetime:
        """Until when its link gives the file."""
        return self.at + LINK_LIVES

    def content(self) -> bytes:
        """The bytes of the file."""
        return bytes(ReleaseFile.objects.get(release=self.grant.release_id, name=self.file).content)
