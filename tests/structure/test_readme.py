"""The README lists every variable that is read, and no other."""

import ast
import re

import pytest

from tests.structure.source import OURS, ROOT, files, nodes

pytestmark = pytest.mark.structure

READERS = {"environ", "env"}


def variables_read() -> set[str]:
    """The names given to env.text("NAME"), env.get("NAME") or os.environ["NAME"] anywhere in our packages."""
    found = set()
    for path in files(*OURS):
        for node in nodes(path):
            if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute):
                holder, name = node.func.value, node.args[0]
            elif isinstance(node, ast.Subscript):
                holder, name = node.value, node.slice
            else:
                continue
            called = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
            if (
                called in READERS
                and isinstance(name, ast.Constant)
                and re.fullmatch(r"[A-Z][A-Z0-9_]+", str(name.value))
            ):
                found.add(name.value)
    return found


def variables_documented() -> list[str]:
    return re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_readme_lists_what_is_read_and_nothing_else():
    assert sorted(variables_documented()) == sorted(variables_read() - {"DJANGO_SETTINGS_MODULE"})


def test_every_place_that_the_readme_names_is_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    named = set(re.findall(r"\b((?:coop|payouts|governance|api|frontend|script|docs)/[\w./-]*\w/?)", text))

    assert len(named) > 12
    assert not [place for place in named if not (ROOT / place).exists()]
