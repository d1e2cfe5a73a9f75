"""Time never runs backwards: whoever locks raises the moment that was handed in before anything is written."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.structure.source import files, where

pytestmark = pytest.mark.structure

DOMAIN = ("coop", "payouts", "governance")
LOCKS_IN_SQL = ("pg_advisory", "pg_try_advisory", "FOR UPDATE", "FOR SHARE", "FOR NO KEY UPDATE")
WRITES = {"save", "create", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"}
RAISED_BY = {"now": "not_before", "wall": "wall_not_before"}

NO_MOMENT = {
    "return_expired_leases": "ends leases by their own deadlines and records nothing else",
    "found": "comes before everything that is recorded",
    "must_hold": "only asks; whoever acts raises theirs by the row that changes",
    "insist": "only asks, likewise",
    "approver_for_share": "only asks, likewise",
    "_proposing": "only asks, likewise",
}
"""Actions that lock and have no moment to raise, with the reason."""

Function = ast.FunctionDef


@cache
def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, Function)]


def arguments(function: Function) -> set[str]:
    return {one.arg for one in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]}


def calls(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Everything called within, by its last name, with its line."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            if isinstance(call.func, ast.Attribute):
                yield call.func.end_lineno or call.lineno, call.func.attr
            elif isinstance(call.func, ast.Name):
                yield call.lineno, call.func.id


def locks_in_sql(function: Function) -> list[int]:
    body = [node for part in function.body for node in ast.walk(part)]
    documented = ast.get_docstring(function, clean=False)
    return [
        node.lineno
        for node in body
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != documented
        if any(word in node.value for word in LOCKS_IN_SQL)
    ]


def lines_of(function: Function, names: set[str]) -> list[int]:
    """The lines in which the function takes a lock."""
    taken = {"select_for_update", *names}
    return sorted([*locks_in_sql(function), *(line for line, called in calls(function) if called in taken)])


@cache
def lockers() -> frozenset[str]:
    """Functions and methods that lock for whoever calls them: they have no moment of their own to raise. All of the name do."""
    known = [function for path in files(*DOMAIN) for function in functions(path) if "now" not in arguments(function)]
    found: set[str] = set()
    while True:
        locking = {function.name for function in known if lines_of(function, found)}
        more = locking - {function.name for function in known if not lines_of(function, found)}
        if more <= found:
            return frozenset(found)
        found |= more


def raises(function: Function, moment: str) -> list[int]:
    """The lines in which the function says `moment = row.not_before(moment)`."""
    return [
        node.lineno
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and [ast.unparse(target) for target in node.targets] == [moment]
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr == RAISED_BY[moment]
    ]


def fault(function: Function, moment: str) -> str:
    """What is wrong with how the function treats its moment; "" where nothing is."""
    locked = lines_of(function, set(lockers()))
    if moment not in arguments(function) or not locked:
        return ""
    raised = [line for line in raises(function, moment) if line >= locked[0]]
    if not raised:
        return f"locks, and never raises `{moment}`"
    written = [line for line, called in calls(function) if called in WRITES or called.endswith("record")]
    early = [line for line in written if locked[0] < line < raised[0]]
    return f"writes in line {early[0]} before it raises `{moment}`" if early else ""


def test_whoever_locks_raises_its_moment_before_it_writes():
    found = [
        f"{where(path, function)} {function.name} {wrong}"
        for path in files(*DOMAIN)
        for function in functions(path)
        for moment in RAISED_BY
        if (wrong := fault(function, moment)) and function.name not in NO_MOMENT
    ]

    assert not found, "say `now = row.not_before(now)` once the row is locked"


def test_each_exception_is_still_needed():
    excused = {function.name for path in files(*DOMAIN) for function in functions(path) if fault(function, "now")}

    assert excused >= NO_MOMENT.keys()


def writes_unheld(function: Function) -> list[int]:
    """The lines in which a moment is written by an UPDATE of rows that the function does not hold."""
    if lines_of(function, set(lockers())):
        return []
    return [
        call.lineno
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "update"
        if any((word.arg or "").endswith("_at") and ast.unparse(word.value) in RAISED_BY for word in call.keywords)
    ]


def test_no_moment_is_written_on_a_row_that_nobody_holds():
    found = [
        f"{where(path, function)} {function.name}"
        for path in files(*DOMAIN)
        for function in functions(path)
        if "now" in arguments(function) and writes_unheld(function)
    ]

    assert not found, "lock the row, raise `now`, and write then"


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("rows.select_for_update().get()\n row.save()", "locks, and never raises `now`"),
        ("row = rows.locked(1)\n row.save()\n now = row.not_before(now)", "writes in line 3 before it raises `now`"),
        ("now = row.not_before(now)\n row = rows.locked(1)\n row.save()", "locks, and never raises `now`"),
        ("cursor.execute('SELECT pg_advisory_xact_lock(1)')\n record(now=now)", "locks, and never raises `now`"),
        ("row = rows.locked(1)\n now = row.not_before(now)\n row.save()", ""),
        ("rows.create(at=now)", ""),
    ],
)
def test_the_guard_sees_each_fault(source, wrong):
    function = ast.parse(f"def action(*, now):\n {source}").body[0]

    assert fault(function, "now") == wrong
