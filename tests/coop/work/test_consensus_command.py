"""`manage.py consensus`: a file of answers goes in, its labels come out, with nothing but the file."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coop.work.management.commands.consensus import Command


def told(tmp_path, answers: str, **options) -> tuple[list[list[str]], str]:
    """What is printed for these answers, line by line, and what is said beside it."""
    file, printed, beside = tmp_path / "answers.tsv", io.StringIO(), io.StringIO()
    file.write_text(answers, encoding="utf-8")
    call_command("consensus", file, stdout=printed, stderr=beside, **options)
    return [line.split("\t") for line in printed.getvalue().splitlines()], beside.getvalue()


def test_items_come_in_the_order_of_the_file_with_label_support_and_no_confidence(tmp_path):
    lines, beside = told(tmp_path, "b\tv\tyes\na\tv\tno\nb\tw\tyes\n\na\tw\tno\nc\tv\tyes\n")

    assert [line[:2] for line in lines] == [["b", "yes"], ["a", "no"], ["c", "yes"]]
    assert [len(line) for line in lines] == [4, 4, 4] and {line[3] for line in lines} == {""}
    assert 0.5 < float(lines[0][2]) <= 1 and lines[2][2] == "", "of a single answer nothing is known"
    assert beside == ""


@pytest.mark.parametrize("method", ["dawid_skene", "mace", "majority"])
def test_the_order_of_the_lines_changes_no_figure(tmp_path, method):
    rows = [f"i{n % 7}\tw{n % 5}\t{'xyz'[n * n % 3]}" for n in range(35)]

    there, _beside = told(tmp_path, "\n".join(rows), method=method)
    back, _beside = told(tmp_path, "\r\n".join(reversed(rows)), method=method)

    assert sorted(there) == sorted(back)


def test_dawid_skene_is_the_default(tmp_path):
    rows = "".join(f"i{item}\tw{who}\t{'xy'[item * who % 3 % 2]}\n" for item in range(30) for who in range(5))

    assert told(tmp_path, rows) == told(tmp_path, rows, method="dawid_skene")
    assert told(tmp_path, rows) != told(tmp_path, rows, method="majority")


def test_only_thirty_gold_items_that_were_answered_bring_confidence_and_an_interval(tmp_path):
    rows = "".join(f"i{n}\tw{who}\t{'xy'[n % 2]}\n" for n in range(30) for who in range(3))
    gold = tmp_path / "gold.tsv"

    gold.write_text("".join(f"i{n}\t{'xy'[n % 2]}\n" for n in range(1, 100)))
    too_few = told(tmp_path, rows, gold=gold)
    gold.write_text("".join(f"i{n}\t{'xy'[n % 2]}\n" for n in range(100)))
    enough = told(tmp_path, rows, gold=gold)

    assert {line[3] for line in too_few[0]} == {""} and too_few[1] == ""
    assert all(0.5 < float(line[3]) <= 1 - 3 / 33 for line in enough[0])
    assert "30 gold items" in enough[1] and enough[1].endswith(
        "if these were drawn at random and their truth is as stated.\n"
    )


def test_the_help_says_on_what_figures_measured_on_gold_rest():
    help = " ".join(Command().create_parser("manage.py", "consensus").format_help().split())

    assert (
        "which must be drawn at random from all items" in help and "items drawn at random whose truth is known" in help
    )
    assert "rest on the word of whoever stated these truths" in help and "can have read the labels" in help


@pytest.mark.parametrize("bad", ["a\tv\n", "a\tv\tyes\tmore\n", "a\t\tyes\n", "a v yes\n"])
def test_a_line_that_does_not_fit_is_named_by_its_number(tmp_path, bad):
    with pytest.raises(CommandError, match="line 2"):
        told(tmp_path, "b\tv\tyes\n" + bad)


def test_what_can_not_be_read_is_said(tmp_path):
    with pytest.raises(CommandError, match="can't be read"):
        call_command("consensus", tmp_path / "nowhere.tsv")
    (tmp_path / "latin.tsv").write_bytes(b"a\tv\t\xe9\n")
    with pytest.raises(CommandError, match="not text in UTF-8"):
        call_command("consensus", tmp_path / "latin.tsv")


def test_it_runs_with_nothing_configured(tmp_path):
    """No environment, no database, no key: whoever has a file of answers can try it."""
    (tmp_path / "answers.tsv").write_text("a\tv\tyes\na\tw\tyes\nb\tv\tno\n", encoding="utf-8")
    manage = Path(__file__).resolve().parents[3] / "manage.py"

    run = subprocess.run(
        [sys.executable, str(manage), "consensus", "answers.tsv"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
        text=True,
    )

    assert (run.returncode, run.stderr) == (0, "")
    assert [line.split("\t")[:2] for line in run.stdout.splitlines()] == [["a", "yes"], ["b", "no"]]


def test_gold_changes_confidence_and_no_label_even_where_it_names_labels_that_nobody_gave(tmp_path):
    lot, gold = random.Random(5), tmp_path / "gold.tsv"
    rows = "".join(f"i{n}\tw{who}\t{lot.choice('abcc')}\n" for n in range(120) for who in lot.sample(range(8), 2))
    without, _beside = told(tmp_path, rows)

    gold.write_text("".join(f"i{n}\t{lot.choice('abcdef')}\n" for n in range(60)))
    measured, beside = told(tmp_path, rows, gold=gold)

    assert [line[:3] for line in measured] == [line[:3] for line in without], "label and support"
    assert {line[3] for line in without} == {""} and "" not in {line[3] for line in measured}
    assert "60 gold items" in beside


def test_a_label_that_nobody_gave_makes_confidence_smaller_not_greater(tmp_path):
    rows = "".join(f"i{n}\tw{who}\t{'xy'[n % 2]}\n" for n in range(60) for who in range(3))
    gold = tmp_path / "gold.tsv"

    gold.write_text("".join(f"i{n}\t{'xy'[n % 2]}\n" for n in range(60)))
    right, _beside = told(tmp_path, rows, gold=gold)
    gold.write_text("".join(f"i{n}\t{'xy'[n % 2] if n % 3 else 'z'}\n" for n in range(60)))
    often_wrong, _beside = told(tmp_path, rows, gold=gold)

    assert all(float(line[3]) > 0.9 for line in right)
    assert all(0.55 < float(line[3]) < 0.75 for line in often_wrong)


def test_two_truths_of_an_item_are_refused_with_the_line_of_the_second(tmp_path):
    gold = tmp_path / "gold.tsv"
    gold.write_text("a\tyes\nb\tno\na\tyes\n\na\tno\n")

    with pytest.raises(CommandError, match=r"gold\.tsv, line 5: a is said to be no here and yes further up"):
        told(tmp_path, "a\tv\tyes\n", gold=gold)


def test_one_truth_said_twice_is_one(tmp_path):
    gold = tmp_path / "gold.tsv"
    gold.write_text("a\tyes\na\tyes\n")

    assert told(tmp_path, "a\tv\tyes\n", gold=gold)[0] == [["a", "yes", "", ""]]
