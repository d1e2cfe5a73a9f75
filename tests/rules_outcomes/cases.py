"""Which rule each test is about. A rule of the catalogue without a test here fails the suite."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])
CASES: dict[str, list[str]] = {}


def outcome_of(*keys: str) -> Callable[[Test], Test]:
    """The test changes this rule by a vote and sees another outcome where the rule is used (of several keys: with a parameter `key`)."""

    def note(test: Test) -> Test:
        for key in keys:
            CASES.setdefault(key, []).append(test.__name__)
        test.outcome_of = keys  # type: ignore[attr-defined]
        return test

    return note
