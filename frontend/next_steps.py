"""The next things to do, by role. Each is a sentence and a place; nothing is counted down and nothing blinks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from coop.doors.requests import CoopRequest
from coop.ground.clock import coop_now
from coop.members.actors import ActingMember
from coop.members.models import Application
from coop.notices.models import Notice
from coop.work.models import Assignment, Contest, Halt
from coop.work.standing import may_look
from frontend.navigation import NEWS, Link, offices_of, treasury_of
from frontend.unpaid import to_the_member
from governance.models import RollEntry
from payouts.models import RailDetails
from payouts.reading import left_unpaid, runs_to_approve


@dataclass(frozen=True)
class Thing:
    """One thing to do: its name, why, and where."""

    title: str | Promise
    why: str | Promise
    link: Link
    waiting: str = ""


MEMBER = (
    Thing(
        gettext_lazy("Find work"),
        gettext_lazy(
            "Projects that are open now, with who they are for and what for. Refusing is free and never scored."
        ),
        Link("/work/", gettext_lazy("See the work")),
    ),
    Thing(
        gettext_lazy("Vote"),
        gettext_lazy("One member, one vote. A proposal that passes changes the rules by itself."),
        Link("/proposals/", gettext_lazy("Read the proposals")),
    ),
    Thing(
        gettext_lazy("My time"),
        gettext_lazy("You are paid by the time you counted. Look at it and correct it."),
        Link("/work/time/", gettext_lazy("See my time")),
    ),
    Thing(
        gettext_lazy("My statements"),
        gettext_lazy("What comes to you for each period, line by line, with the rule behind each line."),
        Link("/statements/", gettext_lazy("Read my statements")),
    ),
)
TREASURER = Thing(
    gettext_lazy("Treasury"),
    gettext_lazy("Bank transfers to confirm, payout runs to approve, operators' answers to enter."),
    Link("/treasurer/", gettext_lazy("Open the treasury")),
)
DEPUTY = Thing(
    gettext_lazy("Treasury"),
    gettext_lazy(
        "A payout run or an objection waits for a steward: the treasurers may not decide on it, or did not in time."
    ),
    Link("/treasurer/", gettext_lazy("Open the treasury")),
)
APPROVAL = Thing(
    gettext_lazy("A payout run to approve"),
    gettext_lazy("Nobody in office is left who may approve it, so members may. There is no hurry: look at it first."),
    Link("/reports/", gettext_lazy("Look at the run")),
)
STEWARD = (
    Thing(
        gettext_lazy("Requests for data"),
        gettext_lazy("Who asks for what, and what the policy says."),
        Link("/commons/", gettext_lazy("See the requests")),
    ),
    Thing(
        gettext_lazy("Projects that are looked at"),
        gettext_lazy("They take more time than their quote pays for, and hand out nothing until you have looked."),
        Link("/work/looks/", gettext_lazy("Look at them")),
    ),
)
LATE_LOOK = Thing(
    gettext_lazy("Projects that are looked at"),
    gettext_lazy("A project hands out nothing, and no steward has looked in time: any member may look now."),
    Link("/work/looks/", gettext_lazy("Look at them")),
)
REQUESTER = (
    Thing(
        gettext_lazy("Order work"),
        gettext_lazy("Say what it is for, upload the items, get an itemised quote, pay, fetch the results."),
        Link("/projects/new/", gettext_lazy("Start a project")),
    ),
    Thing(
        gettext_lazy("My projects"),
        gettext_lazy("What is under way, what is to be paid, what is finished."),
        Link("/projects/", gettext_lazy("See my projects")),
    ),
)
UNPAYABLE = Thing(
    gettext_lazy("Where I am paid"),
    gettext_lazy("Until you have said where you are paid, what you earn stays payable to you."),
    Link("/rail/", gettext_lazy("Say where you are paid")),
)
NEW = Thing(
    gettext_lazy("What's new for me"),
    gettext_lazy("What happened that concerns you, in the order in which it did."),
    NEWS,
)
APPLICANT = Thing(
    gettext_lazy("Become a member"),
    gettext_lazy("Whoever does the work owns the platform. The members decide on your application by vote."),
    Link("/apply/", gettext_lazy("Apply")),
)
WAITING = Thing(
    gettext_lazy("Your application"),
    gettext_lazy("The members will decide on it by vote; you will see the result here."),
    Link("/apply/", gettext_lazy("See your application")),
)


def next_things(request: CoopRequest) -> list[Thing]:
    """What this person may want to do now, most important first, with what waits for them."""
    if request.member:
        offices = offices_of(request)
        things = [*MEMBER, *(STEWARD if "steward" in offices else ())]
        if "steward" not in offices and _looks_open_to(request):
            things.append(LATE_LOOK)
        if treasury_of(request):
            things.insert(0, TREASURER if "treasurer" in offices else DEPUTY)
        things += _runs_for_any_member(request)
        if not RailDetails.objects.filter(member_id=request.member.pk).exists():
            things.append(UNPAYABLE)
        things = [replace(thing, waiting=thing.waiting or _waiting(thing, request)) for thing in things]
        things.sort(key=lambda thing: not thing.waiting)
    else:
        waiting = Application.objects.of(request.user).filter(outcome="").exists()
        things = [*REQUESTER, WAITING if waiting else APPLICANT]
    if Notice.objects.of(request.user).unread().exists():
        things.insert(0, NEW)
    return things


def _runs_for_any_member(request: CoopRequest) -> list[Thing]:
    """The runs that this person may approve although it is no office of theirs."""
    if treasury_of(request) or not request.member:
        return []
    runs = runs_to_approve(request.member, coop_now())
    places = [Link(reverse("run", args=[run.pk]), APPROVAL.link.label) for run in runs]
    return [replace(APPROVAL, link=place, waiting=_("waits for a member")) for place in places]


def _looks_open_to(request: CoopRequest) -> int:
    """How many projects this member may look at now."""
    assert request.member, "only members are told"
    halts, now = Halt.objects.open().select_related("project"), coop_now()
    return sum(may_look(halt, ActingMember(request.member), now) for halt in halts)


def _waiting(thing: Thing, request: CoopRequest) -> str:
    """What waits for a member in this place, in words; nothing where nothing does."""
    now, member = coop_now(), request.member
    assert member, "only members are told"
    match thing.link.path:
        case "/work/":
            n = Assignment.objects.of(member).leased().count()
            return ngettext("%(n)d item in hand", "%(n)d items in hand", n) % {"n": n} if n else ""
        case "/work/time/":
            n = Contest.objects.concerning(member).count()
            return ngettext("%(n)d contest asks you", "%(n)d contests ask you", n) % {"n": n} if n else ""
        case "/work/looks/":
            n = _looks_open_to(request)
            return ngettext("%(n)d thing waits for you", "%(n)d things wait for you", n) % {"n": n} if n else ""
        case "/proposals/":
            n = (
                RollEntry.objects.of(member)
                .filter(ballot__closed_at=None, ballot__closes_at__gt=now, votes=None)
                .count()
            )
            return ngettext("%(n)d vote is asked of you", "%(n)d votes are asked of you", n) % {"n": n} if n else ""
        case "/treasurer/":
            n = sum(place.waits for place in treasury_of(request))
            return ngettext("%(n)d thing waits for you", "%(n)d things wait for you", n) % {"n": n} if n else ""
        case "/statements/":
            unpaid = left_unpaid(member)
            return _("not paid: %(why)s") % {"why": to_the_member(unpaid.why)} if unpaid else ""
        case "/rail/":
            return _("not said yet")
    return ""
