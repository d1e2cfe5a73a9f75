"""Labels from answers that people really gave, against gold labels.

Snow et al. 2008 (rte) and Welinder et al. 2010 (bluebird). The published Dawid-Skene errors are 7.12 % and about 10-11 %
(Zhang et al. 2014).
"""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from coop.work.aggregation import METHODS, aggregate, crowd, majority

DATA = Path(os.environ["CANUT_DATA"]) / "crowd" if "CANUT_DATA" in os.environ else None
pytestmark = pytest.mark.skipif(DATA is None or not DATA.is_dir(), reason="CANUT_DATA names no folder with crowd/")


def read(name: str) -> list[list[str]]:
    assert DATA is not None
    return [line.split() for line in (DATA / name).read_text().splitlines() if line.strip()]


def error(rows: list[tuple[str, str, str]], truth: dict[str, str], method: str) -> float:
    """The share of wrong labels. Where heads are tied, the mean over those that stand equal: no luck of the order of labels."""
    answers = crowd(rows, sorted(set(truth.values())))
    if method == "majority":
        shares = majority(answers)
        best = (shares == shares.max(axis=1, keepdims=True)).astype(float)
        chances = dict(zip(answers.items, best / best.sum(axis=1, keepdims=True), strict=True))
        return float(np.mean([1 - chances[i][answers.labels.index(t)] for i, t in truth.items() if i in chances]))
    labels = aggregate(answers, METHODS[method]).labels
    return float(np.mean([labels[item].label != true for item, true in truth.items() if item in labels]))


def crowd_of(name: str) -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    return [(item, who, label) for item, who, label in read(f"{name}_crowd.txt")], dict(read(f"{name}_truth.txt"))


@pytest.mark.parametrize(
    ("name", "method", "expected"),
    [
        ("bluebird", "majority", 24.1),
        ("bluebird", "mace", 13.0),
        ("bluebird", "dawid_skene", 10.2),
        ("rte", "majority", 10.3),
        ("rte", "mace", 7.2),
        ("rte", "dawid_skene", 7.2),
    ],
)
def test_with_all_answers_the_error_is_the_one_measured(name, method, expected):
    assert 100 * error(*crowd_of(name), method) == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("name", ["rte", "bluebird"])
@pytest.mark.parametrize("answers", [1, 2, 3, 5])
def test_with_few_answers_too_it_is_never_worse_than_counting_heads(name, answers):
    rows, truth = crowd_of(name)
    by_item: dict[str, list[tuple[str, str, str]]] = {}
    for row in rows:
        by_item.setdefault(row[0], []).append(row)
    ours, heads = [], []
    for seed in range(5):
        lot = random.Random(seed)
        drawn = [row for given in by_item.values() for row in lot.sample(given, min(answers, len(given)))]
        ours.append(error(drawn, truth, "dawid_skene"))
        heads.append(error(drawn, truth, "majority"))

    standard_error = (np.mean(heads) * (1 - np.mean(heads)) / len(truth)) ** 0.5
    assert np.mean(ours) <= np.mean(heads) + standard_error


@pytest.mark.parametrize("answers", [3, None])
def test_calibrated_on_a_hundred_gold_items_confidence_is_off_by_six_points_at_most(answers):
    """Expected calibration error in ten bins, on the items that were not gold (rte has 800)."""
    rows, truth = crowd_of("rte")
    errors = []
    for seed in range(5):
        lot = random.Random(seed)
        by_item: dict[str, list[tuple[str, str, str]]] = {}
        for row in rows:
            by_item.setdefault(row[0], []).append(row)
        drawn = [row for given in by_item.values() for row in (lot.sample(given, answers) if answers else given)]
        gold = dict(lot.sample(sorted(truth.items()), 100))
        labels = aggregate(crowd(drawn, ["1", "2"]), gold=gold).labels
        told = [(labels[i].confidence / 1000, labels[i].label == t) for i, t in truth.items() if i not in gold]
        errors.append(calibration_error(told))

    assert np.mean(errors) <= 0.06


def calibration_error(told: list[tuple[float, bool]]) -> float:
    bins: dict[int, list[tuple[float, bool]]] = {}
    for sure, right in told:
        bins.setdefault(min(int(10 * sure), 9), []).append((sure, right))
    return sum(abs(sum(s for s, _r in one) - sum(r for _s, r in one)) for one in bins.values()) / len(told)


def test_the_command_prints_each_item_in_the_order_of_the_file(tmp_path):
    assert DATA is not None
    printed, told = io.StringIO(), io.StringIO()
    call_command("consensus", DATA / "rte_crowd.txt", gold=DATA / "rte_truth.txt", stdout=printed, stderr=told)

    lines = [line.split("\t") for line in printed.getvalue().splitlines()]
    assert [line[0] for line in lines] == list(dict.fromkeys(row[0] for row in read("rte_crowd.txt")))
    assert all(len(line) == 4 and 0 <= float(line[2]) <= 1 and 0 <= float(line[3]) <= 1 for line in lines)
    assert "800 gold items" in told.getvalue()
