"""Webhooks, as they came: raw bytes, once per event, handled later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from coop.ground.moments import Dated
from coop.ground.states import Graph
from payouts import troubles

TITLES = {
    "checkout.session.": _("About a page on which an order is paid"),
    "transfer.": _("About a payment to a member"),
    "account.": _("About a member's account"),
    "payout.": _("About money on its way to a bank"),
    "refund.": _("About money that goes back"),
    "charge.": _("About a payment by card"),
}
"""What messages are about, by the beginning of the name that the payment service gives them."""
OTHER = _("About something else")


class InboxEventQuerySet(models.QuerySet["InboxEvent"]):
    def due(self, moment: datetime) -> InboxEventQuerySet:
        """Those to be handled now, in the order they came."""
        return self.filter(state=InboxEvent.State.NEW, next_try_at__lte=moment).order_by("pk")

    def poisoned(self) -> InboxEventQuerySet:
        """Those that a person has to look at."""
        return self.filter(state=InboxEvent.State.POISON)


class InboxEvent(Dated):
    """One event of the rail. It is a hint: what it is about is asked again before anything is believed."""

    class State(models.TextChoices):
        NEW = "new", _("new")
        DONE = "done", _("handled")
        POISON = "poison", _("could not be handled")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.NEW: ("received_at",)},
            moves={State.NEW: {State.DONE: ("handled_at",), State.POISON: ()}, State.POISON: {State.NEW: ()}},
            ends=frozenset({State.DONE}),
        )
    }
    DEADLINES = frozenset({"next_try_at"})
    TOLD = frozenset({"said_at"})

    class Source(models.TextChoices):
        WEBHOOK = "webhook"
        POLL = "poll"

    account = models.CharField(max_length=64)  # "platform", or the digest of a connected account
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=120)
    about = models.CharField(max_length=255)  # the id of the object
    payload = models.BinaryField()
    source = models.CharField(max_length=8, choices=Source)
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    trouble = models.CharField(max_length=300, blank=True, default="")  # as `troubles` keeps it
    said_at = models.DateTimeField()  # by the rail
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    objects = InboxEventQuerySet.as_manager()

    class Meta:
        indexes = [
            # the sweep, and the treasurer's queue
            models.Index(fields=["next_try_at"], condition=Q(state="new"), name="inbox_event_to_handle"),
            models.Index(fields=["received_at"], condition=Q(state="poison"), name="inbox_event_poisoned"),
            models.Index(fields=["said_at"], name="inbox_event_said_at"),  # where polling goes on
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "event_id"], name="inbox_event_comes_once"),
            models.CheckConstraint(condition=Q(state__in=["new", "done", "poison"]), name="inbox_event_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="done", handled_at__isnull=False) | (~Q(state="done") & Q(handled_at__isnull=True)),
                name="inbox_event_done_has_its_moment",
            ),
            models.CheckConstraint(condition=~Q(state="poison") | ~Q(trouble=""), name="inbox_event_poisoned_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"

    @property
    def title(self) -> str:
        """What kind of message it is, in the reader's language."""
        found = [title for beginning, title in TITLES.items() if self.type.startswith(beginning)]
        return str(found[0] if found else OTHER)

    @property
    def trouble_in_words(self) -> str:
        """Why it could not be handled, in the reader's language; what the payment service said as it said it."""
        return troubles.in_words(self.trouble)
