"""What every view needs to know of the one who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from coop.ground.clock import coop_now
from coop.members.models import Member
from doors.requests import CoopRequest


def knows_the_member(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Sets `request.member`: the running membership of the person, falsy where there is none. Asked when first used.

    The API finds out who asks in its views (a token): it is first used after that.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        asked = cast(CoopRequest, request)
        asked.member = cast("Member | None", SimpleLazyObject(lambda: _running_membership(asked)))
        return get_response(request)

    return answer


def _running_membership(request: CoopRequest) -> Member | None:
    if not request.user.is_authenticated:
        return None
    return Member.objects.of(request.user).on(coop_now()).select_related("user").first()
