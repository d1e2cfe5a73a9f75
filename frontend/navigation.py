"""What is where, for whom: the navigation of each role, and who may open a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coop.doors.requests import CoopRequest
from coop.ground.clock import coop_now
from coop.members.models import Office

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Link:
    """A place and its name."""

    path: str
    label: str | Promise


PUBLIC = (
    Link("/proposals/", _("Proposals")),
    Link("/rules/", _("Rules")),
    Link("/reports/", _("Reports")),
    Link("/commons/", _("Commons")),
)
VISITOR = (Link("/projects/", _("Order work")),)
MEMBER = (
    Link("/work/", _("Work")),
    Link("/work/time/", _("My time")),
    Link("/statements/", _("My statements")),
)
REQUESTER = (Link("/projects/", _("My projects")),)
TREASURER = (Link("/treasurer/", _("Treasury")),)
STEWARD: tuple[Link, ...] = ()
FOOTER = (
    Link("/rules/", _("The rules in force")),
    Link("/reports/", _("Reports")),
    Link("/commons/register/", _("Register of access requests")),
    Link("/log/", _("Log")),
    Link("/canut-verify", _("Check it yourself (canut-verify)")),
    Link("/api/docs/", _("API")),
)


def links_for(request: CoopRequest) -> list[Link]:
    """The main navigation of the person asking: first what is theirs to do, then what is everybody's."""
    mine: tuple[Link, ...] = ()
    if request.member:
        mine += MEMBER
        if "treasurer" in offices_of(request):
            mine += TREASURER
    elif request.user.is_authenticated:
        mine += REQUESTER
    return [*mine, *PUBLIC]


def offices_of(request: CoopRequest) -> frozenset[str]:
    """The offices that the person asking holds now. Asked once per request."""
    if not hasattr(request, "_offices"):
        member = request.member
        kinds = (
            Office.objects.on(coop_now()).filter(member_id=member.pk).values_list("kind", flat=True) if member else ()
        )
        request._offices = frozenset(kinds)
    return request._offices


def member_required(view: View) -> View:
    """Log in first; for anyone but a member the page does not exist."""

    @wraps(view)
    def only_members(request: CoopRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.member:
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(only_members)


def office_required(*kinds: str) -> Callable[[View], View]:
    """Log in first; for anyone who holds none of these offices now the page does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def only_in_office(request: CoopRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not set(kinds) & set(offices_of(request)):
                raise Http404
            return view(request, *args, **kwargs)

        return login_required(only_in_office)

    return decorate
