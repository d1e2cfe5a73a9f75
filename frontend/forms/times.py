"""Forms about time: correcting it, one's own pace, contesting stated time, hearing a contest, looking at a project."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.doors.limits import limits
from coop.ground.amounts import shown_duration
from coop.work.models import Contest, ContestSeat, Halt
from frontend.forms.fields import ChoiceField, MinutesField, WholeField
from frontend.refusals import PlacedForm

FACTORS = [
    ("1000", _("The usual time")),
    ("1500", _("One and a half times the usual time")),
    ("2000", _("Twice the usual time")),
    ("2500", _("Two and a half times the usual time")),
    ("3000", _("Three times the usual time")),
]


class CorrectionForm(forms.Form):
    """How long an item really took."""

    declared_seconds = MinutesField(label=_("Time that counts"), help_text=_("In minutes and seconds like 2:30."))


class PaceForm(forms.Form):
    """How much longer than others one wants to be given."""

    permille = ChoiceField(label=_("Time you want to be given for an item"), choices=FACTORS)


class ReasonsForm(forms.Form):
    """Why stated time of a project should not count."""

    reasons = forms.CharField(
        label=_("Why should this time not count?"),
        **limits(Contest, "reasons"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Say it about the work: what the items ask for, and what the instructions say."),
    )


class HeardForm(forms.Form):
    """What the member says to a contest of her time."""

    words = forms.CharField(
        label=_("What do you say to it?"), **limits(Contest, "answer"), widget=forms.Textarea(attrs={"rows": 4})
    )


class DecisionForm(forms.Form):
    """What one of the two who hear a contest decides. Nothing is chosen beforehand."""

    DECISIONS = (("no", _("The time counts")), ("yes", _("The time doesn't count")))

    refuses = ChoiceField(
        label=_("What do you decide?"),
        choices=DECISIONS,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("Your reasons"),
        **limits(ContestSeat, "words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They are needed where the time doesn't count."),
    )

    def clean(self) -> dict[str, Any]:
        """Reasons where the time doesn't count, asked for before anything is checked once more."""
        given = super().clean() or {}
        if given.get("refuses") == "yes" and not given.get("words", "").strip():
            self.add_error("words", _("Say why this time should not count."))
        return given

    def decided(self) -> dict[str, Any]:
        """As the domain takes it."""
        return {"refuses": self.cleaned_data["refuses"] == "yes", "words": self.cleaned_data["words"]}


class LookForm(PlacedForm):
    """What was found in the instructions and the price of a project, and how much more it may count."""

    STANDS_AT: ClassVar = {"more_seconds": "minutes"}

    words = forms.CharField(
        label=_("What did you find in the instructions and the price?"),
        **limits(Halt, "words"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    minutes = WholeField(
        label=_("Minutes it may count until the next look"),
        min_value=0,
    )

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        self.fields["minutes"].help_text = _("At most %(time)s: as many as the quote pays for.") % self._most()

    def _most(self) -> dict[str, str]:
        return {"time": shown_duration(self.most)}

    def clean_minutes(self) -> int:
        """At once at most what the quote pays for, in the words of the field."""
        minutes: int = self.cleaned_data["minutes"]
        if 60 * minutes > self.most:
            raise forms.ValidationError(
                _("At once at most %(time)s can be added: as many as the quote pays for.") % self._most(),
                code="too_many_seconds",
            )
        return minutes

    def found(self) -> dict[str, Any]:
        """As the domain takes it."""
        return {"words": self.cleaned_data["words"], "more_seconds": 60 * self.cleaned_data["minutes"]}
