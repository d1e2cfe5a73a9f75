"""Every table of ours says in its app's laws/rights.sql how it is kept."""

import re

import pytest
from django.apps import apps

from coop.management.commands.fold import law_files, our_apps

pytestmark = pytest.mark.structure

LINE = re.compile(
    r"^SELECT canut_(append_only|kept|free|read_only)\('(\w+)'(?:, changing => ARRAY\[([^]]*)\])?\);", re.MULTILINE
)
TABLES = {
    model._meta.db_table: model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in {app.label for app in our_apps()}
}


def said() -> list[tuple[str, str, set[str]]]:
    """(app, table, columns that may change) of every line."""
    return [
        (app.label, table, set(re.findall(r"'(\w+)'", changing)))
        for app in our_apps()
        for path in law_files(app)
        if path.name == "rights.sql"
        for _, table, changing in LINE.findall(path.read_text("utf-8"))
    ]


def test_no_line_of_the_rights_is_overlooked():
    statements = sum(
        path.read_text("utf-8").count(";\n") + path.read_text("utf-8").count(";  --")
        for app in our_apps()
        for path in law_files(app)
        if path.name == "rights.sql"
    )

    assert statements == len(said())


def test_every_table_says_once_and_in_its_own_app_how_it_is_kept():
    lines = [(app, table) for app, table, _ in said()]

    assert sorted(lines) == sorted((model._meta.app_label, table) for table, model in TABLES.items())


def test_what_may_change_are_columns_and_never_the_key():
    unknown = {
        f"{table}.{column}"
        for _, table, changing in said()
        for column in changing
        - {field.column for field in TABLES[table]._meta.concrete_fields if not field.primary_key}
    }

    assert not unknown


def test_no_law_lists_the_columns_that_are_fixed():
    """A list of what is fixed leaves out the next column: say `canut_fixed_but(…)`, which names what may change."""
    lists = [
        f"{path.parent.parent.name}/{path.name}: {found}"
        for app in our_apps()
        for path in law_files(app)
        for found in re.findall(r"\((?:NEW|OLD)\.\w+,[^;]*?\)\s+IS DISTINCT FROM", path.read_text("utf-8"))
    ]

    assert not lists
