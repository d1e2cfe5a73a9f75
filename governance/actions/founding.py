"""The genesis: rules, accounts, founding members, first terms of office, first payout period. Once; from then on only decisions change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.audit.models import Entry
from coop.ground.actor import PLATFORM
from coop.ground.errors import Refused
from coop.members.actions import begin_office, found_member
from coop.members.models import COUNTRY, College, Engagement, Member, OfficeKind, User
from coop.rules.actions import in_force, record_founding_rules
from payouts.ledger.actions import open_founding_accounts
from payouts.sharing.periods import open_first_period

FOUNDED = "coop.founded"
FEWEST_FOUNDERS = 2


@dataclass(frozen=True, slots=True)
class Founder:
    """One who founds: who they are, and the offices they hold first."""

    email: str
    name: str
    country: str
    college: str = College.PRODUCER
    languages: tuple[str, ...] = ()
    engagement: str = Engagement.UNKNOWN
    offices: tuple[str, ...] = ()
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Charter:
    """What the founders bring: a name for the co-operative, and themselves."""

    name: str
    founders: tuple[Founder, ...] = field(default=())


def read_charter(data: Any) -> Charter:
    """The charter in `data`: {"name", "members": [{"email", "name", "country", …}]}. Refused `charter_unreadable` names the place."""
    if not isinstance(data, dict) or not isinstance(data.get("name"), str) or not data["name"].strip():
        raise _unreadable("name", _("Give the co-operative a name."))
    members = data.get("members")
    if not isinstance(members, list) or len(members) < FEWEST_FOUNDERS:
        raise _unreadable("members", _("A co-operative is founded by at least %(n)s.") % {"n": FEWEST_FOUNDERS})
    founders = tuple(_read_founder(item, f"members.{number}") for number, item in enumerate(members))
    addresses = [founder.email for founder in founders]
    for number, address in enumerate(addresses):
        if address in addresses[:number]:
            raise _unreadable(f"members.{number}.email", _("This address stands here twice."))
    if not any(OfficeKind.TREASURER in founder.offices for founder in founders):
        raise _unreadable("members", _("One of the founders has to be the first treasurer."))
    return Charter(name=data["name"].strip(), founders=founders)


@transaction.atomic
def found(*, charter: Charter, now: datetime) -> Sequence[Member]:
    """Found the co-operative; its first members. Refused `already_founded` the second time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('canut.founding'))")
    if Entry.objects.filter(kind=FOUNDED).exists() or Member.objects.exists():
        raise Refused(
            _("This co-operative is founded already; from now on its assembly decides."), code="already_founded"
        )

    record_founding_rules(now=now)
    open_founding_accounts(now=now)
    open_first_period(now=now)
    term_days = in_force(now).whole("members.term_days")
    members = []
    for founder in charter.founders:
        user = User.objects.filter(email=founder.email).first() or User.objects.create_user(
            founder.email, name=founder.name, simulated=founder.simulated
        )
        member = found_member(
            user=user,
            name=founder.name,
            college=founder.college,
            country=founder.country,
            languages=list(founder.languages),
            engagement=founder.engagement,
            now=now,
        )
        for office in founder.offices:
            begin_office(member=member, kind=office, term_days=term_days, decision=None, now=now)
        members.append(member)
    record(
        kind=FOUNDED,
        subject="coop",
        payload={"name": charter.name, "members": len(members), "rule_book": in_force(now).hash},
        by=PLATFORM,
        now=now,
    )
    return members


def _read_founder(item: Any, where: str) -> Founder:
    if not isinstance(item, dict):
        raise _unreadable(where, _("A founder is described by fields."))
    for name in item.keys() - set(Founder.__slots__):
        raise _unreadable(f"{where}.{name}", _("This field is not known."))
    for name in ("email", "name", "country"):
        if not isinstance(item.get(name), str) or not item[name].strip():
            raise _unreadable(f"{where}.{name}", _("This field is missing."))
    email = item["email"].strip().lower()
    try:
        validate_email(email)
        COUNTRY(item["country"])
    except ValidationError as wrong:
        raise _unreadable(f"{where}.{'country' if '@' in email else 'email'}", wrong.messages[0]) from None
    college = _one_of(item.get("college", College.PRODUCER), College.values, f"{where}.college")
    engagement = _one_of(item.get("engagement", Engagement.UNKNOWN), Engagement.values, f"{where}.engagement")
    offices = tuple(_one_of(office, OfficeKind.values, f"{where}.offices") for office in item.get("offices", []))
    languages = item.get("languages", [])
    if not isinstance(languages, list) or not all(isinstance(language, str) for language in languages):
        raise _unreadable(f"{where}.languages", _("Languages are a list of codes."))
    return Founder(
        email=email,
        name=item["name"].strip(),
        country=item["country"],
        college=college,
        languages=tuple(languages),
        engagement=engagement,
        offices=offices,
        simulated=item.get("simulated") is True,
    )


def _one_of(value: Any, among: Sequence[str], where: str) -> str:
    if value not in among:
        raise _unreadable(where, _("This is not one of: %(choices)s.") % {"choices": ", ".join(among)})
    return str(value)


def _unreadable(field_name: str, reason: str) -> Refused:
    return Refused(reason, code="charter_unreadable", field=field_name)
