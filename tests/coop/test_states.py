"""What has a state goes along its graph and nowhere else, whoever asks."""

import re
from itertools import product

import pytest
from django.db import IntegrityError, connections, models, transaction

from coop.ground.moments import Dated
from coop.management.commands.states import graphs

GRAPHS = list(graphs())
each_graph = pytest.mark.parametrize(
    ("model", "name", "graph"), GRAPHS, ids=[f"{model._meta.label_lower}.{name}" for model, name, _graph in GRAPHS]
)


def the_laws_of(table: str, name: str) -> dict[str, str]:
    """The triggers of a state field, as the database tells them: {name: definition}."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND tgenabled = 'O' AND tgname = ANY (%s)",
            [table, [f"{table}_{name}_begins_where_its_graph_does", f"{table}_{name}_moves_along_its_graph"]],
        )
        return dict(cursor.fetchall())


@pytest.fixture
def probe(django_db_blocker, request):
    """Makes a table without any other law that has the state field and its triggers, and says what it refuses."""

    def make(model: type[Dated], name: str):
        table = model._meta.db_table
        laws = the_laws_of(table, name)
        assert len(laws) == 2, f"{table}.{name} has no graph in the database"
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE probe AS SELECT {name} FROM {table} LIMIT 0")
            for definition in laws.values():
                cursor.execute(re.sub(r" ON (public\.)?\w+ ", " ON probe ", definition, count=1))

    return make


def refused(statement: str, *params: str) -> str:
    """The law by which the owner's role itself is refused; "" if it is let."""
    try:
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute(statement, params)
    except IntegrityError as no:
        return no.__cause__.diag.constraint_name
    return ""


@pytest.mark.django_db(databases=["default", "owner"])
@each_graph
def test_the_database_lets_a_thing_go_along_its_graph_and_nowhere_else(probe, model, name, graph):
    table, states = model._meta.db_table, sorted(graph.states)
    probe(model, name)
    kind = "::int" if isinstance(model._meta.get_field(name), models.IntegerField) else ""

    begun = {state: refused(f"INSERT INTO probe VALUES (%s{kind})", state) for state in states}
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE probe DISABLE TRIGGER {table}_{name}_begins_where_its_graph_does")
        cursor.execute("TRUNCATE probe")
        for state in states:
            cursor.execute(f"INSERT INTO probe VALUES (%s{kind})", [state])
    moved = {}
    for start, to in product(states, states):
        with transaction.atomic("owner"):
            point = transaction.savepoint("owner")
            moved[start, to] = refused(f"UPDATE probe SET {name} = %s{kind} WHERE {name} = %s{kind}", to, start)
            transaction.savepoint_rollback(point, "owner")

    beginning, moving = f"{table}_{name}_begins_where_its_graph_does", f"{table}_{name}_moves_along_its_graph"
    assert begun == {state: "" if state in graph.begins else beginning for state in states}
    assert moved == {
        (start, to): "" if start == to or (start, to) in graph.ways else moving for start, to in product(states, states)
    }
