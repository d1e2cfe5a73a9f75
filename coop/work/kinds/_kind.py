"""What every kind of task states. Pure.

A problem is told with the field and the reason, and nothing is dropped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from coop.ground.schemas import Json, Problem, problems_with

Template = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """One answer: to which item, by whom (an opaque key), and what."""

    item: str
    worker: str
    value: Any


@dataclass(frozen=True)
class Verdict:
    """What the answers to an item say together, and how many there are.

    `support` is the model's own figure; `confidence` is measured on items whose truth is known, and None where that can't be.
    Both in permille, 0 to 1000.
    """

    value: Any
    support: int | None
    confidence: int | None
    answers: int


@dataclass(frozen=True)
class Consensus:
    """What the answers of a project say together, item by item, and how far people agree; None where that says nothing.

    `accuracy`: between which permille of all labels are right (95 %), measured on `gold` items; None where these are too few.
    """

    verdicts: Mapping[str, Verdict]
    agreement: Fraction | None
    alpha: Fraction | None
    gold: int = 0
    accuracy: tuple[int, int] | None = None


class Kind(ABC):
    """A kind of task: its template, its items, its answers, what they say together, and how that is written down."""

    key: ClassVar[str]
    """As it stands in an order."""

    @abstractmethod
    def template_problems(self, template: object) -> list[Problem]:
        """What is wrong with a template, empty if nothing is."""

    # -- items

    @abstractmethod
    def payload_schema(self, template: Template) -> Json:
        """The JSON schema an item of this template must meet."""

    @abstractmethod
    def columns(self, template: Template) -> list[str]:
        """The columns of a table that hold an item's content, the one it can't do without first; every other stays the requester's own."""

    @abstractmethod
    def payload_from_row(self, template: Template, row: Mapping[str, str]) -> tuple[Json, list[Problem]]:
        """An item from the cells of a row, and what is wrong with it."""

    def payload_problems(self, template: Template, payload: object) -> list[Problem]:
        """What is wrong with an item, empty if nothing is."""
        return problems_with(self.payload_schema(template), payload)

    # -- answers

    @abstractmethod
    def answer_schema(self, template: Template) -> Json:
        """The JSON schema an answer must meet."""

    def answer_problems(self, template: Template, answer: object) -> list[Problem]:
        """What is wrong with an answer, empty if nothing is."""
        return problems_with(self.answer_schema(template), answer)

    @abstractmethod
    def consensus(
        self, strategy: str, template: Template, answers: Sequence[Said], gold: Mapping[str, Any]
    ) -> Consensus:
        """What all answers of a project say together, by the strategy in force (rule work.consensus). The same in any order.

        `gold` says what is true of some items drawn by lot. It measures how sure the labels are, and makes none of them.
        """

    @abstractmethod
    def text(self, value: Any) -> str:
        """What was answered, or is the consensus, in one cell; "" for none."""

    # -- what goes out

    @abstractmethod
    def counts(self, template: Template, answers: Sequence[tuple[Any, int]]) -> dict[str, int]:
        """How often each answer to one item was given, in words, from (value, times)."""

    @abstractmethod
    def result_columns(self, template: Template) -> list[str]:
        """The columns behind "consensus", "confidence_permille" and "answers" in the table of results."""

    @abstractmethod
    def result_cells(self, template: Template, counts: Mapping[str, int]) -> list[Any]:
        """The cells of one item in these columns."""

    @abstractmethod
    def release_columns(self) -> list[str]:
        """The names under which a release says what the consensus is."""

    @abstractmethod
    def release_cells(self, value: Any) -> list[str | int]:
        """The consensus under these names."""
