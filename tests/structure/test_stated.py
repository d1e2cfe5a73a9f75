"""What people state is looked at in one place, and a law of the database speaks to them in a sentence, at a field."""

import ast
import importlib
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from coop.ground.laws import REFUSALS
from tests.structure.source import OURS, ROOT, files, nodes, where

pytestmark = pytest.mark.structure

LOOKED_AT = "coop/ground/laws.py"


def test_no_other_place_lets_the_framework_word_a_broken_law():
    found = [
        where(path, node)
        for path in files(*OURS)
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and node.attr in {"full_clean", "validate_constraints"}
        and str(path.relative_to(ROOT)) != LOOKED_AT
    ]

    assert not found


def looked_at() -> Iterator[tuple[type[models.Model], tuple[str, ...]]]:
    """(model, what is stated of it) of every call: its first argument is made or named with its type in that file."""
    named = {model.__name__: model for model in apps.get_models()}
    for path in files(*OURS):
        for node in nodes(path):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check_stated":
                row, stated = node.args
                assert isinstance(row, ast.Name) and isinstance(stated, ast.Name), where(path, node)
                module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
                made = {
                    made.value.func.id
                    for made in nodes(path)
                    if isinstance(made, ast.Assign)
                    and isinstance(made.value, ast.Call)
                    and isinstance(made.value.func, ast.Name)
                    and made.value.func.id in named
                    and [target.id for target in made.targets if isinstance(target, ast.Name)] == [row.id]
                }
                assert len(made) == 1, where(path, node)
                yield named[made.pop()], getattr(module, stated.id)


def columns(law: models.CheckConstraint) -> set[str]:
    return {found[0].partition("__")[0] for found in leaves(law.condition)}


def leaves(condition: models.Q) -> Iterator[tuple[str, object]]:
    for child in condition.children:
        if isinstance(child, models.Q):
            yield from leaves(child)
        else:
            yield child


def test_every_law_on_what_is_stated_has_a_sentence_at_a_stated_field():
    found = list(looked_at())

    silent = {
        law.name
        for model, stated in found
        for law in model._meta.constraints
        if columns(law) <= set(stated)
        if law.name not in REFUSALS or REFUSALS[law.name].field not in stated
    }

    assert len(found) >= 4
    assert not silent
