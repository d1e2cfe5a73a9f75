"""The source of the project, parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ["coop", "payouts", "governance", "api", "frontend"]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def files(*places: str, migrations: bool = False) -> list[Path]:
    """The Python files under these folders (or these files themselves), migrations only when asked for. A place that is gone fails."""
    found: list[Path] = []
    for place in places:
        path = ROOT / place
        assert path.exists(), f"{place} is named in a test of the structure, and is gone"
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [path for path in found if ("migrations" in path.parts) == migrations]


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(parsed(path))


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def imported(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Every module or name that a file imports, absolute, with its place."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in nodes(path):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) + "." if node.level else ""
            for alias in node.names:
                yield node, f"{base}{node.module + '.' if node.module else ''}{alias.name}"
