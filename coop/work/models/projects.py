"""Orders: what is asked, for whom and what for, what it costs, and how far it has come."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.work.models.clients import Client, ClientUser

END_USES = {
    "research": _("research"),
    "education": _("education"),
    "health": _("health"),
    "environment": _("environment"),
    "accessibility": _("accessibility"),
    "culture_heritage": _("culture and heritage"),
    "public_service": _("public service"),
    "language_technology": _("language technology"),
    "search": _("search and recommendation"),
    "commerce": _("commerce"),
    "finance": _("finance"),
    "transport": _("transport"),
    "content_moderation": _("content moderation"),
    "other": _("other"),
    "surveillance": _("surveillance"),
    "biometric_identification": _("biometric identification"),
    "military": _("military"),
    "migration_control": _("migration control"),
    "union_busting": _("union busting"),
    "fake_engagement": _("fake engagement or reviews"),
}
"""What the product of the work may be used for: tag → words. Those closed by rule are listed too, so that they can be named and refused."""

BILLED_ROLES = (ClientUser.Role.OWNER, ClientUser.Role.EDITOR)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Any) -> ProjectQuerySet:
        """Those of the clients this person may act for or look at."""
        return self.filter(client__people__user=user) if user.is_authenticated else self.none()

    def editable_by(self, user: Any) -> ProjectQuerySet:
        """Those this person may change, order and cancel."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(client__people__user=user, client__people__role__in=BILLED_ROLES)

    def live(self) -> ProjectQuerySet:
        """Those whose items are handed out."""
        return self.filter(status=Project.Status.LIVE)

    def handing_out(self) -> ProjectQuerySet:
        """Live ones whose instructions and price nobody has to look at first."""
        return self.live().exclude(halts__state="open")

    def disclosed(self) -> ProjectQuerySet:
        """Those a member may read about: open, halted or finished work, and never an unpaid plan."""
        return self.filter(status__in=[Project.Status.LIVE, Project.Status.PAUSED, Project.Status.DONE])


