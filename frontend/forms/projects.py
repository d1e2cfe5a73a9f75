"""Forms of a requester: the organisation, the order, the items."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from coop.work.models import END_USES, Client, Project
from frontend import cldr
from frontend.forms.fields import offer, offer_rows
from frontend.refusals import PlacedForm


class ClientForm(forms.Form):
    """The organisation that orders."""

    legal_name = forms.CharField(label=_("Legal name"), max_length=200)
    country = forms.ChoiceField(label=_("Country"), choices=cldr.countries)
    kind = forms.ChoiceField(label=_("Kind of organisation"), choices=Client.Kind.choices)
    vat_id = forms.CharField(label=_("VAT number"), max_length=20, required=False)
    contact = forms.EmailField(label=_("Contact address"))
    beneficial_client = forms.CharField(
        label=_("On whose behalf you order"),
        max_length=200,
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


class ProjectForm(PlacedForm):
    """What is ordered, for whom, what for."""

    client = forms.ModelChoiceField(label=_("For which organisation"), queryset=Client.objects.none(), empty_label=None)
    title = forms.CharField(label=_("Title"), max_length=200)
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What the work is for. Members read this before they accept any of it."),
    )
    final_client = forms.CharField(
        label=_("Final client"), max_length=200, help_text=_("Who will use the result in the end.")
    )
    end_use = forms.MultipleChoiceField(
        label=_("End use"),
        choices=list(END_USES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Closed ends are refused; only a vote of the constitution's procedure could open one."),
    )
    product = forms.CharField(label=_("Product the work goes into"), max_length=200)
    sold_as_automated = forms.BooleanField(label=_("The product will be sold as automated"), required=False)
    disclosure = forms.CharField(
        label=_("How the people behind it are disclosed"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed if the product will be sold as automated."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages needed"), required=False, choices=cldr.languages, widget=forms.CheckboxSelectMultiple
    )
    media = forms.ChoiceField(  # type: ignore[assignment]  # Django takes fields out of the class: form.media stays
        label=_("What members look at"),
        choices=[
            ("text", _("a text")),
            ("pixels", _("a small grey image, given as pixels")),
            ("image", _("an image, given as data")),
        ],
        widget=forms.RadioSelect,
        initial="text",
    )
    width = forms.IntegerField(label=_("Pixels across"), required=False, min_value=1, max_value=64)
    height = forms.IntegerField(label=_("Pixels down"), required=False, min_value=1, max_value=64)
    highest = forms.IntegerField(label=_("Highest value of a pixel (ink)"), required=False, min_value=1, max_value=255)
    question = forms.CharField(label=_("Question"), max_length=500)
    options = forms.CharField(
        label=_("Answers to choose from"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "One per line, such as “yes: Yes, it is polite”. What stands before the colon appears in the results."
        ),
    )
    instructions = forms.CharField(label=_("Instructions"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}))
    redundancy = forms.IntegerField(label=_("Answers per item"), min_value=1, max_value=9)
    seconds_per_answer = forms.IntegerField(
        label=_("Seconds one answer takes"),
        min_value=1,
        max_value=36_000,
        help_text=_("With reading the instructions. Members are paid by the time it really takes them."),
    )

    STANDS_AT: ClassVar = {
        "template.options": "options",
        "template.question": "question",
        "template.pixels": "width",
        "template.media": "media",
    }

    def __init__(self, *args: Any, clients: Any, closed: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(
            self,
            "end_use",
            [
                (tag, _("%(end_use)s (closed by the rules)") % {"end_use": words} if tag in closed else words)
                for tag, words in END_USES.items()
            ],
        )
        offer_rows(self, "client", clients)

    def clean_options(self) -> list[dict[str, str]]:
        options = []
        for line in self.cleaned_data["options"].splitlines():
            key, colon, label = (part.strip() for part in line.partition(":"))
            if not key:
                continue
            options.append(
                {
                    "key": key if colon else key if re.fullmatch(r"[\w-]+", key, re.ASCII) else slugify(key)[:40],
                    "label": label or key,
                }
            )
        return options

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("media") == "pixels":
            for name in ("width", "height", "highest"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Needed for an image given as pixels."))
        return data

    def stated(self) -> dict[str, Any]:
        """What the domain wants to know."""
        data = dict(self.cleaned_data)
        pixels = {name: data.pop(name) for name in ("width", "height", "highest")}
        media = data.pop("media")
        template = {
            "question": data.pop("question"),
            "media": "text" if media == "text" else "image",
            "options": data.pop("options"),
        }
        if media == "pixels":
            template["pixels"] = pixels
        data.pop("client")
        return {**data, "template": template}

    @staticmethod
    def known(project: Project) -> dict[str, Any]:
        """What the form shows of a project that is already there."""
        names = (
            "client", "title", "purpose", "final_client", "end_use", "product", "sold_as_automated", "disclosure", "languages",
            "instructions", "redundancy", "seconds_per_answer",
        )  # fmt: skip
        template = project.template
        return {
            **{name: getattr(project, name) for name in names},
            **template.get("pixels", {}),
            "media": "pixels" if "pixels" in template else template["media"],
            "question": template["question"],
            "options": "\n".join(f"{option['key']}: {option['label']}" for option in template["options"]),
        }


class ItemsForm(forms.Form):
    """Items as a CSV file, or pasted."""

    file = forms.FileField(label=_("CSV file"), required=False, help_text=_("UTF-8, with a header line, up to 20 MB."))
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
        return data
