"""Who acts is said in one way everywhere, and whoever is told it does something with it."""

import ast
import re

import pytest

import coop.work.actors  # noqa: F401  its kinds are known once it is loaded
from coop.ground.actor import Actor
from tests.structure.source import OURS, files, nodes, where

pytestmark = pytest.mark.structure

ACTORS = {"Actor", "Person", "ActingMember", "Officer", "Requester"}
NO_ACTOR = (ast.Constant, ast.JoinedStr)  # "platform", f"requester:{…}"; what else is none, the types tell


def faults(function: ast.FunctionDef) -> list[str]:
    """What is wrong with how this function is told who acts."""
    told = [arg for arg in function.args.args + function.args.kwonlyargs if arg.arg == "by"]
    found = []
    for arg in told:
        said = ast.unparse(arg.annotation) if arg.annotation else "nothing"
        allowed = ACTORS if function.name.startswith("_") else {"Actor"}
        if said not in allowed:
            found.append(f"{function.name} takes {said} for who acts")
        if not any(isinstance(node, ast.Name) and node.id == "by" for line in function.body for node in ast.walk(line)):
            found.append(f"{function.name} does not use who acts")
    return found


def unsigned(call: ast.Call) -> bool:
    """Whether this call is told a text for who acts."""
    return any(
        keyword.arg == "by" and (isinstance(keyword.value, NO_ACTOR) or "pseudonym" in ast.unparse(keyword.value))
        for keyword in call.keywords
    )


def test_whoever_is_told_who_acts_is_told_an_actor_and_uses_it():
    found = [
        f"{where(path, node)} {fault}"
        for path in files(*OURS)
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef)
        for fault in faults(node)
    ]

    assert not found


def test_nobody_acts_as_a_text():
    calls = [
        (path, node) for path in files(*OURS) for node in nodes(path) if isinstance(node, ast.Call) and unsigned(node)
    ]

    assert not [where(path, call) for path, call in calls]


def test_what_is_recorded_says_who_acted():
    recorded = [
        (where(path, node), {keyword.arg for keyword in node.keywords})
        for path in files(*OURS)
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record"
    ]

    assert len(recorded) > 20
    assert not [place for place, told in recorded if "by" not in told]


def unheld(function: ast.FunctionDef) -> bool:
    """Whether this function asks what is held until the transaction ends, and opens none; a private one is in its caller's."""
    asks = any(
        name == "must_hold" or name.endswith("_for_share")
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        for name in [ast.unparse(node.func).rpartition(".")[2]]
    )
    atomic = any(ast.unparse(decorator) == "transaction.atomic" for decorator in function.decorator_list)
    return asks and not atomic and not function.name.startswith("_")


def test_an_office_is_asked_within_the_transaction_that_acts():
    asked = [
        where(path, node)
        for path in files(*OURS)
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef) and unheld(node)
        if not (path.name == "actors.py" and node.name in {"must_hold", "insist"})
        and not node.name.endswith("_for_share")
    ]

    assert not asked


def asked_too_early(function: ast.FunctionDef) -> bool:
    """Whether an office is asked before a wait and never again: the officer is handed to nothing that writes, and asks."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    asked = [call.lineno for call in calls if ast.unparse(call.func) == "must_hold"]
    waits = [
        call.lineno
        for call in calls
        if re.search(r"select_for_update|lock|not_before|_for_share", ast.unparse(call.func).rpartition(".")[2])
    ]
    officers = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("must_hold(")
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    handed = {
        told.id
        for call in calls
        for told in [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(told, ast.Name)
    }
    return bool(asked and waits and min(asked) < max(waits) and not officers & handed)


def test_an_office_is_asked_again_where_an_act_is_written_or_after_the_last_wait():
    found = [
        where(path, node)
        for path in files(*OURS)
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef) and asked_too_early(node)
    ]

    assert not found


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("must_hold(by, TREASURER, now=now)\n row = Row.objects.select_for_update().get()", True),
        ("theo = must_hold(by, TREASURER, now=now)\n row = _locked(row)\n row.by = theo.member", True),
        ("theo = must_hold(by, TREASURER, now=now)\n row = _locked(row)\n record(by=theo, now=now)", False),
        ("row = _locked(row)\n theo = must_hold(by, TREASURER, now=now)\n row.by = theo.member", False),
    ],
)
def test_an_office_asked_too_early_is_caught(source, caught):
    (function,) = ast.parse(f"def pay():\n {source}").body

    assert isinstance(function, ast.FunctionDef) and asked_too_early(function) is caught


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("@transaction.atomic\ndef pay(*, by: Actor): must_hold(by, TREASURER, now=now)", False),
        ("def pay(*, by: Actor): must_hold(by, TREASURER, now=now)", True),
        ("def pay(*, by: Actor): Member.objects.is_member_for_share(by.pk, now)", True),
    ],
)
def test_an_office_asked_outside_of_a_transaction_is_found(source, caught):
    assert unheld(ast.parse(source).body[0]) is caught


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def pause(*, by: User): audit(by)", "pause takes User for who acts"),
        ("def pause(*, by: str): audit(by)", "pause takes str for who acts"),
        ("def pause(*, by: Officer): audit(by)", "pause takes Officer for who acts"),
        ("def pause(*, by): audit(by)", "pause takes nothing for who acts"),
        ("def pause(*, by: Actor): stop()", "pause does not use who acts"),
    ],
)
def test_the_faults_are_found(source, fault):
    (function,) = ast.parse(source).body

    assert faults(function) == [fault]


@pytest.mark.parametrize("by", ['"platform"', 'f"requester:{pk}"', "member.pseudonym.hex"])
def test_a_text_for_who_acts_is_found(by):
    assert unsigned(ast.parse(f"record(by={by})").body[0].value)


def kinds(actor: type[Actor]) -> list[type[Actor]]:
    return [kind for each in actor.__subclasses__() for kind in (each, *kinds(each))]


def test_an_actor_is_frozen_and_says_itself_how_it_stands():
    ours = [kind for kind in kinds(Actor) if kind.__module__.split(".")[0] in OURS]

    assert {"Platform", "Person", "ActingMember", "Officer", "Requester"} <= {kind.__name__ for kind in ours}
    for kind in ours:
        assert kind.__dataclass_params__.frozen, kind
        assert "stands_as" in vars(kind), kind
