"""A run of a hundred thousand members, each with the most time and the highest numbers that can be voted, has a bundle that can be read."""

import json
from dataclasses import asdict
from fractions import Fraction

import pytest

from coop.ground.canonical import LARGEST, canonical_json
from coop.rules.catalogue import CATALOGUE
from payouts import funds
from payouts.sharing import bundles
from payouts.sharing.waterfall import Takings, Terms, Work, compute_waterfall
from tests.verify.bundles import sealed_run

MEMBERS = 100_000
HIGHEST = {key: rule.highest for key, rule in CATALOGUE.items()}
LONGEST = 2 * HIGHEST["pay.period_days"] * 86_400
"""A run looks one period back, and nobody's second counts twice."""
KIND = "task"


def extreme(*, revenue, cap=HIGHEST["pay.hourly_cap"], strategy="clamped_weight/1"):
    """The outcome for members of whom each has another time, the last the longest."""
    terms = Terms(
        levies=tuple((fund.key, CATALOGUE[fund.rule].default) for fund in funds.FUNDS),
        equal_base_share=1000,
        hourly_floor=HIGHEST["pay.hourly_floor"],
        hourly_cap=cap,
        kind_permille={KIND: CATALOGUE["pay.kind_weights"].columns[KIND].highest},
        seniority_step_permille=HIGHEST["pay.seniority_step_permille"],
        reserve_draw_limit=HIGHEST["pay.reserve_draw_limit"],
        debt_share=HIGHEST["pay.debt_share"],
        share_strategy=strategy,
    )
    works = [Work(f"{n:032x}", {KIND: LONGEST - n}, 10) for n in range(MEMBERS)]
    return compute_waterfall(Takings(revenue=revenue), works, terms, run_hash="ab" * 32)


def all_floors():
    return MEMBERS * -(-LONGEST * HIGHEST["pay.hourly_floor"] // 3600)


@pytest.mark.parametrize(
    ("regime", "more"),
    [
        ("ok", {"revenue": 2 * all_floors()}),
        ("ok", {"revenue": 2 * all_floors(), "strategy": "clamped_equal/1"}),
        ("floors_prorated", {"revenue": all_floors() // 2}),
        ("all_capped", {"revenue": 20 * all_floors()}),
    ],
)
def test_a_run_of_everybody_is_stated_exactly(tool, regime, more):
    outcome = extreme(**more)

    stated = json.loads(canonical_json(bundles.result(outcome)))

    assert outcome.regime == regime
    tool.RUN(sealed_run() | {"result": stated}, "")
    assert int(stated["counted_weight"]) == outcome.counted_weight == sum(one.counted_weight for one in outcome.members)
    assert [Fraction(line["exact"]) for line in stated["members"]] == [one.exact for one in outcome.members]


def test_the_sum_of_all_weights_is_beyond_what_json_numbers_hold():
    assert extreme(revenue=0).counted_weight > LARGEST, "else this file proves nothing"


def test_what_one_member_has_stays_far_within_it():
    outcome = extreme(revenue=2 * all_floors())

    numbers = [value for value in asdict(outcome.members[0]).values() if isinstance(value, int)]
    assert max(numbers) * 100 < LARGEST
