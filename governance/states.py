"""The life of a proposal. Pure.

draft → deliberation → voting → closed → rejected | no_quorum | tied | adopted → executable → executed | execution_failed,
or expired if it could not be executed in time; withdrawn by its author until the roll is frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    DELIBERATION = "deliberation"
    VOTING = "voting"
    CLOSED = "closed"
    REJECTED = "rejected"
    NO_QUORUM = "no_quorum"
    TIED = "tied"
    ADOPTED = "adopted"
    EXECUTABLE = "executable"
    EXECUTED = "executed"
    EXECUTION_FAILED = "execution_failed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


GRAPH: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.DELIBERATION, State.WITHDRAWN}),
    State.DELIBERATION: frozenset({State.VOTING, State.WITHDRAWN}),
    State.VOTING: frozenset({State.CLOSED}),
    State.CLOSED: frozenset({State.REJECTED, State.NO_QUORUM, State.TIED, State.ADOPTED}),
    State.ADOPTED: frozenset({State.EXECUTABLE, State.EXPIRED}),
    State.EXECUTABLE: frozenset({State.EXECUTED, State.EXECUTION_FAILED, State.EXPIRED}),
    State.REJECTED: frozenset(),
    State.NO_QUORUM: frozenset(),
    State.TIED: frozenset(),
    State.EXECUTED: frozenset(),
    State.EXECUTION_FAILED: frozenset(),
    State.EXPIRED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
"""From each state, where it may go next. The database holds the same graph (trigger proposal_states_move_along_the_graph)."""

SETTLED = frozenset(state for state, onward in GRAPH.items() if not onward)
"""States that are an end."""

DECIDED_YES = frozenset({State.ADOPTED, State.EXECUTABLE, State.EXECUTED, State.EXECUTION_FAILED, State.EXPIRED})
"""States that only an adopted proposal reaches."""

TALLIED = DECIDED_YES | {State.REJECTED, State.NO_QUORUM, State.TIED}
CLOSED = TALLIED | {State.CLOSED}
OPENED = CLOSED | {State.VOTING}
