"""Where members are paid, at what rate, and the files that carry it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from coop.ground.moments import Dated
from coop.members.models import Member
from payouts import sealing

LONGEST_REFERENCE = 200
"""Characters of a reference that a bank or an operator gave, as a person copies it."""
LONGEST_DETAIL = 60
"""Characters of an account or a number, as a person types it; its rail then says whether it is one."""


class RailDetailsQuerySet(models.QuerySet["RailDetails"]):
    def current(self) -> RailDetailsQuerySet:
        """Those that are used now: at most one per member."""
        return self.filter(replaced_at__isnull=True)

    def of(self, member: Member) -> RailDetailsQuerySet:
        """Those of one member."""
        return self.filter(member=member)


class RailDetails(Dated):
    """How one member is paid. What identifies the account is sealed; `masked` is what people are shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="rail_details")
    rail = models.CharField(max_length=16)
    sealed = models.BinaryField()
    masked = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)  # keyed: recognises an account, says nothing about it
    set_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    objects = RailDetailsQuerySet.as_manager()

    class Meta:
        # whose account an event is about (one telephone may serve a household, so it is not unique)
        indexes = [models.Index(fields=["digest"], name="rail_details_by_account")]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(replaced_at__isnull=True), name="rail_details_one_current_per_member"
            ),
            models.CheckConstraint(condition=Q(rail__regex=r"^[a-z_]+$"), name="rail_details_name_their_rail"),
            models.CheckConstraint(
                condition=Q(replaced_at__isnull=True) | Q(replaced_at__gte=F("set_at")),
                name="rail_details_replaced_after_set",
            ),
        ]

    def __str__(self) -> str:
        return self.masked

    def opened(self) -> dict[str, Any]:
        """The details in clear, for the rail alone."""
        read: dict[str, Any] = json.loads(sealing.unseal(bytes(self.sealed), about=f"rail-details:{self.pk}"))
        return read


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    def used_now(self, currency: str) -> ExchangeRate | None:
        """The one used now for a currency."""
        return self.filter(currency=currency).order_by("-recorded_at", "-pk").first()


class ExchangeRate(models.Model):
    """`num/den` whole units of a currency for one euro, as the treasurer read it somewhere. Never edited."""

    currency = models.CharField(max_length=3)
    num = models.PositiveBigIntegerField()
    den = models.PositiveBigIntegerField()
    source = models.CharField(max_length=200)
    read_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Member, models.PROTECT, related_name="+")

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["currency", "-recorded_at"], name="exchange_rate_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(num__gt=0, den__gt=0), name="exchange_rate_is_above_zero"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="exchange_rate_has_a_currency"),
            models.CheckConstraint(condition=~Q(source=""), name="exchange_rate_names_its_source"),
            models.CheckConstraint(
                condition=Q(read_at__lte=F("recorded_at")), name="exchange_rate_read_before_recorded"
            ),
        ]

    def __str__(self) -> str:
        return f"1 EUR = {self.num}/{self.den} {self.currency}"
