"""What is recorded of the keys to the doors: personal tokens, and the people of a demonstration."""

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

from coop.doors.scopes import SCOPES
from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import user_behind
from coop.members.models import User

PERSONAL_CLIENT = "personal-tokens"
LONGEST_DAYS = 366
LONGEST_LABEL = 80


@transaction.atomic
def make_personal_token(*, by: Actor, label: str, scopes: Collection[str], days: int) -> tuple[Token, str]:
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
        user=user_behind(by),
        data={"personal": str(uuid.uuid4()), "label": label},
        expires_at=timezone.now() + timedelta(days=days),
    )
    token.set_scopes([scope for scope in SCOPES if scope in scopes])
    token.set_value(value)
    token.save()
    return token, value


@transaction.atomic
def revoke_personal_token(*, by: Actor, token: Token) -> None:
    """The token stops working at once. Only its person may do it; doing it twice changes nothing."""
    Token.objects.filter(pk=token.pk, user=user_behind(by), client_id=PERSONAL_CLIENT).delete()


@transaction.atomic
def prepare_person(*, email: str, name: str, password_hash: str) -> User:
    """A simulated person of the sandbox with a confirmed address and this password. Doing it twice changes nothing but the password."""
    person = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name, simulated=True)
    User.objects.filter(pk=person.pk).update(password=password_hash)
    EmailAddress.objects.get_or_create(user=person, email=person.email, defaults={"verified": True, "primary": True})
    return person
