"""Forms of orders: how to pay, and what the treasurer read on the bank statement."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.fields import ChoiceField, offer
from payouts.models import Order
from payouts.models.rails import LONGEST_REFERENCE
from payouts.rails import stripe


class MinorUnits(forms.CharField):
    """An amount as people write it, 1 234,56 or 1234.56; whole cents come out."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> int | None:
        """Cents, or an error that says how to write it."""
        text = re.sub(r"[\s\u00a0\u202f€]", "", super().clean(value) or "")
        if not text and not self.required:
            return None
        found = re.fullmatch(r"(\d{1,12})(?:[.,](\d{1,2}))?", text, re.ASCII)
        if not found:
            raise forms.ValidationError(_("Write the amount like 1234.56."), code="invalid")
        return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


class OrderForm(forms.Form):
    """Accept the quote, and say how it is paid."""

    method = ChoiceField(label=_("How do you pay?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(Order.Method.choices)
        offer(self, "method", choices if stripe.is_on() else choices[1:])


class TransferForm(forms.Form):
    """A transfer that is on the bank statement."""

    amount = MinorUnits(label=_("Amount on the statement"))
    reference = forms.CharField(label=_("The bank's reference"), max_length=LONGEST_REFERENCE)


class RefundForm(forms.Form):
    """A transfer back that is on the bank statement."""

    reference = forms.CharField(label=_("The bank's reference"), max_length=LONGEST_REFERENCE)
