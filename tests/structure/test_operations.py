"""A kind of proposal is one place: every kind states every part, and nobody else tells kinds apart."""

import ast
import dataclasses
import re

import pytest

from frontend.operations import PARTS
from frontend.operations._part import Part
from governance.changes import Operation
from governance.operations import REGISTRY, schema
from tests.structure.source import OURS, ROOT, files, parsed, where

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


OTHER_MEANINGS = {
    "coop/commons/actions/__init__.py": "the action that the operation stands for",
    "api/rails.py": "what a treasurer says became of a payment",
}
"""Files where the name of a kind is a word for something else, with its meaning there."""


def telling_apart(tree: ast.AST) -> list[ast.AST]:
    """Where a kind is named other than to make one: its class in a match, a comparison, a table, isinstance; its name as a text."""
    made = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in KINDS and id(node) not in made)
        or (isinstance(node, ast.Attribute) and node.attr in KINDS and id(node) not in made)
        or (isinstance(node, ast.Constant) and node.value in REGISTRY)
    ]


def test_nobody_tells_kinds_apart_outside_their_own_files():
    """What differs between kinds is a method of the kind."""
    own = {ROOT / "governance" / "operations", ROOT / "frontend" / "operations"}
    found = [
        where(path, node)
        for path in files(*OURS)
        if path.parent not in own and str(path.relative_to(ROOT)) not in OTHER_MEANINGS
        for node in telling_apart(parsed(path))
    ]
    templates = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "frontend").rglob("*.html")
        if re.search(rf"\bop\s*==|[\"']({'|'.join(REGISTRY)})[\"']", path.read_text(encoding="utf-8"))
    ]

    assert not found
    assert not templates


@pytest.mark.parametrize(
    "planted",
    [
        "match c:\n    case SetRule(key=key):\n        pass",
        "match c.op:\n    case 'set_rule':\n        pass",
        "match data:\n    case {'op': 'set_rule'}:\n        pass",
        "isinstance(c, SetRule)",
        "isinstance(c, (Admit, set_rule.SetRule))",
        "issubclass(type(c), SetRule)",
        "type(c) is SetRule",
        "c.__class__ is SetRule",
        "c.op == 'set_rule'",
        "c.op == SetRule.op",
        "{SetRule: 1}[type(c)]",
        "{'set_rule': 1}[c.op]",
    ],
)
def test_the_guard_sees_every_way_of_telling_apart(planted):
    assert telling_apart(ast.parse(planted))


def test_to_make_an_operation_is_not_to_tell_kinds_apart():
    assert not telling_apart(ast.parse("changes = (GrantAccess(request=pk), set_rule.SetRule(key, 1, 2))"))
