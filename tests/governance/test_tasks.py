"""Beat moves proposals on: one task looks, and one task for each proposal does."""

from types import SimpleNamespace

import pytest
from django.conf import settings

from coop.rules.actions import in_force
from governance import tasks
from governance.models import Ballot, Proposal, State
from tests import make, votes
from tests.votes import YES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Tasks are run where they are published."""
    monkeypatch.setattr(tasks, "advance_one_proposal", SimpleNamespace(delay=tasks.advance_one_proposal))


def test_the_sweep_carries_a_proposal_from_deliberation_to_the_new_rule(clock):
    awa = make.member("awa")
    proposal = votes.submit(votes.set_rule("work.redundancy", 5), by=awa)

    tasks.advance_proposals()
    assert Proposal.objects.get().state == State.DELIBERATION
    clock.advance(days=1, minutes=1)
    tasks.advance_proposals()
    votes.cast(Ballot.objects.get(proposal=proposal), [(awa, YES)])
    clock.advance(days=7, minutes=1)
    tasks.advance_proposals()
    assert Proposal.objects.get().state == State.ADOPTED
    now = clock.advance(days=2, minutes=1)
    tasks.advance_proposals()

    assert Proposal.objects.get().state == State.EXECUTED
    assert in_force(now.replace(year=now.year + 1)).whole("work.redundancy") == 5


def test_beat_knows_the_sweep():
    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert tasks.advance_proposals.name in names and tasks.advance_requests.name in names
