"""Items come in by CSV or JSON; a bad row is named, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.work.actions import import_csv, import_json
from coop.work.models import Item
from tests import make

pytestmark = pytest.mark.django_db

DIGIT = {
    "question": "Which digit is this?",
    "media": "image",
    "pixels": {"width": 8, "height": 8, "highest": 16},
    "options": [{"key": str(n), "label": str(n)} for n in range(10)],
}
BAD = b"external_id,text,source\na,Hello,web\nb,,web\nc,Bye\na,Again,web\n\nd,Last one,web\n"


def bring(project, content, *, keep_good=True):
    return import_csv(
        project=project, content=content, keep_good=keep_good, by=make.owner(project).actor, now=coop_now()
    )


def test_bad_rows_are_named_by_line_and_reason_and_good_ones_kept():
    project = make.draft()

    done = bring(project, BAD)

    assert done.kept == 2
    assert [(row["line"], row["field"]) for row in done.refused] == [(3, "text"), (4, ""), (5, "external_id")]
    assert done.refused[1]["row"] == {"cells": ["c", "Bye"]}
    assert list(project.items.order_by("seq").values_list("seq", "external_id", "payload", "extra")) == [
        (1, "a", {"text": "Hello"}, {"source": "web"}),
        (2, "d", {"text": "Last one"}, {"source": "web"}),
    ]


def test_at_the_caller_s_choice_one_bad_row_refuses_all():
    project = make.draft()

    done = bring(project, BAD, keep_good=False)

    assert (done.kept, len(done.refused)) == (0, 3)
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no header"),
        (b"text\n", "no rows"),
        (b"wrong\nx\n", "column “text” is missing"),
        (b"text,text\nx,y\n", "name of its own"),
        (b"text\nok\n\xff\xfe\n", "Line 3 is not UTF-8"),
        (b'text\nok\n"open\n', "From line 3 on"),
        (b"text\nx\0y\n", "character NUL"),
    ],
)
def test_a_file_that_can_t_be_read_is_refused_whole_with_the_reason(content, said):
    with pytest.raises(ValidationError) as wrong:
        bring(make.draft(), content)

    assert said in wrong.value.message_dict["file"][0]
    assert not Item.objects.exists()


def test_the_line_is_the_one_in_the_file_even_after_cells_with_line_breaks():
    done = bring(make.draft(), b'text,external_id\n"two\nlines",a\n,b\n')

    assert [row["line"] for row in done.refused] == [4]


def test_a_second_import_continues_the_numbers_and_knows_the_ids():
    project = make.draft()
    bring(project, b"external_id,text\na,One\n")

    done = bring(project, "\ufeffexternal_id,text\na,Twice\nb,Zwei ß 🙂\n".encode())

    assert [row["line"] for row in done.refused] == [2]
    assert list(project.items.order_by("seq").values_list("seq", "external_id")) == [(1, "a"), (2, "b")]


def test_no_item_is_added_once_the_order_is_paid():
    project = make.live()

    with pytest.raises(Refused) as no:
        bring(project, b"text\nOne more\n")

    assert no.value.code == "already_ordered"


def test_items_as_json_are_told_by_their_place():
    project = make.draft()
    rows = [
        {"payload": {"text": "One"}, "external_id": "a"},
        {"payload": {"text": ""}},
        "x",
        {"payload": {"text": "T"}, "extra": {"n": 1.5, "catégorie": "presse"}},
    ]

    done = import_json(project=project, rows=rows, keep_good=True, by=make.owner(project).actor, now=coop_now())

    assert [(row["line"], row["field"]) for row in done.refused] == [(2, "text"), (3, "payload")]
    assert project.items.get(external_id="item-2").extra == {"n": 1.5, "catégorie": "presse"}


def test_the_demonstration_digits_are_sound_and_balanced():
    project = make.draft(template=DIGIT)
    content = Path("script/demo_data/digits.csv").read_bytes()

    done = bring(project, content, keep_good=False)

    assert (done.kept, done.refused) == (300, [])
    labels = list(project.items.values_list("extra__label", flat=True))
    assert all(labels.count(str(n)) == 30 for n in range(10))
    assert all("label" not in item.payload and len(item.payload["pixels"]) == 64 for item in project.items.all())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"external_id": False}, "external_id"),
        ({"external_id": True}, "external_id"),
        ({"external_id": {}}, "external_id"),
        ({"external_id": []}, "external_id"),
        ({"external_id": 1.5}, "external_id"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": " "}, "external_id"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"externl_id": "mine"}, "externl_id"),
        ({"extra": []}, "extra"),
        ({"extra": ""}, "extra"),
        ({"extra": 0}, "extra"),
        ({"seq": 5}, "seq"),
    ],
)
def test_nothing_of_an_item_is_taken_for_nothing(said, field):
    project = make.draft(items=0)

    done = import_json(
        project=project,
        rows=[{"payload": {"text": "One"}, **said}],
        keep_good=True,
        by=make.owner(project).actor,
        now=coop_now(),
    )

    assert done.kept == 0
    assert [(row["line"], row["field"], row["reason"] != "") for row in done.refused] == [(1, field, True)]


def test_an_id_may_be_a_number_or_left_out():
    project = make.draft(items=0)
    rows = [{"payload": {"text": str(id)}, "external_id": id} for id in (0, 7, None)] + [{"payload": {"text": "x"}}]

    import_json(project=project, rows=rows, keep_good=False, by=make.owner(project).actor, now=coop_now())

    assert list(project.items.order_by("seq").values_list("external_id", flat=True)) == ["0", "7", "item-3", "item-4"]


ROWS = b"external_id,text,source\na,One,web\nb,Two,web\n"


def test_an_upload_that_is_sent_again_adds_nothing_and_is_no_error():
    project = make.draft(items=0)
    bring(project, ROWS)

    again = bring(project, ROWS + b"c,Three,web\n", keep_good=False)

    assert (again.kept, again.unchanged, again.refused) == (1, 2, [])
    assert project.items.count() == 3


@pytest.mark.parametrize("row", [b"a,Other,web\n", b"a,One,print\n"])
def test_other_content_under_an_id_that_is_taken_is_refused(row):
    project = make.draft(items=0)
    bring(project, ROWS)

    again = bring(project, b"external_id,text,source\n" + row)

    assert (again.kept, again.unchanged) == (0, 0)
    assert [(bad["line"], bad["field"]) for bad in again.refused] == [(2, "external_id")]
    assert project.items.get(external_id="a").payload == {"text": "One"}


def test_what_is_there_may_be_sent_again_even_once_it_is_paid():
    project = make.live()
    rows = [
        {"external_id": item.external_id, "payload": item.payload, "extra": item.extra} for item in project.items.all()
    ]

    done = import_json(project=project, rows=rows, keep_good=False, by=make.owner(project).actor, now=coop_now())

    assert (done.kept, done.unchanged) == (0, len(rows))
