"""Whatever has a state has a graph: in code, in the database, and on a page for people."""

import re

import pytest
from django.db import models
from django.utils.functional import Promise

from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.management.commands import states as command
from tests.structure.source import files
from tests.structure.test_models import our_models

pytestmark = pytest.mark.structure

LIKE_A_STATE = re.compile(r"(^|_)(state|status|stage|phase|outcome|verdict|standing)$")
GRAPHS = [(model, name, graph) for model, name, graph in command.graphs()]
each_graph = pytest.mark.parametrize(
    ("model", "name", "graph"), GRAPHS, ids=[f"{model._meta.label_lower}.{name}" for model, name, _graph in GRAPHS]
)


NO_STATES = {"api.KeyedRequest.status": "the number of an HTTP answer, written once"}
"""Fields that look like a state and are none, with the reason."""


def states_of(field: models.Field) -> set[str]:
    """The values that the field may hold; "" where it may be blank."""
    return {str(value) for value, _label in field.choices or ()} | ({""} if field.blank else set())


def test_every_field_that_looks_like_a_state_has_its_graph():
    without = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if LIKE_A_STATE.search(field.name) and not (issubclass(model, Dated) and field.name in model.GRAPHS)
        if f"{model._meta.label}.{field.name}" not in NO_STATES
    ]

    assert not without, "say in GRAPHS where it begins, where it may go, and where it ends"


def test_every_choice_called_a_state_has_its_graph_whatever_its_field_is_called():
    called = re.compile(r"class (?:\w*(?:State|Status|Outcome|Phase|Stage))\(models\.TextChoices\)")

    kinds = sum(len(called.findall(path.read_text())) for path in files("coop", "payouts", "governance"))
    with_choices = [name for model, name, _graph in GRAPHS if model._meta.get_field(name).choices]

    assert kinds == len(with_choices), "a State, Status or Outcome of a model stands in no graph"


@each_graph
def test_every_state_has_a_name_for_people_in_their_language(model, name, graph):
    labels = [label for _value, label in model._meta.get_field(name).choices or ()]

    assert all(isinstance(label, Promise) for label in labels), "give each a translated label: it stands on a page"


@each_graph
def test_a_graph_has_the_states_of_its_field_and_a_way_out_of_each(model, name, graph):
    known = states_of(model._meta.get_field(name))

    assert graph.problems() == []
    assert not known or known == graph.states


@pytest.mark.parametrize(
    "model", dict.fromkeys(model for model, _name, _graph in GRAPHS), ids=lambda model: model._meta.label_lower
)
def test_the_graphs_say_where_each_moment_comes_from(model):
    """A date that no move records is a deadline, or on somebody else's clock, and named as such: so none can be forgotten."""
    recorded = {column for graph in model.GRAPHS.values() for column in graph.moments}

    assert recorded - model.WALL == model.moments()


@pytest.mark.parametrize(
    ("graph", "problem"),
    [
        (Graph(begins={"a": ()}, moves={"a": {"b": ()}, "c": {"b": ()}}, ends=frozenset("b")), "nothing leads to “c”"),
        (Graph(begins={"a": ()}, moves={"a": {"b": (), "c": ()}}, ends=frozenset("b")), "“c” is no end"),
        (Graph(begins={"a": ()}, moves={"a": {"b": ()}, "b": {"a": ()}}, ends=frozenset()), "from “a” no end"),
    ],
)
def test_a_graph_with_a_fault_says_which(graph, problem):
    assert any(found.startswith(problem) for found in graph.problems())


def test_every_named_column_is_a_column():
    unknown = [
        f"{model._meta.label}.{column}"
        for model in our_models()
        if issubclass(model, Dated)
        for column in model.DEADLINES | model.WALL | model.TOLD
        if not any(field.attname == column for field in model._meta.concrete_fields)
    ]

    assert not unknown


def test_people_read_the_same_graphs():
    """Run `manage.py states` after a change of a graph."""
    assert command.PLACE.read_text("utf-8") == command.page()
