"""What the API records about itself: keyed requests."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import KeyedRequest
from coop.ground.errors import Refused
from coop.members.models import User

UNDER_WAY = timedelta(
    minutes=2
)  # after that the process that began has died, and the (idempotent) action may be tried again


@transaction.atomic
def hold_key(*, caller: User, key: str, request_sha256: str, fresh_only: bool = False) -> KeyedRequest:
    """The row of this key, made if it is new and locked until the transaction ends.

    Refused `idempotency_conflict` where the key stands for another request; with `fresh_only`, `idempotency_in_progress`
    where the first request has not been answered yet.
    """
    held, new = KeyedRequest.objects.get_or_create(caller=caller, key=key, defaults={"request_sha256": request_sha256})
    held = KeyedRequest.objects.select_for_update().get(pk=held.pk)
    if held.request_sha256 != request_sha256:
        raise Refused(_("This key was used for another request."), code="idempotency_conflict", field="Idempotency-Key")
    if fresh_only and not new and held.status is None:
        if held.received_at > timezone.now() - UNDER_WAY:
            raise Refused(
                _("This request is under way; ask again shortly."),
                code="idempotency_in_progress",
                field="Idempotency-Key",
            )
        KeyedRequest.objects.filter(pk=held.pk).update(received_at=timezone.now())
    return held


@transaction.atomic
def keep_answer(*, held: KeyedRequest, status: int, content_type: str, answer: bytes) -> None:
    """Remember what was answered, to answer the same again."""
    KeyedRequest.objects.filter(pk=held.pk).update(status=status, content_type=content_type, answer=answer)


@transaction.atomic
def release_key(*, held: KeyedRequest) -> None:
    """Forget a key whose request was refused: nothing happened, it may be used again."""
    KeyedRequest.objects.filter(pk=held.pk, status__isnull=True).delete()
