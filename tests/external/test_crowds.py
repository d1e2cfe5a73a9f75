"""Consensus on answers that people really gave, against gold labels, beside the figures measured before.

Snow et al. 2008 (rte) and Welinder et al. 2010 (bluebird). The published Dawid-Skene errors are 7.12 % and about
10-11 % (Zhang et al. 2014); ours, with the pooled prior, were measured at 7.38 % and 10.19 %.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coop.work.quality import Given, consensus

DATA = Path(os.environ["CANUT_DATA"]) / "crowd" if "CANUT_DATA" in os.environ else None
pytestmark = pytest.mark.skipif(DATA is None or not DATA.is_dir(), reason="CANUT_DATA names no folder with crowd/")


def read(name: str) -> list[list[str]]:
    assert DATA is not None
    return [line.split() for line in (DATA / name).read_text().splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("crowd", "strategy", "error"),
    [
        ("bluebird", "majority/1", "24.07"),
        ("bluebird", "dawid_skene/1", "10.19"),
        ("rte", "majority/1", "8.12"),
        ("rte", "dawid_skene/1", "7.38"),
    ],
)
def test_the_error_on_real_answers_is_the_one_measured(crowd, strategy, error):
    given = [Given(item, worker, label) for item, worker, label in read(f"{crowd}_crowd.txt")]
    truth = dict(read(f"{crowd}_truth.txt"))

    verdicts = consensus(strategy, given, ["1", "2"])
    judged = [item for item in truth if item in verdicts]
    wrong = sum(verdicts[item].label != truth[item] for item in judged)

    assert f"{100 * wrong / len(judged):.2f}" == error
