"""Two small public bundles whose results were reckoned by hand, and the sealing of any bundle: its hashes, its log entry, a signed checkpoint.

The golden files beside this are `sealed_ballot()` and `sealed_run()` as JSON; they freeze the formats canut-ballot/2 and canut-run/3.
"""

import base64
import copy
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coop.audit import merkle

ORIGIN = "canut.example/log"
SECRET = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
PUBLIC = SECRET.public_key().public_bytes_raw()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def fingerprint(value):
    return hashlib.sha256(canonical(value)).hexdigest()


def key_id(name=ORIGIN, public=PUBLIC):
    return hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]


VERIFIER_KEY = f"{ORIGIN}+{key_id().hex()}+{base64.b64encode(bytes([1]) + PUBLIC).decode()}"


def note(text, secret=SECRET, name=ORIGIN):
    """The text of a checkpoint with its signature (C2SP signed note)."""
    signature = base64.b64encode(
        key_id(name, secret.public_key().public_bytes_raw()) + secret.sign(text.encode())
    ).decode()
    return f"{text}\n— {name} {signature}\n"


def checkpoint(leaves, secret=SECRET, origin=ORIGIN):
    return note(f"{origin}\n{len(leaves)}\n{base64.b64encode(merkle.root(leaves)).decode()}\n", secret, origin)


def voter(n):
    return f"{n:02x}" * 16


ROLL = [
    {"voter": voter(n), "college": college, "commitment": hashlib.sha256(bytes([n])).hexdigest()}
    for n, college in enumerate(["producer"] * 5 + ["user"] * 2, start=1)
]
PROCEDURE = {
    "voters": "all", "num": 1, "den": 2, "base": "yes_no", "quorum_kind": "approval", "quorum_num": 1, "quorum_den": 5,
    "deliberation_days": 7, "voting_days": 7, "timelock_days": 2, "expiry_days": 60, "min_tenure_days": 0,
}  # fmt: skip
RULES = {
    "pay.solidarity_share": 500, "pay.reserve_share": 300, "pay.commons_operations_share": 200, "pay.social_contributions_share": 1000,
    "pay.hourly_floor": 900, "pay.hourly_cap": 0, "pay.seniority_step_permille": 50, "pay.share_strategy": "clamped_weight/1",
    "pay.reserve_draw_limit": 5000, "pay.equal_base_share": 2000, "pay.debt_share": 1000, "pay.kind_weights": {"task": 1000, "training": 1000},
}  # fmt: skip

BALLOT = {
    "format": "canut-ballot/2",
    "ballot": "0b0b0b0b-0000-4000-8000-000000000001",
    "proposal": {"id": "0c0c0c0c-0000-4000-8000-000000000001", "title": "Raise the solidarity share to 7 % — équité", "text_sha256": "ab" * 32},
    "change_set": [{"op": "set_rule", "key": "pay.solidarity_share", "base_version": 1, "new_value": 700}],
    "procedure_key": "procedure.pay",
    "procedure": PROCEDURE,
    "opened_at": "2026-11-21T08:00:00.000000Z",
    "closes_at": "2026-11-28T08:00:00.000000Z",
    "closed_at": "2026-11-28T08:00:04.250000Z",
    "rule_book": {
        "rules": {
            "pay.solidarity_share": {"version": 1, "value": 500},
            "procedure.admission": {"version": 1, "value": PROCEDURE | {"quorum_den": 10}},
            "procedure.pay": {"version": 2, "value": dict(PROCEDURE)},  # another object: copies are altered one by one
        }
    },
    "roll": {"size": 7, "entries": ROLL},
    "votes": [
        {"voter": voter(n), "choice": choice}
        for n, choice in [(1, "yes"), (2, "yes"), (3, "no"), (5, "abstain"), (6, "yes"), (7, "no")]
    ],
    "result": {
        "in_favour": 3, "against": 2, "abstained": 1, "cast": 6, "roll": 7, "base": 5,
        "needed": {"quorum_num": 1, "quorum_den": 5, "num": 1, "den": 2},
        "colleges": {
            "producer": {"roll": 5, "in_favour": 2, "against": 1, "abstained": 1},
            "user": {"roll": 2, "in_favour": 1, "against": 1, "abstained": 0},
        },
        "outcome": "adopted",
    },
}  # fmt: skip

