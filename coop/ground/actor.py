"""Who acts. Pure.

Every action is told by whom: `by: Actor`. What stands here is all that the log and the books need to know of an actor; people,
members and offices are in `coop.members.actors`, people for a client in `coop.work.actors`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime


class Actor(ABC):
    """Whoever acts: made at a door (a session, a token, a job) and handed down; what it acts as is narrowed, never widened."""

    __slots__ = ()

    @property
    @abstractmethod
    def stands_as(self) -> str:
        """How the actor stands in the log and in the books: "platform", an office, or a pseudonym made for the log.

        Never a name, and never the pseudonym under which a member is paid.
        """

    def insist(self, now: datetime) -> None:  # noqa: B027  most of those who act don't stop by the clock
        """Asked where an act is written, after all it waited for: Refused who may no longer act at `now`, or by the co-operative's clock."""


@dataclass(frozen=True, slots=True)
class Platform(Actor):
    """The co-operative's own machine: what a rule or a decision makes happen without anybody choosing it."""

    @property
    def stands_as(self) -> str:
        """Always "platform"."""
        return "platform"


PLATFORM = Platform()
