"""What a schema refuses is named by its field; a whole number is one that can be hashed."""

import pytest

from coop.ground.schemas import Problem, problems_with

SCHEMA = {"type": "object", "properties": {"width": {"type": "integer", "minimum": 1}}}


@pytest.mark.parametrize("value", [2.0, 1e1, True, "2", None])
def test_what_is_no_whole_number_is_refused_by_its_field(value):
    assert [problem.field for problem in problems_with(SCHEMA, {"width": value})] == ["width"]


def test_a_whole_number_has_the_bounds_of_its_schema():
    assert problems_with(SCHEMA, {"width": 2}) == []
    assert problems_with(SCHEMA, {"width": 0}) == [Problem("width", "This number is too small.")]


@pytest.mark.parametrize("pattern", [r"^[a-z]{1,5}$", r"^[a-z]+$"])
def test_a_pattern_that_ends_lets_no_line_end_follow(pattern):
    assert problems_with({"pattern": pattern}, "yes") == []
    assert [problem.reason for problem in problems_with({"pattern": pattern}, "yes\n")] == [
        "This does not have the form expected here."
    ]


def test_a_pattern_may_ask_for_a_dollar_and_for_nothing_of_what_is_no_text():
    assert problems_with({"pattern": r"^\d\$"}, "5$ or so") == []
    assert problems_with({"pattern": r"^a$"}, 5) == []
