"""What the API itself must remember: which request a key stands for, and what was answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class KeyedRequest(models.Model):
    """A POST that came with an Idempotency-Key. The same key and request get the same answer; another request is refused."""

    id = models.BigAutoField(primary_key=True)
    caller = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )  # the key means nothing without its person
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    answer = models.BinaryField(default=b"")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="keyed_request_one_request_per_key"),
            models.CheckConstraint(condition=~models.Q(key=""), name="keyed_request_has_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.status or '…'})"
