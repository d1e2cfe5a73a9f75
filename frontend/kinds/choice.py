"""Choosing one of the options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from coop.work.kinds.choice import KIND
from frontend.forms.fields import ChoiceField, offer
from frontend.forms.work import AnswerForm
from frontend.kinds import _media
from frontend.kinds._part import KindPart
from frontend.refusals import PlacedForm


class ChoiceForm(AnswerForm):
    """One of the options, and the time it took."""

    STANDS_AT: ClassVar = {"value": "choice", **AnswerForm.STANDS_AT}

    choice = ChoiceField(
        label=_("Your answer"), widget=forms.RadioSelect, error_messages={"required": _("Choose one of the answers.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "choice", [(option["key"], option["label"]) for option in self.template["options"]])

    def value(self) -> dict[str, Any]:
        """The key of the option."""
        return {"choice": self.cleaned_data["choice"]}

    def first_id(self, field: str) -> str:
        """The first of the options."""
        return "id_choice_0" if field == "choice" else super().first_id(field)

    def options(self) -> list[dict[str, Any]]:
        """Each option with its key of the keyboard, and whether it is chosen."""
        keys, chosen = KIND.shortcuts(self.template), self["choice"].value()
        return [
            {**option, "shortcut": keys[option["key"]], "chosen": option["key"] == chosen}
            for option in self.template["options"]
        ]


class ChoicePart(KindPart):
    """A question and its options."""

    kind = KIND
    title = _("Choose one of several answers")
    answer_form = ChoiceForm

    def template_fields(self) -> dict[str, forms.Field]:
        """What is looked at, the question, and the options, one a line."""
        return {
            **_media.template_fields(),
            "question": forms.CharField(label=_("Question"), max_length=500),
            "options": forms.CharField(
                label=_("Answers to choose from"),
                widget=forms.Textarea(attrs={"rows": 6}),
                help_text=_(
                    "One per line, such as “yes: Yes, it is polite”. What stands before the colon stands for it in the files of the results."
                ),
            ),
        }

    @property
    def stands_at(self) -> Mapping[str, str]:
        """Fields by the parts of the template."""
        return {"template.options": "options", "template.question": "question", **_media.STANDS_AT}

    def clean(self, form: PlacedForm, data: dict[str, Any]) -> None:
        """The media is whole."""
        _media.clean(form, data)

    def template(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The question, the media and the options."""
        lines = [line.partition(":") for line in data["options"].splitlines()]
        options = [_option(key.strip(), colon, label.strip()) for key, colon, label in lines if key.strip()]
        return {"question": data["question"], "options": options, **_media.template(data)}

    def known(self, template: Mapping[str, Any]) -> dict[str, Any]:
        """The options one a line."""
        options = "\n".join(f"{option['key']}: {option['label']}" for option in template["options"])
        return {"question": template["question"], "options": options, **_media.known(template)}

    def question(self, template: Mapping[str, Any]) -> str:
        """As stated."""
        return str(template["question"])

    def shown(self, template: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
        """Of its media."""
        return _media.shown(template, payload)

    def in_words(self, template: Mapping[str, Any], value: Any) -> str:
        """The option as it was shown to members."""
        return _labels(template).get(KIND.text(value), KIND.text(value))

    def counts_in_words(self, template: Mapping[str, Any], counts: Mapping[str, int]) -> list[tuple[str, int]]:
        """By option."""
        return [(_labels(template).get(key, key), times) for key, times in counts.items()]


PART = ChoicePart()


def _labels(template: Mapping[str, Any]) -> dict[str, str]:
    """The options as people read them, by their keys."""
    return {str(option["key"]): str(option["label"]) for option in template["options"]}


def _option(key: str, colon: str, label: str) -> dict[str, str]:
    """One line of the options: before the colon the key; without one the words themselves, made a key."""
    plain = bool(colon) or re.fullmatch(r"[\w-]+", key, re.ASCII)
    return {"key": key if plain else slugify(key)[:40], "label": label or key}
