"""Laws of the count that hold for all numbers."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.tally import (
    Base,
    Choice,
    Count,
    Outcome,
    Procedure,
    QuorumKind,
    Roll,
    RollEntry,
    Vote,
    Voters,
    decide,
    is_as_demanding,
    is_satisfiable,
    outcome_of,
)

SIMPLE = Procedure(
    voters=Voters.ALL,
    num=1,
    den=2,
    base=Base.YES_NO,
    quorum_kind=QuorumKind.APPROVAL,
    quorum_num=1,
    quorum_den=5,
    deliberation_days=7,
    voting_days=7,
    timelock_days=2,
    expiry_days=30,
    min_tenure_days=0,
)


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int]:
    den = draw(st.integers(1, 100))
    return draw(st.integers(0, den)), den


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    num, den = draw(shares())
    quorum_num, quorum_den = draw(shares())
    return replace(
        SIMPLE,
        num=num,
        den=den,
        base=draw(st.sampled_from(Base)),
        quorum_kind=draw(st.sampled_from(QuorumKind)),
        quorum_num=quorum_num,
        quorum_den=quorum_den,
    )


@st.composite
def polls(draw: st.DrawFn) -> tuple[Roll, list[Vote]]:
    size = draw(st.integers(0, 25))
    entries = [
        RollEntry(voter=f"{i:032x}", college=draw(st.sampled_from(["producer", "user", "support"])), commitment="c")
        for i in range(size)
    ]
    votes = [Vote(e.voter, draw(st.sampled_from(Choice))) for e in entries if draw(st.booleans())]
    return Roll.of(entries), votes


def counts(top: int = 60) -> st.SearchStrategy[Count]:
    return st.tuples(*[st.integers(0, top)] * 4).map(
        lambda n: Count(roll=sum(n), in_favour=n[0], against=n[1], abstained=n[2])
    )


@given(procedures(), polls(), st.randoms(use_true_random=False))
def test_the_order_of_votes_and_of_the_roll_decides_nothing(
    procedure: Procedure, poll: tuple[Roll, list[Vote]], rng: random.Random
) -> None:
    roll, votes = poll
    entries, shuffled = list(roll.entries), list(votes)
    rng.shuffle(entries)
    rng.shuffle(shuffled)

    assert decide(procedure, Roll.of(entries), shuffled).as_data() == decide(procedure, roll, votes).as_data()


@given(procedures(), polls())
def test_counts_add_up_in_total_and_by_college(procedure: Procedure, poll: tuple[Roll, list[Vote]]) -> None:
    roll, votes = poll

    result = decide(procedure, roll, votes)

    assert result.count.cast == len(votes)
    assert result.count.roll == roll.size
    for part in ("roll", "in_favour", "against", "abstained"):
        assert sum(getattr(count, part) for count in result.colleges.values()) == getattr(result.count, part)


@given(procedures(), counts(), st.sampled_from(["against", "abstained", "silent"]))
def test_one_more_yes_never_turns_adopted_into_rejected(procedure: Procedure, count: Count, source: str) -> None:
    """The one who says Yes said No, abstained, or had not voted."""
    more = replace(count, in_favour=count.in_favour + 1)
    if source == "silent":
        if count.cast == count.roll:
            return
    else:
        if getattr(count, source) == 0:
            return
        more = replace(more, **{source: getattr(count, source) - 1})

    if outcome_of(procedure, count) is Outcome.ADOPTED:
        assert outcome_of(procedure, more) is Outcome.ADOPTED


@given(counts())
def test_exactly_the_voted_share_is_a_tie_and_keeps_the_status_quo(count: Count) -> None:
    if count.in_favour == 0:
        return
    for base in Base:
        procedure = replace(SIMPLE, base=base, num=count.in_favour, den=count.base(base), quorum_kind=QuorumKind.NONE)
        assert outcome_of(procedure, count) is Outcome.TIED


@given(procedures(), counts())
def test_thresholds_are_exact_fractions_never_rounded_percentages(procedure: Procedure, count: Count) -> None:
    base = count.base(procedure.base)
    reached = {
        QuorumKind.APPROVAL: count.in_favour,
        QuorumKind.PARTICIPATION: count.cast,
        QuorumKind.NONE: count.roll,
    }[procedure.quorum_kind]
    enough = count.roll == 0 or Fraction(reached, count.roll) >= procedure.quorum
    above = base > 0 and Fraction(count.in_favour, base) > procedure.majority

    assert (outcome_of(procedure, count) is Outcome.ADOPTED) == (enough and above)


@pytest.mark.parametrize(
    ("in_favour", "against", "abstained", "roll", "outcome"),
    [
        (5, 4, 0, 25, Outcome.ADOPTED),  # 5 is exactly a fifth of 25
        (4, 0, 0, 25, Outcome.NO_QUORUM),
        (5, 5, 9, 25, Outcome.TIED),
        (5, 6, 0, 25, Outcome.REJECTED),
        (0, 0, 0, 0, Outcome.REJECTED),
        (0, 0, 3, 3, Outcome.NO_QUORUM),
    ],
)
def test_the_ordinary_procedure_by_example(
    in_favour: int, against: int, abstained: int, roll: int, outcome: Outcome
) -> None:
    count = Count(roll=roll, in_favour=in_favour, against=against, abstained=abstained)

    assert outcome_of(SIMPLE, count) is outcome


def test_an_abstention_weighs_only_where_the_base_says_so() -> None:
    count = Count(roll=10, in_favour=4, against=3, abstained=2)

    assert outcome_of(SIMPLE, count) is Outcome.ADOPTED
    assert outcome_of(replace(SIMPLE, base=Base.VALID), count) is Outcome.REJECTED
    assert outcome_of(replace(SIMPLE, base=Base.ROLL), count) is Outcome.REJECTED


def test_a_participation_quorum_counts_abstentions_and_an_approval_quorum_does_not() -> None:
    count = Count(roll=10, in_favour=1, against=0, abstained=2)
    third = replace(SIMPLE, quorum_num=3, quorum_den=10)

    assert outcome_of(third, count) is Outcome.NO_QUORUM
    assert outcome_of(replace(third, quorum_kind=QuorumKind.PARTICIPATION), count) is Outcome.ADOPTED


def test_a_vote_from_outside_the_roll_or_a_second_vote_cannot_be_counted() -> None:
    roll = Roll.of([RollEntry("aa", "producer", "c")])

    with pytest.raises(ValueError, match="not on the roll"):
        decide(SIMPLE, roll, [Vote("bb", Choice.YES)])
    with pytest.raises(ValueError, match="twice"):
        decide(SIMPLE, roll, [Vote("aa", Choice.YES), Vote("aa", Choice.NO)])
    with pytest.raises(ValueError, match="twice"):
        Roll.of([RollEntry("aa", "producer", "c"), RollEntry("aa", "user", "d")])


@given(procedures(), st.integers(0, 40))
def test_what_no_unanimous_roll_can_pass_is_called_unsatisfiable(procedure: Procedure, size: int) -> None:
    roll = Roll.of(RollEntry(f"{i:04x}", "producer", "c") for i in range(size))
    unanimous = decide(procedure, roll, [Vote(e.voter, Choice.YES) for e in roll.entries])

    assert is_satisfiable(procedure, size) == (size > 0 and unanimous.outcome is Outcome.ADOPTED)


def test_nobody_can_exceed_the_whole_so_a_majority_of_all_of_it_is_unsatisfiable() -> None:
    assert is_satisfiable(SIMPLE, 1)
    assert not is_satisfiable(SIMPLE, 0)
    assert not is_satisfiable(replace(SIMPLE, num=1, den=1), 10)


@given(procedures(), procedures(), counts())
def test_what_passes_a_procedure_as_demanding_passes_the_other_too(
    one: Procedure, other: Procedure, count: Count
) -> None:
    if is_as_demanding(one, other) and outcome_of(one, count) is Outcome.ADOPTED:
        assert outcome_of(other, count) is Outcome.ADOPTED


def test_a_narrower_electorate_is_never_as_demanding_as_everybody() -> None:
    stewards = replace(SIMPLE, voters=Voters.STEWARDS)

    assert is_as_demanding(SIMPLE, stewards)
    assert is_as_demanding(stewards, stewards)
    assert not is_as_demanding(stewards, SIMPLE)


@given(procedures())
def test_a_procedure_survives_its_table(procedure: Procedure) -> None:
    assert Procedure.from_table(procedure.as_table()) == procedure


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("num", 1.0),
        ("num", -1),
        ("num", True),
        ("den", 0),
        ("num", 3),
        ("quorum_den", 0),
        ("base", "cast"),
        ("voters", ""),
    ],
)
def test_a_table_that_is_no_procedure_is_refused(column: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"whole number|is not a share|is not a valid"):
        Procedure.from_table({**SIMPLE.as_table(), column: value})
    with pytest.raises(ValueError, match="columns missing"):
        Procedure.from_table({name: v for name, v in SIMPLE.as_table().items() if name != column})
