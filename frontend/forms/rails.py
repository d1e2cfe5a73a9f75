"""Forms of being paid: the member's details; the treasurer's rates, answers and findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.doors.limits import limits
from coop.ground.money import CURRENCIES, LARGEST_AMOUNT
from frontend.forms.fields import WholeField, offer
from payouts import rails
from payouts.models import ExchangeRate
from payouts.models.rails import LONGEST_DETAIL, LONGEST_REFERENCE


class RailForm(forms.Form):
    """How a member who lives in `country` is paid: the rails that reach it, and what each asks for."""

    rail = forms.ChoiceField(label=_("How are you paid?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = [name for name, rail in rails.RAILS.items() if rail.reaches(country)]
        only = self.choices[0] if len(self.choices) == 1 else None
        offer(self, "rail", [(name, rails.title(name)) for name in self.choices], initial=only)
        self.asked = {name: rails.RAILS[name].fields(country) for name in self.choices}
        for detail in (detail for fields in self.asked.values() for detail in fields):
            self.fields[detail.name] = _field(detail)

    def details(self) -> dict[str, str]:
        """What the chosen rail needs."""
        return {detail.name: self.cleaned_data.get(detail.name, "") for detail in self.asked[self.cleaned_data["rail"]]}


def _field(detail: rails.DetailField) -> forms.Field:
    """Not required by itself: the rail that is chosen says what it needs."""
    if detail.choices:
        return forms.ChoiceField(label=detail.label, choices=detail.choices, required=False, help_text=detail.help_text)
    return forms.CharField(label=detail.label, max_length=LONGEST_DETAIL, required=False, help_text=detail.help_text)


class AnswerForm(forms.Form):
    """The file that came back from an operator."""

    file = forms.FileField(label=_("The operator's answer (CSV)"))

    def clean_file(self) -> bytes:
        """Its bytes."""
        uploaded = self.cleaned_data["file"]
        if uploaded.size > rails.LARGEST_ANSWER:
            raise forms.ValidationError(_("This file is too large to be an answer."))
        return bytes(uploaded.read())


class ResolutionForm(forms.Form):
    """What the rail says of a payment that could not be explained."""

    outcome = forms.ChoiceField(
        label=_("What does the rail say?"),
        choices=[("paid", _("it was paid")), ("not_paid", _("it was not paid"))],
        widget=forms.RadioSelect,
    )
    reference = forms.CharField(label=_("The rail's reference"), max_length=LONGEST_REFERENCE, required=False)


class RateForm(forms.Form):
    """A rate, as a fraction: 4913, or 655957 / 1000."""

    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in sorted(CURRENCIES) if code != "EUR"]
    )
    num = WholeField(label=_("Units for"), min_value=1, max_value=LARGEST_AMOUNT, help_text=_("such as 655957"))
    den = WholeField(
        label=_("so many euros"), min_value=1, max_value=LARGEST_AMOUNT, initial=1, help_text=_("such as 1000")
    )
    source = forms.CharField(label=_("Where you read it"), **limits(ExchangeRate, "source"))
