"""What members look at: a text, an image given as data, or a small grey image given as pixels. Kinds of task share it. Pure.

A template says "media" (text or image), and "pixels" for an image that is given as numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coop.ground.schemas import Json, Problem, problems_with
from coop.ground.texts import gettext_noop as _
from coop.work.kinds._kind import Template

PIXELS_WANTED = _("There must be exactly one whole number for each pixel.")
NO_CONTENT = _("There is no content in this row.")
NOT_A_PIXEL = _("A pixel is a whole number from 0 to the template's highest value.")
WRONG_MEDIA = _("This item is not what the project's template shows.")

TEMPLATE: Json = {
    "media": {"enum": ["text", "image"]},
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
}
"""Properties of the schema of a template."""

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


def template_problems(template: Template) -> list[Problem]:
    """What is wrong with the media of a template that meets its schema."""
    return [Problem("pixels", WRONG_MEDIA)] if "pixels" in template and template["media"] != "image" else []


def payload_schema(template: Template) -> Json:
    """The JSON schema of an item."""
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


def columns(template: Template) -> list[str]:
    """The columns of a table that hold an item."""
    if template["media"] == "text":
        return ["text"]
    if "pixels" not in template:
        return ["image", "alt"]
    return [f"p{n}" for n in range(template["pixels"]["width"] * template["pixels"]["height"])]


def payload_from_row(template: Template, row: Mapping[str, str]) -> tuple[Json, list[Problem]]:
    """An item from the cells of a row, and what is wrong with it."""
    wanted = columns(template)
    if "pixels" not in template:
        payload: Json = {name: row[name] for name in wanted if row.get(name)}
        return payload, problems_with(payload_schema(template), payload)
    missing = [name for name in wanted if not row.get(name, "").strip()]
    if missing:
        return {}, [Problem(missing[0], NO_CONTENT if len(missing) == len(wanted) else PIXELS_WANTED)]
    pixels = [_pixel(row[name].strip(), template["pixels"]["highest"]) for name in wanted]
    problems = [Problem(name, NOT_A_PIXEL) for name, pixel in zip(wanted, pixels, strict=True) if pixel is None]
    return {"pixels": pixels}, problems


def _pixel(cell: str, highest: int) -> int | None:
    value = int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 6 else -1
    return value if 0 <= value <= highest else None


def picture_of(template: Template, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The pixels of an item with their width, height and highest value; None where it is not given as pixels."""
    return {"pixels": payload["pixels"], **template["pixels"]} if "pixels" in template else None
