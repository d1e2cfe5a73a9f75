"""Forms of the assembly: writing a proposal, voting, talking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.members.models import Member
from coop.rules.catalogue.rule import Column, Kind, Rule
from coop.talk.actions import LONGEST_POST
from frontend.forms.fields import offer
from frontend.refusals import PlacedForm
from frontend.templatetags.formats import cell, rule_value, words
from governance.actions.drafting import LONGEST_BODY, LONGEST_TITLE
from governance.changes import Appoint, ChangeSet, SetRule
from governance.models import Choice

VALUE = "value"


class ProposalForm(PlacedForm):
    """The text of a proposal: one binding language, and translations beside it."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=LONGEST_TITLE)
    body = forms.CharField(
        label=gettext_lazy("What you propose, and why"), max_length=LONGEST_BODY, widget=forms.Textarea
    )
    language = forms.ChoiceField(
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
        """The part of a new value that is named, or the last part of the name."""
        _path, new_value, name = field.rpartition("new_value")
        at = f"{VALUE}{name.replace('.', '_')}" if new_value else field.rpartition(".")[2]
        return at if at in self.fields else None


class RuleForm(ProposalForm):
    """A proposal that gives a rule a new value, with its bounds and unit shown, against the version it was read at."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, rule: Rule, current: Any, base: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        now = _("Now: %(value)s.") % {"value": rule_value(current, rule)}
        fields: dict[str, forms.Field] = {}
        if rule.columns:
            for name, column in rule.columns.items():
                fields[f"{VALUE}_{name}"] = _cell_field(
                    name, column, current[name], _("Now: %(value)s.") % {"value": cell(current, name)}
                )
        else:
            fields[VALUE] = _value_field(rule, current, now)
        self.fields = {"base_version": self.fields.pop("base_version"), **fields, **self.fields}
        self.initial.setdefault("base_version", base)

    def changes(self) -> ChangeSet:
        """One operation, written against the version the form was opened with."""
        data = self.cleaned_data
        value = data.get(VALUE)
        if self.rule.columns:
            value = {name: data[f"{VALUE}_{name}"] for name in self.rule.columns}
        return (SetRule(key=self.rule.key, base_version=data["base_version"], new_value=value),)


def _value_field(rule: Rule, current: Any, now: str) -> forms.Field:
    title = _(rule.title)
    if rule.kind is Kind.CHOICE:
        choices = [(choice, words(choice)) for choice in rule.choices]
        return forms.ChoiceField(label=title, choices=choices, initial=current, help_text=now, widget=forms.RadioSelect)
    if rule.kind is Kind.CHOICES:
        choices = [(choice, words(choice)) for choice in rule.choices]
        return forms.MultipleChoiceField(
            label=title,
            choices=choices,
            initial=current,
            help_text=now,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    bounds = _("A whole number from %(lowest)s to %(highest)s: %(unit)s.") % {
        "lowest": rule.lowest,
        "highest": rule.highest,
        "unit": _(rule.unit) if rule.unit else _("no unit"),
    }
    return forms.IntegerField(
        label=title, min_value=rule.lowest, max_value=rule.highest, initial=current, help_text=f"{bounds} {now}"
    )


def _cell_field(name: str, column: Column, current: Any, now: str) -> forms.Field:
    label = words(name).capitalize()
    if column.choices:
        choices = [(choice, words(choice)) for choice in column.choices]
        return forms.ChoiceField(label=label, choices=choices, initial=current, help_text=now)
    bounds = _("From %(lowest)s to %(highest)s.") % {"lowest": column.lowest, "highest": column.highest}
    return forms.IntegerField(
        label=label, min_value=column.lowest, max_value=column.highest, initial=current, help_text=f"{bounds} {now}"
    )


class AppointmentForm(ProposalForm):
    """A proposal that gives a member a term of office."""

    member = forms.ChoiceField(label=gettext_lazy("Member"))

    def __init__(self, *args: Any, office: str, members: Iterable[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office = office
        named = sorted((member.name, str(member.log_pseudonym)) for member in members)
        offer(self, "member", [("", "—"), *((pseudonym, name) for name, pseudonym in named)])
        self.fields = {"member": self.fields.pop("member"), **self.fields}

    def changes(self) -> ChangeSet:
        """One operation: a term that begins when the decision is carried out."""
        return (Appoint(member=UUID(self.cleaned_data["member"]), office=self.office),)


class VoteForm(forms.Form):
    """The paper in the ballot."""

    choice = forms.ChoiceField(label=gettext_lazy("Your vote"), choices=Choice.choices, widget=forms.RadioSelect)


class PostForm(forms.Form):
    """Something to say."""

    body = forms.CharField(
        label=gettext_lazy("Say something"), max_length=LONGEST_POST, widget=forms.Textarea(attrs={"rows": 4})
    )
