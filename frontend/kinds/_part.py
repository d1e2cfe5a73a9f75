"""What the page part of every kind of task states. Its template `kinds/<kind>.html` shows an item, and asks for the answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from coop.work.kinds._kind import Kind
from frontend.forms.work import AnswerForm
from frontend.refusals import PlacedForm


class KindPart(ABC):
    """The page part of one kind: how it is ordered, worked on, and read."""

    kind: ClassVar[Kind]
    title: ClassVar[Any]
    """What members do, lazily translated."""

    # -- the order

    @abstractmethod
    def template_fields(self) -> dict[str, forms.Field]:
        """The fields of an order that make its template."""

    @property
    @abstractmethod
    def stands_at(self) -> Mapping[str, str]:
        """{beginning of a name in the template, from "template." on: the field where it is entered}."""

    @abstractmethod
    def clean(self, form: PlacedForm, data: dict[str, Any]) -> None:
        """Say what is missing or unreadable of these fields."""

    @abstractmethod
    def template(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The template from the cleaned fields."""

    @abstractmethod
    def known(self, template: Mapping[str, Any]) -> dict[str, Any]:
        """The fields from a template."""

    # -- the work

    answer_form: ClassVar[type[AnswerForm]]

    @property
    def html(self) -> str:
        """Its template: shows the item where `part` is "item", asks for the answer where it is "answer"."""
        return f"kinds/{self.kind.key}.html"

    @abstractmethod
    def question(self, template: Mapping[str, Any]) -> str:
        """What is asked, as the title of the page."""

    @abstractmethod
    def shown(self, template: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
        """What its template needs to show an item."""

    # -- the results

    @abstractmethod
    def in_words(self, template: Mapping[str, Any], value: Any) -> str:
        """The consensus of an item as people read it; "" for none."""

    @abstractmethod
    def counts_in_words(self, template: Mapping[str, Any], counts: Mapping[str, int]) -> list[tuple[str, int]]:
        """How often each answer was given, the answers as people read them."""