class Project(Dated):
    """An order. Whom it is for and what for is mandatory, and shown to members before they accept any of it."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        QUOTED = "quoted", _("quoted")
        LIVE = "live", _("live")
        PAUSED = "paused", _("paused")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "status": Graph(
            begins={Status.DRAFT: ("drafted_at",)},
            moves={
                Status.DRAFT: {Status.QUOTED: ("submitted_at", "quoted_at"), Status.CANCELLED: ("cancelled_at",)},
                Status.QUOTED: {
                    Status.DRAFT: ("revised_at",),
                    Status.LIVE: ("funded_at", "live_at"),
                    Status.CANCELLED: ("cancelled_at",),
                },
                Status.LIVE: {
                    Status.PAUSED: ("paused_at",),
                    Status.DONE: ("done_at",),
                    Status.CANCELLED: ("cancelled_at",),
                },
                Status.PAUSED: {
                    Status.LIVE: ("resumed_at",),
                    Status.DONE: ("done_at",),
                    Status.CANCELLED: ("cancelled_at",),
                },
            },
            ends=frozenset({Status.DONE, Status.CANCELLED}),
        )
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="projects")
    title = models.CharField(_("title"), max_length=200)
    purpose = models.TextField(_("purpose"), max_length=2000)
    final_client = models.CharField(_("final client"), max_length=200)
    end_use = ArrayField(models.CharField(max_length=40), verbose_name=_("end use"))
    product = models.CharField(_("product the work goes into"), max_length=200)
    sold_as_automated = models.BooleanField(_("will be sold as automated"), default=False)
    disclosure = models.TextField(_("how the people behind it are disclosed"), max_length=2000, blank=True)
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list, blank=True)
    task_type = models.CharField(_("task type"), max_length=20)
    template = models.JSONField(_("template"))
    instructions = models.TextField(_("instructions"), max_length=20_000)
    redundancy = models.PositiveSmallIntegerField(
        _("answers per item"), validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    seconds_per_answer = models.PositiveIntegerField(
        _("seconds you expect one answer to take"), validators=[MinValueValidator(1), MaxValueValidator(36_000)]
    )
    weight = models.PositiveIntegerField(default=1000)

    quote = models.ForeignKey("work.Quote", models.PROTECT, null=True, blank=True, related_name="+")
    rule_book = models.CharField(max_length=64, blank=True)
    price_per_answer = models.PositiveBigIntegerField(null=True, blank=True)
    funded_answers = models.PositiveIntegerField(default=0)

    # Kept by the sweeper, so that a claim needs no count and no hot row: the lowest open seq, the generation of reopened
    # slots, and an estimate of open items.
    low_seq = models.PositiveIntegerField(default=0)
    reopen_gen = models.PositiveBigIntegerField(default=0)
    open_items = models.PositiveIntegerField(default=0)
    # Until members' medians are known, the pace is the quoted seconds; and how many answers and corrections it was reckoned from.
    pace_seconds = models.PositiveIntegerField(null=True, blank=True)
    paced_words = models.PositiveIntegerField(default=0)

    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    drafted_at = models.DateTimeField()
    revised_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    quoted_at = models.DateTimeField(null=True, blank=True)
    funded_at = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        indexes = [
            # which projects have work: the claim without a project, and the sweeps
            models.Index(fields=["live_at"], condition=Q(status="live"), name="project_live"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="project_has_a_title"),
            models.CheckConstraint(condition=~Q(purpose__regex=r"^\s*$"), name="project_states_its_purpose"),
            models.CheckConstraint(condition=~Q(final_client__regex=r"^\s*$"), name="project_names_its_final_client"),
            models.CheckConstraint(condition=~Q(end_use=[]), name="project_states_its_end_use"),
            models.CheckConstraint(condition=Q(end_use__contained_by=list(END_USES)), name="project_end_use_is_known"),
            models.CheckConstraint(
                condition=Q(sold_as_automated=False) | ~Q(disclosure__regex=r"^\s*$"),
                name="project_sold_as_automated_discloses_the_people",
            ),
            models.CheckConstraint(condition=Q(redundancy__gte=1), name="project_asks_at_least_one_answer"),
            models.CheckConstraint(condition=Q(seconds_per_answer__gte=1), name="project_expects_some_time"),
            models.CheckConstraint(
                condition=Q(status="draft", submitted_at__isnull=True, quoted_at__isnull=True, funded_at__isnull=True)
                | Q(status="quoted", quoted_at__isnull=False, funded_at__isnull=True)
                | Q(status="live", live_at__isnull=False, paused_at__isnull=True, done_at__isnull=True)
                | Q(status="paused", live_at__isnull=False, paused_at__isnull=False, done_at__isnull=True)
                | Q(status="done", live_at__isnull=False, done_at__isnull=False)
                | Q(status="cancelled", cancelled_at__isnull=False, done_at__isnull=True),
                name="project_status_follows_its_timestamps",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled") | Q(cancelled_at__isnull=True),
                name="project_only_cancelled_has_that_moment",
            ),
            models.CheckConstraint(
                condition=Q(quoted_at__isnull=True)
                | Q(submitted_at__isnull=False, quote__isnull=False, price_per_answer__isnull=False) & ~Q(rule_book=""),
                name="project_quoted_has_its_quote",
            ),
            models.CheckConstraint(
                condition=Q(funded_at__isnull=True, funded_answers=0)
                | Q(quoted_at__isnull=False, funded_at__isnull=False, funded_answers__gt=0),
                name="project_funded_was_quoted",
            ),
            models.CheckConstraint(
                condition=Q(live_at__isnull=True) | Q(funded_at__isnull=False), name="project_live_was_funded"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def may_be_cancelled(self) -> bool:
        """It is not at an end, and nobody has begun to work on it."""
        return self.status not in (self.Status.DONE, self.Status.CANCELLED) and not self.items.begun().exists()

    @property
    def end_use_words(self) -> list[str]:
        """The end uses as people read them."""
        return [str(END_USES[tag]) for tag in self.end_use]

    @property
    def pace(self) -> int:
        """The seconds an answer takes, as the quote and its members' medians have it."""
        return self.pace_seconds or self.seconds_per_answer

    @property
    def open_halt(self) -> Any:
        """Why it hands out nothing until somebody looked, if so."""
        return self.halts.filter(state="open").first()

    @property
    def funded_seq(self) -> int:
        """The last item the money received pays for in full; later ones are not handed out. No counter is needed for it."""
        return self.funded_answers // self.redundancy


class Quote(models.Model):
    """An itemised price under one rule book. Written once; a new reckoning is a new quote. The lines add up to `total`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="quotes")
    rule_book = models.CharField(max_length=64)
    items = models.PositiveIntegerField()
    redundancy = models.PositiveSmallIntegerField()
    seconds_per_answer = models.PositiveIntegerField()
    answers = models.PositiveIntegerField()
    labour = models.PositiveBigIntegerField()
    total = models.PositiveBigIntegerField()
    escrow = models.PositiveBigIntegerField()
    price_per_answer = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3, default="EUR")
    quoted_at = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answers=F("items") * F("redundancy"), answers__gt=0), name="quote_counts_its_answers"
            ),
            models.CheckConstraint(
                condition=Q(escrow__gte=F("total"), total__gte=F("labour")), name="quote_covers_its_labour"
            ),
            models.CheckConstraint(
                condition=Q(total__lte=F("answers") * F("price_per_answer")), name="quote_is_covered_by_its_price"
            ),
            models.CheckConstraint(condition=Q(valid_until__gt=F("quoted_at")), name="quote_is_valid_for_a_while"),
        ]

    def __str__(self) -> str:
        return f"{self.total} {self.currency}"

    def is_valid_on(self, moment: datetime) -> bool:
        """Whether the quote may still be ordered at `moment`."""
        return moment < self.valid_until


class QuoteLine(models.Model):
    """One line of a quote: a key of `coop.work.rates`, an amount, and the seconds or the share it stands for."""

    quote = models.ForeignKey(Quote, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40)
    amount = models.PositiveBigIntegerField()
    seconds = models.PositiveBigIntegerField(null=True)
    share = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quote", "position"], name="quote_line_has_one_position")]

    def __str__(self) -> str:
        return f"{self.key}: {self.amount}"
