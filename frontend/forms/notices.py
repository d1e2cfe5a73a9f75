"""Forms about what people are told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.members.models import User
from coop.notices.actions import choosable
from coop.notices.models import Notice
from coop.notices.occasion import occasions


def _kinds() -> list[tuple[str, str]]:
    return [
        (name, _("%(what)s (told to %(whom)s)") % {"what": occasion.title, "whom": occasion.told_to})
        for name, occasion in sorted(occasions().items())
        if name in choosable()
    ]


class ReadForm(forms.Form):
    """The notices that were read: those of the page, as it was shown."""

    notices = forms.ModelMultipleChoiceField(queryset=Notice.objects.none())

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["notices"] = forms.ModelMultipleChoiceField(queryset=Notice.objects.of(reader))


class MailsForm(forms.Form):
    """What is mailed to a person."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Mail me about"),
        choices=_kinds,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("All of it together, once a day at most. A mail holds no amounts."),
    )
