"""A new value of a rule: the rule is chosen first, the value in the form, with its bounds and unit shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.rules.actions import head
from coop.rules.catalogue import CATALOGUE
from coop.rules.catalogue.rule import Column, Kind, Rule
from coop.rules.models import RuleVersion
from frontend.forms.fields import ChoiceField, WholeField
from frontend.forms.governance import ProposalForm
from frontend.operations._part import Change, Offer, Part, Section
from frontend.templatetags.formats import cell, rule_value, words
from frontend.views.rules import LAYERS
from governance.changes import ChangeSet
from governance.operations.set_rule import SetRule

VALUE = "value"


class RuleForm(ProposalForm):
    """A proposal that gives a rule a new value, with its bounds and unit shown, against the version it was read at."""

    base_version = WholeField(
        label=gettext_lazy("Version of the rule this was written against"), min_value=0, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, rule: Rule, current: Any, base: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        now = _("Now: %(value)s.") % {"value": rule_value(current, rule)}
        fields: dict[str, forms.Field] = {}
        if rule.columns:
            for name, column in rule.columns.items():
                fields[f"{VALUE}_{name}"] = _cell_field(
                    name, column, _("Now: %(value)s.") % {"value": cell(current, name)}
                )
        else:
            fields[VALUE] = _value_field(rule, now)
        self.fields = {"base_version": self.fields.pop("base_version"), **fields, **self.fields}
        in_force = {f"{VALUE}_{name}": current[name] for name in rule.columns} if rule.columns else {VALUE: current}
        self.initial = {"base_version": base, **in_force, **self.initial}

    def changes(self) -> ChangeSet:
        """One operation, written against the version the form was opened with."""
        data = self.cleaned_data
        value = data.get(VALUE)
        if self.rule.columns:
            value = {name: data[f"{VALUE}_{name}"] for name in self.rule.columns}
        return (SetRule(key=self.rule.key, base_version=data["base_version"], new_value=value),)

    def place_of(self, field: str) -> str | None:
        """The part of a new value that is named, or the last part of the name."""
        _path, new_value, name = field.rpartition("new_value")
        at = f"{VALUE}{name.replace('.', '_')}"
        return at if new_value and at in self.fields else super().place_of(field)


def _value_field(rule: Rule, now: str) -> forms.Field:
    title = _(rule.title)
    if rule.kind is Kind.CHOICE:
        choices = [(choice, words(choice)) for choice in rule.choices]
        return ChoiceField(label=title, choices=choices, help_text=now, widget=forms.RadioSelect)
    if rule.kind is Kind.CHOICES:
        choices = [(choice, words(choice)) for choice in rule.choices]
        return forms.MultipleChoiceField(
            label=title,
            choices=choices,
            help_text=now,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    bounds = _("A whole number from %(lowest)s to %(highest)s: %(unit)s.") % {
        "lowest": rule.lowest,
        "highest": rule.highest,
        "unit": _(rule.unit) if rule.unit else _("no unit"),
    }
    return WholeField(label=title, min_value=rule.lowest, max_value=rule.highest, help_text=f"{bounds} {now}")


def _cell_field(name: str, column: Column, now: str) -> forms.Field:
    label = words(name).capitalize()
    if column.choices:
        choices = [(choice, words(choice)) for choice in column.choices]
        return ChoiceField(label=label, choices=choices, help_text=now)
    bounds = _("From %(lowest)s to %(highest)s.") % {"lowest": column.lowest, "highest": column.highest}
    return WholeField(label=label, min_value=column.lowest, max_value=column.highest, help_text=f"{bounds} {now}")


class SetRulePart(Part[SetRule]):
    """Which rule, and which value."""

    kind = SetRule
    place = 40

    def section(self) -> Section:
        """Every rule of the catalogue, by layer."""
        groups = {
            str(title): [Offer(_(rule.title), f"rule={rule.key}") for rule in CATALOGUE.values() if rule.layer == layer]
            for layer, title in LAYERS.items()
        }
        return Section(_("Change a rule"), groups)

    def chosen(self, query: QueryDict) -> SetRule | None:
        """`?rule=`; the form asks for the value."""
        key = query.get("rule")
        if key and key not in CATALOGUE:
            raise Http404
        return SetRule(key=key, base_version=0, new_value=None) if key else None

    def in_words(self, change: SetRule, *, named: bool) -> Change:
        """From which value to which."""
        rule = CATALOGUE.get(change.key)
        if rule is None:
            return Change(title=change.title())
        before = RuleVersion.objects.filter(key=change.key, number=change.base_version).first()
        return Change(
            title=change.title(),
            link=reverse("rule", args=[change.key]),
            before=rule_value(before.value, rule) if before else "",
            after=rule_value(change.new_value, rule) if _fits(rule, change.new_value) else str(change.new_value),
        )

    def subject(self, change: SetRule) -> Change:
        """The rule and what it does."""
        rule = CATALOGUE.get(change.key)
        if rule is None:
            return Change(title=change.title())
        return Change(title=change.title(), link=reverse("rule", args=[rule.key]), text=_(rule.explanation))

    def form(self, change: SetRule, *, data: QueryDict | None, initial: dict[str, Any], is_draft: bool) -> ProposalForm:
        """The value with its bounds; a rule that is gone can only be written about."""
        rule = CATALOGUE.get(change.key)
        if rule is None:
            return super().form(change, data=data, initial=initial, is_draft=is_draft)
        newest = head(change.key)
        if is_draft and rule.columns:
            initial = {**initial, **{f"{VALUE}_{name}": part for name, part in change.new_value.items()}}
        elif is_draft:
            initial = {**initial, VALUE: change.new_value}
        return RuleForm(data, initial=initial, rule=rule, current=newest.value, base=newest.number)


PART = SetRulePart()


def _fits(rule: Rule, value: Any) -> bool:
    try:
        rule.validated(value)
    except ValueError:
        return False
    return True
