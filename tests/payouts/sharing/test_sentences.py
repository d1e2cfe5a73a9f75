"""Every sentence of a statement, read back to its number and its kind: what it says is how the amount was reckoned, whatever was voted."""

import re
import uuid
from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import event, given, settings
from hypothesis import strategies as st

from coop.rules.book import RuleBook
from coop.rules.catalogue import CATALOGUE
from frontend.templatetags.formats import source
from payouts import funds
from payouts.models import PayoutRun, RunVersion
from payouts.sharing import bundles
from payouts.sharing.inputs import takings, terms, works
from payouts.sharing.statements import Statement
from payouts.sharing.waterfall import STRATEGIES, compute_waterfall
from tests.payouts.sharing.sentences import cents, reckoned, seconds, weighted

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


def corrections_of(member):
    """Up to three, each adds time."""
    added = st.tuples(st.sampled_from(["task", "standby"]), st.integers(1, 9000))
    return st.lists(added, max_size=3).map(
        lambda found: [
            {"objection": f"{member['member']}{n}", "member": member["member"], "kind": kind, "seconds": more}
            for n, (kind, more) in enumerate(found)
        ]
    )


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
            {"id": f"{n}{m}", "member": one["member"], "amount": amount, "reason": "Late."}
            for n, one in enumerate(members)
            for m, amount in enumerate(draw(st.lists(st.integers(-900, 900).filter(bool), max_size=2)))
        ],
        "adjustments_carried": {
            one["member"]: draw(st.integers(-90, 90).filter(bool)) for one in members if draw(st.booleans())
        },
        "corrections": [correction for one in members for correction in draw(corrections_of(one))],
        "members": sorted(members, key=lambda one: one["member"]),
    }


def computed(inputs, book, *, replaced=False, approved=False):
    """A version of a run, booked or not; nothing can be read from what the run was frozen with, nor from the version that replaces this one."""
    outcome = compute_waterfall(takings(inputs), works(inputs), terms(book, inputs), run_hash="ab" * 32)
    run = PayoutRun(currency="EUR", frozen_inputs={})
    if approved:
        run.approved_at, run.distribution_id = datetime(2026, 12, 1, tzinfo=UTC), 7
    version = RunVersion(run=run, number=1, inputs=inputs, inputs_sha256="ab" * 32, result=bundles.result(outcome))
    run.current = RunVersion(run=run, number=2, replaces=version, inputs={}, result={}) if replaced else version
    return version


def numbers(version, mine):
    """The amount of each line that a member's statement has, from the bundle; None where the line has none."""
    inputs, result = version.inputs, version.result
    of = mine["member"]
    listed = [one for one in inputs["adjustments"] if one["member"] == of]
    carried = inputs["adjustments_carried"].get(of)
    worked = {one["kind"] for one in next(one for one in inputs["members"] if one["member"] == of)["entries"]}
    corrected = [one for one in inputs["corrections"] if one["member"] == of]
    found = {f"corrected.{one['objection']}": None for one in corrected}
    found |= {f"time.{kind}": None for kind in worked | {one["kind"] for one in corrected}}
    found["labour_pool"] = result["labour_pool"]
    if mine["weight"]:
        found |= {"weight": None, "share": None, "floor": mine["floor"], "pool": result["pool"]}
        if mine["cap"] is not None:
            found["cap"] = mine["cap"]
        if result["regime"] == "ok":
            found["base"] = result["base"]
    found["pay"] = mine["amount"]
    if of in inputs["owed"]:
        found |= {"debts": result["owed_paid"], "owed": mine["owed_paid"]}
    if carried:
        found["carried"] = carried
    found |= {f"adjusted.{one['id']}": one["amount"] for one in listed}
    if carried or listed:
        found["adjustment"] = mine["adjustment"]
    found["payable"] = mine["amount"] + mine["owed_paid"] + mine["adjustment"]
    if mine["shortfall"]:
        found["shortfall"] = mine["shortfall"]
    return found


def said_by(statement):
    lines = list(statement.lines())
    said = {line.key: line for line in lines}
    assert len(said) == len(lines)
    return said


