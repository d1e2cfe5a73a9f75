"""Many hands at once: one member has one vote, and what counts is exactly what was accepted."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from governance.actions.advancing import advance_proposal, advance_proposals
from governance.actions.voting import cast_vote, close_ballot, tally_ballot
from governance.models import Ballot, Enactment, Proposal, RollEntry, State, Vote
from tests import make, votes
from tests.votes import NO, YES

pytestmark = [pytest.mark.at_once, pytest.mark.usefixtures("committed_db")]


def at_once(calls, workers):
    """Run the calls in threads that start together; what each returned, or the code by which it was refused."""
    barrier = threading.Barrier(workers)

    def run(call):
        try:
            barrier.wait(timeout=60)
            return call()
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, calls))


def test_fifty_threads_of_one_member_leave_one_vote(clock):
    awa = make.member("awa")
    ballot = votes.open_vote(clock=clock, by=awa)
    calls = [
        lambda choice=choice: cast_vote(ballot=ballot, choice=choice, by=awa.actor, now=coop_now())
        for choice in [YES, NO] * 25
    ]

    answers = at_once(calls, workers=50)

    assert all(isinstance(answer, Vote) for answer in answers)
    assert Vote.objects.count() == 1
    assert votes.close(ballot, clock=clock).ballot.result["cast"] == 1


def test_a_close_in_mid_stream_counts_exactly_the_accepted_votes(clock):
    members = [make.member() for _ in range(120)]
    ballot = votes.open_vote(clock=clock, by=members[0])
    clock.advance(seconds=int((ballot.closes_at - coop_now() - timedelta(seconds=1)).total_seconds()))
    counted = []

    def vote(member):
        try:
            cast_vote(ballot=ballot, choice=YES, by=member.actor, now=coop_now())
            return "accepted"
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    def close_when_it_is_time():
        try:
            while (closed := close_ballot(ballot=ballot, now=coop_now())).closed_at is None:
                pass
            counted.append(tally_ballot(ballot=closed, now=coop_now()).result["cast"])
        finally:
            connection.close()

    closer = threading.Thread(target=close_when_it_is_time)
    closer.start()
    answers = []
    with ThreadPoolExecutor(8) as pool:
        while closer.is_alive():
            answers += pool.map(vote, members)
    closer.join()
    answers += [vote(member) for member in members[:3]]

    accepted = {entry.member_id for entry in RollEntry.objects.filter(votes__isnull=False)}
    assert set(answers) == {"accepted", "ballot_closed"}
    assert answers[-3:] == ["ballot_closed"] * 3
    assert counted == [Vote.objects.count()] == [len(accepted)]


def test_votes_that_saw_the_ballot_open_are_waited_for(clock):
    """A vote under way when the time runs out is counted: the closer waits for its transaction."""
    awa = make.member("awa")
    ballot = votes.open_vote(clock=clock, by=awa)
    voted, let_go = threading.Event(), threading.Event()

    def slow_vote():
        try:
            with transaction.atomic():
                cast_vote(ballot=ballot, choice=YES, by=awa.actor, now=coop_now())
                voted.set()
                let_go.wait(timeout=30)
        finally:
            connection.close()

    voter = threading.Thread(target=slow_vote)
    voter.start()
    assert voted.wait(timeout=30)
    clock.advance(days=8)
    closer = threading.Thread(target=lambda: (advance_proposals(now=coop_now()), connection.close()))
    closer.start()
    closer.join(timeout=0.5)
    assert closer.is_alive(), "the closer waits for the vote under way"
    let_go.set()
    voter.join()
    closer.join()

    assert Ballot.objects.get().result["in_favour"] == 1


def test_many_workers_at_once_open_one_ballot_and_execute_once(clock):
    awa = make.member("awa")
    proposal = votes.submit(votes.set_rule("work.redundancy", 5), by=awa)

    def everyone_advances():
        at_once([lambda: advance_proposal(proposal=proposal.pk, now=coop_now())] * 8, workers=8)

    clock.advance(days=1, minutes=1)
    everyone_advances()
    ballot = Ballot.objects.get()
    votes.cast(ballot, [(awa, YES)])
    clock.advance(days=7, minutes=1)
    everyone_advances()
    clock.advance(days=2, minutes=1)
    everyone_advances()

    assert Proposal.objects.get().state == State.EXECUTED
    assert Enactment.objects.count() == 1
