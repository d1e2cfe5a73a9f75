"""Recording an act."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from coop.audit.models import Entry
from coop.canonical import canonical_json, instant


@transaction.atomic
def record(*, kind: str, subject: str, payload: dict[str, Any], by: str, now: datetime) -> Entry:
    """Write one entry in the caller's transaction.

    `kind` is a verb in the past ("ballot.opened"), `subject` what it happened to ("ballot:<uuid>"), `by` a pseudonym or "platform".
    The payload holds no names: pseudonyms, salted commitments, numbers and hashes. ValueError or TypeError where it has no canonical form.
    """
    key = uuid.uuid4()
    canonical = canonical_json(
        {
            "at": instant(now),
            "by": by,
            "format": "canut-log/1",
            "id": str(key),
            "kind": kind,
            "payload": payload,
            "subject": subject,
        }
    )
    return Entry.objects.create(uuid=key, kind=kind, subject=subject, recorded_at=now, canonical=canonical)
