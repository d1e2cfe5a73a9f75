import ast
import copy
import json
import re
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coop.rules.catalogue.procedures import PROCEDURE_COLUMNS
from coop.rules.catalogue.rule import Layer
from governance.operations import REGISTRY
from tests.verify import bundles
from tests.verify.conftest import TOOL

GOLDEN = Path(__file__).parent / "golden"
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32)


@pytest.mark.parametrize(("name", "make"), [("ballot", bundles.sealed_ballot), ("run", bundles.sealed_run)])
def test_the_formats_are_frozen(name, make):
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))

    assert golden == make()


@pytest.mark.parametrize("kind", ["ballot", "run"])
def test_a_true_bundle_is_consistent(verify, kind):
    answer = verify(kind, GOLDEN / f"{kind}.json")

    assert answer.status == 0, answer.said
    assert answer.said.endswith("consistent, origin not checked\n")


@pytest.mark.parametrize("kind", ["ballot", "run"])
@pytest.mark.parametrize("key", [bundles.VERIFIER_KEY, bundles.PUBLIC.hex()])
def test_with_the_key_of_the_log_the_origin_is_checked(verify, kind, key):
    answer = verify(kind, GOLDEN / f"{kind}.json", "--key", key)

    assert answer.status == 0, answer.said
    assert 'origin checked with the key you gave: "canut.example/log"' in answer.said


def test_the_key_and_a_kept_checkpoint_may_be_files(verify, tmp_path):
    (tmp_path / "key").write_text(bundles.VERIFIER_KEY + "\n")
    (tmp_path / "checkpoint").write_text(bundles.sealed_run()["log"]["checkpoint"], encoding="utf-8")

    answer = verify("run", GOLDEN / "run.json", "--key", tmp_path / "key", "--checkpoint", tmp_path / "checkpoint")

    assert answer.status == 0, answer.said
    assert "origin checked with the checkpoint you kept and the key you gave" in answer.said


def test_a_bundle_made_whole_by_a_forger_is_refused_with_the_key(verify):
    forged = bundles.logged(bundles.hashed(bundles.BALLOT), secret=OTHER_KEY)

    assert verify("ballot", forged).status == 0
    answer = verify("ballot", forged, "--key", bundles.VERIFIER_KEY)
    assert answer.status == 1
    assert "the signature is not by the key given" in answer.said


def test_a_checkpoint_with_another_root_shows_a_log_with_two_faces(verify, tmp_path):
    (tmp_path / "kept").write_text(bundles.checkpoint([b"x"] * 6), encoding="utf-8")

    answer = verify("ballot", GOLDEN / "ballot.json", "--checkpoint", tmp_path / "kept")

    assert answer.status == 1
    assert "another root at size 6" in answer.said


def test_a_checkpoint_of_another_size_or_log_proves_nothing(verify, tmp_path):
    (tmp_path / "longer").write_text(bundles.checkpoint([b"x"] * 7), encoding="utf-8")
    (tmp_path / "other").write_text(bundles.checkpoint([b"x"] * 6, origin="elsewhere.example/log"), encoding="utf-8")

    assert (
        "it has size 7, the bundle's 6"
        in verify("ballot", GOLDEN / "ballot.json", "--checkpoint", tmp_path / "longer").said
    )
    assert (
        'it is of the log "elsewhere.example/log"'
        in verify("ballot", GOLDEN / "ballot.json", "--checkpoint", tmp_path / "other").said
    )


@pytest.mark.parametrize("body", [bundles.BALLOT, bundles.RUN])
def test_a_bundle_not_yet_in_the_log_is_consistent_but_its_origin_cannot_be_checked(verify, body):
    kind = "ballot" if "ballot" in body else "run"
    bundle = bundles.hashed(body)

    assert verify(kind, bundle).said.endswith("consistent, origin not checked\n")
    answer = verify(kind, bundle, "--key", bundles.VERIFIER_KEY)
    assert answer.status == 1
    assert "carries no proof from the log" in answer.said


# -- what differs is named: a forger who makes all hashes agree again, and shows no log


