"""What several answers to one item say together: consensus, and how far people agree. Pure.

A consensus is a statement about an item. The strategies look at who answered only in memory and only within the
computation: no worker's confusion matrix is stored, shown, or used to hand out work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, order=True)
class Given:
    """One answer: which item, who (an opaque key), and the label chosen."""

    item: str
    worker: str
    label: str


@dataclass(frozen=True)
class Verdict:
    """The label the answers say together. `confidence` is in permille, rounded down, 0 to 1000."""

    label: str
    confidence: int
    answers: int


Strategy = Callable[[Sequence[Given], Sequence[str]], dict[str, Verdict]]


def majority(given: Sequence[Given], labels: Sequence[str]) -> dict[str, Verdict]:
    """The label most people chose; on a tie the one that stands first in the template. Confidence is its share of the answers."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in given:
        if one.label not in labels:
            raise ValueError(f"unknown label {one.label!r}")
        counts[one.item][one.label] += 1
    verdicts = {}
    for item, count in sorted(counts.items()):
        label = max(labels, key=lambda candidate: count[candidate])
        verdicts[item] = Verdict(label, 1000 * count[label] // count.total(), count.total())
    return verdicts


def dawid_skene(
    given: Sequence[Given], labels: Sequence[str], *, prior_weight: int = 1, rounds: int = 200
) -> dict[str, Verdict]:
    """The most probable label under Dawid and Skene's model (1979), by expectation-maximisation from the majority.

    Each worker has a confusion matrix with a Dirichlet prior pooled over all workers (weight `prior_weight`), which keeps
    the model from believing too much of someone who answered little. Confidence is the posterior. The same answers in
    any order give the same verdicts; a tie goes to the label that stands first in the template.
    """
    if not given:
        return {}
    ordered = sorted(given)
    items, t = _numbered([one.item for one in ordered])
    workers, w = _numbered([one.worker for one in ordered])
    place = {label: index for index, label in enumerate(labels)}
    try:
        chosen = np.array([place[one.label] for one in ordered], dtype=np.int64)
    except KeyError as missing:
        raise ValueError(f"unknown label {missing.args[0]!r}") from None
    posterior = _expectation_maximisation(t, w, chosen, len(items), len(workers), len(labels), prior_weight, rounds)
    best = np.round(posterior, 6)  # what lies beneath is noise of the machine
    answers = np.bincount(t, minlength=len(items))
    return {
        item: Verdict(labels[int(best[i].argmax())], min(1000, int(best[i].max() * 1000)), int(answers[i]))
        for i, item in enumerate(items)
    }


def _numbered(names: Sequence[str]) -> tuple[list[str], npt.NDArray[np.int64]]:
    distinct = sorted(set(names))
    number = {name: index for index, name in enumerate(distinct)}
    return distinct, np.array([number[name] for name in names], dtype=np.int64)


def _expectation_maximisation(
    t: npt.NDArray[np.int64],
    w: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    items: int,
    workers: int,
    classes: int,
    prior_weight: int,
    rounds: int,
) -> npt.NDArray[np.float64]:
    cell = w * classes + chosen

    def spread(index: npt.NDArray[np.int64], weights: Any, size: int) -> npt.NDArray[np.float64]:
        return np.bincount(index, weights=weights, minlength=size).astype(np.float64)

    posterior = spread(t * classes + chosen, None, items * classes).reshape(items, classes)
    posterior /= posterior.sum(axis=1, keepdims=True)
    for _ in range(rounds):
        confusion = np.empty((workers, classes, classes))  # worker, true label, chosen label
        for true in range(classes):
            confusion[:, true, :] = spread(cell, posterior[t, true], workers * classes).reshape(workers, classes)
        pooled = confusion.sum(axis=0) + 1.0 / classes
        pooled /= pooled.sum(axis=1, keepdims=True)
        confusion += prior_weight * pooled[None]
        confusion /= confusion.sum(axis=2, keepdims=True)
        log_confusion = np.log(confusion + 1e-12)
        log_posterior = np.tile(np.log(posterior.mean(axis=0) + 1e-9), (items, 1))
        for true in range(classes):
            log_posterior[:, true] += spread(t, log_confusion[w, true, chosen], items)
        log_posterior -= log_posterior.max(axis=1, keepdims=True)
        improved: npt.NDArray[np.float64] = np.exp(log_posterior)
        improved /= improved.sum(axis=1, keepdims=True)
        settled = bool(np.abs(improved - posterior).max() < 1e-5)
        posterior = improved
        if settled:
            break
    return posterior


STRATEGIES: dict[str, Strategy] = {"majority/1": majority, "dawid_skene/1": dawid_skene}


def consensus(strategy: str, given: Sequence[Given], labels: Sequence[str]) -> dict[str, Verdict]:
    """The verdict on every item that was answered, by the strategy in force; KeyError for a strategy we don't have."""
    return STRATEGIES[strategy](given, labels)


def _labels_by_item(given: Sequence[Given]) -> list[Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in given:
        counts[one.item][one.label] += 1
    return [count for count in counts.values() if count.total() > 1]


def raw_agreement(given: Sequence[Given]) -> Fraction | None:
    """Of all pairs of answers to the same item, the share that agree; None where nobody answered the same item."""
    agreeing = pairs = 0
    for count in _labels_by_item(given):
        agreeing += sum(n * (n - 1) for n in count.values())
        pairs += count.total() * (count.total() - 1)
    return Fraction(agreeing, pairs) if pairs else None


def krippendorff_alpha(given: Sequence[Given]) -> Fraction | None:
    """Krippendorff's alpha for nominal labels: agreement beyond what chance gives, 1 is perfect, 0 is chance.

    None where it says nothing: no item answered twice, or only one label ever chosen. Krippendorff (2011), section C.
    """
    total: Counter[str] = Counter()
    disagreement = Fraction(0)
    for count in _labels_by_item(given):
        n = count.total()
        disagreement += Fraction(n * n - sum(k * k for k in count.values()), n - 1)
        total += count
    values = total.total()
    expected = values * values - sum(k * k for k in total.values())
    if not expected:
        return None
    return 1 - (values - 1) * disagreement / expected
