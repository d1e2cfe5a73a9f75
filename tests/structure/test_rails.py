"""A rail is one place: every rail states every part, and nobody else names one."""

import ast

import pytest

from payouts.rails import RAILS, CallRail, FileRail
from tests.structure.source import OURS, ROOT, files, nodes, where

pytestmark = pytest.mark.structure

SPEAKS_TO_STRIPE = (
    "Stripe is more than a rail: it takes money in, and opens the accounts of members; this is about that"
)
OTHER_MEANINGS = {
    "coop/rules/catalogue/orders.py": SPEAKS_TO_STRIPE,
    "payouts/models/inbox.py": SPEAKS_TO_STRIPE,
}
"""Files where the name of a rail is a word for something else, with its meaning there."""
SPEAKERS = {
    "payouts/actions/checkouts.py", "payouts/actions/inbox.py", "payouts/actions/orders.py", "payouts/actions/refunds.py",
    "payouts/actions/stripe_accounts.py", "payouts/actions/payments.py", "payouts/tasks.py", "api/webhooks.py", "api/rails.py",
    "frontend/forms/orders.py", "frontend/views/rails.py",
}  # fmt: skip
"""Who may import the Stripe rail: see SPEAKS_TO_STRIPE."""


def test_every_rail_is_one_module_of_its_name():
    assert set(RAILS) == {
        path.stem for path in (ROOT / "payouts" / "rails").glob("*.py") if not path.stem.startswith("_")
    }
    assert all(rail.name == name for name, rail in RAILS.items())
    assert all(isinstance(rail, CallRail | FileRail) and rail.title for rail in RAILS.values())


def test_no_two_rails_ask_for_something_under_one_name_or_share_their_cash():
    asked = [field.name for rail in RAILS.values() for field in rail.fields("MG")]
    cash = [rail.cash(currency) for rail in RAILS.values() for currency in ("EUR", "MGA")]

    assert len(set(asked)) == len(asked)
    assert len(set(cash)) == len(cash)


def test_nobody_else_names_a_rail():
    own = ROOT / "payouts" / "rails"
    named = [
        where(path, node)
        for path in files(*OURS)
        if path.parent != own and str(path.relative_to(ROOT)) not in OTHER_MEANINGS
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in RAILS
    ]

    assert not named


def test_only_who_speaks_to_stripe_imports_its_rail_and_nobody_another():
    imported = {
        (str(path.relative_to(ROOT)), alias.name)
        for path in files(*OURS)
        if path.parent != ROOT / "payouts" / "rails"
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("payouts.rails")
        for alias in node.names
        if alias.name in RAILS or (node.module or "").rpartition(".")[2] in RAILS
    }

    assert {name for _path, name in imported} <= {"stripe"}
    assert {path for path, _name in imported} <= SPEAKERS