def forged(body, **changes):
    """A body with values at paths like result__in_favour changed, and every hash made to agree again."""
    body = copy.deepcopy(body)
    for path, value in changes.items():
        *above, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        place = body
        for step in above:
            place = place[step]
        place[last] = value
    return bundles.hashed(body)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"votes__0__choice": "no"}, "votes: in_favour is 3 in the result, 2 when recounted"),
        ({"result__in_favour": 4}, "votes: in_favour is 4 in the result, 3 when recounted"),
        ({"result__outcome": "rejected"}, 'votes: outcome is "rejected" in the result, "adopted" when recounted'),
        ({"result__colleges__user__against": 0}, "votes: colleges.user.against is 0 in the result, 1 when recounted"),
        ({"result__needed__num": 2}, "votes: needed.num is 2 in the result, 1 when recounted"),
        ({"votes__0__voter": "00" * 16}, "vote of voter 00000000…: this voter is not on the roll"),
        ({"votes__1__voter": bundles.voter(1)}, "votes: 01010101… appears twice"),
        ({"votes__1__voter": bundles.voter(4)}, "votes: 03030303… is not in its place"),
        ({"roll__size": 8}, "roll.size: 8 stated, 7 entries listed"),
        ({"roll__entries__1__voter": bundles.voter(1)}, "roll: 01010101… appears twice"),
        (
            {"procedure__voters": "producers"},
            'roll: voter 06060606… is of the college "user", and only producers vote here',
        ),
        ({"procedure__quorum_num": 4}, 'votes: outcome is "adopted" in the result, "no_quorum" when recounted'),
        ({"procedure__base": "roll"}, "votes: base is 5 in the result, 7 when recounted"),
        ({"closed_at": "2026-11-28T07:59:59.000000Z"}, "opened_at, closes_at, closed_at"),
    ],
)
def test_what_differs_in_a_ballot_is_named(verify, changes, sentence):
    answer = verify("ballot", forged(bundles.BALLOT, **changes))

    assert answer.status == 1, answer.said + answer.complaint
    assert sentence in answer.said


# -- who forges a ballot makes all its hashes agree, and counts his votes rightly


def decided(tool, *, changes=None, procedure=None, book=None):
    """The ballot with these changes, by a procedure altered like this in the bundle and in its rule book, counted again."""
    body = copy.deepcopy(bundles.BALLOT) | (changes or {})
    body["procedure"] = bundles.PROCEDURE | (procedure or {})
    body["rule_book"]["rules"]["procedure.pay"]["value"] = bundles.PROCEDURE | (procedure or {}) | (book or {})
    colleges = {entry["voter"]: entry["college"] for entry in body["roll"]["entries"]}
    body["result"] = tool.recount(body["procedure"], colleges, body["votes"])
    return bundles.hashed(body)


def test_a_ballot_by_a_stricter_procedure_is_still_a_ballot(tool, verify):
    answer = verify("ballot", decided(tool, procedure={"num": 2, "den": 3, "quorum_kind": "none", "quorum_num": 0}))

    assert answer.status == 0, answer.said + answer.complaint


@pytest.mark.parametrize(
    ("procedure", "sentence"),
    [
        ({"num": 0, "den": 1}, "procedure: the majority is 0/1; at least 1/2 has to be exceeded"),
        ({"num": 0}, "procedure.num: 0 stated, at least 1 is needed"),
        ({"num": 1, "den": 3}, "procedure: the majority is 1/3; at least 1/2 has to be exceeded"),
        ({"num": 49, "den": 100}, "procedure: the majority is 49/100"),
        ({"num": 1, "den": 1}, "procedure.den: 1 stated, at least 2 is needed"),
        ({"num": 3, "den": 3}, "procedure: the majority is 3/3; nothing could exceed it"),
        ({"quorum_num": 6}, "procedure: the quorum is 6/5, more than the whole roll"),
        ({"voting_days": 0}, "procedure.voting_days: 0 stated, at least 1 is needed"),
        ({"expiry_days": 0}, "procedure.expiry_days: 0 stated, at least 1 is needed"),
    ],
)
def test_what_is_no_way_to_decide_decides_nothing(tool, verify, procedure, sentence):
    answer = verify("ballot", decided(tool, procedure=procedure))

    assert answer.status == 1, answer.said + answer.complaint
    assert sentence in answer.said


