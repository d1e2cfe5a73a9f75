"""How often labels are wrong, and how far off confidence is: beside counting heads, on real and on made-up crowds."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from coop.work.aggregation import METHODS, aggregate, crowd, majority

Rows = list[tuple[str, str, str]]
DATA = Path(os.environ["CANUT_DATA"]) / "crowd" if "CANUT_DATA" in os.environ else None
REDUNDANCIES: Sequence[int | None] = (1, 2, 3, 5, None)
DRAWS, GOLD = 5, 100


def right(share: float, labels: str = "abcd") -> Callable[[random.Random, str], str]:
    return lambda lot, true: true if lot.random() < share else lot.choice(labels)


def made_up() -> Iterator[tuple[str, Rows, dict[str, str]]]:
    """Crowds of twenty, 600 items of four labels, ten answers each: careful, biased, lazy, with rare labels, colluding."""
    agreed = random.Random(9)
    plot = {f"i{n}": agreed.choice("abcd") for n in range(600)}
    crowds = {
        "careful": {f"w{n}": right(0.85) for n in range(20)},
        "biased": {
            f"w{n}": right(0.85) if n < 12 else (lambda lot, true: "a" if true in "ab" else true) for n in range(20)
        },
        "lazy": {f"w{n}": right(0.85) if n < 12 else right(0.0) for n in range(20)},
        "one button": {f"w{n}": right(0.85) if n < 12 else (lambda lot, true: "a") for n in range(20)},
    }
    for name, workers in crowds.items():
        lot = random.Random(name)
        truth = {f"i{n}": lot.choice("abcd") for n in range(600)}
        yield (
            name,
            [(i, w, workers[w](lot, t)) for i, t in truth.items() for w in lot.sample(sorted(workers), 10)],
            truth,
        )
    for name, labels, often in (("rare label", "ab", (95, 5)), ("unequal", "abcd", (80, 10, 5, 5))):
        lot, names = random.Random(name), [f"w{n}" for n in range(20)]
        truth = {f"i{n}": lot.choices(labels, often)[0] for n in range(600)}
        rows = [(i, w, right(0.8, labels)(lot, t)) for i, t in truth.items() for w in lot.sample(names, 10)]
        yield name, rows, truth
    lot = random.Random(8)
    truth = {item: lot.choice("abcd") for item in plot}
    names = [f"w{n}" for n in range(20)]
    yield (
        "colluding",
        [
            (i, w, plot[i] if w in names[:5] else right(0.85)(lot, t))
            for i, t in truth.items()
            for w in lot.sample(names, 10)
        ],
        truth,
    )


def real() -> Iterator[tuple[str, Rows, dict[str, str]]]:
    """The crowds in CANUT_DATA, if there are any."""
    for file in sorted(DATA.glob("*_crowd.txt")) if DATA else []:
        rows = [tuple(line.split()[:3]) for line in file.read_text().splitlines() if line.strip()]
        truth = file.with_name(file.name.replace("_crowd", "_truth"))
        yield (
            file.stem.removesuffix("_crowd"),
            [(item, who, label) for item, who, label in rows],
            dict(line.split()[:2] for line in truth.read_text().splitlines() if line.strip()),
        )


def errors(rows: Rows, truth: dict[str, str]) -> dict[str, float]:
    """The share of wrong labels by method; where heads are tied, the mean over those that stand equal."""
    answers = crowd(rows, sorted(set(truth.values()) | {label for _i, _w, label in rows}))
    shares = majority(answers)
    best = (shares == shares.max(axis=1, keepdims=True)).astype(float)
    chances = dict(zip(answers.items, best / best.sum(axis=1, keepdims=True), strict=True))
    known = {item: true for item, true in truth.items() if item in chances}
    found = {"majority": float(np.mean([1 - chances[i][answers.labels.index(t)] for i, t in known.items()]))}
    for name in ("mace", "dawid_skene"):
        labels = aggregate(answers, METHODS[name]).labels
        found[name] = float(np.mean([labels[item].label != true for item, true in known.items()]))
    return found


def calibration(rows: Rows, truth: dict[str, str], lot: random.Random) -> float | None:
    """Expected calibration error in ten bins with GOLD gold items, on the others; None where no hundred others are left."""
    if len(truth) < 2 * GOLD:
        return None
    gold = dict(lot.sample(sorted(truth.items()), GOLD))
    answers = crowd(rows, sorted(set(truth.values()) | {label for _i, _w, label in rows}))
    labels = aggregate(answers, gold=gold).labels
    bins: dict[int, list[float]] = {}
    told = [(item, true) for item, true in truth.items() if item in labels and item not in gold]
    for item, true in told:
        sure = labels[item].confidence
        if sure is None:
            return None
        bins.setdefault(min(sure // 100, 9), []).append(sure / 1000 - (labels[item].label == true))
    return sum(abs(sum(one)) for one in bins.values()) / len(told)


CONFIDENCE_IS_OFF: set[tuple[str, int | None]] = {("one button", 3)}
"""Where confidence is off by more than the six points that are the goal, and why: the README of coop/work."""


def test_errors_and_calibration_beside_counting_heads():
    far_off: set[tuple[str, int | None]] = set()
    print(f"\n{'crowd':<12}{'answers':>8}{'majority':>10}{'mace':>8}{'D-S':>8}{'allowed':>9}{'ECE':>7}   % of labels")
    for name, rows, truth in [*real(), *made_up()]:
        by_item: dict[str, Rows] = {}
        for row in rows:
            by_item.setdefault(row[0], []).append(row)
        for answers in REDUNDANCIES:
            found, off = [], []
            for seed in range(DRAWS if answers else 1):
                lot = random.Random(seed)
                drawn = [
                    row
                    for given in by_item.values()
                    for row in (given if answers is None else lot.sample(given, min(answers, len(given))))
                ]
                found.append(errors(drawn, truth))
                off.append(calibration(drawn, truth, lot))
            mean = {method: float(np.mean([one[method] for one in found])) for method in found[0]}
            allowed = mean["majority"] + (mean["majority"] * (1 - mean["majority"]) / len(truth)) ** 0.5
            ece = f"{100 * np.mean(off):.1f}" if None not in off else "–"
            print(
                f"{name:<12}{answers or 'all':>8}{100 * mean['majority']:>10.1f}{100 * mean['mace']:>8.1f}"
                f"{100 * mean['dawid_skene']:>8.1f}{100 * allowed:>9.1f}{ece:>7}"
            )
            assert mean["dawid_skene"] <= allowed, "worse than counting heads beyond one standard error"
            if answers in (3, None) and None not in off and np.mean(off) > 0.06:
                far_off.add((name, answers))
    assert far_off == CONFIDENCE_IS_OFF, "confidence is off by more than six points elsewhere than the README says"


def alike(share: float, labels: str) -> Callable[[random.Random], dict[str, Callable[[random.Random, str], str]]]:
    """Twenty people of one skill."""
    return lambda lot: {f"w{n:02}": right(share, labels) for n in range(20)}


def unlike(
    least: float, most: float, labels: str
) -> Callable[[random.Random], dict[str, Callable[[random.Random, str], str]]]:
    """Twenty people, each of an own skill."""
    return lambda lot: {f"w{n:02}": right(lot.uniform(least, most), labels) for n in range(20)}


def some(
    other: Callable[[random.Random, str], str], labels: str
) -> Callable[[random.Random], dict[str, Callable[[random.Random, str], str]]]:
    """Twelve careful people and eight others."""
    return lambda lot: {f"w{n:02}": right(0.85, labels) if n < 12 else other for n in range(20)}


def turns(lot: random.Random, true: str) -> str:
    return "a" if true == "b" else true


def presses(lot: random.Random, true: str) -> str:
    return "a"


def errs_to_the_frequent(lot: random.Random, true: str) -> str:
    return true if lot.random() < 0.7 else "a"


FAMILIES = {
    **{
        f"{often}/{100 - often}, {share} honest": ("ab", (often, 100 - often), alike(share, "ab"))
        for often in (50, 70, 80, 85, 90, 95, 99)
        for share in (0.6, 0.7, 0.8)
    },
    **{
        f"{often}/{100 - often}, {name}": ("ab", (often, 100 - often), people)
        for often in (50, 80, 95)
        for name, people in {
            "each an own skill": unlike(0.3, 0.95, "ab"),
            "some turn b to a": some(turns, "ab"),
            "some press a": some(presses, "ab"),
            "some guess": some(right(0.0, "ab"), "ab"),
            "errors all say a": lambda lot: {f"w{n:02}": errs_to_the_frequent for n in range(20)},
        }.items()
    },
    **{
        f"{often}, {name}": ("abcd", often, people)
        for often in ((25, 25, 25, 25), (70, 10, 10, 10), (80, 10, 5, 5))
        for name, people in {
            "0.6 honest": alike(0.6, "abcd"),
            "0.8 honest": alike(0.8, "abcd"),
            "each an own skill": unlike(0.3, 0.95, "abcd"),
            "some turn b to a": some(turns, "abcd"),
            "some press a": some(presses, "abcd"),
            "some guess": some(right(0.0, "abcd"), "abcd"),
            "errors all say a": lambda lot: {f"w{n:02}": errs_to_the_frequent for n in range(20)},
        }.items()
    },
    "ten labels, 0.5 honest": ("abcdefghij", (10,) * 10, alike(0.5, "abcdefghij")),
    "ten labels, 0.7 honest": ("abcdefghij", (10,) * 10, alike(0.7, "abcdefghij")),
}
"""Crowds by name: labels, how often each is true, and who answers."""

HEADS_ARE_BETTER = {
    ("50/50, errors all say a", 2),
    ("95/5, errors all say a", 2),
    ("(70, 10, 10, 10), errors all say a", 2),
    ("(80, 10, 5, 5), errors all say a", 2),
    ("(70, 10, 10, 10), some press a", 2),
    ("ten labels, 0.5 honest", 5),
    ("ten labels, 0.5 honest", 10),
    ("(80, 10, 5, 5), 0.8 honest", 10),  # of 3000 labels one or two more
}
"""Where counting heads is better beyond one standard error, and why: the README of coop/work. Exactly these, no figure allowed for."""


def test_counting_heads_is_better_only_where_the_readme_says_so():
    worse = {}
    for name, (labels, often, people) in FAMILIES.items():
        for answers in (2, 3, 5, 10):
            found = []
            for seed in range(DRAWS):
                lot = random.Random(f"{name} {answers} {seed}")
                workers = people(lot)
                truth = {f"i{n:03}": lot.choices(labels, often)[0] for n in range(600)}
                rows = [
                    (i, w, workers[w](lot, t)) for i, t in truth.items() for w in lot.sample(sorted(workers), answers)
                ]
                found.append(errors(rows, truth))
            heads, ours = (float(np.mean([one[method] for one in found])) for method in ("majority", "dawid_skene"))
            if ours > heads + (heads * (1 - heads) / 600) ** 0.5:
                worse[name, answers] = f"{100 * ours:.1f} instead of {100 * heads:.1f} %"

    assert set(worse) == HEADS_ARE_BETTER, worse
