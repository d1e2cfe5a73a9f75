"""Numbers, batch files and the operators' answers."""

import re

import pytest

from coop.ground.errors import Refused
from payouts.rails import Row
from payouts.rails.mobile_money import RAIL, operators, read_answer, write_file

MVOLA = operators()["mvola"]
ROWS = [
    Row(key="po:1:1", number="+261341234567", name="Hanitra", amount=49_130_000),
    Row(key="po:2:1", number="+261387654321", name='=cmd|"/c calc";x', amount=100),
]


def test_a_number_is_stored_in_one_form():
    assert RAIL.cleaned({"operator": "mvola", "number": "00261 34 12.345-67"}, "MG") == {
        "operator": "mvola",
        "number": "+261341234567",
    }


@pytest.mark.parametrize(
    ("details", "country", "field", "code"),
    [
        ({"operator": "mvola", "number": "+261321234567"}, "MG", "number", "number_invalid"),
        ({"operator": "mvola", "number": "+26134123456"}, "MG", "number", "number_invalid"),
        ({"operator": "mvola", "number": "+26134123456٧"}, "MG", "number", "number_invalid"),
        ({"operator": "orange_sn", "number": "+221771234567"}, "MG", "operator", "operator_unknown"),
        ({"operator": "nobody", "number": "+261341234567"}, "MG", "operator", "operator_unknown"),
        ({}, "MG", "operator", "operator_unknown"),
        ({"operator": "mvola", "number": "+261341234567"}, "FR", "rail", "rail_does_not_reach_country"),
    ],
)
def test_what_cannot_be_paid_to_is_refused_by_field(details, country, field, code):
    with pytest.raises(Refused) as no:
        RAIL.cleaned(details, country)

    assert (no.value.field, no.value.code) == (field, code)


def test_every_operator_accepts_its_own_example_and_has_a_template():
    for operator in operators().values():
        assert re.fullmatch(operator.number, operator.example), operator.id
        assert RAIL.cleaned({"operator": operator.id, "number": operator.example}, operator.country)
        write_file(operator, [])


def test_the_mask_gives_no_number_away():
    assert RAIL.masked({"operator": "mvola", "number": "+261341234567"}) == "MVola +261…567"


def test_a_file_has_whole_ariary_and_no_formula():
    lines = write_file(MVOLA, ROWS).decode().splitlines()

    assert lines[0] == "reference;msisdn;beneficiary;amount;currency"
    assert lines[1] == "po:1:1;261341234567;Hanitra;491300;MGA"
    assert lines[2].startswith('po:2:1;261387654321;"cmd|') or lines[2].startswith("po:2:1;261387654321;cmd|")
    assert lines[2].count(";") == 4


def test_the_same_rows_make_the_same_file():
    assert write_file(MVOLA, ROWS) == write_file(MVOLA, list(ROWS))


def test_an_amount_that_the_rail_cannot_send_is_a_bug():
    with pytest.raises(ValueError, match="not a multiple"):
        write_file(MVOLA, [Row(key="k", number="+261341234567", name="x", amount=150)])


KEYS = ["po:1:1", "po:2:1", "po:3:1"]


def answer(*lines: str) -> bytes:
    return "\n".join(["reference;status;transaction_id;reason", *lines]).encode()


def test_an_answer_says_who_was_paid_and_who_was_not():
    read = read_answer(MVOLA, answer("po:1:1;Paid;MV1;", "po:2:1;FAILED;;wallet closed"), KEYS)

    assert not read.bad
    assert [(r.key, r.became, r.reference, r.reason) for r in read.rows] == [
        ("po:1:1", "paid", "MV1", ""),
        ("po:2:1", "failed", "", "wallet closed"),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("po:9:1;paid;x;", "not in the file"),
        (";paid;x;", "no reference"),
        ("po:2:1;maybe;x;", "none of paid, failed and returned"),
        ("po:2:1;failed;;", "no reason"),
        ("po:1:1;paid;x;", "earlier line"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_the_good_ones_are_kept(line, says):
    read = read_answer(MVOLA, answer("po:1:1;paid;MV1;", line, "po:3:1;paid;MV3;"), KEYS)

    assert [r.key for r in read.rows] == ["po:1:1", "po:3:1"]
    assert [b.line for b in read.bad] == [3]
    assert says in read.bad[0].reason


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe\x00", "answer_unreadable"),
        (b"a;b\n1;2\n", "answer_columns_missing"),
        (b"", "answer_unreadable"),
        (b"x" * 5_000_001, "answer_too_large"),
    ],
)
def test_a_file_that_is_no_answer_is_refused(content, code):
    with pytest.raises(Refused) as no:
        read_answer(MVOLA, content, KEYS)

    assert no.value.code == code
