"""The machine's look at a request: laws for every combination of facts."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop.commons.screen import (
    ACTIONS,
    LEGAL_FORMS,
    PURPOSES,
    RED_LINES,
    SECTORS,
    UNKNOWN,
    Facts,
    Verdict,
    default_policy,
    screen,
)
from coop.ground.canonical import canonical_json

POLICY = default_policy(target="urn:canut:dataset:1", red_lines=RED_LINES)
LAB = Facts(
    legal_form="public_body",
    sectors=frozenset({"research_education"}),
    purpose="academic_research",
    actions=frozenset({"use", "derive"}),
)
facts = st.builds(
    Facts,
    legal_form=st.sampled_from(sorted(LEGAL_FORMS)),
    sectors=st.frozensets(st.sampled_from(sorted(SECTORS)), min_size=1, max_size=3),
    purpose=st.sampled_from(sorted(PURPOSES)),
    actions=st.frozensets(st.sampled_from(sorted(ACTIONS)), min_size=1),
    offer=st.integers(0, 10**6),
)


def crossed(asked):
    """The red lines that the facts cross, read from the list itself."""
    return {
        key for key, (_, sectors, purposes) in RED_LINES.items() if asked.sectors & sectors or asked.purpose in purposes
    }


def test_a_research_lab_goes_to_people_with_its_duties():
    said = screen(LAB, POLICY, RED_LINES)

    assert said.verdict is Verdict.PEOPLE
    assert said.rules == ("permission/without-profit",)
    assert said.duties == ("duty/delete-at-the-end", "duty/name-the-collective", "duty/report")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sectors": frozenset({"insurance"})}, "insurance"),
        ({"sectors": frozenset({"research_education", "insurance"})}, "insurance"),
        ({"purpose": "insurance_pricing"}, "insurance"),
        ({"sectors": frozenset({"pharmaceutical"})}, "pharmaceutical"),
        ({"purpose": "biometric_identification"}, "surveillance"),
        ({"sectors": frozenset({"defence"})}, "military"),
        ({"purpose": "border_decisions"}, "migration_control"),
        ({"sectors": frozenset({"workplace_monitoring"})}, "union_busting"),
        ({"actions": frozenset({"use", "sell"})}, "no_resale"),
        ({"actions": frozenset({"distribute"})}, "no_resale"),
        ({"legal_form": "person"}, "no_permission"),
        ({"legal_form": "firm", "purpose": "product_development"}, "no_permission"),
        ({"actions": frozenset()}, "no_permission"),
    ],
)
def test_a_refusal_names_its_reason(changes, reason):
    said = screen(replace(LAB, **changes), POLICY, RED_LINES)

    assert (said.verdict, said.reason) == (Verdict.REFUSED, reason)


def test_a_firm_that_pays_goes_to_people():
    firm = replace(LAB, legal_form="firm", purpose="product_development", offer=1)

    assert screen(firm, POLICY, RED_LINES).rules == ("permission/against-a-fee",)


@pytest.mark.parametrize("changes", [{"sectors": frozenset({UNKNOWN})}, {"purpose": UNKNOWN}, {"legal_form": UNKNOWN}])
def test_what_is_not_known_goes_to_people_and_says_what_is_undecided(changes):
    said = screen(replace(LAB, **changes), POLICY, RED_LINES)

    assert said.verdict is Verdict.PEOPLE
    assert said.undecided


@given(facts)
def test_a_prohibition_wins_over_every_permission(asked):
    said = screen(asked, POLICY, RED_LINES)

    if lines := crossed(asked):
        assert said.verdict is Verdict.REFUSED and said.reason in lines | {"no_resale"}
    if asked.actions & {"sell", "distribute"}:
        assert said.verdict is Verdict.REFUSED


@given(facts)
def test_in_a_closed_world_nothing_passes_that_no_permission_names(asked):
    nothing_permitted = {**POLICY, "permission": []}

    assert screen(asked, nothing_permitted, RED_LINES).verdict is Verdict.REFUSED


@given(facts)
def test_a_red_line_drawn_by_the_assembly_holds_where_the_policy_has_none(asked):
    without = default_policy(target="x", red_lines=[])

    if crossed(asked):
        assert screen(asked, without, RED_LINES).verdict is Verdict.REFUSED


@given(facts, st.sampled_from(["purpose", "legal_form", "sectors"]))
def test_knowing_less_never_makes_a_refusal_of_what_went_to_people(asked, forgotten):
    known = screen(asked, POLICY, RED_LINES)
    less = screen(
        replace(asked, **{forgotten: frozenset({UNKNOWN}) if forgotten == "sectors" else UNKNOWN}), POLICY, RED_LINES
    )

    if known.verdict is Verdict.PEOPLE:
        assert less.verdict is Verdict.PEOPLE


@given(facts, st.sets(st.sampled_from(sorted(RED_LINES))))
def test_one_more_red_line_never_opens_a_door(asked, lines):
    policy = default_policy(target="x", red_lines=[])

    for line in RED_LINES:
        if screen(asked, policy, lines).verdict is Verdict.REFUSED:
            assert screen(asked, policy, lines | {line}).verdict is Verdict.REFUSED


def test_the_policy_is_json_with_a_hash():
    assert json.loads(canonical_json(POLICY)) == POLICY
    uids = [rule["uid"] for rule in POLICY["permission"] + POLICY["prohibition"]]
    assert len(uids) == len(set(uids))
