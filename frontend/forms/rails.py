"""Forms of being paid: the member's details; the treasurer's rates, answers and findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.doors.limits import limits
from coop.ground.money import CURRENCIES, LARGEST_AMOUNT
from frontend.forms.fields import ChoiceField, WholeField, offer
from payouts import rails
from payouts.models import ExchangeRate, RailDetails
from payouts.models.rails import LONGEST_DETAIL, LONGEST_REFERENCE


class RailForm(forms.Form):
    """How a member who lives in `country` is paid: the rails that reach it, and what each asks for."""

    use_required_attribute = False  # what the other rails ask for may stay empty

    rail = ChoiceField(label=_("How are you paid?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = [name for name, rail in rails.RAILS.items() if rail.reaches(country)]
        offer(self, "rail", [(name, rails.title(name)) for name in self.choices])
        self.asked = {name: rails.RAILS[name].fields(country) for name in self.choices}
        for detail in (detail for fields in self.asked.values() for detail in fields):
            self.fields[detail.name] = _field(detail)

    def clean(self) -> dict[str, Any]:
        """What is wrong with the details of another rail is no matter; what is missing the rail itself says."""
        data = super().clean() or self.cleaned_data
        for name, fields in self.asked.items():
            for detail in fields:
                if name != data.get("rail") or self.has_error(detail.name, "required"):
                    self.errors.pop(detail.name, None)
        return data

    @staticmethod
    def known(current: RailDetails, country: str) -> dict[str, str]:
        """What the form shows of how the member is paid now: what she chose from a list, never what identifies an account."""
        rail = rails.RAILS.get(current.rail)
        if rail is None or not rail.reaches(country):
            return {}
        opened = current.opened()
        return {"rail": current.rail, **{one.name: opened[one.name] for one in rail.fields(country) if one.choices}}

    def details(self) -> dict[str, str]:
        """What the chosen rail needs."""
        return {detail.name: self.cleaned_data.get(detail.name, "") for detail in self.asked[self.cleaned_data["rail"]]}


def _field(detail: rails.DetailField) -> forms.Field:
    if detail.choices:
        return ChoiceField(label=detail.label, choices=detail.choices, help_text=detail.help_text)
    return forms.CharField(label=detail.label, max_length=LONGEST_DETAIL, help_text=detail.help_text)


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

    outcome = ChoiceField(
        label=_("What does the rail say?"),
        choices=[("paid", _("it was paid")), ("not_paid", _("it was not paid"))],
        widget=forms.RadioSelect,
    )
    reference = forms.CharField(label=_("The rail's reference"), max_length=LONGEST_REFERENCE, required=False)


class RateForm(forms.Form):
    """A rate, as a fraction: 4913, or 655957 / 1000."""

    currency = ChoiceField(label=_("Currency"), choices=[(code, code) for code in sorted(CURRENCIES) if code != "EUR"])
    num = WholeField(label=_("Units for"), min_value=1, max_value=LARGEST_AMOUNT, help_text=_("such as 655957"))
    den = WholeField(label=_("so many euros"), min_value=1, max_value=LARGEST_AMOUNT, help_text=_("such as 1000"))
    source = forms.CharField(label=_("Where you read it"), **limits(ExchangeRate, "source"))
