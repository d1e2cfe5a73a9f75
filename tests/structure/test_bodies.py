"""A body that is sent to the API is read whole, or refused: a misspelt field is not lost in silence."""

import ast
from importlib import import_module

import pytest

from api.bodies import Body
from tests.structure.source import ROOT, files, nodes, where

pytestmark = pytest.mark.structure


def test_whatever_reads_a_body_knows_each_of_its_fields():
    loose = []
    read = 0
    for path in files("api"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in nodes(path):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            given = [ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "data"]
            if given == ["request.data"]:
                read += 1
                if not issubclass(getattr(import_module(module), node.func.id), Body):
                    loose.append(f"{where(path, node)} {node.func.id}")

    assert read >= 20 and loose == [], "derive it from api.bodies.Body"
