"""What the models may look like: nothing reaches upward, nothing vanishes with its neighbour."""

import pytest
from django.apps import apps
from django.db import models

pytestmark = pytest.mark.structure

# From the bottom up: an app refers to itself and to what stands before it.
LAYERS = [
    {"coop"},
    {"audit"},
    {"rules"},
    {"members"},
    {"shares", "talk", "notices"},
    {"work"},
    {"commons"},
    {"ledger"},
    {"payouts"},
    {"governance"},
    {"api", "frontend"},
]
HEIGHT = {label: height for height, labels in enumerate(LAYERS) for label in labels}

# Rows that have no meaning without another, with the reason why they may vanish with it.
MAY_CASCADE: dict[str, str] = {}


def our_models() -> list[type[models.Model]]:
    """Every model of ours, the hidden tables of many-to-many relations too."""
    found = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in HEIGHT]
    assert found
    return found


def our_relations() -> list[models.ForeignKey]:
    return [
        field
        for model in our_models()
        for field in model._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ForeignKey)
    ]


def test_every_app_of_ours_has_its_place_in_the_layers():
    ours = {app.label for app in apps.get_app_configs() if app.name.split(".")[0] in {"coop", "payouts", "governance"}}

    assert ours <= HEIGHT.keys()


def test_no_foreign_key_points_upward():
    upward = [
        f"{field.model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for field in our_relations()
        if HEIGHT.get(field.related_model._meta.app_label, -1) > HEIGHT[field.model._meta.app_label]
    ]

    assert not upward, "below, a decision is a UUID and a person in the books a pseudonym"


def test_nothing_is_deleted_because_its_neighbour_is():
    cascading = {
        f"{field.model._meta.label}.{field.name}"
        for field in our_relations()
        if field.remote_field.on_delete is models.CASCADE and not field.model._meta.auto_created
    }

    assert cascading == MAY_CASCADE.keys()


def test_no_model_has_a_default_ordering():
    assert not [model._meta.label for model in our_models() if model._meta.ordering]


def test_what_is_whole_is_kept_whole():
    """No column of ours holds a floating point number."""
    floats = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FloatField)
    ]

    assert not floats
