"""Forms of orders: how to pay, and what the treasurer read on the bank statement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.ground.money import LARGEST_AMOUNT
from frontend.forms.fields import AmountField, ChoiceField, offer
from payouts.models import Order
from payouts.models.rails import LONGEST_REFERENCE
from payouts.rails import stripe


class OrderForm(forms.Form):
    """Accept the quote, and say how it is paid."""

    method = ChoiceField(label=_("How do you pay?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(Order.Method.choices)
        offer(self, "method", choices if stripe.is_on() else choices[1:])


class TransferForm(forms.Form):
    """A transfer that is on the bank statement."""

    amount = AmountField(label=_("Amount on the statement"), most=LARGEST_AMOUNT)
    reference = forms.CharField(label=_("The bank's reference"), max_length=LONGEST_REFERENCE)


class RefundForm(forms.Form):
    """A transfer back that is on the bank statement."""

    reference = forms.CharField(label=_("The bank's reference"), max_length=LONGEST_REFERENCE)
