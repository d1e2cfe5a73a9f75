"""Webhooks: taken in at once, handled later, each in one transaction.

An event is a hint. What it is about is asked again, without a transaction, and only that answer counts; so late, twice and
out of order make no difference.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.canonical import canonical_json
from coop.ground.errors import Refused
from coop.ground.laws import broken_law
from coop.ground.strict_json import UnreadableJson, read_json
from coop.members.actors import must_hold
from coop.members.models import OfficeKind
from payouts import sealing, troubles
from payouts.actions import checkouts
from payouts.actions.execution import note_return
from payouts.models.inbox import InboxEvent
from payouts.models.rails import RailDetails
from payouts.rails import LookupFailed, stripe

PLATFORM = "platform"
LARGEST = 1_000_000  # bytes
TRIES = 8
POLL_OVERLAP = timedelta(hours=1)
BATCH = 100

State = InboxEvent.State


def receive_webhook(*, payload: bytes, signature: str, wall_time: int, now: datetime) -> InboxEvent:
    """Store a webhook that is really Stripe's and really ours, once.

    Refused `signature_wrong`, `signature_unreadable`, `timestamp_too_old`, `timestamp_in_future`, `not_configured`,
    `payload_unreadable`, `wrong_livemode`, `unknown_account`.
    """
    if len(payload) > LARGEST:
        raise Refused(_("This is too large to be an event."), code="payload_unreadable")
    try:
        stripe.verify(payload, signature, wall_time=wall_time)
    except stripe.BadSignature as no:
        raise Refused(str(no), code=no.code) from no
    try:
        event = read_json(payload)
    except UnreadableJson:
        raise Refused(_("This event is not JSON."), code="payload_unreadable") from None
    return _store(event=event, payload=payload, source=InboxEvent.Source.WEBHOOK, now=now)


@transaction.atomic
def _store(*, event: Any, payload: bytes, source: str, now: datetime) -> InboxEvent:
    try:
        event_id, kind, about = str(event["id"]), str(event["type"]), event["data"]["object"]
        livemode, said_at = event["livemode"], datetime.fromtimestamp(int(event["created"]), UTC)
        connected = event.get("account") or ""
        subject = str(about.get("id", ""))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        raise Refused(_("This is not an event."), code="payload_unreadable") from None
    if livemode is not settings.STRIPE_LIVE:
        raise Refused(_("This event is of the other mode, live or test."), code="wrong_livemode")
    account = PLATFORM
    if connected:
        account = _digest(str(connected))
        if not RailDetails.objects.filter(digest=account).exists():
            raise Refused(_("We know no such account."), code="unknown_account")
    stored, _new = InboxEvent.objects.get_or_create(
        account=account,
        event_id=event_id,
        defaults={
            "type": kind[:120],
            "about": subject[:255],
            "payload": payload,
            "source": source,
            "next_try_at": now,
            "said_at": said_at,
            "received_at": now,
        },
    )
    return stored


def _digest(account: str) -> str:
    return sealing.blind(canonical_json({"rail": stripe.RAIL.name, "account": account}).decode())


def advance_inbox(*, now: datetime) -> int:
    """Handle what is due. One event that can't be handled never keeps another waiting. The number handled."""
    if not stripe.is_on():
        return 0
    handled = 0
    for event in InboxEvent.objects.due(now)[:BATCH]:
        handled += _handle(event, now)
    return handled


def _handle(event: InboxEvent, now: datetime) -> bool:
    try:
        finding = _look_up(event, now)
        with transaction.atomic():
            locked = InboxEvent.objects.select_for_update(skip_locked=True).filter(pk=event.pk, state=State.NEW).first()
            if locked is None:
                return False
            now = locked.not_before(now)
            _apply(finding, now)
            InboxEvent.objects.filter(pk=event.pk).update(
                state=State.DONE, handled_at=now, tries=locked.tries + 1, trouble=""
            )
        return True
    except LookupFailed as later:
        _postpone(event, troubles.as_said(str(later)), now)
    except Refused as no:
        _poison(event, troubles.kept(troubles.FORBIDDEN, no.code))
    except IntegrityError as broken:
        _poison(event, troubles.kept(troubles.FORBIDDEN, broken_law(broken)))
    except ObjectDoesNotExist:
        _poison(event, troubles.kept(troubles.UNKNOWN_TO_US, event.about))
    except (KeyError, ValueError) as unread:
        _poison(event, troubles.kept(troubles.MISSHAPEN, type(unread).__name__))
    return False


def _look_up(event: InboxEvent, now: datetime) -> stripe.Checkout | None:
    """The object of the event as it is now; None for what we need not know. No transaction is open."""
    if event.type.startswith("checkout.session."):
        return stripe.look_up_checkout(event.about)
    if event.type == "transfer.reversed":
        note_return(reference=event.about, now=now)
    return None


def _apply(finding: stripe.Checkout | None, now: datetime) -> None:
    if finding is not None:
        checkouts.settle_checkout(found=finding, now=now)


@transaction.atomic
def _postpone(event: InboxEvent, why: str, now: datetime) -> None:
    tries = event.tries + 1
    if tries >= TRIES:
        _poison(event, why)
        return
    pause = timedelta(seconds=min(2**tries, 600))
    InboxEvent.objects.filter(pk=event.pk, state=State.NEW).update(
        tries=tries, next_try_at=now + pause, trouble=why[:300]
    )


def _poison(event: InboxEvent, why: str) -> None:
    InboxEvent.objects.filter(pk=event.pk, state=State.NEW).update(
        state=State.POISON, tries=event.tries + 1, trouble=why[:300] or "?"
    )


@transaction.atomic
def replay_event(*, event: InboxEvent, by: Actor, now: datetime) -> InboxEvent:
    """Put a poisoned event back into the queue. For one that is not poisoned nothing changes. Refused `not_in_office`."""
    locked = InboxEvent.objects.select_for_update().get(pk=event.pk)
    now = locked.not_before(now)
    must_hold(by, OfficeKind.TREASURER, now=now)
    if locked.state == State.POISON:
        locked.state, locked.tries, locked.next_try_at = State.NEW, 0, now
        locked.save(update_fields=["state", "tries", "next_try_at"])
    return locked


def poll_events(*, now: datetime) -> int:
    """Fetch what a webhook did not bring: events since the last one known, with some overlap. The number of new ones."""
    if not stripe.is_on():
        return 0
    last = InboxEvent.objects.aggregate(last=Max("said_at"))["last"]
    since = int((last - POLL_OVERLAP).timestamp()) if last else 0
    try:
        fetched = list(stripe.events_since(since))
    except LookupFailed:
        return 0
    before = InboxEvent.objects.count()
    for event in reversed(fetched):
        try:
            _store(event=event, payload=json.dumps(event).encode(), source=InboxEvent.Source.POLL, now=now)
        except Refused:
            continue
    return InboxEvent.objects.count() - before
