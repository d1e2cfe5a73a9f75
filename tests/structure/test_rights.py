"""Every table of ours says in its app's laws/rights.sql how it is kept."""

import re

import pytest
from django.apps import apps
from django.db.models import JSONField

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


JSON = "|".join(
    sorted(
        {
            field.column
            for model in TABLES.values()
            for field in model._meta.concrete_fields
            if isinstance(field, JSONField)
        }
    )
)
COMPARED = r"(?:IS\s+(?:NOT\s+)?DISTINCT\s+FROM|<>|!=|=(?!>))"
WHOLE_ROW = r"(?:NEW|OLD)(?:\.\*)?"
INEXACT = re.compile(
    rf"""\bto_jsonb?\s*\((?:NEW|OLD)\)(?!\s*->>)(?!\s*-\s*\w+\)::text)  # a row as JSON, but for the text of one of its columns
       | \brow_to_json\b
       | \b(?:\w+\.)?(?:{JSON})\s*{COMPARED} | {COMPARED}\s*(?:\w+\.)?(?:{JSON})\b(?!\s*(?:::text|->))  # a column of JSON
       | \b{WHOLE_ROW}\s*{COMPARED} | {COMPARED}\s*{WHOLE_ROW}(?![.\w])  # a row that may have one""",
    re.VERBOSE,
)


def inexact(sql: str) -> list[str]:
    """What a law compares as JSON, where 500 equals 500.0: comments left out."""
    return [found.group() for found in INEXACT.finditer(re.sub(r"--.*|'[^']*'", "", sql))]


def test_no_law_takes_numbers_that_are_written_differently_for_equal():
    """JSON takes 500 and 500.0 for equal, and who hashes or reckons doesn't: compare its text."""
    loose = {
        f"{path.parent.parent.name}/{path.name}": found
        for app in our_apps()
        for path in law_files(app)
        if (found := inexact(path.read_text("utf-8")))
    }

    assert not loose


@pytest.mark.parametrize(
    "law",
    [
        "to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving",
        "OLD.inputs <> NEW.inputs",
        "NEW.change_set IS NOT DISTINCT FROM OLD.change_set",
        "OLD IS DISTINCT FROM NEW",
        "OLD.* <> NEW.*",
        "row_to_json(NEW)",
    ],
)
def test_a_loose_comparison_is_seen(law):
    assert inexact(law)


def test_an_exact_comparison_is_none():
    assert not inexact(
        "OLD.inputs::text <> NEW.inputs::text AND (to_jsonb(NEW) ->> 'id') = x AND OLD.result IS NOT NULL"
    )