@pytest.mark.parametrize("column", bundles.PROCEDURE)
def test_a_ballot_is_decided_by_the_procedure_of_its_rule_book(tool, verify, column):
    value = bundles.PROCEDURE[column]

    answer = verify("ballot", decided(tool, book={column: changed(value)}))

    assert answer.status == 1, answer.said + answer.complaint
    assert f"procedure.{column}: {json.dumps(value)} stated" in answer.said


@pytest.mark.parametrize("value", [None, 7, "yes", [], {}, {"num": 1}])
def test_a_rule_that_is_no_procedure_decides_nothing(verify, value):
    answer = verify("ballot", forged(bundles.BALLOT, **{"rule_book__rules__procedure.pay__value": value}))

    assert answer.status == 1, answer.said + answer.complaint
    assert "procedure" in answer.said
    assert "Traceback" not in answer.complaint


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("procedure.founder", 'procedure_key: "procedure.founder" is not a procedure in the rule book'),
        ("pay.solidarity_share", 'procedure_key: "pay.solidarity_share" is not a procedure in the rule book'),
        ("", 'procedure_key: "" is not a procedure in the rule book'),
        ("procedure.admission", "procedure.quorum_den: 5 stated, 10 in the rule book"),
    ],
)
def test_the_procedure_is_a_rule_of_the_book(verify, key, sentence):
    answer = verify("ballot", forged(bundles.BALLOT, procedure_key=key))

    assert answer.status == 1, answer.said + answer.complaint
    assert sentence in answer.said


STATED_ALONE = {"ballot", "proposal.id", "proposal.title", "proposal.text_sha256", "closed_at"}
"""What no other part of a ballot's bundle speaks of: the help says so."""
STATED_ALONE_BUT_HASHED = {
    "change_set.0.key", "change_set.0.base_version", "change_set.0.new_value",
    "rule_book.rules.pay.solidarity_share.version", "rule_book.rules.pay.solidarity_share.value", "rule_book.rules.procedure.pay.version",
    "rule_book.rules.procedure.admission.version",
    *(f"rule_book.rules.procedure.admission.value.{column}" for column in bundles.PROCEDURE),
    *(f"roll.entries.{n}.commitment" for n in range(7)),
    "roll.entries.3.voter",  # who didn't vote
}  # fmt: skip
"""The same, once all hashes are made to agree again."""


def accepted_without_a_log(tool, make, tmp_path):
    """The places in a ballot whose value can be another one, and the tool calls it consistent."""
    file = tmp_path / "bundle.json"
    for path, _ in leaves(bundles.hashed(bundles.BALLOT)):
        file.write_text(json.dumps(make(altered(bundles.hashed(bundles.BALLOT), path))))
        if path != ("log",) and run_inside(tool, "ballot", str(file)) == 0:
            yield ".".join(map(str, path))


def test_whatever_a_ballot_states_twice_has_to_agree(tool, tmp_path, capsys):
    accepted = set(accepted_without_a_log(tool, lambda bundle: bundle, tmp_path))
    capsys.readouterr()

    assert accepted == STATED_ALONE


def test_a_forger_who_makes_all_hashes_agree_changes_only_what_the_help_names(tool, tmp_path, capsys):
    stated_hashes = {"change_set_sha256", "procedure_sha256", "rule_book.hash", "roll.root", "result_sha256"}

    accepted = set(accepted_without_a_log(tool, bundles.hashed, tmp_path)) - stated_hashes
    capsys.readouterr()

    assert accepted == STATED_ALONE | STATED_ALONE_BUT_HASHED


def test_no_college_without_voters_stands_in_the_result(verify):
    empty = {"roll": 0, "in_favour": 0, "against": 0, "abstained": 0}
    colleges = bundles.BALLOT["result"]["colleges"] | {"friends": empty}

    answer = verify("ballot", forged(bundles.BALLOT, result__colleges=colleges))

    assert answer.status == 1, answer.said + answer.complaint
    assert "votes: colleges.friends" in answer.said


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        ({"op": "admit", "application": "1"}, '"admit" is decided by procedure.admission, not by "procedure.pay"'),
        ({"op": "grant_access", "request": "1"}, '"grant_access" is decided by procedure.stewards'),
        ({"op": "appoint", "member": "1"}, '"appoint" is decided by procedure.parameter'),
        ({"op": "resolution"}, '"resolution" is decided by procedure.parameter'),
        ({"op": "seize"}, '"seize" is no operation'),
        ({"op": ["admit"]}, "is no operation"),
        ({"new_value": 5}, "null is no operation"),
    ],
)
def test_each_kind_of_change_is_decided_by_its_own_procedure(verify, operation, sentence):
    answer = verify("ballot", forged(bundles.BALLOT, change_set=[operation]))

    assert answer.status == 1, answer.said + answer.complaint
    assert sentence in answer.said


