"""How a question is put and what is enough to pass it. Whole numbers only. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from fractions import Fraction


class Voters(StrEnum):
    """Who is on the roll."""

    ALL = "all"
    PRODUCERS = "producers"
    STEWARDS = "stewards"


class Base(StrEnum):
    """What the share in favour is a share of."""

    YES_NO = "yes_no"
    VALID = "valid"
    ROLL = "roll"


class QuorumKind(StrEnum):
    """What the quorum counts: the Yes votes, every vote, or nothing."""

    APPROVAL = "approval"
    PARTICIPATION = "participation"
    NONE = "none"


_NARROWNESS = {Base.YES_NO: 0, Base.VALID: 1, Base.ROLL: 2}
_QUORUM_FORCE = {QuorumKind.NONE: 0, QuorumKind.PARTICIPATION: 1, QuorumKind.APPROVAL: 2}


@dataclass(frozen=True, slots=True)
class Procedure:
    """A voting procedure, as copied and hashed when a ballot opens.

    More than `num`/`den` of the base must be in favour; the quorum is at least `quorum_num`/`quorum_den`
    of the roll. Times are whole days; `min_tenure_days` is how long one must have been a member to be on the roll.
    """

    voters: Voters
    num: int
    den: int
    base: Base
    quorum_kind: QuorumKind
    quorum_num: int
    quorum_den: int
    deliberation_days: int
    voting_days: int
    timelock_days: int
    expiry_days: int
    min_tenure_days: int

    @classmethod
    def from_table(cls, table: Mapping[str, object]) -> Procedure:
        """Read the table of a `procedure.*` rule. ValueError names the column that can't be read."""
        names = [field.name for field in fields(cls)]
        missing = [name for name in names if name not in table]
        unknown = [name for name in table if name not in names]
        if missing or unknown:
            raise ValueError(f"columns missing: {missing}, unknown: {unknown}")

        whole: dict[str, int] = {}
        for name in names:
            if name in ("voters", "base", "quorum_kind"):
                continue
            value = table[name]
            if type(value) is not int or value < 0:
                raise ValueError(f"{name} is not a whole number: {value!r}")
            whole[name] = value
        if whole["den"] == 0 or whole["num"] > whole["den"]:
            raise ValueError("num/den is not a share")
        if whole["quorum_den"] == 0 or whole["quorum_num"] > whole["quorum_den"]:
            raise ValueError("quorum_num/quorum_den is not a share")
        return cls(
            voters=Voters(str(table["voters"])),
            base=Base(str(table["base"])),
            quorum_kind=QuorumKind(str(table["quorum_kind"])),
            **whole,
        )

    def as_table(self) -> dict[str, object]:
        """The table again: what is hashed, published and recounted."""
        return {name: str(value) if isinstance(value, StrEnum) else value for name, value in asdict(self).items()}

    @property
    def majority(self) -> Fraction:
        """The share of the base that must be exceeded."""
        return Fraction(self.num, self.den)

    @property
    def quorum(self) -> Fraction:
        """The share of the roll that must be reached; nothing where there is no quorum."""
        return Fraction(0) if self.quorum_kind is QuorumKind.NONE else Fraction(self.quorum_num, self.quorum_den)

    @property
    def abstention_weighs_against(self) -> bool:
        """Whether an abstention makes the share in favour smaller."""
        return self.base is not Base.YES_NO

    @property
    def abstention_helps_quorum(self) -> bool:
        """Whether an abstention brings the quorum nearer."""
        return self.quorum_kind is QuorumKind.PARTICIPATION and self.quorum_num > 0


def is_as_demanding(one: Procedure, other: Procedure) -> bool:
    """Whether `one` asks at least as much as `other`, in every respect.

    As wide an electorate, as great a majority of as wide a base and, where the electorate is the same, as high a quorum
    of as strict a kind (a quorum of everybody and a quorum of a college are shares of different rolls).
    Where one asks more here and less there, it is not as demanding: entrenchment must not depend on taste.
    """
    as_great = one.majority >= other.majority and _NARROWNESS[one.base] >= _NARROWNESS[other.base]
    if one.voters is not other.voters:
        return as_great and one.voters is Voters.ALL
    as_quorate = one.quorum >= other.quorum and _QUORUM_FORCE[one.quorum_kind] >= _QUORUM_FORCE[other.quorum_kind]
    return as_great and (as_quorate or other.quorum == 0)
