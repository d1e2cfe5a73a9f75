"""Tables in and out: what people have is read, what could be misread is refused by its line, what we write is harmless."""

from __future__ import annotations

import csv
import io
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop.ground.csv import LONGEST_CELL, UnreadableTable, beside, harmless, read_table, write_table

FIELD = Path(os.environ["CANUT_DATA"]) / "field" if "CANUT_DATA" in os.environ else None
WANTED = ["external_id", "text"]
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=20)


def read(content: bytes | str, **how: object) -> tuple[list[str], list[tuple[int, list[str]]]]:
    table = read_table(content.encode() if isinstance(content, str) else content, wanted=WANTED, **how)
    return table.header, [(row.line, row.cells) for row in table.rows]


def refusal(content: bytes | str, **how: object) -> str:
    with pytest.raises(UnreadableTable) as refused:
        read(content, **how)
    return str(refused.value)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_line_ends_and_the_byte_order_mark_are_recognised(separator, end, mark):
    rows = [["text", "note"], ["a,b;c\td", "1"], ["two\nlines", ""]]
    lines = [separator.join('"' + cell + '"' for cell in row) + end for row in rows]

    header, found = read(mark + "".join(lines))

    assert (header, [cells for _line, cells in found]) == (rows[0], rows[1:])


def test_lines_count_as_an_editor_counts_them():
    assert read('\n text,n\n"one\ntwo",1\n\n , \nthree,2\n')[1] == [(3, ["one\ntwo", "1"]), (7, ["three", "2"])]


def test_a_spreadsheet_may_declare_its_separator():
    assert read("sep=;\r\ntext;n\r\na,b;1\r\n") == (["text", "n"], [(3, ["a,b", "1"])])


def test_a_header_may_differ_in_case_and_end_with_a_separator():
    assert read("External_ID, Text ,\na,one,\nb,two\n") == (WANTED, [(2, ["a", "one"]), (3, ["b", "two"])])


def test_the_encoding_is_never_guessed_and_the_refusal_names_what_it_could_be():
    windows, utf16 = "text\nça va\n".encode("cp1252"), "text\nça va\n".encode("utf-16")

    assert refusal(windows) == "Line 2 is not UTF-8 text. It could be windows-1252: say so, if it is."
    assert "utf-16" in refusal(utf16)
    assert read(windows, encoding="windows-1252")[1] == read(utf16, encoding="utf-16")[1] == [(2, ["ça va"])]
    assert "byte order" in refusal("text\nab", encoding="utf-16")
    assert "utf-8, windows-1252, utf-16" in refusal("text\n", encoding="latin-9")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no header"),
        ("\n \n", "no header"),
        ("a,a\n1,2", "line 1"),
        ("\na,,b\n1,2,3", "line 2"),
        ('text\nfine\n"open\nand so on', "line 3"),
        ('text\nfine\n"open\nand so on', "a quotation mark is opened and never closed."),
        ('text\n"a"b\n', "line 2"),
        ('text\n"a"b\n', "something stands behind the quotation mark that closes a cell."),
        ("text,note\nfine,1\nbad,a\0b", "Line 3, column “note”"),
        ("text,no\0te\nfine,1", "line 1, column “no te”"),
        ("text,\0\nfine,1", "Line 1, column"),
        (b"text\n\xed\xa0\xbd\n", "Line 2"),
        ("text\n" + "x" * (LONGEST_CELL + 1), "line 2"),
        ("text\n" + "x" * (LONGEST_CELL + 1), f"a cell holds more than {LONGEST_CELL} characters."),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_line(content, said):
    assert said.casefold() in refusal(content).casefold()


def test_a_picture_in_a_cell_is_read_and_a_large_file_row_by_row():
    content = b"text\n" + b"\n".join([b"x" * 1_000_000] * 30)

    tracemalloc.start()
    rows = sum(1 for _row in read_table(content, wanted=WANTED).rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert rows == 30
    assert peak < len(content) / 2


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=8))
def test_what_is_written_is_read_again_as_it_was_but_for_the_guard(rows):
    kept = [row for row in rows if any(cell.strip() for cell in row)]

    _header, found = read(write_table(["text", "note"], rows))

    assert [cells for _line, cells in found] == [[harmless(cell) for cell in row] for row in kept]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\v=", "\u200b=", " =", "＝", "\t", "\r"])
def test_no_cell_of_ours_is_a_formula(start):
    content = write_table(["text"], [[f"{start}HYPERLINK(1)"]])

    (cell,) = list(csv.reader(io.StringIO(content.decode(), newline="")))[1]
    assert cell == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize("number", ["-5", "+3.5", "12,5", "-7%", "0"])
def test_a_number_stays_a_number(number):
    assert harmless(number) == number
    assert harmless(-5) == -5


def test_no_column_of_theirs_is_taken_for_ours():
    written = beside(["external_id", "answers"], ["note", "answers", "Answers ", "your_answers"])

    assert written == {
        "note": "note", "answers": "your_answers", "Answers ": "your_your_Answers", "your_answers": "your_your_your_answers"
    }  # fmt: skip


@pytest.mark.skipif(FIELD is None or not FIELD.is_dir(), reason="CANUT_DATA names no folder with field/")
@pytest.mark.parametrize(
    ("name", "how", "rows"),
    [
        ("items_semicolon.csv", {}, 2),
        ("items_blank_rows.csv", {}, 2),
        ("items_header_case.csv", {}, 1),
        ("items_trailing_comma.csv", {}, 1),
        ("items_round_trip.csv", {}, 7),
        ("items_large_image.csv", {}, 1),
        ("items_cp1252.csv", {"encoding": "windows-1252"}, 2),
        ("items_utf16.csv", {"encoding": "utf-16"}, 1),
    ],
)
def test_the_files_that_people_really_have_are_read(name, how, rows):
    assert FIELD is not None

    assert len(read((FIELD / name).read_bytes(), **how)[1]) == rows
