"""What of a value doesn't meet a JSON schema, by field, in sentences of ours. Pure.

Reasons are fixed English sentences, so that pages can translate them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from coop.ground.texts import gettext_noop as _

Json = dict[str, Any]

REASONS = {
    "required": _("This field is required."),
    "type": _("This is not the kind of value expected here."),
    "enum": _("This is not one of the options."),
    "const": _("This is not one of the options."),
    "minLength": _("This must not be empty."),
    "maxLength": _("This is too long."),
    "minItems": _("There are too few."),
    "maxItems": _("There are too many."),
    "minimum": _("This number is too small."),
    "maximum": _("This number is too large."),
    "pattern": _("This does not have the form expected here."),
    "additionalProperties": _("There is a field that does not belong here."),
    "oneOf": _("This has none of the forms expected here."),
}


def _is_whole(_checker: TypeChecker, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


AT_THE_END = re.compile(r"(?<!\\)\$\Z")


def _matches(_validator: object, pattern: str, value: object, _schema: Json) -> Iterator[ValidationError]:
    if isinstance(value, str) and not re.search(AT_THE_END.sub(r"\\Z", pattern), value):
        yield ValidationError("it does not match")


Validator = extend(  # type: ignore[no-untyped-call]  # its stub leaves `extend` untyped
    Draft202012Validator,
    validators={"pattern": _matches},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)
"""A JSON schema calls 1.0 an integer; what we hash is canonical JSON, which has no such number. Here only 1 is one.

And `$` is the end of a text, as in the regular expressions (ECMA-262) that JSON schema speaks of; Python's lets a line end follow.
"""


@dataclass(frozen=True)
class Problem:
    """What is wrong with which field ("" is the whole)."""

    field: str
    reason: str


def problems_with(schema: Json, value: object) -> list[Problem]:
    """What of a value doesn't meet a JSON schema, by field."""
    found = {
        Problem(field, REASONS.get(str(error.validator), REASONS["type"]))
        for error in Validator(schema).iter_errors(value)
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
