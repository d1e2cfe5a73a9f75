"""Proposals and what they decide, told by workers whose moments cross."""

from uuid import uuid4

from coop.commons.actions import grant_access, refuse_access
from coop.ground.clock import coop_now
from coop.members.actions import admit, apply, decline_application, withdraw_application
from governance.actions.advancing import enact, release_from_timelock
from governance.actions.drafting import submit_proposal, withdraw_proposal
from governance.actions.voting import cast_vote, close_ballot, open_ballot, tally_ballot
from governance.operations.admit import Admit
from governance.operations.resolution import Resolution
from tests import make, votes
from tests.crossed.crossing import BLINK, Crossing, reread, story
from tests.votes import NO, YES

APPLYING = {"college": "producer", "country": "VE", "languages": ["es"], "engagement": "unknown", "statement": ""}


def counted(crossing: Crossing, *choices: str, change=None):
    """A proposal that went to the vote and was counted, by workers who come too late with too early a clock."""
    members = [make.member() for _ in range(3)]
    proposal = votes.draft(change or Resolution(), by=members[0])
    crossing.step(submit_proposal, proposal, proposal=proposal, by=members[0].actor)
    ballot = crossing.step(open_ballot, proposal, proposal=proposal, due=reread(proposal).voting_from + BLINK)
    for member, choice in zip(members, choices, strict=False):
        cast_vote(ballot=ballot, choice=choice, by=member.actor, now=coop_now())
    crossing.step(close_ballot, proposal, ballot=ballot, due=ballot.closes_at + 2 * BLINK)
    crossing.step(tally_ballot, proposal, ballot=ballot)
    return reread(proposal)


@story
def a_draft_is_withdrawn(crossing):
    proposal = votes.draft()
    crossing.step(withdraw_proposal, proposal, proposal=proposal, by=proposal.author.actor)


@story
def a_proposal_is_withdrawn(crossing):
    proposal = votes.submit()
    crossing.step(withdraw_proposal, proposal, proposal=proposal, by=proposal.author.actor)


@story
def a_proposal_is_rejected(crossing):
    counted(crossing, YES, NO, NO)


@story
def a_vote_is_tied(crossing):
    counted(crossing, YES, NO)


@story
def too_few_vote(crossing):
    counted(crossing)


@story
def a_proposal_is_adopted_and_carried_out(crossing):
    proposal = counted(crossing, YES, YES)
    crossing.step(release_from_timelock, proposal, proposal=proposal, due=proposal.executable_at + BLINK)
    assert crossing.step(enact, proposal, proposal=proposal) is False, "before its timelock is over"
    crossing.step(enact, proposal, proposal=proposal, due=proposal.executable_at)


@story
def a_proposal_expires_before_and_after_its_timelock(crossing):
    slow, stuck = counted(crossing, YES, YES), counted(crossing, YES, YES)
    crossing.step(release_from_timelock, slow, proposal=slow, due=slow.expires_at)
    crossing.step(release_from_timelock, stuck, proposal=stuck, due=stuck.executable_at)
    crossing.step(enact, stuck, proposal=stuck, due=stuck.expires_at)


@story
def what_was_adopted_can_no_longer_be_carried_out(crossing):
    luis = make.user()
    application = apply(by=luis.actor, name="Luis", now=coop_now(), **APPLYING)
    proposal = counted(crossing, YES, YES, change=Admit(application=application.pk))
    crossing.step(withdraw_application, application, application=application, by=luis.actor)
    crossing.step(release_from_timelock, proposal, proposal=proposal, due=proposal.executable_at)
    crossing.step(enact, proposal, proposal=proposal, due=proposal.executable_at)


@story
def applications_are_decided(crossing):
    admitted = apply(by=make.user().actor, name="Luis", now=coop_now(), **APPLYING)
    declined = apply(by=make.user().actor, name="Marta", now=coop_now(), **APPLYING)
    crossing.step(admit, admitted, application=admitted, decision=uuid4())
    crossing.step(decline_application, declined, application=declined, decision=uuid4())


@story
def requests_for_access_are_decided(crossing):
    dataset = make.dataset()
    granted, refused = make.access_request(dataset=dataset), make.access_request(dataset=dataset)
    crossing.step(grant_access, granted, request=granted, decision=uuid4())
    crossing.step(refuse_access, refused, request=refused, reason="vote", decision=uuid4())
