"""A kind of proposal is one place: every kind states every part, and nobody else tells kinds apart."""

import ast
import dataclasses

import pytest

from frontend.operations import PARTS
from frontend.operations._part import Part
from governance.changes import Operation
from governance.operations import REGISTRY, schema
from tests.structure.source import ROOT, files, nodes, where

pytestmark = pytest.mark.structure

KINDS = {kind.__name__ for kind in REGISTRY.values()}


def kinds_in(folder: str) -> set[str]:
    return {path.stem for path in (ROOT / folder).glob("*.py") if not path.stem.startswith("_")}


def test_every_kind_is_one_file_named_as_it_is_written_with_a_page_part_of_the_same_name():
    assert kinds_in("governance/operations") == set(REGISTRY) == kinds_in("frontend/operations") == set(PARTS)
    for name, kind in REGISTRY.items():
        assert kind.__module__ == f"governance.operations.{name}"
        assert type(PARTS[name]).__module__ == f"frontend.operations.{name}"


@pytest.mark.parametrize("name", REGISTRY)
def test_every_kind_states_every_part(name):
    kind, part = REGISTRY[name], PARTS[name]

    assert issubclass(kind, Operation) and not getattr(kind, "__abstractmethods__", None)
    assert kind.__dataclass_params__.frozen
    assert {field.name for field in dataclasses.fields(kind)} == set(kind.fields()), "every field says how it is read"
    assert isinstance(part, Part) and part.kind is kind
    assert all(kind.__dict__.get(said) is not None for said in ("title", "procedure", "check", "apply", "decline"))


def test_the_schema_of_the_api_names_every_kind_and_every_field():
    described = {one["properties"]["op"]["const"]: set(one["required"]) for one in schema()["items"]["oneOf"]}

    assert described == {name: {"op", *kind.fields()} for name, kind in REGISTRY.items()}


def test_nobody_tells_kinds_apart_outside_their_own_files():
    """No match, no isinstance, no comparison of type or "op" with a kind: what differs is a method of the kind."""
    own = {ROOT / "governance" / "operations", ROOT / "frontend" / "operations"}
    found = [
        where(path, node)
        for path in files("coop", "payouts", "governance", "api", "frontend")
        if path.parent not in own
        for node in nodes(path)
        if (isinstance(node, ast.MatchClass) and _name(node.cls) in KINDS)
        or (isinstance(node, ast.Call) and _name(node.func) == "isinstance" and KINDS & _names(node.args[1]))
        or (isinstance(node, ast.Compare) and {"op"} & _texts(node) and set(REGISTRY) & _texts(node))
        or (isinstance(node, ast.Compare) and KINDS & _names(node) and "type" in _names(node))
    ]

    assert not found


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _names(node: ast.AST) -> set[str]:
    return {_name(inner) for inner in ast.walk(node)} - {""}


def _texts(node: ast.AST) -> set[str]:
    return {str(inner.value) for inner in ast.walk(node) if isinstance(inner, ast.Constant)}