# Revenue 12,000 + 400; less 99 + 200 + 100 leaves D = 12,001. Levies 600, 360, 240, 1,200 leave 9,601; 600 owed, less than a tenth, leaves 9,001 to divide.
# The first has 200 s more than was counted, by an upheld objection; the second gives back 960, which goes to the reserve.
# Equal base 2,400, half to each of the two who worked; the other 6,601 as 11 to 4 (9,000 s with 2 years' seniority against 3,600 s).
# Exactly 1,200 + 6,601·11/15 = 90,611/15 and 44,404/15; the unit left over goes to the larger remainder.
RUN = {
    "format": "canut-run/3",
    "run": "0d0d0d0d-0000-4000-8000-000000000001",
    "version": 2,
    "replaces": "cd" * 32,
    "period": {"number": 1, "starts_at": "2026-11-01T00:00:00.000000Z", "ends_at": "2026-12-01T00:00:00.000000Z"},
    "currency": "EUR",
    "rule_book": {"rules": {key: {"version": 1, "value": value} for key, value in RULES.items()}},
    "inputs": {
        "funds": [
            {"key": key, "account": f"fund:{key}", "rule": f"pay.{key}_share"}
            for key in ("solidarity", "reserve", "commons_operations", "social_contributions")
        ],
        "revenue": [
            {"source": "project:0e0e0e0e-0000-4000-8000-000000000001", "answers": 100, "price": 120, "amount": 12000},
            {"source": "project:0e0e0e0e-0000-4000-8000-000000000002", "answers": 10, "price": 50, "amount": 400},
        ],
        "refunds": 99,
        "rail_fees": 200,
        "direct_costs": 100,
        "deficit_carried": 0,
        "reserve_balance": 1000,
        "owed": {voter(4): 500, voter(1): 100},
        "adjustments": [
            {"id": "0a0a0a0a-0000-4000-8000-000000000001", "member": voter(2), "amount": -900, "reason": "An hour was counted twice."}
        ],
        "adjustments_carried": {voter(2): -60},
        "corrections": [
            {"objection": "0a0b0b0b-0000-4000-8000-000000000001", "member": voter(1), "kind": "task", "seconds": 200}
        ],
        "members": [
            {
                "member": voter(1),
                "seniority_years": 2,
                "entries": [{"id": "t1", "kind": "task", "seconds": 7000}, {"id": "t2", "kind": "training", "seconds": 1800}],
            },
            {"member": voter(2), "seniority_years": 0, "entries": [{"id": "t3", "kind": "task", "seconds": 3600}]},
            {"member": voter(3), "seniority_years": 0, "entries": []},
        ],
    },
    "result": {
        "revenue": 12400,
        "net": 12001,
        "distributable": 12001,
        "deficit_next": 0,
        "levies": [
            {"line": "solidarity", "share_bp": 500, "amount": 600},
            {"line": "reserve", "share_bp": 300, "amount": 360},
            {"line": "commons_operations", "share_bp": 200, "amount": 240},
            {"line": "social_contributions", "share_bp": 1000, "amount": 1200},
        ],
        "labour_pool": 9601,
        "adjustments_paid": 0,
        "adjustments_taken": 960,
        "owed_paid": 600,
        "reserve_draw": 0,
        "pool": 9001,
        "base": 2400,
        "working": 2,
        "counted_weight": "13500000000",
        "floors": 3150,
        "level": "1/1",
        "regime": "ok",
        "to_reserve": 960,
        "members": [
            {"member": voter(1), "seconds": 9000, "weighted_seconds": 9_000_000, "seniority_permille": 1100,
             "weight": 9_900_000_000, "counted_weight": 9_900_000_000, "floor": 2250, "cap": None, "owed_paid": 100,
             "regime": "level", "exact": "90611/15", "amount": 6041, "payable": 6141, "shortfall": 0, "owed_left": 0, "adjustment": 0, "adjustment_left": 0},
            {"member": voter(2), "seconds": 3600, "weighted_seconds": 3_600_000, "seniority_permille": 1000,
             "weight": 3_600_000_000, "counted_weight": 3_600_000_000, "floor": 900, "cap": None, "owed_paid": 0,
             "regime": "level", "exact": "44404/15", "amount": 2960, "payable": 2000, "shortfall": 0, "owed_left": 0, "adjustment": -960, "adjustment_left": 0},
            {"member": voter(3), "seconds": 0, "weighted_seconds": 0, "seniority_permille": 1000, "weight": 0,
             "counted_weight": 0, "floor": 0, "cap": 0, "owed_paid": 0,
             "regime": "no_work", "exact": "0/1", "amount": 0, "payable": 0, "shortfall": 0, "owed_left": 0, "adjustment": 0, "adjustment_left": 0},
            {"member": voter(4), "seconds": 0, "weighted_seconds": 0, "seniority_permille": 1000, "weight": 0,
             "counted_weight": 0, "floor": 0, "cap": 0, "owed_paid": 500,
             "regime": "no_work", "exact": "0/1", "amount": 0, "payable": 500, "shortfall": 0, "owed_left": 0, "adjustment": 0, "adjustment_left": 0},
        ],
    },
    "payable_total": 8641,
    "ledger": {
        "entries": [
            {"account": account, "amount": amount}
            for account, amount in [
                ("costs:direct", -100),
                ("costs:rail_fees", -200),
                ("fund:commons_operations", -240),
                ("fund:reserve", -1320),
                ("fund:social_contributions", -1200),
                ("fund:solidarity", -600),
                (f"member:{voter(1)}:owed", 100),
                (f"member:{voter(1)}:payable", -6141),
                (f"member:{voter(2)}:payable", -2000),
                (f"member:{voter(4)}:owed", 500),
                (f"member:{voter(4)}:payable", -500),
                ("refunds", -99),
                ("revenue", 12400),
                ("shortfall", -600),
            ]
        ],
    },
}  # fmt: skip


