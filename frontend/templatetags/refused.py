"""`{% load refused %}`: no refusal without a word, wherever the form it was about has gone.

A page draws a form only while it can be sent: not any more once the thing is decided, the window closed, the country changed.
What was sent to such a form is still refused in it, so the page behind every page (`base.html`) shows what no form has shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms, template

register = template.Library()

DEEP = 4
"""So far into the lists and tables of a context forms are looked for."""


@register.simple_tag
def errors_are_shown(form: forms.BaseForm) -> str:
    """Said where a template shows what is wrong with a form."""
    form.errors_were_shown = True  # type: ignore[attr-defined]  # a mark of ours on a form of anybody's
    return ""


@register.inclusion_tag("forms/unshown.html", takes_context=True)
def unshown_refusals(context: template.Context) -> dict[str, Any]:
    """Every form of the page with errors that nothing has shown, with what was entered in it."""
    found = {id(form): form for form in _forms(context.flatten(), DEEP)}
    return {
        "unshown": [
            {"form": form, "entered": list(_entered(form))}
            for form in found.values()
            if form.is_bound and form.errors and not getattr(form, "errors_were_shown", False)
        ]
    }


def _forms(value: Any, deep: int) -> Iterator[forms.BaseForm]:
    if isinstance(value, forms.BaseForm):
        yield value
    elif deep and isinstance(value, Mapping):
        for one in value.values():
            yield from _forms(one, deep - 1)
    elif deep and isinstance(value, (list, tuple)):
        for one in value:
            yield from _forms(one, deep - 1)


def _entered(form: forms.BaseForm) -> Iterator[tuple[str, str]]:
    """(label, text) of what a person wrote; no secrets."""
    for field in form:
        secret = isinstance(field.field.widget, forms.PasswordInput)
        value = field.value()
        if isinstance(value, str) and value.strip() and not (field.is_hidden or secret):
            yield str(field.label), value
