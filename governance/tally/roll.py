"""The frozen list of those who may vote, one line each, under one hash. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from coop.audit import merkle
from coop.ground.canonical import canonical_json


@dataclass(frozen=True, slots=True, order=True)
class RollEntry:
    """One voter: a pseudonym for this ballot only, the college at opening, a salted commitment to the member."""

    voter: str
    college: str
    commitment: str

    def as_data(self) -> dict[str, str]:
        """The entry as published, and as hashed into the root."""
        return {"voter": self.voter, "college": self.college, "commitment": self.commitment}


@dataclass(frozen=True, slots=True)
class Roll:
    """Entries in order of voter; each voter once."""

    entries: tuple[RollEntry, ...]

    @classmethod
    def of(cls, entries: Iterable[RollEntry]) -> Roll:
        """Put entries in order. ValueError if a voter stands twice."""
        ordered = tuple(sorted(entries))
        if len({entry.voter for entry in ordered}) != len(ordered):
            raise ValueError("a voter stands twice on the roll")
        return cls(ordered)

    @property
    def size(self) -> int:
        return len(self.entries)

    def root(self) -> str:
        """Merkle root (RFC 6962) over the canonical JSON of every entry, in order of voter; hex."""
        return merkle.root([canonical_json(entry.as_data()) for entry in self.entries]).hex()


def commitment(*, salt: bytes, member: bytes) -> str:
    """What stands on the public roll for a member: sha256(salt || member id), hex. With the salt she finds her line."""
    return hashlib.sha256(salt + member).hexdigest()
