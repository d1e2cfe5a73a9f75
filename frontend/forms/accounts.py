"""Forms of a person: applying, the membership, personal tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.doors.actions import LONGEST_DAYS, LONGEST_LABEL
from coop.doors.limits import limits
from coop.doors.scopes import SCOPES
from coop.ground import cldr
from coop.members.models import Application, College, Engagement, Member
from frontend.forms.fields import ChoiceField, WholeField


def _scopes() -> list[tuple[str, Any]]:
    return list(SCOPES.items())


class DescriptionForm(forms.Form):
    """What a member says about themselves."""

    name = forms.CharField(label=_("Name"), **limits(Member, "name"), help_text=_("As the other members will see it."))
    country = ChoiceField(label=_("Country where you work"), choices=cldr.countries)
    languages = forms.MultipleChoiceField(
        label=_("Languages you work in"), choices=cldr.languages, widget=forms.CheckboxSelectMultiple
    )
    engagement = ChoiceField(
        label=_("Engagement status"),
        choices=Engagement.choices,
        help_text=_("It decides which social contributions are set aside. “Not yet known” is a good answer."),
    )


class ApplicationForm(DescriptionForm):
    """Asking to become a member."""

    college = ChoiceField(
        label=_("College"),
        choices=College.choices,
        widget=forms.RadioSelect,
        help_text=_("Producers do the work. Non-profit users use the data. Supporters help the co-operative."),
    )
    statement = forms.CharField(
        label=_("Why you want to join"),
        required=False,
        **limits(Application, "statement"),
        widget=forms.Textarea,
        help_text=_("The members read this before they vote."),
    )

    field_order = ["name", "college", "country", "languages", "engagement", "statement"]


class TokenForm(forms.Form):
    """Making a personal token."""

    label = forms.CharField(
        label=_("What it is for"), max_length=LONGEST_LABEL, help_text=_("For your own memory: “export script”.")
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), choices=_scopes, widget=forms.CheckboxSelectMultiple)
    days = WholeField(label=_("Days until it ends"), min_value=1, max_value=LONGEST_DAYS, initial=90)
