"""What the votes say. Pure: the same votes in any order give the same result, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from governance.tally.procedure import Base, Procedure, QuorumKind
from governance.tally.roll import Roll


class Choice(StrEnum):
    """What a vote may say."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class Outcome(StrEnum):
    """What a ballot may end in. Everything but `adopted` keeps the status quo."""

    ADOPTED = "adopted"
    REJECTED = "rejected"
    TIED = "tied"
    NO_QUORUM = "no_quorum"


@dataclass(frozen=True, slots=True)
class Vote:
    """One paper in the ballot."""

    voter: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Count:
    """How many are on the roll, and how many said what."""

    roll: int
    in_favour: int
    against: int
    abstained: int

    @property
    def cast(self) -> int:
        """Every vote, abstentions included."""
        return self.in_favour + self.against + self.abstained

    def base(self, kind: Base) -> int:
        """What the share in favour is a share of."""
        match kind:
            case Base.YES_NO:
                return self.in_favour + self.against
            case Base.VALID:
                return self.cast
            case Base.ROLL:
                return self.roll


@dataclass(frozen=True, slots=True)
class Result:
    """What a ballot decided, with every number that decided it."""

    procedure: Procedure
    count: Count
    colleges: dict[str, Count] = field(hash=False)
    outcome: Outcome

    def as_data(self) -> dict[str, object]:
        """The result as published and hashed."""
        return {
            "in_favour": self.count.in_favour,
            "against": self.count.against,
            "abstained": self.count.abstained,
            "cast": self.count.cast,
            "roll": self.count.roll,
            "base": self.count.base(self.procedure.base),
            "needed": {
                "quorum_num": self.procedure.quorum_num,
                "quorum_den": self.procedure.quorum_den,
                "num": self.procedure.num,
                "den": self.procedure.den,
            },
            "colleges": {
                college: {
                    "roll": count.roll,
                    "in_favour": count.in_favour,
                    "against": count.against,
                    "abstained": count.abstained,
                }
                for college, count in sorted(self.colleges.items())
            },
            "outcome": str(self.outcome),
        }


def has_quorum(procedure: Procedure, count: Count) -> bool:
    """Enough of the whole roll: in favour (approval), or voting at all (participation)."""
    match procedure.quorum_kind:
        case QuorumKind.APPROVAL:
            return count.in_favour * procedure.quorum_den >= procedure.quorum_num * count.roll
        case QuorumKind.PARTICIPATION:
            return count.cast * procedure.quorum_den >= procedure.quorum_num * count.roll
        case QuorumKind.NONE:
            return True


def outcome_of(procedure: Procedure, count: Count) -> Outcome:
    """Enough of the roll, then more in favour than the voted share of the base; exactly the share is a tie, and lost."""
    if not has_quorum(procedure, count):
        return Outcome.NO_QUORUM
    base = count.base(procedure.base)
    if base == 0:
        return Outcome.REJECTED
    in_favour, needed = count.in_favour * procedure.den, procedure.num * base
    if in_favour == needed:
        return Outcome.TIED
    return Outcome.ADOPTED if in_favour > needed else Outcome.REJECTED


def decide(procedure: Procedure, roll: Roll, votes: Iterable[Vote]) -> Result:
    """Count the votes of those on the roll, in total and by college, and say what they decided.

    ValueError when a vote is not from the roll or a voter voted twice: such a ballot can't be counted.
    """
    chosen: dict[str, Choice] = {}
    colleges = {entry.voter: entry.college for entry in roll.entries}
    for vote in votes:
        if vote.voter not in colleges:
            raise ValueError(f"{vote.voter} is not on the roll")
        if vote.voter in chosen:
            raise ValueError(f"{vote.voter} voted twice")
        chosen[vote.voter] = vote.choice

    def count(college: str | None = None) -> Count:
        voters = [voter for voter, of in colleges.items() if college in (None, of)]
        said = [chosen[voter] for voter in voters if voter in chosen]
        return Count(
            roll=len(voters),
            in_favour=said.count(Choice.YES),
            against=said.count(Choice.NO),
            abstained=said.count(Choice.ABSTAIN),
        )

    total = count()
    return Result(
        procedure=procedure,
        count=total,
        colleges={college: count(college) for college in sorted(set(colleges.values()))},
        outcome=outcome_of(procedure, total),
    )


def is_satisfiable(procedure: Procedure, roll: int) -> bool:
    """Whether anything could still pass: a roll that votes Yes as one adopts."""
    unanimous = Count(roll=roll, in_favour=roll, against=0, abstained=0)
    return roll > 0 and outcome_of(procedure, unanimous) is Outcome.ADOPTED
