"""What several answers to one item say together when nobody knows the truth: majority, MACE, and Dawid-Skene centred on MACE. Pure.

The answers are looked at as (item, worker, label) and only in memory: no worker's trust or confusion is stored, shown, or used
to hand out work. The same answers in any order give the same posteriors. `support` is the model's own figure and no confidence:
errors that people share can't be seen in their answers (see calibration.py).

Sources: Dawid and Skene (1979), Applied Statistics 28; Hovy, Berg-Kirkpatrick, Vaswani and Hovy (2013), "Learning whom to trust
with MACE", NAACL. Ours are how frequent classes are held to be and the pull of the confusion matrices towards MACE's; the steps
are numbered in the README of this package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coop.work.calibration import FEWEST_GOLD, accuracy_interval, calibrate

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]

FEWEST_ANSWERS = 2
"""Below this many answers an item is not modelled: its label is the answer given."""
ROUNDS = 100
SETTLED = 1e-5
TRUST_AT_FIRST = 2 / 3
TRUST = (2.0, 3.0)  # so many honest answers of so many, before any is seen
CENTRE_TRUST = (16.0, 24.0)  # the same where it is only what confusion matrices are pulled to
GUESS_WEIGHT = 4.0  # pseudo-answers behind a worker's way of guessing
CENTRE_WEIGHT = 8.0  # pseudo-answers that pull a confusion matrix to MACE's
HEADS_WEIGHT = 8.0  # so many answers an item are heads worth when it is asked how frequent classes are
DIGITS = 6  # beneath is noise of the machine


@dataclass(frozen=True, slots=True)
class Crowd:
    """Answers as numbers: the n-th is `label[n]`, said of `item[n]` by `worker[n]`; ordered, so that no order comes from outside."""

    items: tuple[str, ...]
    labels: tuple[str, ...]
    workers: int
    item: Wholes
    worker: Wholes
    label: Wholes

    @property
    def answers(self) -> Wholes:
        """How many answers each item has."""
        return np.bincount(self.item, minlength=len(self.items))


@dataclass(frozen=True, slots=True)
class Label:
    """The label of an item; `support` is the model's figure, `confidence` is measured on gold; both in permille, None where unknown."""

    label: str
    support: int | None
    confidence: int | None
    answers: int


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The label of every item; how many of them are gold, and between which permille of all labels are right (95 %) if that tells."""

    labels: Mapping[str, Label]
    gold: int
    accuracy: tuple[int, int] | None


def crowd(given: Sequence[tuple[str, str, str]], labels: Sequence[str]) -> Crowd:
    """The crowd of these (item, worker, label); who says the same of an item twice is heard once.

    ValueError for a label that is not among `labels`.
    """
    place = {label: index for index, label in enumerate(labels)}
    items = sorted({item for item, _worker, _label in given})
    workers = sorted({worker for _item, worker, _label in given})
    numbers = {name: index for index, name in enumerate(items)}, {name: index for index, name in enumerate(workers)}
    try:
        rows = sorted((numbers[0][item], numbers[1][worker], place[label]) for item, worker, label in set(given))
    except KeyError as missing:
        raise ValueError(f"unknown label {missing.args[0]!r}") from None
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Crowd(tuple(items), tuple(labels), len(workers), table[:, 0], table[:, 1], table[:, 2])


def majority(crowd: Crowd) -> Floats:
    """The share of the answers that each label has, per item: an array of items × labels."""
    return _normalised(_counts(crowd.item, crowd.label, len(crowd.items), len(crowd.labels)))


def mace(crowd: Crowd) -> Floats:
    """MACE: who answers honestly, and how guess those who don't? Expectation-maximisation, steps 1 to 7; items × labels."""
    return _mace(crowd, TRUST).posterior


def dawid_skene(crowd: Crowd) -> Floats:
    """Dawid-Skene whose confusion matrices are pulled to what MACE makes of each worker, steps 1 to 9; items × labels.

    Of a worker's matrix only the labels are reckoned that this worker gave: many workers and many labels need no more room than
    their answers.
    """
    start = _mace(crowd, CENTRE_TRUST)
    posterior, n, m, k = start.posterior, len(crowd.items), crowd.workers, len(crowd.labels)
    cells, cell = np.unique(crowd.worker * k + crowd.label, return_inverse=True)  # who gave which label at all
    whose, which = np.divmod(cells, k)
    guessed = CENTRE_WEIGHT * (1 - start.trust[whose]) * start.guess[whose, which]
    meant = CENTRE_WEIGHT * start.trust[whose]
    for _round in range(ROUNDS):
        before, weight = np.ascontiguousarray(posterior.T), np.empty((k, n))
        for true in range(k):
            believed = before[true][crowd.item]
            given = (
                np.bincount(cell, weights=believed, minlength=len(cells)) + guessed + np.where(which == true, meant, 0)
            )
            of_all = np.bincount(crowd.worker, weights=believed, minlength=m) + CENTRE_WEIGHT
            weight[true] = np.bincount(crowd.item, weights=np.log(given / of_all[whose])[cell], minlength=n)
        posterior = _softmax(weight.T + start.classes)
        if np.abs(posterior - before.T).max() < SETTLED:
            break
    return posterior


@dataclass(frozen=True, slots=True)
class _Mace:
    """What MACE makes of a crowd: posterior (items × labels), trust (workers), guesses (workers × labels).

    `classes` are the logarithms of how frequent each label is.
    """

    posterior: Floats
    trust: Floats
    guess: Floats
    classes: Floats


