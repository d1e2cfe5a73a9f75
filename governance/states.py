"""The life of a proposal. Pure.

draft → deliberation → voting → closed → rejected | no_quorum | tied | adopted → executable → executed | execution_failed,
or expired if it could not be executed in time; withdrawn by its author until the roll is frozen.
"""

from __future__ import annotations

from enum import StrEnum

from coop.ground.states import Graph


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


GRAPH = Graph(
    begins={State.DRAFT: ("drafted_at",)},
    moves={
        State.DRAFT: {State.DELIBERATION: ("submitted_at",), State.WITHDRAWN: ("settled_at",)},
        State.DELIBERATION: {State.VOTING: ("opened_at",), State.WITHDRAWN: ("settled_at",)},
        State.VOTING: {State.CLOSED: ("closed_at",)},
        State.CLOSED: {
            State.REJECTED: ("tallied_at", "settled_at"),
            State.NO_QUORUM: ("tallied_at", "settled_at"),
            State.TIED: ("tallied_at", "settled_at"),
            State.ADOPTED: ("tallied_at",),
        },
        State.ADOPTED: {State.EXECUTABLE: (), State.EXPIRED: ("settled_at",)},
        State.EXECUTABLE: {
            State.EXECUTED: ("settled_at",),
            State.EXECUTION_FAILED: ("settled_at",),
            State.EXPIRED: ("settled_at",),
        },
    },
    ends=frozenset(
        {
            State.REJECTED,
            State.NO_QUORUM,
            State.TIED,
            State.EXECUTED,
            State.EXECUTION_FAILED,
            State.EXPIRED,
            State.WITHDRAWN,
        }
    ),
)

SETTLED = frozenset(State(end) for end in GRAPH.ends)
"""States that are an end."""

DECIDED_YES = frozenset({State.ADOPTED, State.EXECUTABLE, State.EXECUTED, State.EXECUTION_FAILED, State.EXPIRED})
"""States that only an adopted proposal reaches."""

TALLIED = DECIDED_YES | {State.REJECTED, State.NO_QUORUM, State.TIED}
CLOSED = TALLIED | {State.CLOSED}
OPENED = CLOSED | {State.VOTING}
