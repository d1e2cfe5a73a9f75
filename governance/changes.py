"""What a proposal would change: typed operations. Pure.

The change set is what is voted on, hashed, and executed: nothing else is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from coop.ground.canonical import fingerprint


class UnreadableChange(ValueError):
    """Data that is no change set; `field` says where, as a path."""

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class SetRule:
    """Give a rule a new value, written against version `base_version` of it."""

    key: str
    base_version: int
    new_value: Any

    def as_data(self) -> dict[str, Any]:
        return {"op": "set_rule", "key": self.key, "base_version": self.base_version, "new_value": self.new_value}


@dataclass(frozen=True, slots=True)
class Resolution:
    """Say something together; nothing else changes."""

    def as_data(self) -> dict[str, Any]:
        return {"op": "resolution"}


@dataclass(frozen=True, slots=True)
class Admit:
    """Admit the person who made this application."""

    application: UUID

    def as_data(self) -> dict[str, Any]:
        return {"op": "admit", "application": str(self.application)}


@dataclass(frozen=True, slots=True)
class GrantAccess:
    """Grant this request for access to data of the commons."""

    request: UUID

    def as_data(self) -> dict[str, Any]:
        return {"op": "grant_access", "request": str(self.request)}


@dataclass(frozen=True, slots=True)
class Appoint:
    """Give a member, named by the log's pseudonym, a term of office."""

    member: UUID
    office: str

    def as_data(self) -> dict[str, Any]:
        return {"op": "appoint", "member": self.member.hex, "office": self.office}


Operation = SetRule | Resolution | Admit | Appoint | GrantAccess
ChangeSet = tuple[Operation, ...]


def read_change_set(data: Any) -> ChangeSet:
    """The operations in `data`, a non-empty list of objects with an "op". UnreadableChange names what is wrong and where."""
    if not isinstance(data, list) or not data:
        raise UnreadableChange("a list of at least one operation is needed", "change_set")
    return tuple(_read_operation(item, f"change_set.{number}") for number, item in enumerate(data))


def as_data(changes: Sequence[Operation]) -> list[dict[str, Any]]:
    """The change set as stored and published."""
    return [change.as_data() for change in changes]


def hash_of(changes: Sequence[Operation]) -> str:
    """SHA-256 of the canonical JSON of the change set."""
    return fingerprint(as_data(changes))


_FIELDS = {
    "set_rule": {"key", "base_version", "new_value"},
    "resolution": set[str](),
    "admit": {"application"},
    "appoint": {"member", "office"},
    "grant_access": {"request"},
}


def _read_operation(item: Any, where: str) -> Operation:
    if not isinstance(item, dict) or item.get("op") not in _FIELDS:
        raise UnreadableChange("an operation is one of " + ", ".join(sorted(_FIELDS)), f"{where}.op")
    fields = _FIELDS[item["op"]]
    for name in fields - set(item):
        raise UnreadableChange("this field is missing", f"{where}.{name}")
    for name in set(item) - fields - {"op"}:
        raise UnreadableChange("this field is not known", f"{where}.{name}")

    match item["op"]:
        case "set_rule":
            if not isinstance(item["key"], str):
                raise UnreadableChange("a rule is named by its key", f"{where}.key")
            if type(item["base_version"]) is not int:
                raise UnreadableChange("a version is a whole number", f"{where}.base_version")
            try:
                fingerprint(item["new_value"])
            except (TypeError, ValueError):
                raise UnreadableChange("a value is made of whole numbers and words", f"{where}.new_value") from None
            return SetRule(key=item["key"], base_version=item["base_version"], new_value=item["new_value"])
        case "admit":
            return Admit(application=_read_uuid(item["application"], f"{where}.application"))
        case "appoint":
            if not isinstance(item["office"], str):
                raise UnreadableChange("an office is named by a word", f"{where}.office")
            return Appoint(member=_read_uuid(item["member"], f"{where}.member"), office=item["office"])
        case "grant_access":
            return GrantAccess(request=_read_uuid(item["request"], f"{where}.request"))
        case _:
            return Resolution()


def _read_uuid(value: Any, where: str) -> UUID:
    try:
        return UUID(value) if isinstance(value, str) else UUID(int=-1)
    except ValueError:
        raise UnreadableChange("this is not an identifier (UUID)", where) from None
