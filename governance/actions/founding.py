"""The genesis: rules, accounts, founding members, first terms of office, first payout period. Once; from then on only decisions change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import CharField, Model
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.audit.models import Entry
from coop.ground.actor import PLATFORM
from coop.ground.errors import Refused
from coop.ground.places import COUNTRIES, LANGUAGES
from coop.members.actions import begin_office, found_member
from coop.members.models import College, Engagement, Member, OfficeKind, User
from coop.rules.actions import in_force, record_founding_rules
from payouts.ledger.actions import open_founding_accounts
from payouts.sharing.periods import open_first_period

FOUNDED = "coop.founded"
FEWEST_FOUNDERS = 2
LONGEST_NAME = 120


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
    """The charter in `data`: {"name", "members": [{"email", "name", "country", …}]}. Refused `charter_unreadable` names the place.

    Nothing that stands in it is left out, and nothing is taken for something else.
    """
    if not isinstance(data, dict):
        raise _unreadable("", _("A charter is described by fields."))
    _refuse_unknown(data, {"name", "members"}, "")
    members = data.get("members")
    if not isinstance(members, list) or len(members) < FEWEST_FOUNDERS:
        raise _unreadable("members", _("A co-operative is founded by at least %(n)s.") % {"n": FEWEST_FOUNDERS})
    charter = Charter(
        name=_read_text(data, "name", "name", longest=LONGEST_NAME),
        founders=tuple(_read_founder(item, f"members.{number}") for number, item in enumerate(members)),
    )
    addresses = [founder.email for founder in charter.founders]
    for number, address in enumerate(addresses):
        if address in addresses[:number]:
            raise _unreadable(f"members.{number}.email", _("This address stands here twice."))
    if not any(OfficeKind.TREASURER in founder.offices for founder in charter.founders):
        raise _unreadable("members", _("One of the founders has to be the first treasurer."))
    return charter


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
    _refuse_unknown(item, set(Founder.__slots__), f"{where}.")
    email = _read_text(item, "email", f"{where}.email", longest=_longest(User, "email")).lower()
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise _unreadable(f"{where}.email", wrong.messages[0]) from None
    simulated = item.get("simulated", False)
    if not isinstance(simulated, bool):
        raise _unreadable(f"{where}.simulated", _("This is either true or false."))
    return Founder(
        email=email,
        name=_read_text(item, "name", f"{where}.name", longest=_longest(Member, "name")),
        country=_one_of(_read_text(item, "country", f"{where}.country", longest=2), COUNTRIES, f"{where}.country"),
        college=_one_of(item.get("college", College.PRODUCER), College.values, f"{where}.college"),
        languages=_some_of(item.get("languages", []), LANGUAGES, f"{where}.languages"),
        engagement=_one_of(item.get("engagement", Engagement.UNKNOWN), Engagement.values, f"{where}.engagement"),
        offices=_some_of(item.get("offices", []), OfficeKind.values, f"{where}.offices"),
        simulated=simulated,
    )


def _refuse_unknown(item: Mapping[str, Any], known: AbstractSet[str], where: str) -> None:
    for name in sorted(item.keys() - known):
        raise _unreadable(f"{where}{name}", _("This field is not known."))


def _read_text(item: Mapping[str, Any], name: str, where: str, *, longest: int) -> str:
    text = item.get(name)
    if not isinstance(text, str) or not text.strip():
        raise _unreadable(where, _("This field is missing."))
    if len(text.strip()) > longest:
        raise _unreadable(where, _("This is longer than %(limit)s characters.") % {"limit": longest})
    return text.strip()


def _longest(model: type[Model], column: str) -> int:
    """How many characters the column holds."""
    field = model._meta.get_field(column)
    assert isinstance(field, CharField) and field.max_length
    return field.max_length


def _some_of(value: Any, among: Sequence[str], where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _unreadable(where, _("This is a list of words."))
    for number, word in enumerate(value):
        _one_of(word, among, f"{where}.{number}")
        if word in value[:number]:
            raise _unreadable(f"{where}.{number}", _("This stands here twice."))
    return tuple(value)


def _one_of(value: Any, among: Sequence[str], where: str) -> str:
    if not isinstance(value, str) or value not in among:
        raise _unreadable(where, _("This is not one of: %(choices)s.") % {"choices": ", ".join(among)})
    return str(value)


def _unreadable(field_name: str, reason: str) -> Refused:
    return Refused(reason, code="charter_unreadable", field=field_name)
