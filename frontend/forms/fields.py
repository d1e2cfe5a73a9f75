"""What forms have in common: whole numbers that can be kept, choices that nobody made beforehand, and choices known only when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.choices import BlankChoiceIterator, normalize_choices

from coop.ground.canonical import LARGEST


class WholeField(forms.IntegerField):
    """A whole number that can be recorded: within its bounds, and in any case within what canonical JSON holds exactly."""

    def __init__(self, **said: Any) -> None:
        bounds = {"min_value": -LARGEST, "max_value": LARGEST}
        super().__init__(**bounds | {name: value for name, value in said.items() if value is not None})


NOTHING = "—"
"""What stands in a list before anything is chosen."""


def _without_initial(said: dict[str, Any]) -> dict[str, Any]:
    if "initial" in said:
        raise TypeError(
            "what a person is asked to choose is chosen by the person; what was stated before comes with the form"
        )
    return said


class ChoiceField(forms.ChoiceField):
    """One of several. Nothing is chosen before the person chooses: a list begins with "—", no button is pressed."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**_without_initial(said))

    @property
    def choices(self) -> Any:
        """What may be chosen, after the empty choice where it is a list."""
        return self._choices

    @choices.setter
    def choices(self, value: Any) -> None:
        choices = normalize_choices(value)
        if not isinstance(self.widget, forms.RadioSelect):
            choices = BlankChoiceIterator(choices, [("", NOTHING)])
        self._choices = self.widget.choices = choices


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """One row of several. Nothing is chosen before the person chooses."""

    def __init__(self, queryset: QuerySet[Any], **said: Any) -> None:
        super().__init__(queryset, empty_label=NOTHING, **_without_initial(said))


def offer(form: forms.Form, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """Let the person choose among these in the field `name`."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is no field to choose in")
    field.choices = list(choices)


def offer_rows(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    """Let the person choose among these rows in the field `name`."""
    field = form.fields[name]
    if not isinstance(field, RowField):
        raise TypeError(f"{name} is no field to choose rows in")
    field.queryset = rows
