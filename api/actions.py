"""What the API records about itself: keyed requests and personal tokens."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import KeyedRequest
from api.scopes import SCOPES
from coop.ground.errors import Refused
from coop.members.models import User

PERSONAL_CLIENT = "personal-tokens"
LONGEST_DAYS = 366
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


@transaction.atomic
def make_personal_token(*, by: User, label: str, scopes: Collection[str], days: int) -> tuple[Token, str]:
    """A bearer token of django-allauth for this person, and its value, which is shown once and never stored.

    It lives on wall time, as sessions do. Refused `unknown_scope`, `no_scope`, `bad_expiry`.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise Refused(_("There is no scope %(scope)s.") % {"scope": unknown[0]}, code="unknown_scope", field="scopes")
    if not scopes:
        raise Refused(_("Choose at least one thing the token may do."), code="no_scope", field="scopes")
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(
            _("A token lives from 1 to %(days)s days.") % {"days": LONGEST_DAYS}, code="bad_expiry", field="days"
        )
    client, _new = Client.objects.get_or_create(
        id=PERSONAL_CLIENT,
        defaults={
            "name": "Personal tokens",
            "type": Client.Type.PUBLIC,
            "grant_types": "",
            "scopes": "\n".join(SCOPES),
            "secret": "!",
        },
    )
    value = f"canut_{secrets.token_urlsafe(32)}"
    token = Token(
        type=Token.Type.ACCESS_TOKEN,
        client=client,
        user=by,
        data={"personal": str(uuid.uuid4()), "label": label},
        expires_at=timezone.now() + timedelta(days=days),
    )
    token.set_scopes([scope for scope in SCOPES if scope in scopes])
    token.set_value(value)
    token.save()
    return token, value


@transaction.atomic
def revoke_personal_token(*, by: User, token: Token) -> None:
    """The token stops working at once. Only its person may do it; doing it twice changes nothing."""
    Token.objects.filter(pk=token.pk, user=by, client_id=PERSONAL_CLIENT).delete()


@transaction.atomic
def prepare_person(*, email: str, name: str, password_hash: str) -> User:
    """A simulated person of the sandbox with a confirmed address and this password. Doing it twice changes nothing but the password."""
    person = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name, simulated=True)
    User.objects.filter(pk=person.pk).update(password=password_hash)
    EmailAddress.objects.get_or_create(user=person, email=person.email, defaults={"verified": True, "primary": True})
    return person
