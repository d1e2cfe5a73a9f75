"""Who acts for a client."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import Person, user_behind
from coop.work.models import Client


@dataclass(frozen=True, slots=True)
class Requester(Person):
    """A person acting for a client that orders work."""

    client: Client

    @property
    def stands_as(self) -> str:
        """The client, and who of the client it was, by a pseudonym made for the log."""
        return f"requester:{self.client.pk}:{self.user.log_pseudonym.hex}"


def must_order_for(by: Actor, client: Client) -> Requester:
    """The actor, acting for this client as its owner or editor. Refused `not_your_client`."""
    user = user_behind(by)
    if not Client.objects.ordering_for(user).filter(pk=client.pk).exists():
        raise Refused(_("You don't order for this client."), code="not_your_client", field="client")
    return Requester(user, client)
