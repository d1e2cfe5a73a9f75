"""What is where, for whom: the navigation of each role, and who may open a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from payouts.models import BatchFile, InboxEvent, Order, PayoutItem
from payouts.reading import objections_waiting_for, runs_to_approve

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
NEWS = Link("/notices/", _("What's new for me"))
TREASURY = Link("/treasurer/", _("Treasury"))
LOOKS = Link("/work/looks/", _("Projects that are looked at"))
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
        mine += tuple(place.link for place in treasury_of(request)[:1])
        if "steward" in offices_of(request):
            mine += (LOOKS,)
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


@dataclass(frozen=True)
class Place:
    """A place of the treasury, and how many things wait there for the person asking."""

    link: Link
    waits: int = 0


def treasury_of(request: CoopRequest) -> tuple[Place, ...]:
    """The places of the treasury that are this person's now, the first page first. Asked once per request.

    All of them are a treasurer's; the first page is a steward's too, while a run or an objection there is theirs to decide.
    """
    if not hasattr(request, "_treasury"):
        request._treasury = tuple(_treasury_of(request))
    return request._treasury


def _treasury_of(request: CoopRequest) -> Iterator[Place]:
    if not request.member or not offices_of(request):
        return
    now = coop_now()
    objections = objections_waiting_for(request.member, now).count()
    first = Place(TREASURY, objections + len(runs_to_approve(request.member, now)))
    treasurer = "treasurer" in offices_of(request)
    if treasurer or first.waits:
        yield first
    if treasurer:
        transfers = Order.objects.awaiting_transfer().count() + Order.objects.refunded_by_hand().count()
        payments = PayoutItem.objects.unresolved().count() + PayoutItem.objects.waiting_for_a_rail().count()
        yield Place(Link("/treasurer/transfers/", _("Bank transfers to confirm")), transfers)
        yield Place(
            Link("/treasurer/payouts/", _("Payments to members")), payments + BatchFile.objects.unanswered().count()
        )
        yield Place(
            Link("/treasurer/inbox/", _("Messages of the payment provider")), InboxEvent.objects.poisoned().count()
        )
        yield Place(Link("/treasurer/rates/", _("Exchange rates")))


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
