"""How sure a label is, measured on items whose truth is known. Pure.

What a model says of itself is no confidence: on two real crowds, items on which everybody agreed were wrong 7 to 23 times of a
hundred. Only gold items drawn at random tell. With g of them the model's posterior q over K labels becomes

    p = (1 − ε) q^(1/T) / Σ q^(1/T) + ε / K

with T and ε the most probable given the gold (temperature scaling: Guo, Pleiss, Sun and Weinberger 2017, ICML; ε is ours, for errors that
no answer shows), and never above 1 − 3/(g + 3): the rule of three, for nobody has seen rarer errors in g items.

Before any gold is seen the model is believed: ln T is held to be normal around 0 with deviation ln 2, and T is never below 1/4.
Without either, gold items that all happened to be right made T as small as it could be, and every even vote almost certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEWEST_GOLD = 30
"""With fewer gold items nothing is said about confidence."""
FINEST = 1e-12
TEMPERATURES = (0.25, 50.0)
DEVIATION = log(2)  # of ln T, before any gold is seen
NOISES = (0.0, 0.95)
GRID, ZOOMS = 21, 5
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Calibration:
    """What `gold` items taught: the temperature T, the share ε of errors that no answer shows, and the most that is ever claimed."""

    temperature: float
    noise: float
    gold: int

    @property
    def cap(self) -> float:
        """1 − 3/(g + 3)."""
        return 1 - 3 / (self.gold + 3)

    def confidence(self, posterior: Floats) -> Floats:
        """The calibrated probability of each label, items × labels, none above the cap."""
        return np.minimum(_calibrated(posterior, self.temperature, self.noise), self.cap)


def calibrate(posterior: Floats, truth: Sequence[int]) -> Calibration | None:
    """The most probable T and ε for these gold items (posterior: items × labels; truth: the number of the true label).

    None below FEWEST_GOLD. It is searched on a grid that closes in, so that the same gold gives the same answer.
    """
    if len(truth) < FEWEST_GOLD:
        return None
    right = np.asarray(truth, dtype=np.int64)
    (coldest, hottest), (quietest, loudest) = map(log, TEMPERATURES), NOISES
    temperature, noise = 0.0, 0.0
    for _zoom in range(ZOOMS):
        heats, noises = np.linspace(coldest, hottest, GRID), np.linspace(quietest, loudest, GRID)
        plausible = np.array([[_plausibility(posterior, right, exp(heat), eps) for eps in noises] for heat in heats])
        best = np.unravel_index(int(np.round(plausible, 9).argmax()), plausible.shape)
        temperature, noise = float(heats[best[0]]), float(noises[best[1]])
        step, louder = heats[1] - heats[0], noises[1] - noises[0]
        coldest, hottest = max(coldest, temperature - step), min(hottest, temperature + step)
        quietest, loudest = max(quietest, noise - louder), min(loudest, noise + louder)
    return Calibration(exp(temperature), noise, len(truth))


def _plausibility(posterior: Floats, truth: npt.NDArray[np.int64], temperature: float, noise: float) -> float:
    """The logarithm of the likelihood of the gold, times that of T before any gold is seen."""
    said = _calibrated(posterior, temperature, noise)[np.arange(len(truth)), truth]
    return float(np.log(np.maximum(said, FINEST)).sum()) - (log(temperature) / DEVIATION) ** 2 / 2


def _calibrated(posterior: Floats, temperature: float, noise: float) -> Floats:
    cooled = np.log(np.maximum(posterior, FINEST)) / temperature
    cooled = np.exp(cooled - cooled.max(axis=1, keepdims=True))
    calibrated: Floats = (1 - noise) * cooled / cooled.sum(axis=1, keepdims=True) + noise / posterior.shape[1]
    return calibrated


def accuracy_interval(right: int, gold: int) -> tuple[float, float]:
    """Between which shares the true accuracy lies at 95 %, when `right` of `gold` labels were right.

    Clopper and Pearson (1934), Biometrika 26: the shares that a binomial test would not reject. ValueError for impossible counts.
    """
    if not 0 <= right <= gold or gold == 0:
        raise ValueError("so many can't be right of so many")
    tail = (1 - LEVEL) / 2
    lowest = _share_with(right, gold, tail) if right else 0.0
    highest = _share_with(right + 1, gold, 1 - tail) if right < gold else 1.0
    return lowest, highest


def _share_with(least: int, gold: int, probability: float) -> float:
    """The share of right labels at which at least so many of `gold` are right with this probability; bisection, it only rises."""
    low, high = 0.0, 1.0
    for _halving in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_least(least, gold, middle) < probability else (low, middle)
    return low


def _at_least(least: int, gold: int, share: float) -> float:
    """The binomial probability of `least` or more of `gold`."""
    if share in (0.0, 1.0):
        return float(share == 1.0 or least == 0)
    return sum(
        exp(lgamma(gold + 1) - lgamma(n + 1) - lgamma(gold - n + 1) + n * log(share) + (gold - n) * log(1 - share))
        for n in range(least, gold + 1)
    )