@pytest.mark.parametrize("key", ["procedure.admission", "procedure.stewards"])
def test_no_rule_is_changed_by_the_procedure_for_admissions_or_the_stewards(verify, key):
    body = copy.deepcopy(bundles.BALLOT)
    body["rule_book"]["rules"][key] = {"version": 1, "value": bundles.PROCEDURE}

    answer = verify("ballot", forged(body, procedure_key=key))

    assert answer.status == 1, answer.said + answer.complaint
    assert f'"set_rule" is decided by the procedure of the rule\'s layer, not by "{key}"' in answer.said


def test_a_ballot_about_nothing_is_named(verify):
    answer = verify("ballot", forged(bundles.BALLOT, change_set=[]))

    assert answer.status == 1, answer.said + answer.complaint
    assert "change_set: nothing is put to the vote" in answer.said


@pytest.mark.parametrize(
    "closes_at",
    [
        "2026-11-21T08:00:00.999999Z",
        "2026-11-28T07:59:59.999999Z",
        "2026-11-28T08:00:00.000001Z",
        "2026-11-29T08:00:00.000000Z",
    ],
)
def test_votes_are_taken_for_the_days_of_the_procedure(verify, closes_at):
    answer = verify("ballot", forged(bundles.BALLOT, closes_at=closes_at, closed_at="2026-12-01T00:00:00.000000Z"))

    assert answer.status == 1, answer.said + answer.complaint
    assert "closes_at: " in answer.said
    assert "votes are taken for 7 days" in answer.said


def test_a_number_of_days_beyond_every_calendar_is_named(tool, verify):
    answer = verify("ballot", decided(tool, procedure={"voting_days": 2**53 - 1}))

    assert answer.status == 1, answer.said + answer.complaint
    assert "Traceback" not in answer.complaint


def test_one_person_is_not_on_the_roll_under_two_names(verify):
    commitment = bundles.ROLL[0]["commitment"]

    answer = verify("ballot", forged(bundles.BALLOT, roll__entries__1__commitment=commitment))

    assert answer.status == 1, answer.said + answer.complaint
    assert "roll: the commitment" in answer.said


@pytest.mark.parametrize(
    ("kind", "written", "sentence"),
    [
        ("ballot", {"kind": "ballot.opened"}, '"ballot.opened" is no entry of a counted ballot'),
        ("ballot", {"kind": "run.computed"}, '"run.computed" is no entry of a counted ballot'),
        ("ballot", {"kind": "project.paused"}, '"project.paused" is no entry of a counted ballot'),
        ("run", {"kind": "ballot.tallied"}, '"ballot.tallied" is no entry of a computed run'),
        ("run", {"kind": "run.approved"}, '"run.approved" is no entry of a computed run'),
        ("ballot", {"at": "2026-11-28T08:00:04.249999Z"}, "log.entry: it was written before the ballot was closed"),
    ],
)
def test_the_log_holds_the_count_itself(verify, kind, written, sentence):
    body = bundles.BALLOT if kind == "ballot" else bundles.RUN

    answer = verify(kind, bundles.logged(bundles.hashed(body), written=written), "--key", bundles.VERIFIER_KEY)

    assert answer.status == 1, answer.said + answer.complaint
    assert sentence in answer.said


@pytest.mark.parametrize("name", ["proposal", "outcome", "result_sha256"])
@pytest.mark.parametrize("told", ["x", None])
def test_the_log_says_of_the_count_what_the_bundle_says(verify, name, told):
    bundle = bundles.hashed(bundles.BALLOT)
    payload = {"bundle_sha256": bundles.fingerprint({key: value for key, value in bundle.items() if key != "log"})}
    payload |= bundles.counted(bundle) | {name: told}

    answer = verify("ballot", bundles.logged(bundle, written={"payload": payload}), "--key", bundles.VERIFIER_KEY)

    assert answer.status == 1, answer.said + answer.complaint
    assert f"log.entry: {name} " in answer.said


