"""Every sentence of a statement, read back to its number: what it says is how the amount was reckoned, whatever was voted."""

import re
from fractions import Fraction

from hypothesis import event, given, settings
from hypothesis import strategies as st

from coop.rules.book import RuleBook
from coop.rules.catalogue import CATALOGUE
from payouts import funds
from payouts.models import PayoutRun, RunVersion
from payouts.sharing import bundles
from payouts.sharing.inputs import takings, terms, works
from payouts.sharing.statements import Statement
from payouts.sharing.waterfall import STRATEGIES, compute_waterfall
from tests.payouts.sharing.sentences import reckoned

NAMES = [f"{n:02x}" * 16 for n in range(1, 8)]
FACTOR = re.compile(r"\) × (\d+/\d+)")


@st.composite
def books(draw):
    voted = {
        "pay.solidarity_share": draw(st.integers(0, 3000)),
        "pay.equal_base_share": draw(st.sampled_from([0, 1000, 10_000])),
        "pay.hourly_floor": draw(st.integers(100, 2000)),
        "pay.hourly_cap": draw(st.sampled_from([0, 0, 500, 1500, 2500])),
        "pay.seniority_step_permille": draw(st.integers(0, 100)),
        "pay.reserve_draw_limit": draw(st.sampled_from([0, 5000, 10_000])),
        "pay.debt_share": draw(st.sampled_from([0, 2000, 10_000])),
        "pay.share_strategy": draw(st.sampled_from(sorted(STRATEGIES))),
    }
    return RuleBook({key: (1, voted.get(key, rule.default)) for key, rule in CATALOGUE.items()})


@st.composite
def inputs_of_runs(draw):
    entries = st.lists(
        st.tuples(st.sampled_from(["task", "standby", "jury"]), st.one_of(st.integers(1, 90), st.integers(1, 40_000))),
        max_size=3,
    )
    members = [
        {
            "member": name,
            "seniority_years": draw(st.integers(0, 12)),
            "entries": [{"id": f"{name}{n}", "kind": kind, "seconds": s} for n, (kind, s) in enumerate(draw(entries))],
        }
        for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    ]
    revenue = draw(st.one_of(st.integers(0, 3000), st.integers(0, 100_000)))
    return {
        "funds": [{"key": fund.key, "account": fund.account, "rule": fund.rule} for fund in funds.FUNDS],
        "revenue": [{"source": "project:x", "answers": 1, "price": revenue, "amount": revenue}],
        "refunds": draw(st.integers(0, 50)),
        "rail_fees": 0,
        "direct_costs": 0,
        "deficit_carried": 0,
        "reserve_balance": draw(st.integers(0, 2000)),
        "owed": {one["member"]: draw(st.integers(1, 900)) for one in members if draw(st.booleans())},
        "adjustments": [
            {
                "id": f"{n}",
                "member": one["member"],
                "amount": draw(st.integers(-900, 900).filter(bool)),
                "reason": "Late.",
            }
            for n, one in enumerate(members)
            if draw(st.booleans())
        ],
        "adjustments_carried": {one["member"]: draw(st.integers(-90, -1)) for one in members if draw(st.booleans())},
        "corrections": [
            {"objection": f"{n}", "member": one["member"], "kind": "task", "seconds": draw(st.integers(1, 9000))}
            for n, one in enumerate(members)
            if draw(st.booleans())
        ],
        "members": sorted(members, key=lambda one: one["member"]),
    }


def computed(inputs, book):
    outcome = compute_waterfall(takings(inputs), works(inputs), terms(book, inputs), run_hash="ab" * 32)
    return RunVersion(
        run=PayoutRun(currency="EUR"), inputs=inputs, inputs_sha256="ab" * 32, result=bundles.result(outcome)
    )


def check(lines, mine):
    """Each sentence gives its number."""
    said = {line.key: line for line in lines}
    for line in lines:
        if line.key in ("payable", "shortfall", "owed", "adjustment"):
            assert reckoned(line.formula.partition(";")[0]) == line.amount
    if mine["weight"]:
        weighted, _, after = said["weight"].formula.partition(" = ")
        by_kind = [
            reckoned(line.formula.split(",")[0] + " × " + line.formula.split(",")[1])
            for line in lines
            if line.key.startswith("time.")
        ]
        product = re.sub(r"\(.*\)", "", weighted)
        assert int(product.split(" × ")[0]) == sum(by_kind)
        assert reckoned(product) == int(after.partition(";")[0]) == mine["weight"]
        assert int(after.rpartition(": ")[2] if ";" in after else after) == mine["counted_weight"]
        floor = reckoned(said["floor"].formula.replace("3600 s, rounded up", "3600"))
        assert said["floor"].amount == -(-floor.numerator // floor.denominator)
        if "cap" in said:
            cap = reckoned(said["cap"].formula.partition(", rounded down")[0])
            assert said["cap"].amount == max(cap.numerator // cap.denominator, said["floor"].amount)
        check_share(said["share"].formula, Fraction(said["share"].exact), mine)
    check_rounding(said["pay"])


def check_share(formula, exact, mine):
    if (prorated := formula.partition("floors: "))[1]:
        assert reckoned(prorated[2]) == exact
    elif capped := re.search(r"Everybody reached the hourly cap: you receive (.+);", formula):
        assert reckoned(capped[1]) == exact == mine["cap"]
    elif floored := re.fullmatch(r"(.+) is not above the floor: (.+)", formula):
        assert reckoned(floored[1]) <= reckoned(floored[2]) == exact
    elif held := re.fullmatch(r"(.+) is not below the cap: (.+)", formula):
        assert reckoned(held[1]) >= reckoned(held[2]) == exact
    else:
        assert reckoned(formula.partition(", the one factor")[0]) == exact


def check_rounding(line):
    exact, words = reckoned(line.formula.partition(" cents")[0]), line.formula.partition(", rounded ")[2]
    assert exact == Fraction(line.exact)
    if words.startswith("up"):
        assert line.amount == exact.numerator // exact.denominator + 1
    else:
        assert line.amount == exact.numerator // exact.denominator
        assert words.startswith("down") == (exact.denominator != 1)


@settings(max_examples=400)
@given(inputs_of_runs(), books())
def test_every_sentence_of_every_statement_is_true(inputs, book):
    run = computed(inputs, book)
    event(f"{book.choice('pay.share_strategy')}, {run.result['regime']}, cap {book.whole('pay.hourly_cap') > 0}")

    for mine in run.result["members"]:
        check(list(Statement(run, mine["member"], book).lines()), mine)


@settings(max_examples=400)
@given(inputs_of_runs(), books())
def test_all_members_read_the_same_factor_and_weights_that_add_up(inputs, book):
    run = computed(inputs, book)
    formulas = [
        line.formula
        for mine in run.result["members"]
        for line in Statement(run, mine["member"], book).lines()
        if line.key == "share" and run.result["regime"] == "ok"
    ]

    assert len({tuple(FACTOR.findall(formula)) for formula in formulas}) <= 1
    weights = [re.search(r"your weight (\d+) / all weights (\d+)", formula) for formula in formulas]
    assert all(sum(int(mine[1]) for mine in weights if mine) == int(one[2]) for one in weights if one)
