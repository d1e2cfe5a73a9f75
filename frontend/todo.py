"""The next things to do, by role. Each is a sentence and a place; nothing is counted down and nothing blinks."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coop.members.models import Application
from frontend.navigation import Link, existing, offices_of


@dataclass(frozen=True)
class Thing:
    """One thing to do: its name, why, and where."""

    title: str | Promise
    why: str | Promise
    link: Link


MEMBER = (
    Thing(
        _("Find work"),
        _("Projects that are open now, with who they are for and what for. Refusing is free and never scored."),
        Link("/work/", _("See the work")),
    ),
    Thing(
        _("Vote"),
        _("One member, one vote. A proposal that passes changes the rules by itself."),
        Link("/proposals/", _("Read the proposals")),
    ),
    Thing(
        _("My time"),
        _("You are paid by the time you counted. Look at it and correct it."),
        Link("/work/time/", _("See my time")),
    ),
    Thing(
        _("My statements"),
        _("What you were paid for each period, line by line, with the rule behind each line."),
        Link("/statements/", _("Read my statements")),
    ),
)
TREASURER = (
    Thing(
        _("Treasury"),
        _("Bank transfers to confirm, payout runs to approve, operators' answers to enter."),
        Link("/treasurer/", _("Open the treasury")),
    ),
)
STEWARD = (
    Thing(
        _("Requests for data"),
        _("Who asks for what, and what the policy says."),
        Link("/commons/", _("See the requests")),
    ),
)
REQUESTER = (
    Thing(
        _("Order work"),
        _("Say what it is for, upload the items, get an itemised quote, pay, fetch the results."),
        Link("/projects/new/", _("Start a project")),
    ),
    Thing(
        _("My projects"),
        _("What is under way, what is to be paid, what is finished."),
        Link("/projects/", _("See my projects")),
    ),
)
APPLICANT = Thing(
    _("Become a member"),
    _("Whoever does the work owns the platform. The members decide on your application by vote."),
    Link("/apply/", _("Apply")),
)
WAITING = Thing(
    _("Your application"),
    _("The members will decide on it by vote; you will see the result here."),
    Link("/apply/", _("See your application")),
)


def next_things(request: HttpRequest) -> list[Thing]:
    """What this person may want to do now, most important first."""
    if request.member:  # type: ignore[attr-defined]
        offices = offices_of(request)
        things = [*(TREASURER if "treasurer" in offices else ()), *MEMBER, *(STEWARD if "steward" in offices else ())]
    else:
        waiting = Application.objects.filter(user_id=request.user.pk, outcome="").exists()
        things = [*REQUESTER, WAITING if waiting else APPLICANT]
    return [thing for thing in things if existing((thing.link,))]
