"""Reckoning a ballot. Pure: whole numbers in, plain values out; no database, no clock, no Django."""

from governance.tally.decision import (
    Choice,
    Count,
    Outcome,
    Result,
    Vote,
    decide,
    has_quorum,
    is_satisfiable,
    outcome_of,
)
from governance.tally.procedure import Base, Procedure, QuorumKind, Voters, is_as_demanding
from governance.tally.roll import Roll, RollEntry, commitment

__all__ = [
    "Base",
    "Choice",
    "Count",
    "Outcome",
    "Procedure",
    "QuorumKind",
    "Result",
    "Roll",
    "RollEntry",
    "Vote",
    "Voters",
    "commitment",
    "decide",
    "has_quorum",
    "is_as_demanding",
    "is_satisfiable",
    "outcome_of",
]
