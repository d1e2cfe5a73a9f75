"""The public bundle of a counted ballot (canut-ballot/2): everything a stranger needs to count again, and no name."""

from __future__ import annotations

import json
from typing import Any

from coop.audit.proofs import log_proof
from coop.ground.canonical import canonical_json, fingerprint, instant
from governance import tally
from governance.models import Ballot

FORMAT = "canut-ballot/2"


def votes_of(ballot: Ballot) -> list[tally.Vote]:
    """The votes as counted: a pseudonym of this ballot and a choice."""
    cast = ballot.votes.select_related("entry").order_by("entry__voter")
    return [tally.Vote(voter=vote.entry.voter, choice=tally.Choice(vote.choice)) for vote in cast]


def bundle_of(ballot: Ballot, *, roll: tally.Roll, votes: list[tally.Vote], result: dict[str, Any]) -> dict[str, Any]:
    """The bundle without its "log": what is hashed and recorded at the tally."""
    proposal = ballot.proposal
    assert ballot.closed_at is not None, "a ballot is counted after its close"
    return {
        "format": FORMAT,
        "ballot": str(ballot.pk),
        "proposal": {
            "id": str(proposal.pk),
            "title": proposal.texts[proposal.language]["title"],
            "text_sha256": fingerprint({"binding": proposal.language, "texts": proposal.texts}),
        },
        "change_set": proposal.change_set,
        "change_set_sha256": proposal.change_set_sha256,
        "procedure_key": proposal.procedure_key,
        "procedure": ballot.procedure_table,
        "procedure_sha256": ballot.procedure_sha256,
        "opened_at": instant(ballot.opened_at),
        "closes_at": instant(ballot.closes_at),
        "closed_at": instant(ballot.closed_at),
        "rule_book": {"hash": ballot.rule_book.hash, "rules": ballot.rule_book.rules},
        "roll": {
            "size": ballot.roll_size,
            "root": ballot.roll_root,
            "entries": [entry.as_data() for entry in roll.entries],
        },
        "votes": [
            {"voter": vote.voter, "choice": str(vote.choice)} for vote in sorted(votes, key=lambda vote: vote.voter)
        ],
        "result": result,
        "result_sha256": fingerprint(result),
    }


def published(ballot: Ballot) -> bytes:
    """The bundle as it is served: the recorded bytes, and under "log" the proof that the log holds their hash (null until it is sealed)."""
    assert ballot.bundle is not None and ballot.tally_entry is not None, "a ballot is published after its count"
    return canonical_json({**json.loads(bytes(ballot.bundle)), "log": log_proof(ballot.tally_entry)})
