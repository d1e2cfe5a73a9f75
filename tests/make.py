"""What tests need to exist, in as few words as they care about. Every maker goes through the real actions."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from coop.clock import coop_now
from coop.members.actions import begin_office, found_member
from coop.members.models import Member, User

_number = count(1)

CAST: dict[str, dict[str, Any]] = {
    "hanitra": {"country": "MG", "languages": ["mg", "fr"]},
    "awa": {"country": "SN", "languages": ["fr"]},
    "theo": {"country": "FR", "languages": ["fr", "en"]},
}


def user(name: str = "", *, password: str | None = None, **fields: Any) -> User:
    """A person with a confirmed address; `name` makes the address."""
    from allauth.account.models import EmailAddress

    name = name or f"person{next(_number)}"
    person = User.objects.create_user(f"{name}@example.org", password, name=name.capitalize(), **fields)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def member(
    name: str = "", *, admitted_at: datetime | None = None, password: str | None = None, **fields: Any
) -> Member:
    """A founding member; hanitra, awa and theo come with their countries."""
    facts = (
        {"college": "producer", "country": "MG", "languages": ["fr"], "engagement": "worker_member"}
        | CAST.get(name, {})
        | fields
    )
    person = user(name, password=password)
    return found_member(user=person, name=person.name, now=admitted_at or coop_now(), **facts)


def treasurer(name: str = "theo", **fields: Any) -> Member:
    """A member who holds the treasurer's office."""
    return _officer(name, "treasurer", **fields)


def steward(name: str = "", **fields: Any) -> Member:
    """A member who holds a steward's office."""
    return _officer(name, "steward", **fields)


def _officer(name: str, kind: str, **fields: Any) -> Member:
    holder = member(name, **fields)
    begin_office(member=holder, kind=kind, term_days=365, decision=None, now=holder.admitted_at)
    return holder
