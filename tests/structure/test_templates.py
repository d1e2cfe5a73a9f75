"""What a template, a link and a journey in the browser may not rest on."""

import ast
import re

import pytest
from django.urls import resolve

from tests.structure.source import ROOT, files, nodes

pytestmark = pytest.mark.structure

OF_A_TABLE = re.compile(r"\{[{%][^}]*\.(?:items|keys|values) *(?:\||%\}|\}\})")
AT_ONCE = re.compile(
    r"(?:page|locator|get_by_\w+)\b.*\.(?:is_visible|is_hidden|is_checked|is_enabled|is_disabled|is_editable|count|inner_text|text_content)\(\)"
)


def found(pattern: re.Pattern[str], folder: str, name: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in sorted((ROOT / folder).rglob(name))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_template_asks_a_table_for_its_items_because_a_key_may_be_called_so():
    asked = [place for place in found(OF_A_TABLE, "frontend/templates", "*.html") if "progress.items" not in place]

    assert asked == [], "write table|pairs: in a template table.items is table['items'] where there is such a key"


def test_the_pattern_sees_what_it_is_to_refuse():
    assert OF_A_TABLE.search("{% for name, value in data.payload.items %}") and OF_A_TABLE.search("{{ a.values|join }}")
    assert not OF_A_TABLE.search("{% for item in items %}")


def test_no_journey_looks_at_a_page_before_it_is_there():
    assert found(AT_ONCE, "tests/journeys", "test_*.py") == [], (
        "write expect(...): it waits for the page, and says what it saw"
    )


def test_every_link_of_the_navigation_leads_somewhere():
    paths = [
        node.args[0].value
        for path in files("frontend")
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Link"
        if isinstance(node.args[0], ast.Constant)
    ]

    assert len(paths) > 20 and all(resolve(path) for path in paths)
