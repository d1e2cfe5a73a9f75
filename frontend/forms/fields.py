"""What forms have in common: whole numbers that can be kept, and fields whose choices are known only when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from coop.ground.canonical import LARGEST


class WholeField(forms.IntegerField):
    """A whole number that can be recorded: within its bounds, and in any case within what canonical JSON holds exactly."""

    def __init__(self, **said: Any) -> None:
        bounds = {"min_value": -LARGEST, "max_value": LARGEST}
        super().__init__(**bounds | {name: value for name, value in said.items() if value is not None})


def offer(form: forms.Form, name: str, choices: Iterable[tuple[str, Any]], *, initial: str | None = None) -> None:
    """Let the person choose among these in the field `name`; `initial` is chosen beforehand."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is no field to choose in")
    field.choices = list(choices)
    field.initial = initial


def offer_rows(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    """Let the person choose among these rows in the field `name`."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{name} is no field to choose rows in")
    field.queryset = rows