def hashed(bundle):
    """A copy with every hash as its content has it: what anyone can do, a forger too."""
    bundle = copy.deepcopy(bundle)
    book = bundle["rule_book"]
    book["hash"] = fingerprint({"format": "rule-book/1", "rules": book["rules"]})
    bundle["result_sha256"] = fingerprint(bundle["result"])
    if "ballot" in bundle:
        bundle["change_set_sha256"] = fingerprint(bundle["change_set"])
        bundle["procedure_sha256"] = fingerprint(bundle["procedure"])
        bundle["roll"]["root"] = merkle.root([canonical(entry) for entry in bundle["roll"]["entries"]]).hex()
    else:
        bundle["inputs_sha256"] = fingerprint(
            {
                "period": bundle["period"],
                "currency": bundle["currency"],
                "rule_book_hash": book["hash"],
                "inputs": bundle["inputs"],
            }
        )
    bundle["log"] = None
    return bundle


def counted(ballot):
    """What the entry of a count says besides the hash of the bundle."""
    return {
        "proposal": ballot["proposal"]["id"],
        "outcome": ballot["result"]["outcome"],
        "result_sha256": ballot["result_sha256"],
    }


def logged(bundle, secret=SECRET, origin=ORIGIN, written=None):
    """A copy with its entry (as `written` says), the fourth of six, under a signed checkpoint: what only the log's key can do."""
    bundle = {key: value for key, value in copy.deepcopy(bundle).items() if key != "log"}
    kind = "ballot" if "ballot" in bundle else "run"
    entry = {
        "at": "2026-11-28T08:00:04.500000Z",
        "by": "platform",
        "format": "canut-log/1",
        "id": "01010101-0000-4000-8000-000000000001",
        "kind": {"ballot": "ballot.tallied", "run": "run.computed"}[kind],
        "payload": {"bundle_sha256": fingerprint(bundle)} | (counted(bundle) if kind == "ballot" else {}),
        "subject": f"{kind}:{bundle[kind]}",
    } | (written or {})
    leaves = [canonical({"entry": n}) for n in range(6)]
    leaves[3] = canonical(entry)
    bundle["log"] = {
        "origin": origin,
        "index": 3,
        "entry": entry,
        "proof": [step.hex() for step in merkle.inclusion_proof(leaves, 3)],
        "checkpoint": checkpoint(leaves, secret, origin),
    }
    return bundle


def sealed_ballot():
    return logged(hashed(BALLOT))


def sealed_run():
    return logged(hashed(RUN))
