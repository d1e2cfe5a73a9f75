"""How long, how large, which of: typed once, on the model, and held to by both doors.

legal_name = forms.CharField(label=_("Legal name"), **limits(Client, "legal_name"))
legal_name = serializers.CharField(**limits(Client, "legal_name"))
"""

from __future__ import annotations

from typing import Any

from django.core.validators import BaseValidator, MaxValueValidator, MinLengthValidator, MinValueValidator
from django.db import models

NAMES: dict[type[BaseValidator], str] = {
    MinLengthValidator: "min_length",
    MinValueValidator: "min_value",
    MaxValueValidator: "max_value",
}


def limits(model: type[models.Model], name: str) -> dict[str, Any]:
    """What fields of a form and of a serializer take alike: max_length and min_length, or min_value and max_value, or choices."""
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is nothing that is typed in")
    if field.choices:
        return {"choices": list(field.choices)}
    found: dict[str, Any] = {"max_length": field.max_length} if field.max_length else {}
    for validator in field.validators:
        if not isinstance(validator, BaseValidator) or not isinstance(validator.limit_value, int):
            continue
        if named := NAMES.get(type(validator)):
            tightest = max if named.startswith("min") else min
            found[named] = tightest(validator.limit_value, found.get(named, validator.limit_value))
    return found
