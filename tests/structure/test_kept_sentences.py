"""What is kept is kept in no language: a sentence is said to its reader, not stored as its writer read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.source import files, nodes, where

pytestmark = pytest.mark.structure

WRITES = {"create", "bulk_create", "update", "get_or_create", "update_or_create", "asdict"}
SAYS = {"gettext", "ngettext", "pgettext", "npgettext"}


def saying(path: Path) -> set[str]:
    """The names by which a file calls what translates at once."""
    return {
        alias.asname or alias.name
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in SAYS
    }


def kept_in(path: Path) -> Iterator[ast.AST]:
    """Each expression that a write of this file is given, and each assignment to a field of a row."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            yield from node.args
            yield from (keyword.value for keyword in node.keywords)
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"RowProblem", "BadRow"}
        ):
            yield from (*node.args, *(keyword.value for keyword in node.keywords))
        elif isinstance(node, ast.Assign) and all(isinstance(target, ast.Attribute) for target in node.targets):
            yield node.value


def of_its_moment(kept: ast.AST, says: set[str], caught: set[str]) -> bool:
    """Whether a sentence in the language of the moment is in this expression: translated here, or what an exception says."""
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and (
            part.func.id in says
            or (part.func.id == "str" and isinstance(part.args[0], ast.Name) and part.args[0].id in caught)
        )
        for part in ast.walk(kept)
    )


def test_no_sentence_is_stored_in_the_language_of_who_wrote_it():
    found = [
        where(path, kept)
        for path in files("coop", "governance", "payouts")
        for caught in [{node.name for node in nodes(path) if isinstance(node, ast.ExceptHandler) and node.name}]
        for kept in kept_in(path)
        if of_its_moment(kept, saying(path), caught)
    ]

    assert not found
