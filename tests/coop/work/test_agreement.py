"""How far people agree, against published figures."""

from __future__ import annotations

from fractions import Fraction

from coop.work.agreement import krippendorff_alpha, raw_agreement


def answers(*rows: str) -> list[tuple[str, str, str]]:
    """Rows are coders, columns are items, a dot is no answer."""
    return [
        (f"i{place:03}", f"w{number}", label)
        for number, row in enumerate(rows)
        for place, label in enumerate(row.split())
        if label != "."
    ]


def test_krippendorff_s_published_example():
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: 0.743."""
    given = answers(
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )

    alpha = krippendorff_alpha(given)

    assert alpha is not None
    assert round(float(alpha), 3) == 0.743


def test_agreement_is_an_exact_share_of_the_pairs():
    given = answers("a a", "a b", "a b")

    assert raw_agreement(given) == Fraction(4, 6)


def test_agreement_says_nothing_where_there_is_nothing_to_compare():
    assert raw_agreement(answers("a b")) is None
    assert krippendorff_alpha(answers("a b")) is None
    assert krippendorff_alpha(answers("a a", "a a")) is None
