"""How what members look at is ordered and shown; kinds of task share it, as they share `coop/work/kinds/_media.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coop.work.kinds._media import picture_of
from frontend.forms.fields import ChoiceField, WholeField
from frontend.png import grey_png
from frontend.refusals import PlacedForm

SIZES = ("width", "height", "highest")
STANDS_AT = {"template.pixels": "width", "template.media": "media"}


def template_fields() -> dict[str, forms.Field]:
    """What members look at."""
    return {
        "media": ChoiceField(
            label=_("What members look at"),
            choices=[
                ("text", _("a text")),
                ("pixels", _("a small grey image, given as pixels")),
                ("image", _("an image, given as data")),
            ],
            widget=forms.RadioSelect,
        ),
        "width": WholeField(label=_("Pixels across"), required=False, min_value=1, max_value=64),
        "height": WholeField(label=_("Pixels down"), required=False, min_value=1, max_value=64),
        "highest": WholeField(label=_("Highest value of a pixel (ink)"), required=False, min_value=1, max_value=255),
    }


def clean(form: PlacedForm, data: Mapping[str, Any]) -> None:
    """An image given as pixels has a size."""
    if data.get("media") == "pixels":
        for name in SIZES:
            if not data.get(name) and name not in form.errors:
                form.add_error(name, _("Needed for an image given as pixels."))


def template(data: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a template that says it."""
    media = data["media"]
    stated: dict[str, Any] = {"media": "text" if media == "text" else "image"}
    if media == "pixels":
        stated["pixels"] = {name: data[name] for name in SIZES}
    return stated


def known(template: Mapping[str, Any]) -> dict[str, Any]:
    """The fields from a template."""
    return {**template.get("pixels", {}), "media": "pixels" if "pixels" in template else template["media"]}


def shown(template: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    """A text, or an image: always data, never a link that would tell others who works."""
    pixels = picture_of(template, payload)
    return {
        "text": payload.get("text", ""),
        "picture": grey_png(**pixels) if pixels else str(payload.get("image", "")),
        "pixelated": pixels is not None,
        "alt": payload.get("alt", ""),
    }
