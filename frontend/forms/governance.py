"""Forms of the assembly: writing a proposal, voting, talking."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.talk.actions import LONGEST_POST
from frontend.forms.fields import ChoiceField
from frontend.refusals import PlacedForm
from governance.actions.drafting import LONGEST_BODY, LONGEST_TITLE
from governance.changes import ChangeSet
from governance.models import Choice


class ProposalForm(PlacedForm):
    """The text of a proposal: one binding language, and translations beside it."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=LONGEST_TITLE)
    body = forms.CharField(
        label=gettext_lazy("What you propose, and why"), max_length=LONGEST_BODY, widget=forms.Textarea
    )
    language = ChoiceField(
        label=gettext_lazy("Language of this text"),
        choices=settings.LANGUAGES,
        help_text=gettext_lazy("This text is the binding one."),
    )

    def __init__(self, *args: Any, changes: ChangeSet = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fixed = changes
        for code, name in settings.LANGUAGES:
            self.fields[f"title_{code}"] = forms.CharField(
                label=_("Title in %(language)s") % {"language": _(str(name))}, max_length=LONGEST_TITLE, required=False
            )
            self.fields[f"body_{code}"] = forms.CharField(
                label=_("Text in %(language)s") % {"language": _(str(name))},
                max_length=LONGEST_BODY,
                required=False,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    def translations(self) -> list[forms.BoundField]:
        """The fields for the text in other languages."""
        return [self[f"{part}_{code}"] for code, _name in settings.LANGUAGES for part in ("title", "body")]

    def main_fields(self) -> list[forms.BoundField]:
        """Every other field that is seen."""
        apart = {field.name for field in self.translations()}
        return [field for field in self if field.name not in apart and not field.is_hidden]

    def clean(self) -> dict[str, Any]:
        """A translation has a title and a text, or neither."""
        data = super().clean() or self.cleaned_data
        for code, _name in settings.LANGUAGES:
            title, body = data.get(f"title_{code}"), data.get(f"body_{code}")
            if bool(title) != bool(body):
                self.add_error(f"body_{code}" if title else f"title_{code}", _("A translation has a title and a text."))
        return data

    def written(self) -> dict[str, Any]:
        """What the actions take."""
        data = self.cleaned_data
        texts = {
            code: {"title": data[f"title_{code}"], "body": data[f"body_{code}"]}
            for code, _name in settings.LANGUAGES
            if data[f"title_{code}"]
        }
        texts[data["language"]] = {"title": data["title"], "body": data["body"]}
        return {"language": data["language"], "texts": texts, "changes": self.changes()}

    def changes(self) -> ChangeSet:
        """The change set of this proposal."""
        return self.fixed

    def place_of(self, field: str) -> str | None:
        """The last part of the name."""
        at = field.rpartition(".")[2]
        return at if at in self.fields else None


class VoteForm(forms.Form):
    """The paper in the ballot."""

    choice = ChoiceField(label=gettext_lazy("Your vote"), choices=Choice.choices, widget=forms.RadioSelect)


class PostForm(forms.Form):
    """Something to say."""

    body = forms.CharField(
        label=gettext_lazy("Say something"), max_length=LONGEST_POST, widget=forms.Textarea(attrs={"rows": 4})
    )
