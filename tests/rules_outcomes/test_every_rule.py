"""No rule is there for show: each has a test that changes it by a vote and sees another outcome."""

import importlib
import pkgutil

import pytest

import tests.rules_outcomes
from coop.rules.catalogue import CATALOGUE
from tests.rules_outcomes.cases import CASES


@pytest.fixture(scope="module", autouse=True)
def every_case():
    for module in pkgutil.iter_modules(tests.rules_outcomes.__path__):
        if module.name.startswith("test_"):
            importlib.import_module(f"tests.rules_outcomes.{module.name}")


def test_every_rule_of_the_catalogue_changes_something():
    without = CATALOGUE.keys() - CASES.keys()

    assert not without, f"no test changes these by a vote and looks at the outcome: {sorted(without)}"


def test_no_test_is_about_a_rule_that_is_not_there():
    assert not CASES.keys() - CATALOGUE.keys()


def test_every_rule_names_who_reads_it():
    """Consumers are modules of ours, so that a reader of the rule finds the code that follows it."""
    for rule in CATALOGUE.values():
        assert rule.consumers, rule.key
        for consumer in rule.consumers:
            importlib.import_module(consumer)
