"""Two workers whose clocks were read in the one order, and who come to the proposal in the other."""

from datetime import timedelta

import pytest

from governance.actions.voting import close_ballot, tally_ballot
from governance.models import Proposal
from tests import make, votes
from tests.votes import YES

pytestmark = pytest.mark.django_db
BLINK = timedelta(milliseconds=7)


def test_a_worker_who_read_the_clock_earlier_counts_what_another_closed_later(clock):
    awa = make.member("awa")
    ballot = votes.open_vote(clock=clock, by=awa)
    votes.cast(ballot, [(awa, YES)])

    close_ballot(ballot=ballot, now=ballot.closes_at + BLINK)
    tally_ballot(ballot=ballot, now=ballot.closes_at)

    proposal = Proposal.objects.get()
    assert proposal.tallied_at == proposal.closed_at == ballot.closes_at + BLINK
