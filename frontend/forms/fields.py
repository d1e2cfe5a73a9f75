"""What forms have in common: whole numbers that can be kept, amounts as they are typed, choices that nobody made beforehand, and choices known only when somebody asks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.choices import BlankChoiceIterator, normalize_choices
from django.utils.translation import gettext as _

from coop.ground.amounts import shown_amount
from coop.ground.canonical import LARGEST


class WholeField(forms.IntegerField):
    """A whole number that can be recorded: within its bounds, and in any case within what canonical JSON holds exactly."""

    widget = forms.TextInput

    def __init__(self, **said: Any) -> None:
        bounds = {"min_value": -LARGEST, "max_value": LARGEST}
        said = bounds | {name: value for name, value in said.items() if value is not None}
        self.signed = said["min_value"] < 0
        super().__init__(**said)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The keys a telephone shows."""
        return _keys("numeric", widget, signed=self.signed)


class MinutesField(forms.CharField):
    """A time as people write it, 2:30, or 1:02:30 with hours; whole seconds come out.

    A number alone is refused: nobody knows whether minutes or seconds were meant.
    """

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No number keys: those of some telephones have no colon."""
        return {**super().widget_attrs(widget), "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """90 → 1:30; what was typed stays as it is."""
        return f"{value // 60}:{value % 60:02}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Seconds, or an error that says how to write it."""
        text = re.sub(r"\s", "", super().clean(value) or "")
        if not text:
            return None
        found = re.fullmatch(r"(?:(\d{1,4}):(?=\d\d:))?(\d{1,6}):([0-5]\d)", text, re.ASCII)
        if not found or (found[1] and int(found[2]) > 59):
            raise forms.ValidationError(_("Write minutes and seconds like 2:30."), code="invalid")
        return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])


class AmountField(forms.CharField):
    """An amount of euros as people write it, 1 234,56 or 1234.56; whole cents come out, from `least` to `most`.

    A text, and no <input type=number>: browsers drop the comma of 0,15 there and send 015.
    """

    def __init__(self, *, most: int, least: int = 0, **said: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**said)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The keys a telephone shows."""
        return {**super().widget_attrs(widget), **_keys("decimal", widget, signed=self.least < 0)}

    def clean(self, value: Any) -> int | None:
        """Cents, or an error that says how to write it."""
        text = re.sub(r"[\s\u00a0\u202f€]", "", super().clean(value) or "").replace("\u2212", "-")
        if not text and not self.required:
            return None
        found = re.fullmatch(r"([+-]?)(\d{1,16})(?:[.,](\d{1,2}))?", text, re.ASCII)
        if not found:
            raise forms.ValidationError(_("Write the amount like 1234.56."), code="invalid")
        cents = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
        cents = -cents if found[1] == "-" else cents
        if not self.least <= cents <= self.most:
            bounds = {"least": shown_amount(self.least, "EUR"), "most": shown_amount(self.most, "EUR")}
            raise forms.ValidationError(_("The amount is from %(least)s to %(most)s.") % bounds, code="out_of_bounds")
        return cents


def _keys(mode: str, widget: forms.Widget, *, signed: bool) -> dict[str, Any]:
    """`inputmode` where it has every key that is needed: the number keys of some telephones have no minus."""
    return {"autocomplete": "off"} | ({} if signed or widget.is_hidden else {"inputmode": mode})


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
