"""The states of a thing, and the ways between them. Pure.

A model says beside each state field which graph it follows; the database holds the same graph (`laws/states.sql` of its app),
and one test tries every way on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Columns = tuple[str, ...]
"""Names of columns, each of which holds a moment."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Where a thing begins, where it may go from each state, and where it ends: in a state it may keep for good.

    Beside each beginning and each way stand the columns in which its moment may be recorded: none, one, or alternatives.
    """

    begins: Mapping[str, Columns]
    moves: Mapping[str, Mapping[str, Columns]]
    ends: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)
    """What people call a state whose stored value is no word."""

    @property
    def ways(self) -> frozenset[tuple[str, str]]:
        """Every way, as (from, to)."""
        return frozenset((start, to) for start, onward in self.moves.items() for to in onward)

    @property
    def states(self) -> frozenset[str]:
        """Every state that is named anywhere."""
        return frozenset({*self.begins, *self.moves, *self.ends, *(to for _start, to in self.ways)})

    @property
    def moments(self) -> frozenset[str]:
        """Every column in which a moment is recorded."""
        recorded = [*self.begins.values(), *(columns for onward in self.moves.values() for columns in onward.values())]
        return frozenset(column for columns in recorded for column in columns)

    def reached_from(self, states: frozenset[str]) -> frozenset[str]:
        """These states, and all that can be reached from them."""
        further = states | {to for start, to in self.ways if start in states}
        return states if further == states else self.reached_from(further)

    def problems(self) -> list[str]:
        """What is wrong with the graph itself: a state nobody reaches, one without a way out, one whose ways lead to no end."""
        reached = self.reached_from(frozenset(self.begins))
        leaving = {start for start, onward in self.moves.items() if onward}
        lost = {state for state in self.states if not self.reached_from(frozenset({state})) & self.ends}
        return [
            *(f"nothing leads to “{state}”" for state in sorted(self.states - reached)),
            *(f"“{state}” is no end and has no way out" for state in sorted(self.states - self.ends - leaving)),
            *(f"from “{state}” no end is reached" for state in sorted(lost & leaving)),
        ]

    def name_of(self, state: str) -> str:
        """What people call the state."""
        return self.names.get(state, state)
