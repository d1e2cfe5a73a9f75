"""What pages and programs read of a proposal and its ballot."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coop.members.models import Member
from coop.rules.actions import in_force
from governance.models import Ballot, Proposal, Vote
from governance.procedures import in_book
from governance.tally import Procedure


def procedure_of(proposal: Proposal, now: datetime) -> Procedure | None:
    """The frozen procedure, or the one in force `now` that will decide; None for a draft."""
    if proposal.opened_at:
        return proposal.ballot.procedure
    return in_book(in_force(now), proposal.procedure_key) if proposal.procedure_key else None


def own_line(ballot: Ballot, member: Member | None) -> dict[str, Any] | None:
    """The member's own line on the roll of this ballot, and her vote."""
    entry = ballot.roll.of(member).first()
    if entry is None:
        return None
    vote = Vote.objects.filter(entry=entry).first()
    return {**entry.as_line().as_data(), "salt": bytes(entry.salt).hex(), "choice": vote.choice if vote else None}


def named_votes(ballot: Ballot) -> list[dict[str, Any]]:
    """Who voted what. For members only, after the close only."""
    cast = ballot.votes.select_related("entry__member").order_by("entry__member__name")
    return [{"voter": vote.entry.voter, "name": vote.entry.member.name, "choice": vote.choice} for vote in cast]
