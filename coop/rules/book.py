"""The rule book: the value of every rule at one moment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from coop.ground.canonical import fingerprint
from coop.rules.catalogue.rule import RuleValue

FORMAT = "rule-book/1"


@dataclass(frozen=True)
class RuleBook:
    """Versions and values of all rules, frozen; `hash` fingerprints every (key, version, value)."""

    rules: Mapping[str, tuple[int, RuleValue]]

    def __getitem__(self, key: str) -> RuleValue:
        """The value of the rule. KeyError for a rule that doesn't exist."""
        return self.rules[key][1]

    def whole(self, key: str) -> int:
        """The value of a rule that is a number."""
        return int(self[key])

    def choice(self, key: str) -> str:
        """The value of a rule that is a word."""
        return str(self[key])

    def words(self, key: str) -> frozenset[str]:
        """The value of a rule that is a list of words."""
        return frozenset(self[key])

    def table(self, key: str) -> dict[str, Any]:
        """A copy of the value of a rule that is a table."""
        return dict(self[key])

    def version(self, key: str) -> int:
        """The number of the version in force, from 1."""
        return self.rules[key][0]

    @cached_property
    def _rules_as_data(self) -> dict[str, Any]:
        return {key: {"version": version, "value": value} for key, (version, value) in sorted(self.rules.items())}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON of {"format": "rule-book/1", "rules": {key: {"version", "value"}}}."""
        return fingerprint({"format": FORMAT, "rules": self._rules_as_data})

    def as_data(self) -> dict[str, Any]:
        """{"hash", "rules"} as it stands in public bundles."""
        return {"hash": self.hash, "rules": self._rules_as_data}
