"""Choose one of the options for a text or an image. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from coop.ground.schemas import Json, Problem, problems_with
from coop.ground.texts import gettext_noop as _
from coop.work.aggregation import STRATEGIES, aggregate, crowd
from coop.work.agreement import krippendorff_alpha, raw_agreement
from coop.work.kinds import _media
from coop.work.kinds._kind import Consensus, Kind, Said, Template, Verdict

TWICE = _("Two options have the same key.")
SHORTCUT_TWICE = _("Two options have the same shortcut.")

TEMPLATE: Json = {
    "type": "object",
    "required": ["question", "media", "options"],
    "additionalProperties": False,
    "properties": {
        "question": {"type": "string", "minLength": 1, "maxLength": 500},
        "options": {
            "type": "array",
            "minItems": 2,
            "maxItems": 36,
            "items": {
                "type": "object",
                "required": ["key", "label"],
                "additionalProperties": False,
                "properties": {
                    "key": {"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,40}$"},
                    "label": {"type": "string", "minLength": 1, "maxLength": 200},
                    "shortcut": {"type": "string", "pattern": r"^[a-z0-9]$"},
                },
            },
        },
        **_media.TEMPLATE,
    },
}


class Choice(Kind):
    """An answer is {"choice": key of an option}."""

    key = "choice"

    def template_problems(self, template: object) -> list[Problem]:
        """Also that no two options share a key or a shortcut."""
        problems = problems_with(TEMPLATE, template)
        if problems or not isinstance(template, dict):
            return problems
        keys = self.labels(template)
        if len(set(keys)) < len(keys):
            problems.append(Problem("options", TWICE))
        shortcuts = [option["shortcut"] for option in template["options"] if "shortcut" in option]
        if len(set(shortcuts)) < len(shortcuts):
            problems.append(Problem("options", SHORTCUT_TWICE))
        return [*problems, *_media.template_problems(template)]

    def payload_schema(self, template: Template) -> Json:
        """Of its media."""
        return _media.payload_schema(template)

    def columns(self, template: Template) -> list[str]:
        """Of its media."""
        return _media.columns(template)

    def payload_from_row(self, template: Template, row: Mapping[str, str]) -> tuple[Json, list[Problem]]:
        """Of its media."""
        return _media.payload_from_row(template, row)

    def answer_schema(self, template: Template) -> Json:
        """One of the options, and nothing else."""
        return {
            "type": "object",
            "required": ["choice"],
            "additionalProperties": False,
            "properties": {"choice": {"enum": self.labels(template)}},
        }

    def consensus(
        self, strategy: str, template: Template, answers: Sequence[Said], gold: Mapping[str, Any]
    ) -> Consensus:
        """One label of the template for each item; KeyError for a strategy we don't have."""
        given = [(one.item, one.worker, self.text(one.value)) for one in answers]
        truths = {item: self.text(value) for item, value in gold.items()}
        found = aggregate(crowd(given, self.labels(template)), STRATEGIES[strategy], truths)
        return Consensus(
            {
                item: Verdict({"choice": one.label}, one.support, one.confidence, one.answers)
                for item, one in found.labels.items()
            },
            raw_agreement(given),
            krippendorff_alpha(given),
            found.gold,
            found.accuracy,
        )

    def text(self, value: Any) -> str:
        """The key of the option."""
        return str(value["choice"]) if value else ""

    def counts(self, template: Template, answers: Sequence[tuple[Any, int]]) -> dict[str, int]:
        """By option."""
        return dict(sorted((self.text(value), times) for value, times in answers))

    def result_columns(self, template: Template) -> list[str]:
        """One for each option."""
        return [f"answers_{label}" for label in self.labels(template)]

    def result_cells(self, template: Template, counts: Mapping[str, int]) -> list[Any]:
        """How often each option was chosen."""
        return [counts.get(label, 0) for label in self.labels(template)]

    def release_columns(self) -> list[str]:
        """The label."""
        return ["label"]

    def release_cells(self, value: Any) -> list[str | int]:
        """The key of the option."""
        return [self.text(value)]

    def labels(self, template: Template) -> list[str]:
        """The labels consensus chooses from, in the template's order."""
        return [str(option["key"]) for option in template["options"]]

    def shortcuts(self, template: Template) -> dict[str, str]:
        """A key of the keyboard for each option: the declared one, else its own name if that is one key, else the next free one."""
        taken = {option["key"]: option["shortcut"] for option in template["options"] if "shortcut" in option}
        for option in template["options"]:
            own = option["key"].lower()
            if option["key"] not in taken and len(own) == 1 and own.isalnum() and own not in taken.values():
                taken[option["key"]] = own
        free = (key for key in "1234567890" + ascii_lowercase if key not in set(taken.values()))
        return {option["key"]: taken.get(option["key"]) or next(free) for option in template["options"]}


KIND = Choice()
