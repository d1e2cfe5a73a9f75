"""Who gets access to the data of the commons, and for how long, is voted."""

from datetime import timedelta

import pytest

from coop.commons.models import AccessRequest, Grant
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import end_membership
from governance.commons import advance_requests
from governance.models import State
from governance.operations.grant_access import GrantAccess
from tests import make, votes
from tests.rules_outcomes.cases import outcome_of

pytestmark = pytest.mark.django_db


@outcome_of("commons.red_lines")
def test_only_the_constitution_takes_a_red_line_away(vote):
    def asked():
        """By an insurer, for a dataset whose policy holds the red lines of its day."""
        return make.access_request(dataset=make.dataset(by=steward, project=project()), sector="insurance")

    def project():
        return make.delivered(items=1)

    steward = make.steward()
    before = asked()

    vote("commons.red_lines", ["migration_control", "military", "pharmaceutical", "surveillance", "union_busting"])

    after = asked()
    assert (before.outcome, before.refused_for) == ("refused", "insurance")
    assert after.refused_for != "insurance"


@outcome_of("commons.grant_days")
def test_access_ends_after_the_voted_days_at_the_latest(vote, clock):
    steward = make.steward()
    dataset = make.dataset(by=steward)

    def granted():
        request = make.access_request(dataset=dataset)
        proposal = votes.decide(GrantAccess(request=request.pk), clock=clock, by=steward)
        assert proposal.state == State.EXECUTED
        grant = Grant.objects.get(request=request)
        return grant.ends_at - grant.starts_at

    assert granted() > timedelta(days=100)

    vote("commons.grant_days", 30)

    assert granted() == timedelta(days=30)


@outcome_of("commons.request_days")
def test_a_request_nobody_can_decide_is_refused_after_the_voted_days(vote, clock):
    steward = make.steward()
    dataset = make.dataset(by=steward)
    end_membership(member=steward, by=steward.actor, now=coop_now())

    def outcome_after_twenty_days():
        request = make.access_request(dataset=dataset)
        clock.advance(days=20)
        advance_requests(now=coop_now())
        return AccessRequest.objects.get(pk=request.pk).refused_for

    assert outcome_after_twenty_days() == ""

    vote("commons.request_days", 14)

    assert outcome_after_twenty_days() == "silence"


@outcome_of("commons.minimum_contributors")
def test_what_too_few_people_made_is_not_released(vote):
    steward = make.steward()
    before = make.dataset(by=steward, project=make.delivered(items=1, people=5))

    vote("commons.minimum_contributors", 6)

    assert before.releases.exists()
    with pytest.raises(Refused) as refused:
        make.dataset(by=steward, project=make.delivered(items=1, people=5))
    assert refused.value.code == "too_few_contributors"
