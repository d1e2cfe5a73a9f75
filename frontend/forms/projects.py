"""Forms of a requester: the organisation, the order, the items."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.doors.limits import limits
from coop.ground import cldr
from coop.ground.csv import ENCODINGS
from coop.work.calibration import FEWEST_GOLD
from coop.work.models import END_USES, Client, Project
from frontend.forms.fields import ChoiceField, RowField, WholeField, offer, offer_rows
from frontend.kinds._part import KindPart
from frontend.refusals import PlacedForm


class ClientForm(forms.Form):
    """The organisation that orders."""

    legal_name = forms.CharField(label=_("Legal name"), **limits(Client, "legal_name"))
    country = ChoiceField(label=_("Country"), choices=cldr.countries)
    kind = ChoiceField(label=_("Kind of organisation"), choices=Client.Kind.choices)
    vat_id = forms.CharField(label=_("VAT number"), **limits(Client, "vat_id"), required=False)
    contact = forms.EmailField(label=_("Contact address"), **limits(Client, "contact"))
    beneficial_client = forms.CharField(
        label=_("On whose behalf you order"),
        **limits(Client, "beneficial_client"),
        required=False,
        help_text=_("If it is not for yourselves. Members read this before they accept any work."),
    )
    subcontract_chain = forms.CharField(
        label=_("Firms between them and you"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One per line. The rule on subcontracting says how many are allowed; by default none."),
    )

    def clean_subcontract_chain(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["subcontract_chain"].splitlines() if line.strip()]


class DrawForm(forms.Form):
    """Of how many items the requester will say what is true. No number is proposed: it binds."""

    number = WholeField(label=_("Of how many items will you say what is true?"), min_value=FEWEST_GOLD)

    def __init__(self, *args: Any, most: int, **said: Any) -> None:
        super().__init__(*args, **said)
        self.fields["number"].help_text = _("From %(least)d to %(most)d. The more, the finer the figures.") % {
            "least": FEWEST_GOLD,
            "most": most,
        }


class ProjectForm(PlacedForm):
    """What is ordered, for whom, what for."""

    client = RowField(label=_("For which organisation"), queryset=Client.objects.none())
    title = forms.CharField(label=_("Title"), **limits(Project, "title"))
    purpose = forms.CharField(
        label=_("Purpose"),
        **limits(Project, "purpose"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What the work is for. Members read this before they accept any of it."),
    )
    final_client = forms.CharField(
        label=_("Final client"), **limits(Project, "final_client"), help_text=_("Who will use the result in the end.")
    )
    end_use = forms.MultipleChoiceField(
        label=_("End use"),
        choices=list(END_USES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Closed ends are refused; only a vote of the constitution's procedure could open one."),
    )
    product = forms.CharField(label=_("Product the work goes into"), **limits(Project, "product"))
    sold_as_automated = forms.BooleanField(label=_("The product will be sold as automated"), required=False)
    disclosure = forms.CharField(
        label=_("How the people behind it are disclosed"),
        required=False,
        **limits(Project, "disclosure"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed if the product will be sold as automated."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages needed"), required=False, choices=cldr.languages, widget=forms.CheckboxSelectMultiple
    )
    instructions = forms.CharField(
        label=_("Instructions"), **limits(Project, "instructions"), widget=forms.Textarea(attrs={"rows": 6})
    )
    redundancy = WholeField(label=_("Answers per item"), **limits(Project, "redundancy"))
    seconds_per_answer = WholeField(
        label=_("Seconds one answer takes"),
        **limits(Project, "seconds_per_answer"),
        help_text=_("With reading the instructions. Members are paid by the time it really takes them."),
    )

    def __init__(self, *args: Any, part: KindPart, clients: Any, closed: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        names = list(self.fields)
        before, after = names[: names.index("instructions")], names[names.index("instructions") :]
        own = part.template_fields()
        self.fields |= own
        self.order_fields([*before, *own, *after])
        offer(
            self,
            "end_use",
            [
                (tag, _("%(end_use)s (closed by the rules)") % {"end_use": words} if tag in closed else words)
                for tag, words in END_USES.items()
            ],
        )
        offer_rows(self, "client", clients)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.part.clean(self, data)
        return data

    def place_of(self, field: str) -> str | None:
        """A field of the order, or the one of the kind where that part of the template is entered."""
        found = [name for beginning, name in self.part.stands_at.items() if field.startswith(beginning)]
        return found[0] if found else super().place_of(field)

    def stated(self) -> dict[str, Any]:
        """What the domain wants to know."""
        data = {name: value for name, value in self.cleaned_data.items() if name in self.base_fields}
        data.pop("client")
        return {**data, "task_type": self.part.kind.key, "template": self.part.template(self.cleaned_data)}

    @staticmethod
    def known(project: Project, part: KindPart) -> dict[str, Any]:
        """What the form shows of a project that is already there."""
        names = (
            "client", "title", "purpose", "final_client", "end_use", "product", "sold_as_automated", "disclosure", "languages",
            "instructions", "redundancy", "seconds_per_answer",
        )  # fmt: skip
        return {**{name: getattr(project, name) for name in names}, **part.known(project.template)}


class ItemsForm(forms.Form):
    """Items as a CSV file, or pasted."""

    file = forms.FileField(label=_("CSV file"), required=False, help_text=_("With a header line, up to 20 MB."))
    encoding = ChoiceField(
        label=_("Its encoding"),
        choices=[(name, name.upper() if name != "windows-1252" else "Windows-1252") for name in ENCODINGS],
        required=False,
        help_text=_(
            "Leave it empty for UTF-8, which programs of today write; an old spreadsheet may write Windows-1252."
        ),
    )
    pasted = forms.CharField(
        label=_("Or paste the rows here"), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    keep_good = forms.BooleanField(
        label=_("Keep the good rows even if some are bad"),
        required=False,
        help_text=_("Otherwise one bad row refuses all."),
    )

    LARGEST = 20 * 1024 * 1024

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file, pasted = data.get("file"), data.get("pasted", "")
        if bool(file) == bool(pasted.strip()):
            self.add_error("file", _("Choose a file, or paste rows, one of the two."))
        elif file and file.size > self.LARGEST:
            self.add_error("file", _("The file is larger than 20 MB."))
        else:
            data["content"] = file.read() if file else pasted.encode()
            data["encoding"] = (data.get("encoding") if file else "") or "utf-8"
        return data
