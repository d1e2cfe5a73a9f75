"""What somebody is told of: one file of an app's `occasions/` for each kind of event, found by its folder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django.apps import apps
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

from coop.ground.folder import found_in

Row = TypeVar("Row")
Facts = Mapping[str, Any]
"""What is kept of the event: keys, numbers of periods, codes, titles as people wrote them. No sentence of ours, and no amount."""


class Occasion(ABC, Generic[Row]):
    """A kind of event, told to those it concerns. The page "What's new for me" always says it; a mail does where it was chosen."""

    name: ClassVar[str]
    """As in the file's name, and in the record."""
    title: ClassVar[Promise]
    """What happened, in a few words: the subject of the mail, and the line in the list of choices."""
    told_to: ClassVar[Promise]
    """Who is told, in words."""
    always_mailed: ClassVar[Promise | None] = None
    """Why it is mailed whether the reader chose it or not; None where the reader chooses, and nothing is mailed until then."""

    @abstractmethod
    def about(self, row: Row) -> str:
        """What it happened to, as "run:<uuid>": nobody is told twice of one kind of event about one thing."""

    @abstractmethod
    def audience(self, row: Row) -> Iterable[UUID]:
        """The keys of the people who are told."""

    @abstractmethod
    def facts(self, row: Row) -> dict[str, Any]:
        """What the sentence needs."""

    @abstractmethod
    def sentence(self, facts: Facts) -> str:
        """What is said, on the page and in the mail, in the language of the moment."""

    @abstractmethod
    def path(self, facts: Facts) -> str:
        """The page where the reader sees more, from the root of the site."""


@cache
def occasions() -> Mapping[str, Occasion[Any]]:
    """Every kind of event that is told, by name, from every app that has the folder. Asked once the apps are loaded."""
    found: dict[str, Occasion[Any]] = {}
    for app in apps.get_app_configs():
        assert app.module is not None, "an app is a module"
        if module_has_submodule(app.module, "occasions"):
            there = found_in(f"{app.name}.occasions", "OCCASION")
            assert not found.keys() & there.keys(), "two apps tell of an occasion of one name"
            found |= there
    return found
