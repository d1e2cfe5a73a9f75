"""Deciding something for real: a proposal, a roll, votes, the clock, the execution."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from coop.ground.clock import coop_now
from coop.members.models import Member
from coop.rules.actions import head
from coop.rules.models import RuleVersion
from governance.actions.advancing import advance_proposals
from governance.actions.drafting import draft_proposal, submit_proposal
from governance.actions.voting import cast_vote
from governance.changes import Operation
from governance.electorate import voters_at
from governance.models import Ballot, Choice, Proposal, State
from governance.operations.resolution import Resolution
from governance.operations.set_rule import SetRule
from tests import make

if TYPE_CHECKING:
    from tests.conftest import Clock

YES, NO, ABSTAIN = Choice.YES, Choice.NO, Choice.ABSTAIN


def text(title: str = "A proposal", body: str = "Because.") -> dict[str, dict[str, str]]:
    """A text in English."""
    return {"en": {"title": title, "body": body}}


def raise_solidarity(value: int = 500) -> SetRule:
    """The change most tests put to the vote: the solidarity share, written against its newest version."""
    return set_rule("pay.solidarity_share", value)


def set_rule(key: str, value: Any) -> SetRule:
    """A change of a rule, written against its newest version."""
    return SetRule(key=key, base_version=head(key).number, new_value=value)


def draft(*changes: Operation, by: Member | None = None, title: str = "A proposal") -> Proposal:
    """A draft by `by` (a new member, if nobody is named); a resolution if nothing is named."""
    author = by or make.member()
    return draft_proposal(
        language="en", texts=text(title), changes=changes or (Resolution(),), by=author.actor, now=coop_now()
    )


def submit(*changes: Operation, by: Member | None = None, title: str = "A proposal") -> Proposal:
    """A proposal in deliberation."""
    proposal = draft(*changes, by=by, title=title)
    return submit_proposal(proposal=proposal, by=proposal.author.actor, now=coop_now())


def open_vote(*changes: Operation, clock: Clock, by: Member | None = None, title: str = "A proposal") -> Ballot:
    """A ballot that is open now: the roll is who is a member at this moment."""
    proposal = submit(*changes, by=by, title=title)
    _wait_until(proposal.voting_from, clock)
    return Ballot.objects.get(proposal=proposal)


def cast(ballot: Ballot, votes: Iterable[tuple[Member, Choice]]) -> None:
    """Let these members vote."""
    for member, choice in votes:
        cast_vote(ballot=ballot, choice=choice, by=member.actor, now=coop_now())


def close(ballot: Ballot, *, clock: Clock) -> Proposal:
    """Let the ballot's time run out; the proposal, counted."""
    _wait_until(ballot.closes_at, clock)
    return Proposal.objects.get(pk=ballot.proposal_id)


def carry_out(proposal: Proposal, *, clock: Clock) -> Proposal:
    """Let the timelock run out; the proposal, executed or failed."""
    if proposal.state == State.ADOPTED:
        _wait_until(proposal.executable_at, clock)
    return Proposal.objects.get(pk=proposal.pk)


def decide(*changes: Operation, clock: Clock, by: Member | None = None, choice: Choice = YES) -> Proposal:
    """Put the changes to the vote, let everyone on the roll vote the same, and wait for what comes of it."""
    ballot = open_vote(*changes, clock=clock, by=by)
    cast(ballot, [(entry.member, choice) for entry in ballot.roll.select_related("member")])
    return carry_out(close(ballot, clock=clock), clock=clock)


def pass_rule(key: str, value: Any, *, clock: Clock, by: Member | None = None, wait: bool = True) -> RuleVersion:
    """Change a rule by a real vote: proposal, roll, votes, clock, execution.

    The author is any member there is, or a new one. With `wait` the clock then moves on until the new value is in force.
    """
    author = by or Member.objects.on(coop_now()).filter(college="producer").first() or make.member()
    proposal = decide(set_rule(key, value), clock=clock, by=author)
    assert proposal.state == State.EXECUTED, (
        f"{proposal.state}: {getattr(getattr(proposal, 'enactment', None), 'failure', '')}"
    )
    version = RuleVersion.objects.get(key=key, decision=proposal.pk)
    if wait:
        _move_to(version.effective_from, clock)
    return version


def _wait_until(moment: Any, clock: Clock) -> None:
    """Move the clock to `moment` and let beat do what is due then."""
    _move_to(moment, clock)
    advance_proposals(now=coop_now())


def _move_to(moment: Any, clock: Clock) -> None:
    ahead = moment - coop_now()
    if ahead >= timedelta(0):
        clock.advance(seconds=int(ahead.total_seconds()) + 1)


__all__ = [
    "ABSTAIN",
    "NO",
    "YES",
    "carry_out",
    "cast",
    "close",
    "decide",
    "draft",
    "open_vote",
    "pass_rule",
    "submit",
    "voters_at",
]
