"""A no of the domain, shown where the person can do something about it.

if request.method == "POST" and form.is_valid():
    with refusals_in(form):
        apply(by=request.actor, now=coop_now(), **form.cleaned_data)
        return redirect("apply")
return render(...)                                         # with the refusal in the form
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest

from coop.ground.errors import Refused
from coop.ground.laws import laws_refuse


class PlacedForm(forms.Form):
    """A form whose fields are not all named as the domain names them."""

    STANDS_AT: ClassVar[Mapping[str, str]] = {}
    """{beginning of a name of the domain: the field where it stands}"""

    def place_of(self, field: str) -> str | None:
        """The field where this name of the domain is entered; None where it is none of them."""
        if field in self.fields:
            return field
        found = [name for beginning, name in self.STANDS_AT.items() if field.startswith(beginning)]
        return found[0] if found and found[0] in self.fields else None


@contextmanager
def refusals_in(form: forms.BaseForm) -> Iterator[None]:
    """What the domain refuses inside goes to the field it names, or above them all; the form is not valid any more."""
    try:
        with laws_refuse():
            yield
    except Refused as no:
        form.add_error(_place(form, no.field or ""), str(no))
    except ValidationError as wrong:
        for field, reasons in wrong.message_dict.items():
            place = _place(form, field)
            for reason in reasons:
                form.add_error(place, reason if place or field == NON_FIELD_ERRORS else f"{field}: {reason}")


@contextmanager
def refusals_told(request: HttpRequest) -> Iterator[None]:
    """What the domain refuses inside is told on the page that comes next: for buttons, which have no fields."""
    try:
        with laws_refuse():
            yield
    except Refused as no:
        messages.error(request, str(no))
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))


def _place(form: Any, field: str) -> str | None:
    if isinstance(form, PlacedForm):
        return form.place_of(field)
    return field if field in form.fields else None
