"""Forms about money: objecting to a statement, answering an objection."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.doors.limits import limits
from payouts.models import Objection


class ObjectionForm(forms.Form):
    """What is wrong."""

    reason = forms.CharField(
        label=_("What is wrong?"), **limits(Objection, "reason"), widget=forms.Textarea(attrs={"rows": 4})
    )


class AnswerForm(forms.Form):
    """The treasurer's answer."""

    answer = forms.CharField(
        label=_("Your answer"), **limits(Objection, "answer"), widget=forms.Textarea(attrs={"rows": 3})
    )
