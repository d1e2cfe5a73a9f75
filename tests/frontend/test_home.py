"""The first page says what waits for whoever comes."""

import pytest
from django.test import Client

from tests import make, votes

pytestmark = pytest.mark.django_db


def home(person) -> str:
    client = Client()
    client.force_login(person)
    return client.get("/").content.decode()


def test_a_member_is_told_of_an_open_vote_until_it_is_cast(clock):
    hanitra = make.member("hanitra")
    ballot = votes.open_vote(votes.set_rule("work.redundancy", 5), clock=clock, by=hanitra, title="Five answers")

    assert "1 vote is asked of you" in home(hanitra.user)
    votes.cast(ballot, [(hanitra, votes.YES)])
    assert "asked of you" not in home(hanitra.user)


def test_a_member_without_a_way_to_be_paid_is_told_so():
    assert "Say where you are paid" in home(make.member("awa").user)


def test_the_treasury_is_the_treasurer_s_alone():
    assert "/treasurer/" in home(make.treasurer("theo").user)
    assert "/treasurer/" not in home(make.member("awa").user)
    assert "/treasurer/" not in home(make.user("mallory"))


def test_a_requester_finds_projects_and_the_way_in():
    page = home(make.user("clara"))

    assert "/projects/" in page and "/apply/" in page