def check_sources(said, mine, *, booked):
    """Each has a name on the page; the books are named where something of this version is in them, and only there."""
    assert all(source(name) for line in said.values() for name in line.sources)
    assert said["payable"].sources == (("ledger:transaction:7",) if booked else ())
    owed = (f"ledger:member:{mine['member']}:owed",)
    assert "shortfall" not in said or said["shortfall"].sources == (owed if booked else ())
    assert "owed" not in said or said["owed"].sources == owed
    assert "carried" not in said or said["carried"].sources == (f"statement:{uuid.UUID(int=1)}",)
    for key, line in said.items():
        if key.startswith("adjusted."):
            assert line.sources == (f"adjustment:{key.removeprefix('adjusted.')}",)


def check(statement, mine):
    """It has the lines it should have, each with its number, and each sentence gives that number."""
    said = said_by(statement)
    assert {key: line.amount for key, line in said.items()} == numbers(statement.version, mine)
    assert {key: line.exact for key, line in said.items() if line.exact} == {
        key: mine["exact"] for key in ("share", "pay") if key in said
    }
    for key in {"labour_pool", "pool", "payable", "shortfall"} & said.keys():
        assert reckoned(said[key].formula) == cents(said[key].amount)
    check_lead(statement.lead(), mine, replaced=statement.replaced)
    check_time(said, mine)
    if mine["weight"]:
        check_weight(said["weight"].formula, mine)
        floor = said["floor"].formula.removesuffix(", rounded up")
        assert -((-reckoned(floor)).floor()) == cents(said["floor"].amount)
        if "cap" in said:
            cap = reckoned(said["cap"].formula.partition(", rounded down")[0])
            assert max(cap.floor(), cents(said["floor"].amount)) == cents(said["cap"].amount)
        if "base" in said:
            assert least(said["base"].formula) == cents(said["base"].amount)
        check_share(said, Fraction(mine["exact"]), mine)
    check_rounding(said["pay"])
    check_debts(said, mine)
    check_adjustments(said, mine)
    for line in said.values():
        assert not re.search(r"-\W*\d|[−+] *[−+-]", line.formula), f"a sign reads wrong in {line.formula}"


def check_lead(lead, mine, *, replaced):
    """The time to the minute, and what is received: of it no more is pay for the time than the pay."""
    worked, received = re.fullmatch(
        rf"You worked (.+)\. You {'would have received' if replaced else 'are to receive'} (.+)\.", lead
    ).groups()
    least = reckoned(worked)
    assert least <= seconds(mine["seconds"]) < least + seconds(60 if "h" in worked else 1)
    whole, _, parts = received.partition(" = ")
    assert reckoned(whole) == cents(mine["payable"])
    assert bool(parts) == bool(mine["owed_paid"] or mine["adjustment"])
    if parts:
        pay, _, others = parts.partition(" for this time ")
        assert reckoned(pay) == cents(mine["amount"])
        assert reckoned(parts) == reckoned(whole)
        repaid = re.search(r"\+ (\S+) of what earlier periods owed you", others)
        assert (reckoned(repaid[1]) if repaid else cents(0)) == cents(mine["owed_paid"])
        righted = re.search(r"([+−] \S+) by which mistakes of earlier runs are put right", others)
        assert (reckoned(righted[1].removeprefix("+ ")) if righted else cents(0)) == cents(mine["adjustment"])


def check_weight(formula, mine):
    product, _, after = formula.partition(" = ")
    product = product.partition(" (seniority, ")[0]
    assert reckoned(product.rpartition(" × ")[0]) == weighted(mine["weighted_seconds"])
    assert reckoned(product) == weighted(mine["weight"], 2)
    assert int(after.partition(";")[0]) == mine["weight"]
    assert int(after.rpartition(": ")[2] if ";" in after else after) == mine["counted_weight"]


def check_time(said, mine):
    """Entries and corrections make the counted time of each kind, and the time by kind what is weighed."""
    corrected, whole, weighed = Counter(), seconds(0), weighted(0)
    for key, line in said.items():
        if key.startswith("corrected."):
            size, kind = re.fullmatch(r"(\d+ s) more: (\w+)", line.formula).groups()
            corrected[kind] += int(reckoned(size).number)
            assert line.sources == (f"objection:{key.removeprefix('corrected.')}",)
    for key, line in said.items():
        if key.startswith("time."):
            parts, weight = line.formula.split(", weighted ")
            before, _, counted = parts.rpartition(" = ")
            assert not before or reckoned(before) == reckoned(counted)
            entries = re.match(r"\d+ s", parts)[0]
            assert reckoned(counted) == reckoned(entries) + seconds(corrected.pop(key.removeprefix("time."), 0))
            whole += reckoned(counted)
            weighed += reckoned(counted) * reckoned(weight)
    assert (whole, weighed) == (seconds(mine["seconds"]), weighted(mine["weighted_seconds"]))
    assert not any(corrected.values())


