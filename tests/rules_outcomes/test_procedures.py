"""How decisions are made is decided too."""

import pytest

from coop.ground.clock import coop_now
from coop.members.actions import apply
from coop.rules.catalogue import CATALOGUE
from governance.models import State
from governance.operations.admit import Admit
from governance.operations.grant_access import GrantAccess
from tests import make, votes
from tests.rules_outcomes.cases import outcome_of
from tests.votes import NO, YES

pytestmark = pytest.mark.django_db


def someone_to_admit():
    return Admit(
        apply(
            by=make.user().actor,
            name="Fara",
            college="producer",
            country="MG",
            languages=["mg"],
            engagement="unknown",
            statement="",
            now=coop_now(),
        ).pk
    )


def data_to_grant():
    steward = make.steward()
    return GrantAccess(make.access_request(dataset=make.dataset(by=steward)).pk)


DECIDED_BY = {
    "procedure.parameter": lambda: votes.set_rule("work.redundancy", 5),
    "procedure.pay": lambda: votes.set_rule("pay.hourly_floor", 1000),
    "procedure.policy": lambda: votes.set_rule("commons.grant_days", 100),
    "procedure.bylaw": lambda: votes.set_rule("work.subcontract_depth", 1),
    "procedure.constitution": lambda: votes.set_rule("work.closed_categories", ["surveillance"]),
    "procedure.admission": someone_to_admit,
    "procedure.stewards": data_to_grant,
}
"""For each procedure, something that it decides."""


@pytest.mark.parametrize("key", DECIDED_BY)
@outcome_of(*DECIDED_BY)
def test_a_ballot_follows_the_procedure_as_it_was_voted(key, vote, clock):
    """The days of deliberation, of voting and of the timelock are other ones, and so is the majority."""
    author = make.member("awa")
    old = CATALOGUE[key].default
    new = old | {"deliberation_days": 3, "voting_days": 5, "timelock_days": 6}

    vote(key, new)

    ballot = votes.open_vote(DECIDED_BY[key](), clock=clock, by=author)
    votes.cast(ballot, [(entry.member, YES) for entry in ballot.roll.select_related("member")])
    proposal = votes.close(ballot, clock=clock)
    assert (proposal.voting_from - proposal.submitted_at).days == 3 != old["deliberation_days"]
    assert (ballot.closes_at - ballot.opened_at).days == 5 != old["voting_days"]
    assert (proposal.executable_at - proposal.tallied_at).days == 6 != old["timelock_days"]


def test_a_higher_quorum_that_was_voted_makes_the_same_votes_fail(vote, clock):
    members = [make.member() for _ in range(4)]

    def outcome():
        ballot = votes.open_vote(clock=clock, by=members[0])
        votes.cast(ballot, [(members[0], YES)])
        return votes.close(ballot, clock=clock).state

    assert outcome() == State.ADOPTED

    vote("procedure.parameter", CATALOGUE["procedure.parameter"].default | {"quorum_num": 1, "quorum_den": 3})

    assert outcome() == State.NO_QUORUM


def test_a_greater_majority_that_was_voted_makes_the_same_votes_fail(vote, clock):
    members = [make.member() for _ in range(3)]

    def outcome():
        ballot = votes.open_vote(clock=clock, by=members[0])
        votes.cast(ballot, zip(members, [YES, YES, NO], strict=True))
        return votes.close(ballot, clock=clock).state

    assert outcome() == State.ADOPTED

    vote("procedure.parameter", CATALOGUE["procedure.parameter"].default | {"num": 2, "den": 3, "base": "valid"})

    assert outcome() == State.TIED