def test_the_bounds_of_a_procedure_are_those_of_the_catalogue(tool):
    lowest = {name: column.lowest for name, column in PROCEDURE_COLUMNS.items() if not column.choices}

    assert {name: value for name, value in lowest.items() if value} == tool.LOWEST
    assert {
        name: kind.procedure(object.__new__(kind)) for name, kind in REGISTRY.items() if name != "set_rule"
    } == tool.DECIDED_BY
    assert {f"procedure.{layer}" for layer in Layer} == tool.LAYERS


@pytest.mark.parametrize(
    "sentence",
    [
        "that the text voted on is the one hashed, or has this title",
        "that its ids and the moment of its close are true, where it carries no log",
        "that its change set could be put to the vote",
        "that the rule book was the one in force",
        "that the procedure is the one of the layer of the rules changed",
        "that the proposal was talked over as long as the procedure says",
        "that the roll holds all who may vote and nobody else",
        "that each vote is as its voter cast it",
        "that the log holds no second count of the same ballot",
    ],
)
def test_it_says_itself_what_no_bundle_of_a_ballot_proves(verify, sentence):
    said = " ".join(verify("ballot", "", "--help").said.split())

    assert sentence in said


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"result__members__0__amount": 6042}, "member 01010101…: amount 6042 stated, 6041 recomputed"),
        ({"result__members__1__exact": "44405/15"}, "member 02020202…: exact 44405/15 stated, 44404/15 recomputed"),
        ({"result__members__0__cap": 9000}, "member 01010101…: cap 9000 stated, null recomputed"),
        ({"result__members__3__owed_paid": 400}, "member 04040404…: owed_paid 400 stated, 500 recomputed"),
        ({"result__levies__0__amount": 601}, "levy solidarity: amount 601 stated, 600 recomputed"),
        ({"result__regime": "all_capped"}, "regime: all_capped stated, ok recomputed"),
        ({"inputs__refunds": 100}, "net: 12001 stated, 12000 recomputed"),
        ({"inputs__revenue__1__amount": 501}, "amount 501 stated, more than 10 answers at 50 = 500"),
        ({"inputs__members__1__entries__0__id": "t1"}, 'member 02020202…: the time entry "t1" is counted twice'),
        (
            {"inputs__members__2__entries": [{"id": "t9", "kind": "task", "seconds": 60}]},
            "member 03030303…: seconds 0 stated, 60 recomputed",
        ),
        (
            {"rule_book__rules__pay.solidarity_share__value": 700},
            "levy solidarity: share_bp 500 stated, 700 recomputed",
        ),
        ({"payable_total": 8640}, "payable_total: 8640 stated, 8641 added up"),
        (
            {"ledger__entries__0__amount": -99},
            "ledger: the entries of a transaction add up to 0, 1 stated, 0 expected",
        ),
        ({"ledger__entries__0__amount": -99}, "ledger: costs:direct -99 stated, -100 expected"),
        (
            {"ledger__entries__10__account": "member:" + bundles.voter(2) + ":payable"},
            "ledger: member:" + bundles.voter(2) + ":payable -2500 stated, -2000 expected",
        ),
        ({"ledger__entries__5__account": "cash:bank"}, "ledger: cash:bank -600 stated, 0 expected"),
        ({"replaces": None}, "replaces: version 2 must name the version it replaces"),
        ({"version": 1}, "replaces: version 1 must name the version it replaces, and version 1 names none"),
        ({"version": 3}, "version: one more than the corrections, 3 stated, 2 counted"),
        ({"inputs__corrections": []}, "member 01010101…: seconds 9000 stated, 8800 recomputed"),
        ({"inputs__corrections__0__seconds": 201}, "member 01010101…: seconds 9000 stated, 9001 recomputed"),
        (
            {"inputs__corrections__0__seconds": 9_999_999},
            "member 01010101…: corrected to 10008799 seconds, longer than the",
        ),
        ({"inputs__corrections__0__member": "0f" * 16}, "inputs.corrections: 0f0f0f0f… is not among the members"),
        ({"inputs__adjustments": []}, "member 02020202…: adjustment -960 stated, -60 recomputed"),
        ({"inputs__adjustments__0__amount": 900}, "adjustments paid: 0 stated, 840 recomputed"),
        ({"inputs__adjustments__0__member": "0f" * 16}, "inputs.adjustments: 0f0f0f0f… is not among the members"),
        ({"inputs__adjustments_carried": {}}, "member 02020202…: adjustment -960 stated, -900 recomputed"),
        ({"result__members__1__adjustment_left": -1}, "member 02020202…: adjustment_left -1 stated, 0 recomputed"),
        ({"result__to_reserve": 0}, "to reserve: 0 stated, 960 recomputed"),
        ({"rule_book__rules__pay.debt_share__value": 0}, "owed paid: 600 stated, 0 recomputed"),
        ({"period__ends_at": "2026-10-01T00:00:00.000000Z"}, "period: it ends before it starts"),
        ({"result__members__2__member": "0f" * 16}, "paid in the result, but without work or debt in the inputs"),
    ],
)
def test_what_differs_in_a_run_is_named(verify, changes, sentence):
    answer = verify("run", forged(bundles.RUN, **changes))

    assert answer.status == 1, answer.said + answer.complaint
    assert sentence in answer.said


