"""Forms of being paid: the member's details; the treasurer's rates, answers and findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.doors.limits import limits
from coop.ground.money import CURRENCIES, LARGEST_AMOUNT
from frontend.forms.fields import offer
from payouts import rails
from payouts.models import ExchangeRate, RailName
from payouts.models.rails import LONGEST_DETAIL, LONGEST_REFERENCE
from payouts.rails.mobile_money import LARGEST_ANSWER, operators_in


class RailForm(forms.Form):
    """How a member who lives in `country` is paid."""

    rail = forms.ChoiceField(label=_("How are you paid?"), widget=forms.RadioSelect)
    operator = forms.ChoiceField(label=_("Operator"), required=False)
    number = forms.CharField(label=_("Telephone number"), max_length=LONGEST_DETAIL, required=False)
    account = forms.CharField(
        label=_("Stripe account"), max_length=LONGEST_DETAIL, required=False, help_text=_("It begins with acct_.")
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = [name for name in RailName if rails.get(name.value).reaches(country)]
        only = self.choices[0].value if len(self.choices) == 1 else None
        offer(self, "rail", [(name.value, name.label) for name in self.choices], initial=only)
        local = operators_in(country)
        if local:
            names = [(operator.id, f"{operator.title} ({operator.currency})") for operator in local]
            offer(self, "operator", names)
            self.fields["number"].help_text = ", ".join(f"{o.title}: {o.example}" for o in local)
        else:
            del self.fields["operator"], self.fields["number"]
        if RailName.STRIPE not in self.choices:
            del self.fields["account"]

    def details(self) -> dict[str, str]:
        """What the chosen rail needs."""
        names = ("account",) if self.cleaned_data["rail"] == RailName.STRIPE else ("operator", "number")
        return {name: self.cleaned_data.get(name, "") for name in names}


class AnswerForm(forms.Form):
    """The file that came back from an operator."""

    file = forms.FileField(label=_("The operator's answer (CSV)"))

    def clean_file(self) -> bytes:
        """Its bytes."""
        uploaded = self.cleaned_data["file"]
        if uploaded.size > LARGEST_ANSWER:
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
    num = forms.IntegerField(label=_("Units for"), min_value=1, max_value=LARGEST_AMOUNT, help_text=_("such as 655957"))
    den = forms.IntegerField(
        label=_("so many euros"), min_value=1, max_value=LARGEST_AMOUNT, initial=1, help_text=_("such as 1000")
    )
    source = forms.CharField(label=_("Where you read it"), **limits(ExchangeRate, "source"))