def _mace(crowd: Crowd, trusted: tuple[float, float]) -> _Mace:
    """MACE with classes as frequent as it finds them, pulled to how frequent heads say they are.

    `trusted` is what stands for each worker before any answer is seen: so many honest ones of so many.
    """
    (good, of), n, m, k = trusted, len(crowd.items), crowd.workers, len(crowd.labels)
    shares = np.bincount(crowd.label, minlength=k) / max(len(crowd.label), 1)
    said = np.bincount(crowd.worker, minlength=m)
    counted = (majority(crowd).sum(axis=0) + 1) / (n + k)
    trust, guess, classes = np.full(m, TRUST_AT_FIRST), np.tile(shares / 2 + 0.5 / k, (m, 1)), np.log(counted)
    heads = HEADS_WEIGHT / (HEADS_WEIGHT + len(crowd.label) / max(n, 1))
    posterior: Floats | None = None
    for _round in range(ROUNDS):
        guessed = (1 - trust[crowd.worker]) * guess[crowd.worker, crowd.label]
        honest = trust[crowd.worker] + guessed
        # What every label of an item has in common cancels out: only the label that was given gains.
        improved = _softmax(_counts(crowd.item, crowd.label, n, k, np.log(honest / guessed)) + classes)
        sincere = improved[crowd.item, crowd.label] * trust[crowd.worker] / honest
        trust = (np.bincount(crowd.worker, weights=sincere, minlength=m) + good) / (said + of)
        guesses = _counts(crowd.worker, crowd.label, m, k, 1 - sincere)
        pooled = guesses.sum(axis=0)
        pooled = pooled / pooled.sum() if pooled.sum() > 0 else np.full(k, 1 / k)
        guess = _normalised(guesses + GUESS_WEIGHT * (pooled / 2 + 0.5 / k))
        classes = np.log((1 - heads) * improved.mean(axis=0) + heads * counted)
        before, posterior = posterior, improved
        if before is not None and np.abs(improved - before).max() < SETTLED:
            break
    assert posterior is not None
    return _Mace(posterior, trust, guess, classes)


def _counts(row: Wholes, column: Wholes, rows: int, columns: int, weights: Floats | None = None) -> Floats:
    found = np.bincount(row * columns + column, weights=weights, minlength=rows * columns)
    return found.reshape(rows, columns).astype(np.float64)


def _normalised(table: Floats) -> Floats:
    normal: Floats = table / table.sum(axis=1, keepdims=True)
    return normal


def _softmax(logarithms: Floats) -> Floats:
    return _normalised(np.exp(logarithms - logarithms.max(axis=1, keepdims=True)))


METHODS: dict[str, Callable[[Crowd], Floats]] = {"dawid_skene": dawid_skene, "mace": mace, "majority": majority}
"""By the names of the field; the first is the default."""

STRATEGIES: dict[str, Callable[[Crowd], Floats]] = {
    "dawid_skene/2": dawid_skene,
    "mace/1": mace,
    "majority/2": majority,
}
"""By the name that is voted (rule work.consensus). A registered one never changes: it gets a new version."""


def aggregate(
    crowd: Crowd,
    method: Callable[[Crowd], Floats] = dawid_skene,
    gold: Mapping[str, str] | None = None,
    unsaid: Sequence[str] = (),
) -> Aggregate:
    """The label of every item, and with enough gold items ({item: true label}) how sure it is. Gold changes no label.

    A tie goes to the label that stands first among `labels`. Below two answers an item is not modelled: its label is the answer
    given, and how sure it is isn't known. `unsaid` are labels that can be true and that no model is told of, because nobody gave
    them. ValueError for a gold label that is among neither: left out, it would hide an error.
    """
    if not crowd.items:
        return Aggregate({}, 0, None)
    posterior = np.round(method(crowd), DIGITS)
    answers, modelled = crowd.answers, crowd.answers >= FEWEST_ANSWERS
    best = np.where(modelled, posterior.argmax(axis=1), majority(crowd).argmax(axis=1))
    sure = _confidence(crowd, posterior, best, gold or {}, unsaid)
    labels = {
        item: Label(
            crowd.labels[int(best[n])],
            int(1000 * posterior[n, best[n]]) if modelled[n] else None,
            int(1000 * sure[n]) if sure is not None and modelled[n] else None,
            int(answers[n]),
        )
        for n, item in enumerate(crowd.items)
    }
    known = [labels[item].label == true for item, true in (gold or {}).items() if item in labels]
    return Aggregate(labels, len(known), _accuracy(sum(known), len(known)))


def _confidence(
    crowd: Crowd, posterior: Floats, best: Wholes, gold: Mapping[str, str], unsaid: Sequence[str]
) -> Floats | None:
    place = {label: index for index, label in enumerate((*crowd.labels, *unsaid))}
    answers = crowd.answers
    try:
        known = [
            (n, place[gold[item]])
            for n, item in enumerate(crowd.items)
            if item in gold and answers[n] >= FEWEST_ANSWERS
        ]
    except KeyError as missing:
        raise ValueError(f"unknown label {missing.args[0]!r}") from None
    said = np.hstack([posterior, np.zeros((len(crowd.items), len(unsaid)))])
    calibration = calibrate(said[[n for n, _true in known]], [true for _n, true in known])
    if calibration is None:
        return None
    sure: Floats = calibration.confidence(said)[np.arange(len(best)), best]
    return sure


def _accuracy(right: int, gold: int) -> tuple[int, int] | None:
    """Between which permille of the labels are right (95 %); None with too few gold items."""
    if gold < FEWEST_GOLD:
        return None
    lowest, highest = accuracy_interval(right, gold)
    return int(1000 * lowest), -int(-1000 * highest // 1)
