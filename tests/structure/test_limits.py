"""A limit is typed once, beneath the doors: what a page and a program may say is the same."""

import ast

import pytest

from tests.structure.source import ROOT, files, where

pytestmark = pytest.mark.structure

BOUNDS = {"max_length", "min_length", "max_value", "min_value"}
OF_ONE_DOOR = {
    "api/log.py": "which stretch of the log a program asks for",
    "api/models.py": "how long a key of a program is",
    "frontend/kinds": "a page asks for a template piece by piece; the kind of task checks the whole, whoever sends it",
}
"""Where a limit belongs to one door alone, each with its reason."""


def limits_typed_in(tree: ast.AST) -> list[ast.expr]:
    return [
        keyword.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in BOUNDS and _is_typed(keyword.value)
    ]


def test_no_door_types_a_limit_of_its_own():
    found = [
        where(path, typed)
        for path in files("api", "frontend")
        if not path.relative_to(ROOT).as_posix().startswith(tuple(OF_ONE_DOOR))
        for typed in limits_typed_in(ast.parse(path.read_text()))
    ]

    assert not found, "take it from the model (coop.doors.limits) or name it beneath both doors"
    assert all((ROOT / place).exists() for place in OF_ONE_DOOR)


def test_no_form_takes_a_number_that_cannot_be_kept():
    """A whole number of a form is a WholeField, which ends where canonical JSON does."""
    found = [
        where(path, node)
        for path in files("frontend")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("forms.IntegerField")
    ]

    assert not found


@pytest.mark.parametrize(
    ("source", "typed"),
    [
        ("name = forms.CharField(max_length=120)", True),
        ("fields = {'name': forms.IntegerField(min_value=1, max_value=2**53 - 1)}", True),
        ("name = serializers.CharField(**limits(Member, 'name'))", False),
        ("title = forms.CharField(max_length=LONGEST_TITLE)", False),
        ("n = forms.IntegerField(min_value=0)", False),
    ],
)
def test_the_guard_knows_a_limit_when_it_sees_one(source, typed):
    assert bool(limits_typed_in(ast.parse(source))) is typed


def _is_typed(value: ast.expr) -> bool:
    """A number written here, but nought and one: nobody owes less than nothing."""
    return any(isinstance(part, ast.Constant) and part.value not in (0, 1, 100) for part in ast.walk(value))
