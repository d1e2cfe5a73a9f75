"""How long a run takes to reckon: 10,000 members in under a second, 100,000 in under ten."""

import random
import time

import pytest

from payouts.sharing.waterfall import Takings, Terms, Work, compute_waterfall

TERMS = Terms(
    levies=(("solidarity", 500), ("reserve", 1000), ("commons_operations", 300), ("social_contributions", 700)),
    equal_base_share=1000,
    hourly_floor=900,
    hourly_cap=2500,
    kind_permille={"task": 1000, "training": 800},
    seniority_step_permille=20,
    debt_share=10_000,
    reserve_draw_limit=2500,
    share_strategy="clamped_weight/1",
)


@pytest.mark.parametrize(("size", "seconds"), [(10_000, 1), (100_000, 10)])
def test_a_large_cooperative_is_reckoned_in_time(size, seconds):
    chance = random.Random(7)
    works = [
        Work(
            f"{i:032x}",
            {"task": chance.randint(0, 400_000), "training": chance.randint(0, 30_000)},
            chance.randint(0, 30),
        )
        for i in range(size)
    ]
    hours = sum(sum(work.seconds.values()) for work in works) // 3600
    takings = Takings(revenue=hours * 2000, owed={work.member: 100 for work in works[::7]})

    begun = time.process_time()
    done = compute_waterfall(takings, works, TERMS, run_hash="run")
    taken = time.process_time() - begun

    assert done.regime == "ok"
    assert taken < seconds, f"{size} members took {taken:.2f} s"
