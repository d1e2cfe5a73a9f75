"""How far people agree, beyond what chance would give. Pure: exact fractions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from fractions import Fraction

Answered = tuple[str, str, str]
"""One answer: which item, who (an opaque key), and the label chosen."""


def _labels_by_item(given: Sequence[Answered]) -> list[Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item, _worker, label in given:
        counts[item][label] += 1
    return [count for count in counts.values() if count.total() > 1]


def raw_agreement(given: Sequence[Answered]) -> Fraction | None:
    """Of all pairs of answers to the same item, the share that agree; None where nobody answered the same item."""
    agreeing = pairs = 0
    for count in _labels_by_item(given):
        agreeing += sum(n * (n - 1) for n in count.values())
        pairs += count.total() * (count.total() - 1)
    return Fraction(agreeing, pairs) if pairs else None


def krippendorff_alpha(given: Sequence[Answered]) -> Fraction | None:
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
    return 1 - (values - 1) * Fraction(disagreement, expected)
