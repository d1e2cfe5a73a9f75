"""What every view needs to know of the one who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from coop.doors.requests import CoopRequest, PersonRequest
from coop.ground.actor import Actor
from coop.ground.clock import coop_now
from coop.members.actors import ActingMember, Person
from coop.members.models import Member, User


def knows_the_member(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Sets `request.actor`, who the person acts as, and `request.member`, their running membership; falsy where there is none.

    Both are asked for once, when the first is used. The API finds out who asks in its views (a token): they are used after that.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        asked = cast(PersonRequest, request)
        asked.actor = cast(Actor, SimpleLazyObject(lambda: _actor(asked)))
        asked.member = cast(Member, SimpleLazyObject(lambda: _membership(asked)))
        return get_response(request)

    return answer


def _actor(request: CoopRequest) -> Person | ActingMember | None:
    return request.user.actor_on(coop_now()) if isinstance(request.user, User) else None


def _membership(request: PersonRequest) -> Member | None:
    return request.actor.member if isinstance(request.actor, ActingMember) else None
