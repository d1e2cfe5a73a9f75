"""The audit log: what was done, by whom, when; the bytes that are chained."""

import uuid

from django.db import models


class Entry(models.Model):
    """One act, as stored bytes; written unchained in the transaction of the act itself, and chained later by the sealer."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    canonical = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["subject", "id"], name="audit_entry_of_subject")]  # the history of one thing
        constraints = [
            models.CheckConstraint(condition=~models.Q(kind=""), name="audit_entry_names_its_kind"),
            models.CheckConstraint(condition=~models.Q(subject=""), name="audit_entry_names_its_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
