"""The application's waterfall and canut-verify's were written apart from one text; they must agree to the last minor unit."""

from hypothesis import given, settings
from hypothesis import strategies as st

from payouts.sharing import bundles
from payouts.sharing.waterfall import Takings, Terms, Work, compute_waterfall

NAMES = [f"{n:02x}" * 16 for n in range(1, 13)]
FUNDS = ("solidarity", "reserve", "commons_operations", "social_contributions")
KINDS = ("task", "standby")
NOTHING_ELSE = ("refunds", "rail_fees", "direct_costs", "deficit_carried", "reserve_balance")
NOTHING: dict[str, int] = {}
amounts = st.integers(0, 400_000)
shares = st.sampled_from([0, 1, 250, 333, 1000, 2000])

rules = st.fixed_dictionaries(
    {
        "pay.solidarity_share": shares,
        "pay.reserve_share": shares,
        "pay.commons_operations_share": shares,
        "pay.social_contributions_share": shares,
        "pay.equal_base_share": st.sampled_from([0, 1000, 5000, 10_000]),
        "pay.hourly_floor": st.sampled_from([100, 900, 3333]),
        "pay.hourly_cap": st.sampled_from([0, 1000, 6000]),
        "pay.seniority_step_permille": st.integers(0, 100),
        "pay.reserve_draw_limit": st.sampled_from([0, 5000, 10_000]),
        "pay.debt_share": st.sampled_from([0, 2000, 10_000]),
        "pay.share_strategy": st.sampled_from(["clamped_weight/1", "clamped_equal/1"]),
        "pay.kind_weights": st.fixed_dictionaries({kind: st.integers(1, 2000) for kind in KINDS}),
    }
)
entries = st.lists(st.tuples(st.sampled_from(KINDS), st.one_of(st.integers(0, 60), st.integers(0, 80_000))), max_size=4)
people = st.dictionaries(st.sampled_from(NAMES), st.tuples(st.integers(0, 15), entries), max_size=9)
debts = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 9_000), max_size=4)
mistakes = st.dictionaries(st.sampled_from(NAMES), st.integers(-9_000, 9_000).filter(bool), max_size=4)
corrected = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 9_000), max_size=3)
takings = st.fixed_dictionaries({"revenue": amounts} | {name: st.integers(0, 20_000) for name in NOTHING_ELSE})


def terms(values):
    renamed = {key.removeprefix("pay."): value for key, value in values.items()}
    levies = tuple((fund, renamed.pop(f"{fund}_share")) for fund in FUNDS)
    return Terms(kind_permille=renamed.pop("kind_weights"), levies=levies, **renamed)


def agree(tool, values, money, worked, owed, listed=NOTHING, carried=NOTHING, corrections=NOTHING):
    """Both reckon the same run, and state the same; what they state."""
    run_hash = "ab" * 32
    everyone = {**dict.fromkeys([*owed, *listed, *carried, *corrections], (0, [])), **worked}
    adjustments = {name: listed.get(name, 0) + carried.get(name, 0) for name in {*listed, *carried}}
    works = []
    for name, (years, time) in everyone.items():
        seconds: dict[str, int] = {}
        for kind, spent in time:
            seconds[kind] = seconds.get(kind, 0) + spent
        if name in corrections:
            seconds["task"] = seconds.get("task", 0) + corrections[name]
        works.append(Work(name, seconds, years))
    members = [
        {
            "member": name,
            "seniority_years": years,
            "entries": [{"id": f"{name}-{n}", "kind": kind, "seconds": spent} for n, (kind, spent) in enumerate(time)],
        }
        for name, (years, time) in everyone.items()
    ]
    inputs = {name: amount for name, amount in money.items() if name != "revenue"} | {
        "revenue": [{"source": "project:x", "answers": 1, "price": money["revenue"], "amount": money["revenue"]}],
        "funds": [{"key": fund, "account": f"fund:{fund}", "rule": f"pay.{fund}_share"} for fund in FUNDS],
        "owed": owed,
        "adjustments": [{"member": name, "amount": amount} for name, amount in listed.items()],
        "adjustments_carried": carried,
        "corrections": [{"member": name, "kind": "task", "seconds": spent} for name, spent in corrections.items()],
        "members": members,
    }

    taken = Takings(**money, owed=owed, adjustments=adjustments)
    ours = bundles.result(compute_waterfall(taken, works, terms(values), run_hash=run_hash))
    theirs = tool.recompute(
        inputs, tool.Rules({key: {"version": 1, "value": value} for key, value in values.items()}), run_hash
    )

    assert ours == theirs
    return ours


@settings(max_examples=400)
@given(rules, takings, people, debts, mistakes, mistakes, corrected)
def test_the_waterfall_and_canut_verify_agree_on_every_value(
    tool, values, money, worked, owed, listed, carried, corrections
):
    agree(tool, values, money, worked, owed, listed, carried, corrections)


@st.composite
def small_runs(draw):
    """A few people with little time, and about as much as their floors and caps leave to be shared: where all that is held meets."""
    values = draw(rules) | dict.fromkeys((f"pay.{fund}_share" for fund in FUNDS), 0)
    values["pay.hourly_floor"], values["pay.hourly_cap"] = draw(
        st.tuples(st.sampled_from([100, 900, 3600]), st.sampled_from([0, 100, 900, 1000, 3600, 6000]))
    )
    times = st.one_of(st.integers(0, 20), st.sampled_from([400, 600, 3600, 7200]))
    time = st.lists(st.tuples(st.sampled_from(KINDS), times), max_size=2)
    worked = draw(st.dictionaries(st.sampled_from(NAMES), st.tuples(st.integers(0, 15), time), min_size=1, max_size=4))
    seconds = [sum(spent for _, spent in spans) for _, spans in worked.values()]
    floors = [-(-spent * values["pay.hourly_floor"] // 3600) for spent in seconds]
    caps = [max(floor, spent * values["pay.hourly_cap"] // 3600) for spent, floor in zip(seconds, floors, strict=True)]
    revenue = draw(st.integers(max(sum(floors) - 1, 0), max(sum(floors), sum(caps)) + 1))
    return values, dict.fromkeys(NOTHING_ELSE, 0) | {"revenue": revenue}, worked


@settings(max_examples=400)
@given(small_runs())
def test_they_agree_where_floors_and_caps_meet(tool, run):
    agree(tool, *run, owed=NOTHING)


def test_who_is_entitled_to_more_than_a_cap_that_is_the_floor_is_held_at_the_cap(tool):
    values = {f"pay.{fund}_share": 0 for fund in FUNDS} | {
        "pay.equal_base_share": 1000,
        "pay.hourly_floor": 900,
        "pay.hourly_cap": 6000,
        "pay.seniority_step_permille": 0,
        "pay.reserve_draw_limit": 0,
        "pay.debt_share": 0,
        "pay.share_strategy": "clamped_weight/1",
        "pay.kind_weights": {"task": 1000, "standby": 500},
    }
    worked = {NAMES[0]: (0, [("task", 1)]), NAMES[1]: (0, [("task", 7200)]), NAMES[2]: (0, [])}

    stated = agree(tool, values, dict.fromkeys(NOTHING_ELSE, 0) | {"revenue": 3000}, worked, NOTHING)

    one, other, idle = stated["members"]
    assert (one["floor"], one["cap"], one["regime"], one["amount"]) == (1, 1, "cap", 1)
    assert (other["regime"], idle["regime"]) == ("level", "no_work")
