"""Every table of ours says in its app's laws/rights.sql how it is kept."""

import re

import pytest
from django.apps import apps

from coop.management.commands.fold import law_files, our_apps

pytestmark = pytest.mark.structure

LINE = re.compile(
    r"^SELECT canut_(append_only|kept|free|read_only)\('(\w+)'(?:, frozen => ARRAY\[([^]]*)\])?\);", re.MULTILINE
)
TABLES = {
    model._meta.db_table: model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in {app.label for app in our_apps()}
}


def said() -> list[tuple[str, str, set[str]]]:
    """(app, table, frozen columns) of every line."""
    return [
        (app.label, table, set(re.findall(r"'(\w+)'", frozen)))
        for app in our_apps()
        for path in law_files(app)
        if path.name == "rights.sql"
        for _, table, frozen in LINE.findall(path.read_text("utf-8"))
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


def test_what_is_frozen_are_columns():
    unknown = {
        f"{table}.{column}"
        for _, table, frozen in said()
        for column in frozen - {field.column for field in TABLES[table]._meta.concrete_fields}
    }

    assert not unknown
