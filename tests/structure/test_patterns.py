"""A pattern that holds for a whole text says so: in Python a `$` lets a line end follow, and `match` lets anything follow."""

import ast

import pytest

from tests.structure.source import OURS, files, nodes, where

pytestmark = pytest.mark.structure
VALIDATORS = {"RegexValidator", "RegexField"}
OF_THE_DATABASE = "__regex"  # PostgreSQL's `$` is the end
OF_A_SCHEMA = {"pattern"}  # read by coop.ground.schemas, where `$` is the end
BEGINNINGS = {"coop/ground/csv.py": "reads the line `sep=;` at the beginning of a file"}
"""Who wants the beginning of a text only, with the reason."""


def loose(call: ast.Call) -> bool:
    """Whether this call accepts more than it says."""
    name = ast.unparse(call.func)
    text = [node.value for node in call.args[:1] if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    if name.rpartition(".")[2] in VALIDATORS:
        said = text or [
            node.value.value for node in call.keywords if node.arg == "regex" and isinstance(node.value, ast.Constant)
        ]
        return not said or not said[0].endswith(r"\Z")
    if name == "re.match":
        return True
    return name.startswith("re.") and bool(text) and text[0].endswith("$") and not text[0].endswith(r"\$")


def test_every_pattern_ends_where_its_text_ends():
    found = [
        where(path, node) for path in files(*OURS) for node in nodes(path) if isinstance(node, ast.Call) and loose(node)
    ]

    assert [place for place in found if place.rpartition(":")[0] not in BEGINNINGS] == []
    assert {place.rpartition(":")[0] for place in found} == set(BEGINNINGS)


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ('RegexValidator(r"^[A-Z]{2}$")', True),
        ('RegexValidator(regex=r"^[A-Z]{2}$")', True),
        (r'RegexValidator(r"\A[A-Z]{2}\Z")', False),
        ('re.match(r"[a-z]+", text)', True),
        ('re.compile(r"[a-z]+$")', True),
        ('re.fullmatch(r"[a-z]+", text)', False),
    ],
)
def test_a_loose_pattern_is_found(source, caught):
    assert loose(ast.parse(source).body[0].value) is caught
