"""Forms about money: objecting to a statement, answering an objection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.doors.limits import limits
from coop.work.models import TimeEntry
from frontend.forms.fields import AmountField, ChoiceField, WholeField
from frontend.refusals import PlacedForm
from payouts.models import Adjustment, Objection
from payouts.sharing.corrections import MOST_ADJUSTED, MOST_MINUTES
from payouts.sharing.objections import Correction


class ObjectionForm(forms.Form):
    """What is wrong."""

    reason = forms.CharField(
        label=_("What is wrong?"), **limits(Objection, "reason"), widget=forms.Textarea(attrs={"rows": 4})
    )


REJECT, UPHOLD = "reject", "uphold"


class AnswerForm(forms.Form):
    """The answer to an objection: it is rejected, or upheld by so many minutes more of one kind of time.

    Where it `may_uphold` nothing, it is rejected only.
    """

    decision = ChoiceField(
        label=_("What do you decide?"),
        choices=[
            (UPHOLD, _("Uphold it: time is added, and the run is reckoned again")),
            (REJECT, _("Reject it: the run stays as it was reckoned")),
        ],
        widget=forms.RadioSelect,
    )
    minutes = WholeField(
        label=_("Minutes to add"),
        help_text=_("Only where you uphold it. What was paid too much is adjusted after the approval."),
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
    )
    kind = ChoiceField(label=_("Kind of time"), choices=TimeEntry.Kind.choices, required=False)
    answer = forms.CharField(
        label=_("Your answer"), **limits(Objection, "answer"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *given: Any, may_uphold: bool = True, **named: Any) -> None:
        super().__init__(*given, **named)
        if not may_uphold:
            self.fields["decision"] = ChoiceField(
                label=_("What do you decide?"), choices=[(REJECT, _("Reject it"))], widget=forms.RadioSelect
            )
            del self.fields["minutes"], self.fields["kind"]

    def clean(self) -> dict[str, Any]:
        """Time to add says that it is upheld, so a rejection has none."""
        said = super().clean() or {}
        if said.get("decision") == REJECT and (said.get("minutes") is not None or said.get("kind")):
            self.add_error("decision", _("You reject it, and give time to add. Do one of the two."))
        return said

    def answered(self) -> dict[str, Any]:
        """What `answer_objection` is given."""
        said = self.cleaned_data
        upheld = said["decision"] == UPHOLD
        return {
            "answer": said["answer"],
            "correction": Correction(said["kind"], 60 * (said["minutes"] or 0)) if upheld else None,
        }


class AdjustmentForm(PlacedForm):
    """A mistake of an approved run: how much, above or below zero, and why."""

    STANDS_AT: ClassVar[Mapping[str, str]] = {"amount": "euros"}

    euros = AmountField(
        label=_("Amount in euros"),
        help_text=_("Above zero the member receives it with the next run, below zero it is taken off."),
        least=-MOST_ADJUSTED,
        most=MOST_ADJUSTED,
    )
    reason = forms.CharField(label=_("What was wrong?"), **limits(Adjustment, "reason"))

    def stated(self) -> dict[str, Any]:
        """What `adjust_pay` is given."""
        return {"amount": self.cleaned_data["euros"], "reason": self.cleaned_data["reason"]}
