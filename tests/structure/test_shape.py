"""What a function and a module may look like: short enough to be read at once, and in no circle."""

import ast
import sys
from collections.abc import Iterator

import grimp
import pytest

from tests.structure.source import OURS, ROOT, files, nodes, where

pytestmark = pytest.mark.structure

LONGEST_FUNCTION = 45
LONGEST_FILE = 450
LONG_FILES = {
    "script/stripe_standin/endpoints.py": "one method for each endpoint that Stripe has",
}
"""Files that are longer, each with its reason."""


def test_no_function_is_too_long_to_be_read_at_once():
    found = [
        f"{where(path, node)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in files(*OURS, "script")
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]

    assert not found


def test_no_file_outgrows_its_idea():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in files(*OURS, "script")
    }

    assert {path for path, lines in lengths.items() if lines > LONGEST_FILE} == set(LONG_FILES)


def circles(graph: grimp.ImportGraph) -> Iterator[list[str]]:
    """The groups of modules that reach each other (Tarjan 1972), imports inside functions counted too, those for types alone left out."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    for start in sorted(graph.modules):
        if start in number:
            continue
        work = [(start, iter(sorted(graph.find_modules_directly_imported_by(start))))]
        number[start] = low[start] = len(number)
        path.append(start)
        while work:
            module, imported = work[-1]
            following = next((one for one in imported if one not in number or one in path), None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[module])
                if low[module] == number[module]:
                    group = path[path.index(module) :]
                    del path[path.index(module) :]
                    if len(group) > 1:
                        yield sorted(group)
            elif following in number:
                low[module] = min(low[module], number[following])
            else:
                number[following] = low[following] = len(number)
                path.append(following)
                work.append((following, iter(sorted(graph.find_modules_directly_imported_by(following)))))


def test_no_modules_import_each_other_in_a_circle():
    sys.path.insert(0, str(ROOT))
    try:
        graph = grimp.build_graph(OURS[0], *OURS[1:], "script", cache_dir=None, exclude_type_checking_imports=True)
    finally:
        sys.path.remove(str(ROOT))

    assert list(circles(graph)) == []


def test_a_circle_is_seen_however_long_it_is():
    graph = grimp.ImportGraph()
    for importer, imported in [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "a")]:
        graph.add_import(importer=importer, imported=imported)

    assert list(circles(graph)) == [["a", "b", "c"]]
