"""What is asked of a rail and must not happen twice: the key, the request and how far it came."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from coop.ground.moments import Dated
from coop.ground.states import Graph
from payouts import sealing, troubles

LONGEST_FENCE = timedelta(hours=23)
"""No rail we ask keeps a key for less than 24 hours."""


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def due(self, moment: datetime) -> AttemptQuerySet:
        """Those that something can be done about now, the longest due first."""
        may = Q(next_try_at__isnull=True) | Q(next_try_at__lte=moment)
        return self.open().filter(may).order_by(F("next_try_at").asc(nulls_first=True), "pk")

    def open(self) -> AttemptQuerySet:
        """Those that the protocol can go on with by itself."""
        return self.filter(state__in=Attempt.OPEN)


class Attempt(Dated):
    """One thing that is asked for one purpose, until it is done, dropped, or waits for a person.

    waiting (nothing asked under this key) → asking (request and first try written before the call) → done; burning a key goes
    back to waiting under the next epoch; held says that a person must find out. Moments are wall time: a rail's keys age by it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("not asked yet")
        ASKING = "asking", _("being asked")
        DONE = "done", _("done")
        HELD = "held", _("waits for a person")
        DROPPED = "dropped", _("not asked any more")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "state": Graph(
            begins={State.WAITING: ()},
            moves={
                State.WAITING: {State.ASKING: ("first_try_at",), State.DROPPED: ()},
                State.ASKING: {State.DONE: (), State.WAITING: (), State.HELD: (), State.DROPPED: ()},
                State.HELD: {State.DONE: (), State.DROPPED: ()},
                State.DONE: {State.WAITING: ()},  # what was done has lapsed: a payment page expired unpaid
            },
            ends=frozenset({State.DONE, State.DROPPED}),
        )
    }
    DEADLINES = frozenset({"look_after", "next_try_at"})
    WALL = frozenset({"first_try_at", "last_try_at"})

    OPEN = (State.WAITING, State.ASKING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=20)
    subject = models.UUIDField()
    rail = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    epoch = models.PositiveIntegerField(default=1)
    sealed_request = models.BinaryField(null=True)
    first_try_at = models.DateTimeField(null=True)
    last_try_at = models.DateTimeField(null=True)
    look_after = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)  # at once, where it is empty
    reference = models.CharField(max_length=255, blank=True, default="")
    trouble = models.CharField(max_length=300, blank=True, default="")

    objects = AttemptQuerySet.as_manager()

    class Meta:
        indexes = [
            # each round of the sweep
            models.Index(
                fields=["purpose", "next_try_at"], condition=Q(state__in=["waiting", "asking"]), name="attempt_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "subject"], name="attempt_one_per_thing_asked"),
            models.UniqueConstraint(
                fields=["rail", "reference"], condition=~Q(reference=""), name="attempt_reference_answers_one"
            ),
            models.CheckConstraint(condition=Q(purpose__regex=r"^[a-z_]+$"), name="attempt_has_a_purpose"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "asking", "done", "held", "dropped"]), name="attempt_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="asking")
                | Q(sealed_request__isnull=False, first_try_at__isnull=False, look_after__isnull=False),
                name="attempt_writes_its_request_before_the_call",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting")
                | Q(sealed_request__isnull=True, first_try_at__isnull=True, look_after__isnull=True, reference=""),
                name="attempt_waiting_has_asked_nothing",
            ),
            models.CheckConstraint(
                condition=Q(look_after__isnull=True)
                | Q(first_try_at__isnull=False, look_after__lte=F("first_try_at") + LONGEST_FENCE),
                name="attempt_looks_before_the_key_is_forgotten",
            ),
            models.CheckConstraint(
                condition=Q(first_try_at__isnull=True, last_try_at__isnull=True)
                | Q(first_try_at__isnull=False, last_try_at__isnull=False, last_try_at__gte=F("first_try_at")),
                name="attempt_tries_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state="done") & ~Q(reference="") | ~Q(state="done") & Q(reference=""),
                name="attempt_done_has_its_reference",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["held", "dropped"]) | ~Q(trouble=""), name="attempt_ended_otherwise_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"

    @property
    def trouble_in_words(self) -> str:
        """Why it did not go as asked, in the reader's language; empty where it did."""
        return troubles.in_words(self.trouble)

    @property
    def key(self) -> str:
        """The idempotency key of this try; another epoch, another key."""
        return f"{self.purpose}:{self.subject}:{self.epoch}"

    def must_look(self, wall: datetime) -> bool:
        """Whether the key may be forgotten or says nothing new: never ask under it again, look."""
        return self.state == self.State.ASKING and self.look_after is not None and wall >= self.look_after

    def request(self) -> bytes:
        """The request as it was written before the call."""
        return sealing.unseal(bytes(self.sealed_request or b""), about=self.key)
