"""Requesters sign up, and let their people in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.ground.laws import check_stated
from coop.members.actors import user_behind
from coop.members.models import User
from coop.work.actors import Requester
from coop.work.models import Client, ClientUser

STATED = ("legal_name", "country", "kind", "vat_id", "contact", "beneficial_client", "subcontract_chain")
"""What is stated about an organisation."""


@transaction.atomic
def register_client(
    *,
    legal_name: str,
    country: str,
    kind: str,
    contact: str,
    by: Actor,
    now: datetime,
    vat_id: str = "",
    beneficial_client: str = "",
    subcontract_chain: Sequence[str] = (),
) -> Client:
    """Register an organisation that orders work; who registers it is its owner. ValidationError names each unsound field."""
    user = user_behind(by)
    client = Client(
        legal_name=legal_name.strip(),
        country=country.strip().upper(),
        kind=kind,
        vat_id=vat_id.strip(),
        contact=contact.strip(),
        beneficial_client=beneficial_client.strip(),
        subcontract_chain=[firm.strip() for firm in subcontract_chain if firm.strip()],
        registered_at=now,
    )
    check_stated(client, STATED)
    client.save(force_insert=True)
    ClientUser.objects.create(client=client, user=user, role=ClientUser.Role.OWNER, added_at=now)
    record(
        kind="client.registered",
        subject=f"client:{client.pk}",
        payload={"kind": kind},
        by=Requester(user, client),
        now=now,
    )
    return client


@transaction.atomic
def add_person(*, client: Client, user: User, role: str, by: Actor, now: datetime) -> ClientUser:
    """Let another person act for, or look at, a client. Only an owner may. Doing it twice changes nothing."""
    if not ClientUser.objects.filter(client=client, user=user_behind(by), role=ClientUser.Role.OWNER).exists():
        raise Refused(_("Only an owner lets other people in."), code="not_an_owner")
    person, _created = ClientUser.objects.get_or_create(
        client=client, user=user, defaults={"role": ClientUser.Role(role), "added_at": now}
    )
    return person
