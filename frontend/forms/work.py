"""Forms of a member at work."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.work.models import Project
from coop.work.task_types import TASK_TYPES
from frontend.forms.fields import offer
from frontend.refusals import PlacedForm


class ChoiceForm(PlacedForm):
    """One of the options, and the time it took."""

    STANDS_AT: ClassVar = {"value": "choice", "measured_seconds": "declared_seconds"}

    choice = forms.ChoiceField(
        label=_("Your answer"), widget=forms.RadioSelect, error_messages={"required": _("Choose one of the answers.")}
    )
    paused_seconds = forms.IntegerField(
        label=_("Seconds of it you rested"), required=False, min_value=0, help_text=_("Leave it empty if you didn't.")
    )
    declared_seconds = forms.IntegerField(
        label=_("Seconds that count"),
        required=False,
        min_value=0,
        help_text=_(
            "Leave it empty and what is measured counts. Reading the instructions, loading and looking things up is work."
        ),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.template = TASK_TYPES[project.task_type], project.template
        offer(self, "choice", [(option["key"], option["label"]) for option in self.template["options"]])

    def options(self) -> list[dict[str, Any]]:
        """Each option with its key of the keyboard, and whether it is chosen."""
        keys, chosen = self.kind.shortcuts(self.template), self["choice"].value()
        return [
            {**option, "shortcut": keys[option["key"]], "chosen": option["key"] == chosen}
            for option in self.template["options"]
        ]
