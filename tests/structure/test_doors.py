"""A door reads or calls an action, and a safe method only reads: nobody writes by looking."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.structure.source import ROOT, files

pytestmark = pytest.mark.structure

WRITES = {
    *("save", "create", "update", "delete"),
    *("bulk_create", "bulk_update", "get_or_create", "update_or_create"),
    *("asave", "acreate", "aupdate", "adelete", "abulk_create", "abulk_update", "aget_or_create", "aupdate_or_create"),
    *("cursor", "execute", "executemany", "raw"),
}
OF_A_RELATION = {"set", "add", "remove", "clear", "aset", "aadd", "aremove", "aclear"}
"""What a relation is changed by; plain sets, lists and dicts have the same words, and are told apart by how they are made."""
UNSAFE = {"post", "put", "patch", "delete"}
READING_JOURNALS: dict[str, str] = {}
"""Middleware that may write when somebody reads: {module.function: why}. None does."""


def door_files() -> list[Path]:
    """Every file of the doors but the actions, where they record what is theirs (keys and tokens), and the commands."""
    return [
        path
        for path in files("coop/doors", "api", "frontend")
        if path.name != "actions.py" and "commands" not in path.parts
    ]


# -- what a door may not do itself


def writes_in(tree: ast.Module) -> list[int]:
    plain = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and _makes_a_collection(node.value)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
        if node.attr in WRITES
        or (
            node.attr in OF_A_RELATION
            and id(node) in called
            and not (isinstance(node.value, ast.Name) and node.value.id in plain)
        )
    ]


def _makes_a_collection(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in {"set", "list", "dict"}
    return isinstance(node, (ast.Set, ast.List, ast.Dict, ast.SetComp, ast.ListComp, ast.DictComp))


def test_pages_and_endpoints_write_nothing_themselves():
    found = [f"{path.relative_to(ROOT)}:{line}" for path in door_files() for line in writes_in(_parsed(path))]

    assert not found, "call an action of the domain instead"


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("member.save()", True),
        ("Member.objects.filter(pk=1).update(name='x')", True),
        ("connection.cursor()", True),
        ("c.execute('UPDATE members SET name = 1')", True),
        ("Member.objects.raw('DELETE FROM member RETURNING *')", True),
        ("client.people.set([user])", True),
        ("client.people.add(user)", True),
        ("client.people.remove(user)", True),
        ("client.people.clear()", True),
        ("await client.people.aadd(user)", True),
        ("write = Order.objects.filter(pk=1).update\nwrite(reference='x')", True),
        ("partial(Order.objects.create, reference='x')()", True),
        ("seen = set()\nseen.add(1)", False),
        ("names = {row.name for row in rows}\nnames.remove('x')", False),
        ("context = {}\ncontext.clear()", False),
        ("messages.success(request, 'x')", False),
    ],
)
def test_the_guard_knows_a_write_when_it_sees_one(source, caught):
    assert bool(writes_in(ast.parse(source))) is caught


# -- what a safe method may not call


def actions_of() -> set[str]:
    """(module.name) of every action: what lies in an actions module and says by whom, or is one transaction."""
    found = set()
    for path in files("coop", "payouts", "governance", "api"):
        if "actions" not in (path.stem, path.parent.name):
            continue
        module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for node in _parsed(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _is_action(node):
                found |= {f"{module}.{node.name}", f"{module.rpartition('.')[0]}.{node.name}"}
    return found


def _is_action(node: ast.FunctionDef) -> bool:
    whole = any(ast.unparse(decorator) == "transaction.atomic" for decorator in node.decorator_list)
    return whole or "by" in {argument.arg for argument in node.args.kwonlyargs}


def unsafe_calls(tree: ast.Module, actions: set[str]) -> list[tuple[str, int]]:
    """(function, line) of every call of an action that a GET could reach."""
    known = _imported_actions(tree, actions)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    acting: set[str] = set()
    while True:  # helpers that act, and helpers of those
        more = {name for name, node in functions.items() if _reached(node, known, acting)} - acting
        if not more:
            break
        acting |= more
    views = [node for node in functions.values() if node.name in _routed(tree) and not _takes_only_posts(node)]
    methods = [
        method
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name not in UNSAFE
    ]
    return [
        (node.name, call.lineno)
        for node in [*views, *methods]
        for call in _reached(node, known, acting - {view.name for view in views})
    ]


def _imported_actions(tree: ast.Module, actions: set[str]) -> set[str]:
    """How the actions are called in this file: `vote`, or `orders.cancel_order`."""
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole, local = f"{node.module}.{alias.name}", alias.asname or alias.name
                if whole in actions:
                    named.add(local)
                named |= {f"{local}.{name.rpartition('.')[2]}" for name in actions if name.startswith(f"{whole}.")}
    return named


def _reached(node: ast.FunctionDef, known: set[str], acting: set[str]) -> list[ast.Call | ast.Attribute]:
    """Actions and acting helpers that are used in this function without asking whether it is a POST."""
    found: list[ast.Call | ast.Attribute] = []

    def walk(part: ast.AST) -> None:
        if isinstance(part, ast.If) and _asks_for_post(part.test):
            for child in part.orelse:
                walk(child)
            return
        if isinstance(part, ast.Call) and ast.unparse(part.func) in known | acting:
            found.append(part)
        for child in ast.iter_child_nodes(part):
            walk(child)

    for part in node.body:
        walk(part)
    return found


def _asks_for_post(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp):
        return isinstance(test.op, ast.And) and any(_asks_for_post(value) for value in test.values)
    return ast.unparse(test) == "request.method == 'POST'"


def _takes_only_posts(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator) == "require_POST" for decorator in node.decorator_list)


def _routed(tree: ast.Module) -> Iterator[str]:
    """The functions that the file gives an address."""
    return (
        part.args[1].id
        for part in ast.walk(tree)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in {"path", "re_path"}
        if len(part.args) > 1 and isinstance(part.args[1], ast.Name)
    )


def test_no_safe_method_calls_an_action():
    actions = actions_of()
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in door_files()
        for name, line in unsafe_calls(_parsed(path), actions)
    ]

    assert len(actions) > 40 and not found, "let a POST do it and answer with a link"


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("@require_safe\ndef page(request): fetch(by=1)", True),
        ("@require_safe\ndef page(request): helper()\ndef helper(): fetch(by=1)", True),
        ("def page(request):\n if request.method == 'POST' and form.is_valid(): fetch(by=1)", False),
        ("def page(request):\n if request.method == 'POST' or form.is_valid(): fetch(by=1)", True),
        ("@require_POST\ndef page(request): fetch(by=1)", False),
        ("class Page(APIView):\n def get(self, request): fetch(by=1)", True),
        ("class Page(APIView):\n def get_queryset(self): actions.fetch(by=1)", True),
        ("class Page(APIView):\n def post(self, request): fetch(by=1)", False),
    ],
)
def test_the_guard_knows_an_action_behind_a_safe_method(source, caught):
    imports = "from coop.actions import fetch\nfrom coop import actions\nurlpatterns = [path('', page)]\n"

    assert bool(unsafe_calls(ast.parse(imports + source), {"coop.actions.fetch"})) is caught


def test_every_page_says_which_methods_it_answers():
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files("frontend/views")
        for node in _parsed(path).body
        if isinstance(node, ast.FunctionDef) and node.name in set(_routed(_parsed(path)))
        if not any("require_" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]

    assert not silent


def test_what_may_write_when_somebody_reads_is_there_and_says_why():
    assert all(name in settings.MIDDLEWARE and why for name, why in READING_JOURNALS.items())


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))
