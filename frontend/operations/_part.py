"""What the page part of every kind of operation states."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django.http import Http404, QueryDict

from frontend.forms.governance import ProposalForm
from governance.changes import Operation

Kind = TypeVar("Kind", bound=Operation)


@dataclass(frozen=True)
class Change:
    """One operation in words: what it is about, and where its value goes from and to."""

    title: str
    link: str = ""
    before: str = ""
    after: str = ""
    text: str = ""


@dataclass(frozen=True)
class Offer:
    """Something that can be proposed: what it says, and the query by which it is chosen."""

    label: str
    query: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """What can be proposed of one kind, under a heading, perhaps in groups of their own."""

    heading: str
    groups: Mapping[str, Sequence[Offer]] = field(default_factory=dict)


class Part(ABC, Generic[Kind]):
    """The page part of one kind. Every part states everything."""

    kind: ClassVar[type[Operation]]
    place: ClassVar[int]
    """Where its section stands among those of the page of choices; the smallest first."""

    @abstractmethod
    def section(self) -> Section | None:
        """What of this kind a member may propose now; None where it is reached from elsewhere only."""

    @abstractmethod
    def chosen(self, query: QueryDict) -> Kind | None:
        """The operation that an address chooses, perhaps still without what the form asks for. 404 for what isn't there."""

    @abstractmethod
    def in_words(self, change: Kind, *, named: bool) -> Change:
        """The operation as people read it; names of persons only where `named`, for members."""

    def subject(self, change: Kind) -> Change:
        """What stands above the form that writes it."""
        return self.in_words(change, named=True)

    def form(self, change: Kind, *, data: QueryDict | None, initial: dict[str, Any], is_draft: bool) -> ProposalForm:
        """The form that writes it; with nothing more to choose, only the text is asked for."""
        return ProposalForm(data, initial=initial, changes=(change,))


def identifier(text: str | None) -> UUID | None:
    """The UUID in an address, None where there is none. 404 for what is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Http404 from None
