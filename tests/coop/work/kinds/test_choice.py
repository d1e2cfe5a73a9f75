"""The task type choice: template, items, answers."""

from __future__ import annotations

import copy

import pytest

from coop.ground.schemas import Problem
from coop.work.kinds import KINDS

CHOICE = KINDS["choice"]
TEXT = {
    "question": "Is this sentence polite?",
    "media": "text",
    "options": [{"key": "yes", "label": "Yes"}, {"key": "no", "label": "No"}],
}
DIGIT = {
    "question": "Which digit is this?",
    "media": "image",
    "pixels": {"width": 2, "height": 2, "highest": 16},
    "options": [{"key": str(n), "label": str(n)} for n in range(10)],
}
PICTURE = {**TEXT, "media": "image"}


@pytest.mark.parametrize("template", [TEXT, DIGIT, PICTURE])
def test_a_sound_template_has_no_problem(template):
    assert CHOICE.template_problems(template) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"question": ""}, "question"),
        ({"media": "smell"}, "media"),
        ({"options": [{"key": "a", "label": "A"}]}, "options"),
        ({"options": [{"key": "a", "label": "A"}, {"key": "a", "label": "B"}]}, "options"),
        (
            {"options": [{"key": "a", "label": "A", "shortcut": "x"}, {"key": "b", "label": "B", "shortcut": "x"}]},
            "options",
        ),
        ({"options": [{"key": "a b", "label": "A"}, {"key": "b", "label": "B"}]}, "options.0.key"),
        ({"options": [{"key": "a"}, {"key": "b", "label": "B"}]}, "options.0.label"),
        ({"colour": "red"}, "colour"),
        ({"pixels": {"width": 2, "height": 2, "highest": 16}}, "pixels"),
    ],
)
def test_an_unsound_template_is_told_with_its_field(change, field):
    assert [problem.field for problem in CHOICE.template_problems({**copy.deepcopy(TEXT), **change})] == [field]


def test_every_missing_field_is_told():
    assert [problem.field for problem in CHOICE.template_problems({})] == ["media", "options", "question"]


@pytest.mark.parametrize("template", [None, [], "x", 3])
def test_a_template_that_is_no_object_is_told(template):
    assert CHOICE.template_problems(template) == [Problem("", "This is not the kind of value expected here.")]


def test_an_answer_is_one_of_the_options_and_nothing_else():
    assert CHOICE.answer_problems(TEXT, {"choice": "yes"}) == []
    assert CHOICE.answer_problems(TEXT, {"choice": "maybe"}) == [Problem("choice", "This is not one of the options.")]
    assert CHOICE.answer_problems(TEXT, {}) == [Problem("choice", "This field is required.")]
    assert [one.field for one in CHOICE.answer_problems(TEXT, {"choice": "yes", "why": "because"})] == ["why"]
    assert CHOICE.text({"choice": "yes"}) == "yes"


def test_an_item_meets_the_template_s_media():
    assert CHOICE.payload_problems(TEXT, {"text": "Merci 🙏 شكرا"}) == []
    assert CHOICE.payload_problems(DIGIT, {"pixels": [0, 16, 3, 4]}) == []
    assert CHOICE.payload_problems(PICTURE, {"image": "data:image/png;base64,iVBORw0KGgo="}) == []
    assert [one.field for one in CHOICE.payload_problems(DIGIT, {"pixels": [0, 17, 3, 4]})] == ["pixels.1"]
    assert [one.field for one in CHOICE.payload_problems(DIGIT, {"pixels": [0, 1]})] == ["pixels"]
    assert [one.field for one in CHOICE.payload_problems(TEXT, {"pixels": [0]})] != []


@pytest.mark.parametrize(
    "image",
    [
        "https://example.org/a.png",
        "data:image/svg+xml;base64,AAAA",
        "data:text/html;base64,AAAA",
        "data:image/png;base64,<b>",
    ],
)
def test_an_image_is_data_of_a_harmless_kind_and_never_a_link(image):
    """A link would tell a third party who works, and an SVG may carry a script."""
    assert [one.field for one in CHOICE.payload_problems(PICTURE, {"image": image})] == ["image"]


def test_a_csv_row_becomes_an_item_and_other_columns_stay_the_requester_s():
    payload, problems = CHOICE.payload_from_row(DIGIT, {"p0": "0", "p1": " 16 ", "p2": "3", "p3": "4", "label": "7"})

    assert (payload, problems) == ({"pixels": [0, 16, 3, 4]}, [])
    assert CHOICE.columns(DIGIT) == ["p0", "p1", "p2", "p3"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"p0": "0", "p1": "17", "p2": "3", "p3": "4"}, "p1"),
        ({"p0": "0", "p1": "1", "p2": "x", "p3": "4"}, "p2"),
        ({"p0": "0", "p1": "1", "p2": "-1", "p3": "4"}, "p2"),
        ({"p0": "0", "p1": "1", "p2": "1.5", "p3": "4"}, "p2"),
        ({"p0": "0", "p1": "1", "p2": "²", "p3": "4"}, "p2"),
        ({"p0": "0", "p1": "1", "p2": "3"}, "p3"),
        ({"label": "7"}, "p0"),
    ],
)
def test_a_bad_row_is_told_with_its_column(row, field):
    _payload, problems = CHOICE.payload_from_row(DIGIT, row)

    assert [problem.field for problem in problems] == [field]


def test_every_option_has_a_key_of_its_own():
    assert CHOICE.shortcuts(DIGIT) == {str(n): str(n) for n in range(10)}
    assert CHOICE.shortcuts(TEXT) == {"yes": "1", "no": "2"}
    declared = {**TEXT, "options": [{"key": "1", "label": "One"}, {"key": "no", "label": "No", "shortcut": "1"}]}
    assert CHOICE.shortcuts(declared) == {"no": "1", "1": "2"}


def test_thirty_six_options_still_have_distinct_keys():
    many = {**TEXT, "options": [{"key": f"option{n}", "label": str(n)} for n in range(36)]}

    assert CHOICE.template_problems(many) == []
    assert len(set(CHOICE.shortcuts(many).values())) == 36
