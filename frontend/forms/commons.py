"""Forms of the commons: asking for data, taking a delivered project in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.commons import screen
from coop.commons.models import AccessRequest, Dataset
from coop.commons.models.access import LARGEST_OFFER
from coop.doors.limits import limits
from coop.ground import cldr
from frontend.forms.fields import AmountField, ChoiceField


def _words(words: Mapping[str, str]) -> list[tuple[str, Any]]:
    return [(key, _(text)) for key, text in words.items()]


class AccessForm(forms.Form):
    """Who asks, what for, and what will be done."""

    organisation = forms.CharField(label=_("Organisation"), **limits(AccessRequest, "organisation"))
    legal_form = ChoiceField(label=_("Legal form"), choices=_words(screen.LEGAL_FORMS))
    country = ChoiceField(label=_("Country"), choices=cldr.countries)
    sector = ChoiceField(label=_("Sector"), choices=_words(screen.SECTORS))
    purpose = ChoiceField(label=_("Kind of purpose"), choices=_words(screen.PURPOSES))
    purpose_text = forms.CharField(
        label=_("What exactly you want to do"),
        **limits(AccessRequest, "purpose_text"),
        widget=forms.Textarea,
        help_text=_("Everyone can read this, and it is what the stewards vote on."),
    )
    actions = forms.MultipleChoiceField(
        label=_("What you will do"), choices=_words(screen.ACTIONS), widget=forms.CheckboxSelectMultiple
    )
    recipients = forms.CharField(
        label=_("Who will receive the data or results"),
        **limits(AccessRequest, "recipients"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    recipient_sectors = forms.MultipleChoiceField(
        label=_("Sectors of those who will receive it"),
        choices=_words(screen.SECTORS),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("An insurer behind a laboratory is an insurer."),
    )
    environment = ChoiceField(label=_("Where you will use it"), choices=_words(screen.ENVIRONMENTS))
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    offer = AmountField(
        label=_("What you offer for the commons, in euros"),
        most=LARGEST_OFFER,
        help_text=_("It goes to the commons fund; no part of it goes to a person. Firms are asked for a fee."),
    )


class DatasetForm(forms.Form):
    """What a steward says about data that returned to the commons."""

    title = forms.CharField(label=_("Title"), **limits(Dataset, "title"))
    summary = forms.CharField(label=_("Summary"), **limits(Dataset, "summary"), widget=forms.Textarea)
    client_rights = forms.CharField(
        label=_("By what right it is ours to share"),
        **limits(Dataset, "client_rights"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    returns = ChoiceField(label=_("What returns to the commons"), choices=Dataset.Returns.choices)
    personal_data = forms.BooleanField(label=_("It holds personal data"), required=False)
