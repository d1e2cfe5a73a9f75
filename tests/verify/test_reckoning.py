"""The tool's own arithmetic: known answers, and laws for all numbers."""

import copy
import hashlib
from fractions import Fraction

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify import bundles
from tests.verify.bundles import voter

# RFC 8032, section 7.1: secret key, message, signature.
OFFICIAL = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("secret", "message", "signature"), OFFICIAL)
def test_the_official_signatures_verify(tool, secret, message, signature):
    public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw()

    assert tool.ed25519_verify(public, bytes.fromhex(message), bytes.fromhex(signature))
    assert not tool.ed25519_verify(public, bytes.fromhex(message) + b"!", bytes.fromhex(signature))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.integers(0, 511))
@settings(max_examples=30, deadline=None)
def test_no_bit_of_a_signature_can_be_turned(tool, seed, message, bit):
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = secret.public_key().public_bytes_raw(), secret.sign(message)
    turned = bytearray(signature)
    turned[bit // 8] ^= 1 << bit % 8

    assert tool.ed25519_verify(public, message, signature)
    assert not tool.ed25519_verify(public, message, bytes(turned))


def test_a_signature_with_a_second_form_is_refused(tool):
    secret = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    signature = secret.sign(b"once")
    again = signature[:32] + (int.from_bytes(signature[32:], "little") + tool.L).to_bytes(32, "little")

    assert not tool.ed25519_verify(secret.public_key().public_bytes_raw(), b"once", again)


def ballot_outcome(tool, yes, no, abstain, size, **procedure):
    colleges = {voter(n): "producer" for n in range(size)}
    choices = ["yes"] * yes + ["no"] * no + ["abstain"] * abstain
    votes = [{"voter": voter(n), "choice": choice} for n, choice in enumerate(choices)]
    return tool.recount(bundles.PROCEDURE | procedure, colleges, votes)["outcome"]


@pytest.mark.parametrize(
    ("yes", "no", "abstain", "size", "procedure", "outcome"),
    [
        (3, 2, 0, 10, {}, "adopted"),
        (2, 2, 0, 10, {}, "tied"),
        (2, 3, 0, 10, {}, "rejected"),
        (1, 0, 0, 10, {}, "no_quorum"),
        (2, 0, 0, 10, {}, "adopted"),
        (0, 0, 0, 0, {}, "rejected"),
        (0, 0, 5, 10, {"quorum_kind": "none"}, "rejected"),
        (1, 1, 3, 10, {"quorum_kind": "participation", "quorum_num": 1, "quorum_den": 2}, "tied"),
        (1, 1, 2, 10, {"quorum_kind": "participation", "quorum_num": 1, "quorum_den": 2}, "no_quorum"),
        (3, 1, 2, 10, {"base": "valid"}, "tied"),
        (5, 0, 0, 10, {"base": "roll"}, "tied"),
        (6, 3, 0, 10, {"num": 2, "den": 3}, "tied"),
        (7, 3, 0, 10, {"num": 2, "den": 3}, "adopted"),
    ],
)
def test_a_ballot_is_decided_as_the_procedure_says(tool, yes, no, abstain, size, procedure, outcome):
    assert ballot_outcome(tool, yes, no, abstain, size, **procedure) == outcome


def run_of(tool, *, revenue, seconds, owed=None, reserve=0, costs=0, **rules):
    """The result for members who worked so many seconds each, without levies unless they are named."""
    inputs = {
        "funds": bundles.RUN["inputs"]["funds"],
        "revenue": [{"source": "project:x", "answers": 1, "price": revenue, "amount": revenue}],
        "refunds": 0, "rail_fees": 0, "direct_costs": costs, "deficit_carried": 0, "reserve_balance": reserve,
        "owed": owed or {},
        "adjustments": [],
        "adjustments_carried": {},
        "corrections": [],
        "members": [
            {"member": voter(n), "seniority_years": 0, "entries": [{"id": str(n), "kind": "task", "seconds": worked}]}
            for n, worked in enumerate(seconds, start=1)
        ],
    }  # fmt: skip
    plain = dict.fromkeys(bundles.RULES, 0) | {
        "pay.share_strategy": "clamped_weight/1",
        "pay.kind_weights": {"task": 1000},
        "pay.hourly_floor": 3600,
    }
    book = plain | {f"pay.{key}": value for key, value in rules.items()}
    return tool.recompute(
        inputs, tool.Rules({key: {"version": 1, "value": value} for key, value in book.items()}), "run"
    )


def amounts(result):
    return [line["amount"] for line in result["members"]]


def test_without_work_the_pool_goes_to_the_reserve(tool):
    result = run_of(tool, revenue=500, seconds=[0, 0])

    assert (result["regime"], result["to_reserve"], amounts(result)) == ("no_work", 500, [0, 0])


def test_floors_are_prorated_when_the_reserve_does_not_reach(tool):
    result = run_of(tool, revenue=70, seconds=[100, 50], reserve=100, reserve_draw_limit=2000)

    assert (result["regime"], result["reserve_draw"], result["pool"]) == ("floors_prorated", 20, 90)
    assert amounts(result) == [60, 30]
    assert [line["shortfall"] for line in result["members"]] == [40, 20]


def test_the_reserve_lifts_everyone_to_the_floor(tool):
    result = run_of(tool, revenue=100, seconds=[100, 50], reserve=1000, reserve_draw_limit=10_000)

    assert (result["regime"], result["reserve_draw"], amounts(result)) == ("ok", 50, [100, 50])


def test_when_everyone_is_capped_the_rest_goes_to_the_reserve_and_no_work_is_still_paid_nothing(tool):
    result = run_of(tool, revenue=1000, seconds=[100, 50, 0], hourly_cap=7200)

    assert (result["regime"], amounts(result), result["to_reserve"]) == ("all_capped", [200, 100, 0], 700)


def test_who_is_capped_leaves_the_rest_to_the_others(tool):
    """Equal shares of 400 would be 133 each; the third is capped at 20 and the second at 100."""
    result = run_of(
        tool, revenue=400, seconds=[1000, 50, 10], hourly_cap=7200, hourly_floor=0, share_strategy="clamped_equal/1"
    )

    assert amounts(result) == [280, 100, 20]


def test_debts_of_earlier_periods_take_no_more_than_the_voted_share(tool):
    result = run_of(tool, revenue=100, seconds=[10], owed={voter(1): 50, voter(9): 250}, debt_share=2000)

    assert (result["owed_paid"], result["pool"]) == (20, 80)


def test_where_all_of_the_pool_was_voted_debts_are_paid_first(tool):
    result = run_of(tool, revenue=100, seconds=[10], owed={voter(1): 50, voter(9): 250}, debt_share=10_000)

    assert (result["owed_paid"], result["pool"], result["regime"]) == (100, 0, "floors_prorated")
    assert [(line["owed_paid"], line["owed_left"]) for line in result["members"]] == [(17, 33), (83, 167)]


def test_a_loss_is_carried_and_nothing_is_divided(tool):
    result = run_of(tool, revenue=100, seconds=[0], costs=130)

    assert (result["net"], result["distributable"], result["deficit_next"]) == (-30, 0, 30)


@given(
    revenue=st.integers(0, 10**7),
    seconds=st.lists(st.integers(0, 200_000), min_size=1, max_size=12),
    reserve=st.integers(0, 10**6),
    floor=st.integers(0, 3000),
    above=st.one_of(st.none(), st.integers(0, 3000)),
    equal=st.integers(0, 10_000),
    levy=st.integers(0, 3000),
    strategy=st.sampled_from(["clamped_weight/1", "clamped_equal/1"]),
)
@settings(max_examples=300, deadline=None)
def test_nothing_is_lost_and_floors_and_caps_hold(tool, revenue, seconds, reserve, floor, above, equal, levy, strategy):
    cap = 0 if above is None else floor + above
    result = run_of(
        tool, revenue=revenue, seconds=seconds, reserve=reserve, reserve_draw_limit=3000, hourly_floor=floor, hourly_cap=cap,
        equal_base_share=equal, solidarity_share=levy, share_strategy=strategy,
    )  # fmt: skip

    paid = sum(amounts(result))
    assert paid + result["to_reserve"] == result["pool"]
    assert result["pool"] == result["labour_pool"] - result["owed_paid"] + result["reserve_draw"]
    for line in result["members"]:
        exact = Fraction(line["exact"])
        assert exact - 1 < line["amount"] < exact + 1
        if line["weight"] == 0:
            assert line["amount"] == 0
        elif result["regime"] != "floors_prorated":
            assert line["floor"] <= exact and (line["cap"] is None or exact <= line["cap"])
        else:
            assert line["amount"] + line["shortfall"] == line["floor"]


def test_the_order_of_the_inputs_changes_nothing(tool):
    inputs = copy.deepcopy(bundles.RUN["inputs"])
    rules = tool.Rules(bundles.RUN["rule_book"]["rules"])
    before = tool.recompute(inputs, rules, "run")
    inputs["members"].reverse()
    inputs["owed"] = dict(reversed(inputs["owed"].items()))

    assert tool.recompute(inputs, rules, "run") == before
