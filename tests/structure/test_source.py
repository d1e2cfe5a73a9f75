"""What the source may look like: where things are written, and where no float may come near."""

import ast
import re
from pathlib import Path

import pytest

from tests.structure.source import OURS, ROOT, files, imported, nodes, where

pytestmark = pytest.mark.structure

FLOATS = {
    "coop/embedded/cluster.py": "seconds to wait for a server",
    "coop/management/commands/serve.py": "seconds to wait for a process",
    "coop/ground/strict_json.py": "reads what others wrote; a float is refused where a whole number is asked for",
    "coop/work/aggregation.py": "what a label is worth, a probability; no money and no vote hangs on it",
    "coop/work/calibration.py": "how sure a label is, a probability; no money and no vote hangs on it",
    "coop/work/pace.py": "a mean of logarithms; what leaves the file is whole seconds",
}
"""The only files of the domain where a float may stand, each with its reason."""
WHOLE_FUNCTIONS = {"floor", "ceil", "gcd", "lcm", "isqrt", "comb", "prod", "trunc"}
"""What of `math` takes and gives exact numbers."""
SIGNALS = re.compile(r"django\.dispatch|django\.(db\.models|core|test)\.signals|allauth\.[a-z_.]*signals")


def test_nothing_happens_by_signal():
    found = [where(path, node) for path in files(*OURS) for node, name in imported(path) if SIGNALS.match(name)] + [
        str(path) for path in files(*OURS) if path.name == "signals.py"
    ]

    assert not found, "say what happens where it happens"


def test_saving_and_deleting_have_no_hidden_meaning():
    found = [
        where(path, method)
        for path in files(*OURS)
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name in {"save", "delete", "asave", "adelete"}
    ]

    assert not found, "write an action instead of overriding save() or delete()"


def floats_in(path: Path) -> list[str]:
    return [where(path, node) for node in nodes(path) if makes_a_float(node)]


def makes_a_float(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=float()) | ast.Name(id="float") | ast.Attribute(attr="FloatField"):
            return True
        case ast.Call(func=ast.Name(id="round")) | ast.Call(func=ast.Name(id="pow"), args=[_, _]):
            return True
        case ast.BinOp(op=ast.Pow(), right=ast.UnaryOp(op=ast.USub())):
            return True
        case ast.BinOp(op=ast.Div(), left=left, right=right):
            return not (_is_a_path(left) or _is_a_path(right) or _is_a_fraction(left) or _is_a_fraction(right))
        case ast.AugAssign(op=ast.Div(), value=value):
            return not _is_a_fraction(value)
        case ast.ImportFrom(module="math" | "cmath" | "statistics", names=names):
            return not {alias.name for alias in names} <= WHOLE_FUNCTIONS
        case ast.Attribute(value=ast.Name(id="math"), attr=name):
            return name not in WHOLE_FUNCTIONS
        case _:
            return False


def _is_a_path(node: ast.expr) -> bool:
    """Whether it is seen to be a piece of a path: a text, or pieces put together."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _is_a_path(node.left) or _is_a_path(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_a_fraction(node: ast.expr) -> bool:
    """Whether it is seen to be exact: Fraction(...), so that dividing by it or dividing it is, too."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fraction"


def test_no_float_comes_near_money_or_votes():
    found = [
        place
        for path in files("coop", "payouts", "governance", "script/canut-verify")
        if str(path.relative_to(ROOT)) not in FLOATS
        for place in floats_in(path)
    ]

    assert not found, "reckon in whole numbers or fractions"


@pytest.mark.parametrize(
    "written",
    [
        *(
            "0.5",
            "float(pool)",
            "round(pool / 2)",
            "pool / 2",
            "pool / n",
            "pow(2, -1)",
            "2 ** -n",
            "from math import sqrt",
        ),
        *("math.exp(x)", "from statistics import median", "models.FloatField()", "int(run.result['pool'] / 2)"),
    ],
)
def test_each_way_to_a_float_is_seen(written):
    assert any(makes_a_float(node) for node in ast.walk(ast.parse(written)))


@pytest.mark.parametrize(
    "written", ["Fraction(pool) / n", "BASE / 'var' / name", "pool // 2", "2**53", "pow(b, e, p)", "math.lcm(a, b)"]
)
def test_what_is_exact_is_let_pass(written):
    assert not any(makes_a_float(node) for node in ast.walk(ast.parse(written)))


def test_each_exception_from_the_law_of_floats_is_still_needed():
    assert not [path for path in FLOATS if not floats_in(ROOT / path)]


def test_actions_take_named_arguments_and_everything_there_says_what_it_does():
    found = []
    for path in files("coop", "payouts", "governance"):
        if path.name != "actions.py" and path.parent.name != "actions":
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                named = {argument.arg for argument in node.args.kwonlyargs}
                placed = [argument.arg for argument in node.args.posonlyargs + node.args.args]
                if placed and (named | set(placed)) & {"by", "now"}:
                    found.append(f"{where(path, node)} {node.name} takes arguments by position")
                if not ast.get_docstring(node):
                    found.append(f"{where(path, node)} {node.name} has no docstring")

    assert not found


def test_the_domain_never_asks_the_machines_clock():
    """`now` is handed in, and comes from coop_now(); only the ground may know the clock of the machine."""
    clocks = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
    found = [
        where(path, node)
        for path in files("coop", "payouts", "governance")
        if "doors" not in path.parts and "commands" not in path.parts  # a token ages on the wall
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in clocks
    ]

    assert not found


def test_migrations_import_nothing_of_ours():
    found = [
        where(path, node)
        for path in files(*OURS, migrations=True)
        for node, name in imported(path)
        if name.split(".")[0] in OURS
    ]

    assert not found, "a migration must still run when today's code is gone"


def test_migrations_are_named_for_their_meaning():
    machine_made = re.compile(r"\d{4}_(auto_|alter_|remove_|rename_|delete_)|_and_more|_\d{8}_\d{4}")

    assert not [path.name for path in files(*OURS, migrations=True) if machine_made.search(path.stem)]