def least(formula):
    """The least of what a sentence names, rounded down where it says so: "this, at most that, at most that"."""
    return min(
        reckoned(part.removesuffix(", ").replace(", rounded down", "")).floor() for part in formula.split("at most ")
    )


def check_debts(said, mine):
    if "owed" in said:
        assert least(said["debts"].formula) == cents(said["debts"].amount)
        exact, _, left = said["owed"].formula.partition(", in whole cents; ")
        assert abs(reckoned(exact) - cents(said["owed"].amount)) < cents(1)
        assert reckoned(exact.partition(" ×")[0]) - cents(said["owed"].amount) == reckoned(left)
        assert reckoned(left) == cents(mine["owed_left"])
        assert reckoned(exact.partition("× ")[2].partition(" /")[0]) == cents(said["debts"].amount)


def check_adjustments(said, mine):
    """What is carried and each line make the whole; of it as much is settled as the sentence says."""
    parts = [line.amount for key, line in said.items() if key == "carried" or key.startswith("adjusted.")]
    if not parts:
        return
    if "carried" in said:
        assert ("take off" in said["carried"].formula) == (said["carried"].amount < 0)
    line = said["adjustment"]
    whole, _, settled = line.formula.partition("; ")
    assert reckoned(whole) == cents(sum(parts))
    assert sum(parts) == mine["adjustment"] + mine["adjustment_left"]
    if not settled:
        assert reckoned(whole) == cents(line.amount)
        return
    how, _, left = settled.rpartition("; ")
    assert ("take off" in left) == (mine["adjustment_left"] < 0)
    assert reckoned(left) == cents(abs(mine["adjustment_left"])) != cents(0)
    if sum(parts) > 0:
        assert abs(reckoned(how.removesuffix(", in whole cents")) - cents(line.amount)) < cents(1)
        assert reckoned(how.partition(" ×")[0]) == cents(sum(parts))
    else:
        assert reckoned(how) == cents(-line.amount) == cents(mine["amount"] + mine["owed_paid"])


def check_share(said, exact, mine):
    formula = said["share"].formula
    if (prorated := formula.partition("floors: "))[1]:
        assert mine["regime"] == "prorated"
        assert reckoned(prorated[2]) == cents(exact)
    elif capped := re.search(r"Everybody reached the hourly cap: you receive (.+);", formula):
        assert reckoned(capped[1]) == cents(exact) == cents(mine["cap"])
    elif floored := re.fullmatch(r"(.+) is not above the floor: (.+)", formula):
        assert reckoned(floored[1]) <= reckoned(floored[2]) == cents(exact) == cents(said["floor"].amount)
    elif held := re.fullmatch(r"(.+) is not below the cap: (.+)", formula):
        assert cents(exact) == cents(said["cap"].amount) == reckoned(held[2]) <= reckoned(held[1])
    else:
        assert reckoned(formula.partition(", the one factor")[0]) == cents(exact)


def check_rounding(line):
    exact, words = reckoned(line.formula.partition(", rounded ")[0]), line.formula.partition(", rounded ")[2]
    assert exact == cents(Fraction(line.exact))
    if words.startswith("up"):
        assert cents(line.amount) == exact.floor() + cents(1)
    else:
        assert cents(line.amount) == exact.floor()
        assert words.startswith("down") == (exact != exact.floor())


@settings(max_examples=400)
@given(inputs_of_runs(), books(), st.booleans(), st.booleans())
def test_every_sentence_of_every_statement_is_true(inputs, book, replaced, approved):
    version = computed(inputs, book, replaced=replaced, approved=approved)
    event(f"{book.choice('pay.share_strategy')}, {version.result['regime']}, cap {book.whole('pay.hourly_cap') > 0}")

    for mine in version.result["members"]:
        statement = Statement(version, mine["member"], book, before=uuid.UUID(int=1))
        check(statement, mine)
        check_sources(said_by(statement), mine, booked=approved and not replaced)


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
