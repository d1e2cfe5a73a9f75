"""What forms have in common: fields whose choices are known only when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet


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
