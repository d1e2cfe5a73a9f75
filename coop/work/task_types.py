"""The kinds of task, each with what its template, its items and its answers must look like. Pure.

A problem is told with the field and the reason, and nothing is dropped. Reasons are fixed English sentences, so that
pages can translate them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

Json = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong with which field ("" is the whole)."""

    field: str
    reason: str


REASONS = {
    "required": "This field is required.",
    "type": "This is not the kind of value expected here.",
    "enum": "This is not one of the options.",
    "const": "This is not one of the options.",
    "minLength": "This must not be empty.",
    "maxLength": "This is too long.",
    "minItems": "There are too few.",
    "maxItems": "There are too many.",
    "minimum": "This number is too small.",
    "maximum": "This number is too large.",
    "pattern": "This does not have the form expected here.",
    "additionalProperties": "There is a field that does not belong here.",
    "oneOf": "This has none of the forms expected here.",
}
TWICE = "Two options have the same key."
SHORTCUT_TWICE = "Two options have the same shortcut."
PIXELS_WANTED = "There must be exactly one whole number for each pixel."
NO_CONTENT = "There is no content in this row."
NOT_A_PIXEL = "A pixel is a whole number from 0 to the template's highest value."
WRONG_MEDIA = "This item is not what the project's template shows."

TEMPLATE: Json = {
    "type": "object",
    "required": ["question", "media", "options"],
    "additionalProperties": False,
    "properties": {
        "question": {"type": "string", "minLength": 1, "maxLength": 500},
        "media": {"enum": ["text", "image"]},
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
        "pixels": {
            "type": "object",
            "required": ["width", "height", "highest"],
            "additionalProperties": False,
            "properties": {
                "width": {"type": "integer", "minimum": 1, "maximum": 64},
                "height": {"type": "integer", "minimum": 1, "maximum": 64},
                "highest": {"type": "integer", "minimum": 1, "maximum": 255},
            },
        },
    },
}
TEXT: Json = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 20_000}},
}
IMAGE_DATA: Json = {
    "type": "object",
    "required": ["image"],
    "additionalProperties": False,
    "properties": {
        "image": {
            "type": "string",
            "maxLength": 2_000_000,
            "pattern": r"^data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$",
        },
        "alt": {"type": "string", "maxLength": 500},
    },
}


def _problems(schema: Json, value: object) -> list[Problem]:
    found = {
        Problem(field, REASONS.get(str(error.validator), REASONS["type"]))
        for error in Draft202012Validator(schema).iter_errors(value)
        for field in _fields(error)
    }
    return sorted(found, key=lambda problem: problem.field)


def _fields(error: ValidationError) -> list[str]:
    """Dotted paths of what the error is about; for a missing or superfluous field, that field."""
    path = [str(part) for part in error.absolute_path]
    schema: Any = error.schema
    instance: Any = error.instance
    if error.validator == "required":
        return [".".join([*path, name]) for name in schema["required"] if name not in instance]
    if error.validator == "additionalProperties":
        return [".".join([*path, str(name)]) for name in instance if name not in schema["properties"]]
    return [".".join(path)]


class Choice:
    """Choose one of the options for a text or an image."""

    key = "choice"

    def template_problems(self, template: object) -> list[Problem]:
        """What is wrong with a template, empty if nothing is."""
        problems = _problems(TEMPLATE, template)
        if problems or not isinstance(template, dict):
            return problems
        keys = [option["key"] for option in template["options"]]
        if len(set(keys)) < len(keys):
            problems.append(Problem("options", TWICE))
        shortcuts = [option["shortcut"] for option in template["options"] if "shortcut" in option]
        if len(set(shortcuts)) < len(shortcuts):
            problems.append(Problem("options", SHORTCUT_TWICE))
        if "pixels" in template and template["media"] != "image":
            problems.append(Problem("pixels", WRONG_MEDIA))
        return problems

    def payload_schema(self, template: Mapping[str, Any]) -> Json:
        """The JSON schema an item of this template must meet."""
        if template["media"] == "text":
            return TEXT
        if "pixels" not in template:
            return IMAGE_DATA
        size = template["pixels"]["width"] * template["pixels"]["height"]
        pixel = {"type": "integer", "minimum": 0, "maximum": template["pixels"]["highest"]}
        return {
            "type": "object",
            "required": ["pixels"],
            "additionalProperties": False,
            "properties": {"pixels": {"type": "array", "minItems": size, "maxItems": size, "items": pixel}},
        }

    def answer_schema(self, template: Mapping[str, Any]) -> Json:
        """The JSON schema an answer must meet."""
        return {
            "type": "object",
            "required": ["choice"],
            "additionalProperties": False,
            "properties": {"choice": {"enum": self.labels(template)}},
        }

    def payload_problems(self, template: Mapping[str, Any], payload: object) -> list[Problem]:
        """What is wrong with an item, empty if nothing is."""
        return _problems(self.payload_schema(template), payload)

    def answer_problems(self, template: Mapping[str, Any], answer: object) -> list[Problem]:
        """What is wrong with an answer, empty if nothing is."""
        return _problems(self.answer_schema(template), answer)

    def labels(self, template: Mapping[str, Any]) -> list[str]:
        """The labels consensus chooses from, in the template's order."""
        return [str(option["key"]) for option in template["options"]]

    def label(self, answer: Mapping[str, Any]) -> str:
        """The label an answer gives."""
        return str(answer["choice"])

    def columns(self, template: Mapping[str, Any]) -> list[str]:
        """The CSV columns that hold an item's content; every other column stays the requester's own."""
        if template["media"] == "text":
            return ["text"]
        if "pixels" not in template:
            return ["image", "alt"]
        return [f"p{n}" for n in range(template["pixels"]["width"] * template["pixels"]["height"])]

    def payload_from_row(self, template: Mapping[str, Any], row: Mapping[str, str]) -> tuple[Json, list[Problem]]:
        """An item from the cells of a CSV row, and what is wrong with it."""
        wanted = self.columns(template)
        if "pixels" not in template:
            payload: Json = {name: row[name] for name in wanted if row.get(name)}
            return payload, self.payload_problems(template, payload)
        missing = [name for name in wanted if not row.get(name, "").strip()]
        if missing:
            return {}, [Problem(missing[0], NO_CONTENT if len(missing) == len(wanted) else PIXELS_WANTED)]
        pixels, problems = [], []
        for name in wanted:
            cell = row[name].strip()
            value = int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 6 else -1
            if not 0 <= value <= template["pixels"]["highest"]:
                problems.append(Problem(name, NOT_A_PIXEL))
            pixels.append(value)
        return {"pixels": pixels}, problems

    def shortcuts(self, template: Mapping[str, Any]) -> dict[str, str]:
        """A key of the keyboard for each option: the declared one, else its own name if that is one key, else the next free one."""
        taken = {option["key"]: option["shortcut"] for option in template["options"] if "shortcut" in option}
        for option in template["options"]:
            own = option["key"].lower()
            if option["key"] not in taken and len(own) == 1 and own.isalnum() and own not in taken.values():
                taken[option["key"]] = own
        free = (key for key in "1234567890" + ascii_lowercase if key not in set(taken.values()))
        return {option["key"]: taken.get(option["key"]) or next(free) for option in template["options"]}


TASK_TYPES: dict[str, Choice] = {Choice.key: Choice()}