def fund(key, *, account=None, rule=None):
    return {"key": key, "account": account or f"fund:{key}", "rule": rule or f"pay.{key}_share"}


@pytest.mark.parametrize(
    ("invented", "sentence"),
    [
        (fund("friends", rule="pay.equal_base_share"), '"pay.equal_base_share" is not the rule of the fund "friends"'),
        (fund("friends", rule="pay.reserve_draw_limit"), '"pay.reserve_draw_limit" is not the rule of the fund'),
        (fund("friends", rule="pay.solidarity_share"), '"pay.solidarity_share" is not the rule of the fund "friends"'),
        (fund("equal_base"), '"pay.equal_base_share" is not the rule of the fund "equal_base"'),
    ],
)
def test_no_fund_can_be_invented(verify, invented, sentence):
    funds = [*bundles.RUN["inputs"]["funds"], invented]

    answer = verify("run", forged(bundles.RUN, inputs__funds=funds))

    assert answer.status == 1, answer.said + answer.complaint
    assert sentence in answer.said


def test_no_share_of_a_fund_goes_to_another_account(verify):
    answer = verify(
        "run", forged(bundles.RUN, inputs__funds__0__account="fund:reserve", inputs__funds__1__account="fund:mates")
    )

    assert answer.status == 1, answer.said + answer.complaint
    assert '"fund:reserve" is not the account of the fund "solidarity"' in answer.said
    assert '"fund:mates" is not the account of the fund' in answer.said


def test_money_that_goes_out_and_comes_back_in_the_same_transaction_is_named(verify):
    wash = [{"account": "cash:bank", "amount": amount} for amount in (500_000, -500_000)]

    answer = verify("run", forged(bundles.RUN, ledger__entries=[*bundles.RUN["ledger"]["entries"], *wash]))

    assert answer.status == 1, answer.said + answer.complaint
    assert "ledger: cash:bank is moved by 500000, which the result doesn't ask for" in answer.said


