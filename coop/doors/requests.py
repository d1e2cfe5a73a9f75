"""Who asks, as every view knows it. The middleware `doors.middleware.knows_the_member` makes each request one of these.

def page(request: CoopRequest): ...                        # anybody
@login_required
def page(request: PersonRequest): ...                      # `request.user` is a person
@member_required
def page(request: MemberRequest): ...                      # `request.member` is a member
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from coop.ground.actor import Actor
from coop.members.models import Member, User


class CoopRequest(HttpRequest):
    """From anybody. `member` is their running membership, asked for when it is first used; say `if request.member`, not `is None`."""

    user: User | AnonymousUser
    member: Member | None
    _offices: frozenset[str]
    _treasury: tuple[Any, ...]
    rate_limit: dict[str, int]
    """What is left of the budget of a caller of the API, where it is counted."""


class PersonRequest(CoopRequest):
    """From somebody who is logged in. `actor` is who they act as, for `by=` of an action: the member, or else the person."""

    user: User
    actor: Actor


class MemberRequest(PersonRequest):
    """From somebody who is a member now."""

    member: Member
