"""What a proposal would change: typed operations in a canonical form. Pure.

The change set is what is voted on, hashed, and executed: nothing else is. Here is what all operations have in common; each kind is
a file of `governance/operations/`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Self, get_args, get_type_hints
from uuid import UUID

from coop.ground.canonical import fingerprint
from coop.ground.texts import gettext_noop as _


class UnreadableChange(ValueError):
    """Data that is no change set: `reason` is marked for translation, `known` is what programs could say; `field` says where, as a path."""

    def __init__(self, reason: str, field: str, known: Sequence[str] = ()) -> None:
        super().__init__(f"{field}: {reason}")
        self.reason = reason
        self.field = field
        self.known = known


# -- fields


@dataclass(frozen=True)
class Field:
    """How a field is read (ValueError or TypeError where it can't be), why not, how it is written, and its JSON schema."""

    read: Callable[[Any], Any]
    reason: str
    write: Callable[[Any], Any]
    schema: Mapping[str, Any]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    fingerprint(value)
    return value


def _identifier(value: Any) -> UUID:
    return UUID(_text(value))


def _canonical(value: Any) -> Any:
    fingerprint(value)
    return value


def _as_it_is(value: Any) -> Any:
    return value


def word(reason: str) -> Field:
    """A text."""
    return Field(_text, reason, _as_it_is, {"type": "string"})


def whole(reason: str) -> Field:
    """A whole number."""
    return Field(_whole, reason, _as_it_is, {"type": "integer"})


def value(reason: str) -> Field:
    """Anything that has a canonical form."""
    return Field(_canonical, reason, _as_it_is, {})


NOT_AN_IDENTIFIER = _("this is not an identifier (UUID)")
Identifier = Annotated[UUID, Field(_identifier, NOT_AN_IDENTIFIER, str, {"type": "string", "format": "uuid"})]
Pseudonym = Annotated[UUID, Field(_identifier, NOT_AN_IDENTIFIER, lambda key: key.hex, {"type": "string"})]


# -- operations


class Operation(ABC):
    """One typed change: a frozen dataclass whose fields say how they are read. Every kind states every part."""

    op: ClassVar[str]

    @abstractmethod
    def title(self) -> str:
        """What it would do, in words, in the reader's language."""

    @abstractmethod
    def procedure(self) -> str:
        """The key of the procedure by which it is decided."""

    @abstractmethod
    def check(self, *, now: datetime) -> None:
        """Whether it may be put to the vote. Refused, with the field of the operation at fault."""

    @classmethod  # noqa: B027 (most kinds have nothing to check together)
    def check_together(cls, changes: Sequence[Self], *, now: datetime) -> None:
        """Whether all operations of this kind in one change set may be put to the vote together. Refused."""

    @property
    def answers(self) -> UUID | None:
        """The request for access to data that it would answer, if there is one."""
        return None

    def submitted(self, *, proposal: UUID, now: datetime) -> None:  # noqa: B027 (nor this)
        """What follows at once when it is put before the assembly."""

    @abstractmethod
    def apply(self, *, decision: UUID, now: datetime) -> dict[str, Any]:
        """Carry it out; what it did, for the record, without "op". Refused where it can't be done any more."""

    @abstractmethod
    def decline(self, *, decision: UUID, now: datetime) -> None:
        """Do what follows when the assembly did not say yes."""

    @classmethod
    @cache
    def fields(cls) -> Mapping[str, Field]:
        """Its fields by name."""
        hints = get_type_hints(cls, include_extras=True)
        found = {name: [part for part in get_args(hint)[1:] if isinstance(part, Field)] for name, hint in hints.items()}
        return {name: parts[0] for name, parts in found.items() if parts}

    @classmethod
    def read(cls, item: Mapping[str, Any], where: str) -> Self:
        """The operation in `item`. UnreadableChange names the field that is missing, unknown or wrong."""
        fields = cls.fields()
        for name in sorted(fields.keys() - item.keys()):
            raise UnreadableChange(_("this field is missing"), f"{where}.{name}")
        for name in sorted(item.keys() - fields.keys() - {"op"}):
            raise UnreadableChange(_("this field is not known"), f"{where}.{name}")
        read = {}
        for name, field in fields.items():
            try:
                read[name] = field.read(item[name])
            except (TypeError, ValueError):
                raise UnreadableChange(field.reason, f"{where}.{name}") from None
        return cls(**read)

    def as_data(self) -> dict[str, Any]:
        """As stored, published and hashed."""
        written = {name: field.write(getattr(self, name)) for name, field in self.fields().items()}
        return {"op": self.op, **written}

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Its JSON schema."""
        fields = cls.fields()
        return {
            "type": "object",
            "properties": {"op": {"const": cls.op}, **{name: dict(field.schema) for name, field in fields.items()}},
            "required": ["op", *fields],
            "additionalProperties": False,
        }


ChangeSet = tuple[Operation, ...]


def as_data(changes: Sequence[Operation]) -> list[dict[str, Any]]:
    """The change set as stored and published."""
    return [change.as_data() for change in changes]


def hash_of(changes: Sequence[Operation]) -> str:
    """SHA-256 of the canonical JSON of the change set."""
    return fingerprint(as_data(changes))