def lists(value, path=()):
    """Where in a bundle there is a list of things."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from lists(item, (*path, key))
    if isinstance(value, list) and value and isinstance(value[0], dict):
        yield path, value


THINGS = [
    (kind, path, things)
    for kind, body in (("ballot", bundles.BALLOT), ("run", bundles.RUN))
    for path, things in lists(body)
]


@pytest.mark.parametrize(("kind", "path", "things"), THINGS, ids=[".".join(map(str, path)) for _, path, _ in THINGS])
def test_nothing_in_a_bundle_stands_there_twice(verify, kind, path, things):
    body = bundles.BALLOT if kind == "ballot" else bundles.RUN

    answer = verify(kind, forged(body, **{"__".join(map(str, path)): [*things, things[-1]]}))

    assert answer.status == 1, answer.said + answer.complaint
    assert re.search(r"is there 2 times|appears twice|is counted twice", answer.said), answer.said


def test_two_halves_of_what_one_source_brought_are_named(verify):
    whole = bundles.RUN["inputs"]["revenue"]
    halves = [whole[0], *({**whole[1], "amount": whole[1]["amount"] // 2} for _ in range(2))]

    answer = verify("run", forged(bundles.RUN, inputs__revenue=halves))

    assert answer.status == 1, answer.said + answer.complaint
    assert f'inputs.revenue: the source "{whole[1]["source"]}" is there 2 times' in answer.said


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


def changed(value):
    """The same kind of value, but another one."""
    match value:
        case int():
            return value + 1
        case None:
            return 1
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", value):
            return value[:-2] + ("1" if value[-2] != "1" else "2") + "Z"  # a microsecond
        case str() if re.fullmatch(r"([0-9a-f]{32}){1,2}", value):
            return value[:-1] + ("1" if value[-1] != "1" else "2")
        case str() if value[:1].isdigit():
            return ("1" if value[0] != "1" else "2") + value[1:]
        case _:
            return value[:-2] + ("x" if value[-2:-1] != "x" else "y") + value[-1:]


def altered(bundle, path):
    bundle = copy.deepcopy(bundle)
    place = bundle
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = changed(place[path[-1]])
    return bundle


@pytest.mark.parametrize(("kind", "make"), [("ballot", bundles.sealed_ballot), ("run", bundles.sealed_run)])
def test_no_value_anywhere_in_a_bundle_can_be_changed(tool, kind, make, tmp_path, capsys):
    accepted = []
    file = tmp_path / "bundle.json"
    for path, _ in leaves(make()):
        file.write_text(json.dumps(altered(make(), path)))
        if run_inside(tool, kind, str(file), "--key", bundles.VERIFIER_KEY) == 0:
            accepted.append(path)
    capsys.readouterr()

    assert accepted == []


def run_inside(tool, *arguments):
    """As the command, in this process: hundreds of alterations in a second."""
    before, sys.argv = sys.argv, ["canut-verify", *arguments]
    try:
        return tool.main()
    finally:
        sys.argv = before


# -- malformed input is told in one sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "this is not JSON"),
        (b"{", "this is not JSON"),
        (b"\xff\xfe", "is not UTF-8 text: byte 0"),
        (b"[]", "the file: an object is expected here"),
        (b"null", "the file: an object is expected here, not null"),
        (b"{}", "format is missing"),
        (b'{"format": 1.5}', "1.5 is not a whole number"),
        (b'{"format": NaN}', "NaN is not a whole number"),
        (b'{"format": 1, "format": 2}', '"format" is written twice'),
        (b'{"format": 99999999999999999999}', "is larger than JSON can hold exactly"),
        (b'{"format": ' + b"9" * 10000 + b"}", "is larger than JSON can hold exactly"),
        (b'{"f\xc3\xb4rmat": 1}', "is not plain ASCII"),
        (b'{"format": "\\ud800"}', "half a character"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_a_bundle_is_told_in_a_sentence(verify, content, sentence):
    answer = verify("run", content)

    assert answer.status == 2
    assert sentence in answer.complaint
    assert "Traceback" not in answer.complaint


@pytest.mark.parametrize("kind", ["ballot", "run"])
def test_a_value_of_another_kind_is_named_with_its_place(tool, kind, tmp_path, capsys):
    """Every leaf and every branch replaced by values of other kinds, two at each place: refused, with a sentence, never a traceback."""
    kinds = [None, True, -7, "\x1b[2J", [], {}, [None], {"a": 1}]
    bundle = {"ballot": bundles.sealed_ballot, "run": bundles.sealed_run}[kind]()
    file = tmp_path / "bundle.json"
    for number, (path, value) in enumerate(branches(bundle)):
        for wrong in (kinds[number % 8], kinds[(number + 3) % 8]):
            if wrong == value:
                continue
            file.write_text(json.dumps(replaced(bundle, path, wrong)))
            status = run_inside(tool, kind, str(file), "--key", bundles.VERIFIER_KEY)
            said = capsys.readouterr()
            assert status in (1, 2), (path, wrong)
            assert "\x1b" not in said.out + said.err


def branches(value, path=()):
    if path:
        yield path, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from branches(item, (*path, key))


def replaced(bundle, path, wrong):
    bundle = copy.deepcopy(bundle)
    place = bundle
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    return bundle


def test_missing_and_unknown_fields_are_named(verify):
    missing, unknown = bundles.sealed_run(), bundles.sealed_run()
    del missing["result"]["members"][1]["floor"]
    unknown["result"]["bonus"] = 5

    assert "result.members[1].floor is missing" in verify("run", missing).complaint
    assert "result.bonus is not part of this format" in verify("run", unknown).complaint


@pytest.mark.parametrize(
    ("kind", "make", "other", "read"),
    [
        ("run", bundles.sealed_run, "canut-run/2", "canut-run/3"),
        ("run", bundles.sealed_run, "canut-run/4", "canut-run/3"),
        ("ballot", bundles.sealed_ballot, "canut-ballot/1", "canut-ballot/2"),
        ("ballot", bundles.sealed_ballot, "canut-ballot/9", "canut-ballot/2"),
    ],
)
def test_another_version_of_a_format_is_named_whatever_is_in_it(verify, kind, make, other, read):
    bundle = make() | {"format": other}
    del bundle["result"]

    answer = verify(kind, bundle)

    assert answer.status == 2
    assert f'this is "{other}", and this canut-verify reads {read} only' in answer.complaint


def test_a_ballot_is_not_a_run(verify):
    answer = verify("run", bundles.sealed_ballot())

    assert answer.status == 2
    assert "Traceback" not in answer.complaint


@pytest.mark.parametrize(
    "key", ["", "no key", "canut.example/log+00000000+AQ==", bundles.VERIFIER_KEY.replace("example", "elsewhere"), "/"]
)
def test_a_bad_key_is_told(verify, key):
    answer = verify("run", GOLDEN / "run.json", "--key", key)

    assert answer.status == 2
    assert "key" in answer.complaint
    assert "Traceback" not in answer.complaint


def test_a_file_that_is_not_there_is_told(verify, tmp_path):
    for answer in (
        verify("run", tmp_path / "nothing"),
        verify("run", tmp_path),
        verify("run", GOLDEN / "run.json", "--checkpoint", tmp_path),
    ):
        assert answer.status == 2
        assert "can't be opened" in answer.complaint


def test_a_rule_the_run_needs_is_missed(verify):
    bundle = copy.deepcopy(bundles.RUN)
    del bundle["rule_book"]["rules"]["pay.hourly_floor"]

    assert "pay.hourly_floor is missing" in verify("run", bundles.hashed(bundle)).complaint


def test_the_tool_is_one_file_of_the_standard_library():
    tree = ast.parse(TOOL.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert names <= set(sys.stdlib_module_names)
    assert not names & {"socket", "urllib", "http", "subprocess", "importlib"}


def worked_twice(tool):
    """A run in which an entry of work is repeated under a made-up id, and everything is reckoned from that."""
    body = copy.deepcopy({key: value for key, value in bundles.sealed_run().items() if key != "log"})
    member = body["inputs"]["members"][0]
    member["entries"].append({**member["entries"][0], "id": "0" + member["entries"][0]["id"]})
    stated = {name: body[name] for name in ("period", "currency", "inputs")}
    body["inputs_sha256"] = tool.fingerprint({**stated, "rule_book_hash": body["rule_book"]["hash"]})
    return body


def test_it_says_itself_that_no_bundle_proves_the_work_was_done(tool, verify):
    """Invented work changes the result, and whoever invents it can reckon that too: only the members know."""
    body = worked_twice(tool)
    honest = bundles.sealed_run()["result"]

    reckoned = tool.recompute(body["inputs"], tool.Rules(body["rule_book"]["rules"]), body["inputs_sha256"])

    assert reckoned["members"][0] != honest["members"][0]
    assert "can't prove: * that the work stated in it was done" in " ".join(verify("run", "", "--help").said.split())


def test_it_says_which_version_it_looked_at_and_that_another_may_be_the_approved_one(verify):
    """A version that was replaced agrees with itself as well as the one that was paid."""
    body = bundles.sealed_run()
    hashed = bundles.fingerprint({key: value for key, value in body.items() if key != "log"})

    said = verify("run", body).said

    assert f"version {body['version']}" in said and body["replaces"][:8] in said
    assert f"bundle {hashed}: the log's entry run.approved names the one that was booked" in said
    assert "that it is the version that was approved and paid" in " ".join(verify("run", "", "--help").said.split())
