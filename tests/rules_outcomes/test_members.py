"""How long somebody holds an office is voted."""

from datetime import timedelta

import pytest

from governance.operations.appoint import Appoint
from tests import make, votes
from tests.rules_outcomes.cases import outcome_of

pytestmark = pytest.mark.django_db


@outcome_of("members.term_days")
def test_an_office_lasts_as_long_as_was_voted(vote, clock):
    awa, theo = make.member("awa"), make.member("theo")

    def term(member):
        votes.decide(Appoint(member.log_pseudonym, "steward"), clock=clock, by=awa)
        office = member.offices.get()
        return office.ends_at - office.starts_at

    assert term(awa) == timedelta(days=365)

    vote("members.term_days", 90)

    assert term(theo) == timedelta(days=90)
