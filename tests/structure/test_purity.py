"""What is reckoned is pure: no framework, no network, no clock, no chance. A module says so itself, and is held to it."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

import grimp
import pytest

from tests.structure.source import OURS, ROOT, files, nodes, where

pytestmark = pytest.mark.structure

SAYS_PURE = re.compile(r"\bPure[.:;]")
WORLD = {
    *(
        "django",
        "rest_framework",
        "drf_spectacular",
        "allauth",
        "celery",
        "kombu",
        "stripe",
        "psycopg",
        "pgmq",
        "granian",
    ),
    *("requests", "urllib3", "http", "socket", "ssl", "smtplib", "asyncio"),
    *("subprocess", "threading", "multiprocessing", "time", "random", "secrets", "uuid", "os", "tempfile", "shutil"),
}
NAMES_ONLY = {"uuid.UUID", "urllib.parse"}
"""Types and functions of those modules that reach nothing."""
MOMENTS_OF_THE_MACHINE = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def says_pure(path: Path) -> bool:
    return bool(SAYS_PURE.search(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""))


def has_code(path: Path) -> bool:
    """More than a docstring and the names it passes on."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(not isinstance(node, ast.Expr | ast.Import | ast.ImportFrom) for node in body)


@cache
def graph() -> grimp.ImportGraph:
    sys.path.insert(0, str(ROOT))
    try:
        return grimp.build_graph(OURS[0], *OURS[1:], include_external_packages=True, cache_dir=None)
    finally:
        sys.path.remove(str(ROOT))


def reached(module: str) -> set[str]:
    """The parts of the world that this module reaches, directly or through modules of ours."""
    upstream = {module} | graph().find_upstream_modules(module)
    ours = {name for name in upstream if name.split(".")[0] in OURS}
    foreign = {
        (name, found.split(".")[0]) for name in ours for found in graph().find_modules_directly_imported_by(name)
    }
    return {f"{name} -> {found}" for name, found in foreign if found in WORLD and not only_names(name, found)}


def only_names(module: str, foreign: str) -> bool:
    """Whether all that a module takes from a foreign one is a type that reaches nothing."""
    base = ROOT / module.replace(".", "/")
    path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    taken = {
        f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in NAMES_ONLY else str(node.module)
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == foreign
        for alias in node.names
    } | {
        alias.name
        for node in nodes(path)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.split(".")[0] == foreign
    }
    return taken <= NAMES_ONLY


def test_what_says_pure_reaches_no_framework_no_network_no_clock_and_no_chance():
    pure = [path for path in files(*OURS) if says_pure(path)]

    found = sorted(way for path in pure for way in reached(module_of(path))) + [
        where(path, node)
        for path in pure
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in MOMENTS_OF_THE_MACHINE
    ]

    assert len(pure) > 20
    assert not found


def test_what_reaches_nothing_says_that_it_is_pure():
    """Otherwise a module would leave the law by losing a word of its docstring."""
    silent = [
        str(path.relative_to(ROOT))
        for path in files(*OURS)
        if has_code(path) and not says_pure(path) and not reached(module_of(path))
    ]

    assert not silent, 'add "Pure." to the docstring'
