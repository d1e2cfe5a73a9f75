"""The roll, the vote, the close."""

import pytest

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import end_membership
from coop.rules.actions import in_force
from governance.actions.advancing import advance_proposals
from governance.actions.voting import cast_vote, close_ballot, tally_ballot
from governance.models import Ballot, Proposal, RollEntry, State, Vote
from tests import make, votes
from tests.votes import ABSTAIN, NO, YES

pytestmark = pytest.mark.django_db


def refused_vote(ballot, by):
    with pytest.raises(Refused) as refused:
        cast_vote(ballot=ballot, choice=YES, by=by.actor, now=coop_now())
    return refused.value.code


def test_the_roll_is_everyone_who_is_a_member_when_the_ballot_opens(clock):
    awa, gone = make.member("awa"), make.member()
    end_membership(member=gone, by=gone.actor, now=coop_now())

    ballot = votes.open_vote(clock=clock, by=awa)

    assert [entry.member for entry in ballot.roll.all()] == [awa]
    assert ballot.roll_size == 1


def test_members_admitted_after_opening_have_no_vote(clock):
    ballot = votes.open_vote(clock=clock)
    latecomer = make.member("awa")

    assert refused_vote(ballot, latecomer) == "not_on_roll"


def test_pay_is_decided_by_those_who_produce(clock):
    awa, supporter = make.member("awa"), make.member(college="support")

    ballot = votes.open_vote(votes.set_rule("pay.hourly_floor", 1000), clock=clock, by=supporter)

    assert [entry.member for entry in ballot.roll.all()] == [awa]
    assert refused_vote(ballot, supporter) == "not_on_roll"


def test_a_member_changes_her_vote_and_has_one(clock):
    awa = make.member("awa")
    ballot = votes.open_vote(clock=clock, by=awa)

    votes.cast(ballot, [(awa, NO), (awa, YES), (awa, YES)])

    assert Vote.objects.get().choice == YES


def test_a_vote_after_the_close_is_refused_even_before_anyone_closed_the_ballot(clock):
    awa = make.member("awa")
    ballot = votes.open_vote(clock=clock, by=awa)
    clock.advance(days=7, minutes=1)

    assert refused_vote(ballot, awa) == "ballot_closed"
    advance_proposals(now=coop_now())
    assert refused_vote(ballot, awa) == "ballot_closed"


def test_a_ballot_is_not_closed_before_its_time(clock):
    ballot = votes.open_vote(clock=clock)

    assert close_ballot(ballot=ballot, now=coop_now()).closed_at is None
    assert tally_ballot(ballot=ballot, now=coop_now()).result is None


def test_who_leaves_votes_no_more_but_the_vote_cast_before_stands(clock):
    awa, theo = make.member("awa"), make.member("theo")
    ballot = votes.open_vote(clock=clock, by=theo)
    votes.cast(ballot, [(awa, YES)])
    end_membership(member=awa, by=awa.actor, now=coop_now())
    awa.refresh_from_db()

    assert refused_vote(ballot, awa) == "not_a_member"
    assert votes.close(ballot, clock=clock).ballot.result["in_favour"] == 1


def test_the_count_is_by_college_and_in_total(clock):
    members = [make.member() for _ in range(3)] + [make.member(college="support")]
    ballot = votes.open_vote(clock=clock, by=members[0])
    votes.cast(ballot, zip(members, [YES, YES, NO, ABSTAIN], strict=True))

    result = votes.close(ballot, clock=clock).ballot.result

    assert result["outcome"] == "adopted"
    assert (result["in_favour"], result["against"], result["abstained"], result["roll"]) == (2, 1, 1, 4)
    assert result["colleges"]["support"] == {"roll": 1, "in_favour": 0, "against": 0, "abstained": 1}


@pytest.mark.parametrize(
    ("choices", "state"),
    [
        ([YES, NO], State.TIED),
        ([YES, NO, NO], State.REJECTED),
        ([], State.NO_QUORUM),
        ([YES], State.ADOPTED),
        ([ABSTAIN, ABSTAIN], State.NO_QUORUM),
    ],
)
def test_only_a_majority_changes_the_status_quo(clock, choices, state):
    members = [make.member() for _ in range(3)]
    ballot = votes.open_vote(clock=clock, by=members[0])
    votes.cast(ballot, zip(members, choices, strict=False))

    assert votes.close(ballot, clock=clock).state == state


def test_there_is_no_result_before_the_close(clock):
    awa = make.member("awa")
    ballot = votes.open_vote(clock=clock, by=awa)
    votes.cast(ballot, [(awa, YES)])
    advance_proposals(now=coop_now())

    ballot = Ballot.objects.get()

    assert (ballot.result, ballot.bundle, ballot.tally_entry) == (None, None, None)


def test_procedure_and_rule_book_are_those_of_the_opening(clock):
    """A rule that changes while the ballot is open doesn't touch it."""
    awa = make.member("awa")
    ballot = votes.open_vote(clock=clock, by=awa)
    before = ballot.procedure
    shorter = in_force(coop_now()).table("procedure.parameter") | {"voting_days": 1}

    votes.pass_rule("procedure.parameter", shorter, clock=clock, by=awa)

    ballot = Ballot.objects.get(pk=ballot.pk)
    assert ballot.procedure == before
    assert in_force(coop_now()).table("procedure.parameter")["voting_days"] == 1
    assert ballot.rule_book.rules["procedure.parameter"]["value"]["voting_days"] == 7


def test_tenure_keeps_newcomers_off_the_roll(clock):
    awa = make.member("awa")
    clock.advance(days=40)
    tenured = in_force(coop_now()).table("procedure.parameter") | {"min_tenure_days": 30}
    votes.pass_rule("procedure.parameter", tenured, clock=clock, by=awa)
    newcomer = make.member("theo")

    ballot = votes.open_vote(clock=clock, by=newcomer)

    assert [entry.member for entry in ballot.roll.all()] == [awa]


def test_advancing_twice_changes_nothing(clock):
    proposal = votes.decide(clock=clock)
    before = Proposal.objects.values().get(), RollEntry.objects.count()

    assert advance_proposals(now=coop_now()) == 0

    assert (Proposal.objects.values().get(), RollEntry.objects.count()) == before
    assert proposal.state == State.EXECUTED
