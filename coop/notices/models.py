"""What people are told, and the letters that carry some of it to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.members.models import User
from coop.notices.occasion import Occasion, occasions
from coop.notices.pauses import MOST_TRIES

GATHERED_FOR = timedelta(days=1)
"""What people chose to have mailed is gathered for so long: of all of it nobody gets more than one letter a day."""
LOST_AFTER = timedelta(minutes=15)
"""A letter that has been under way for longer was lost with its worker, and nobody knows whether it arrived. Wall time."""


class LetterQuerySet(models.QuerySet["Letter"]):
    def due(self, wall: datetime) -> LetterQuerySet:
        """Those to be sent now, the longest waiting first."""
        may = Q(next_try_at__isnull=True) | Q(next_try_at__lte=wall)
        return self.filter(may, state=Letter.State.WAITING).order_by(F("next_try_at").asc(nulls_first=True), "pk")

    def lost(self, wall: datetime) -> LetterQuerySet:
        """Those whose worker never came back."""
        return self.filter(state=Letter.State.SENDING, tried_at__lt=wall - LOST_AFTER)

    def failed(self) -> LetterQuerySet:
        """Those that may not have arrived; only their reader knows."""
        return self.filter(state__in=Letter.FAILED)


class Letter(Dated):
    """A mail to one person with the notices it carries.

    waiting → sending (written before the mail server is asked) → sent; a no for now leads back to waiting, a no for good or too
    many tries to given_up. Where the line broke, or the worker died, nobody knows whether it arrived: unknown, and it is not sent
    a second time unless its reader asks. What is no longer wanted is dropped. Tries are by wall time.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        GIVEN_UP = "given_up", _("could not be sent")
        UNKNOWN = "unknown", _("nobody knows whether it arrived")
        DROPPED = "dropped", _("not wanted any more")

    class Trouble(models.TextChoices):
        UNREACHABLE = "unreachable", _("the mail server could not be reached")
        NOT_NOW = "not_now", _("the mail server did not take it")
        REFUSED = "refused", _("the mail server refuses this address")
        BROKEN_OFF = "broken_off", _("the connection broke while it was being sent")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.WAITING: ("written_at",)},
            moves={
                State.WAITING: {State.SENDING: (), State.DROPPED: ("ended_at",)},
                State.SENDING: {
                    State.SENT: ("ended_at",),
                    State.WAITING: (),
                    State.GIVEN_UP: ("ended_at",),
                    State.UNKNOWN: ("ended_at",),
                },
                State.GIVEN_UP: {State.WAITING: ()},
                State.UNKNOWN: {State.WAITING: (), State.SENT: ("ended_at",)},
            },
            ends=frozenset({State.SENT, State.DROPPED, State.GIVEN_UP, State.UNKNOWN}),
        )
    }
    DEADLINES = frozenset({"next_try_at"})
    WALL = frozenset({"tried_at"})
    FAILED = (State.GIVEN_UP, State.UNKNOWN)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    trouble = models.CharField(max_length=12, choices=Trouble, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    written_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)  # at once, where it is empty
    tried_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="letter_due"),  # each round
            models.Index(fields=["tried_at"], condition=Q(state="sending"), name="letter_under_way"),  # each round
            # its reader's page
            models.Index(fields=["user"], condition=Q(state__in=["given_up", "unknown"]), name="letter_failed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "given_up", "unknown", "dropped"]),
                name="letter_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending"], ended_at__isnull=True)
                | Q(state__in=["sent", "given_up", "unknown", "dropped"], ended_at__isnull=False),
                name="letter_ended_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "dropped"])
                | Q(tries__gt=0, tried_at__isnull=False) & (~Q(state="sent") | Q(trouble="")),
                name="letter_was_tried_before_it_is_called_sent_or_failed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["given_up", "unknown"]) | ~Q(trouble=""), name="letter_failed_says_why"
            ),
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES), name="letter_is_not_tried_for_ever"),
        ]

    def __str__(self) -> str:
        return f"{self.state} ({self.tries})"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user: Any) -> NoticeQuerySet:
        """What this person is told, of kinds that we still have."""
        return self.filter(user=user, kind__in=occasions()) if user.is_authenticated else self.none()

    def unread(self) -> NoticeQuerySet:
        """What its reader has not called read."""
        return self.filter(read_at__isnull=True)

    def newest_first(self) -> NoticeQuerySet:
        """In the order of a page."""
        return self.order_by("-told_at", "-pk")

    def to_mail(self) -> NoticeQuerySet:
        """What is to be mailed and lies in no letter yet."""
        return self.filter(letter__isnull=True).exclude(mailed="")

    def due(self, moment: datetime) -> NoticeQuerySet:
        """What makes a letter due: it goes at once, or was gathered for long enough."""
        return self.to_mail().filter(Q(mailed=Notice.Mailed.AT_ONCE) | Q(told_at__lte=moment - GATHERED_FOR))


class Notice(Dated):
    """One thing that one person is told, written in the transaction of the event itself."""

    class Mailed(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        GATHERED = "gathered", _("with others, once a day")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed = models.CharField(
        max_length=8, choices=Mailed, blank=True, default=""
    )  # only on the page, where it is empty
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-told_at", "-id"], name="notice_page"),  # a reader's page, newest first
            # whether something is new, on every first page
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(  # what is to be mailed, each round
                fields=["user", "told_at"], condition=Q(letter__isnull=True) & ~Q(mailed=""), name="notice_to_mail"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "about"], name="notice_told_once"),
            models.CheckConstraint(condition=Q(kind__regex=r"^[a-z_]+$"), name="notice_has_a_kind"),
            models.CheckConstraint(condition=~Q(about=""), name="notice_is_about_something"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(read_at__gte=F("told_at")), name="notice_is_read_after_it_is_told"
            ),
            models.CheckConstraint(condition=Q(letter__isnull=True) | ~Q(mailed=""), name="notice_is_mailed_as_chosen"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"

    @property
    def occasion(self) -> Occasion[Any]:
        """The kind of event. KeyError where we don't have it any more."""
        return occasions()[self.kind]

    @property
    def sentence(self) -> str:
        """What it says, in the language of the moment."""
        return self.occasion.sentence(self.facts)

    @property
    def path(self) -> str:
        """Where its reader sees more."""
        return self.occasion.path(self.facts)


class MailChoice(models.Model):
    """A person chose to have one kind of event mailed. Without a row it is said on the page alone."""

    user = models.ForeignKey(User, models.PROTECT, related_name="mail_choices")
    kind = models.CharField(max_length=40)
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="mail_choice_made_once")]

    def __str__(self) -> str:
        return self.kind
