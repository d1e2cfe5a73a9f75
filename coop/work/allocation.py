"""In which order a member who asks for work is offered the projects that have some. Pure.

Money buys no priority here: a strategy sees a project's voted weight, how much of it is open and since when it waits.
A member may always choose another project. The draw is whole numbers out of sha256, so anyone with the seed can redo it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate


@dataclass(frozen=True)
class Candidate:
    """A project with open work. `weight` is voted (1000 is usual); `open_items` may be an estimate."""

    project: str
    weight: int
    open_items: int
    live_since: datetime


Strategy = Callable[[Sequence[Candidate], bytes], list[str]]


def draw(seed: bytes, turn: int, below: int) -> int:
    """A whole number in [0, below) that the seed and the turn alone decide."""
    return int.from_bytes(hashlib.sha256(seed + turn.to_bytes(4, "big")).digest(), "big") % below


def weighted_lottery(candidates: Sequence[Candidate], seed: bytes) -> list[str]:
    """Projects in the order drawn, each with tickets for its voted weight times its open items, and at least one ticket."""
    urn = sorted(candidates, key=lambda one: one.project)
    order = []
    for turn in range(len(urn)):
        tickets = [max(1, one.weight * one.open_items) for one in urn]
        ticket = draw(seed, turn, sum(tickets))
        place = next(place for place, upto in enumerate(accumulate(tickets)) if ticket < upto)
        order.append(urn.pop(place).project)
    return order


def oldest_first(candidates: Sequence[Candidate], seed: bytes) -> list[str]:
    """The project that has waited longest comes first; the draw only breaks ties."""
    return [
        one.project
        for one in sorted(
            candidates, key=lambda one: (one.live_since, hashlib.sha256(seed + one.project.encode()).digest())
        )
    ]


STRATEGIES: dict[str, Strategy] = {"weighted_lottery/1": weighted_lottery, "oldest_first/1": oldest_first}


def offer_order(strategy: str, candidates: Sequence[Candidate], seed: bytes) -> list[str]:
    """Projects in the order in which they are offered; KeyError for a strategy we don't have."""
    return STRATEGIES[strategy](candidates, seed)
