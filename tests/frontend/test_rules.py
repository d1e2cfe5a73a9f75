from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from coop.ground.clock import coop_now
from coop.rules.actions import amend_rule, head, in_force
from coop.rules.catalogue import CATALOGUE

pytestmark = pytest.mark.django_db


def raise_solidarity(*, days_ahead: int = 0):
    now = coop_now()
    return amend_rule(
        key="pay.solidarity_share",
        value=500,
        effective_from=now + timedelta(days=days_ahead),
        decision=uuid4(),
        supersedes=head("pay.solidarity_share"),
        now=now,
    )


def test_every_rule_of_the_catalogue_is_on_the_page_with_its_hash(client: Client):
    page = client.get("/rules/").content.decode()

    assert all(f"/rules/{key}/" in page for key in CATALOGUE)
    assert in_force(coop_now()).hash in page


@pytest.mark.parametrize("key", CATALOGUE)
def test_each_rule_has_a_page_with_its_value_bounds_and_history(client: Client, key: str):
    page = client.get(f"/rules/{key}/")

    assert page.status_code == 200 and "the founding" in page.content.decode()


def test_a_changed_rule_shows_the_vote_behind_it(client: Client):
    version = raise_solidarity()

    listed, page = (client.get(path).content.decode() for path in ("/rules/", "/rules/pay.solidarity_share/"))

    assert f"/proposals/{version.decision}/" in listed and f"/proposals/{version.decision}/" in page
    assert "5\u00a0%" in page and "3\u00a0%" in page


def test_a_rule_that_is_yet_to_begin_is_announced_with_its_day(client: Client, clock):
    raise_solidarity(days_ahead=10)

    assert "yet to begin" in client.get("/rules/pay.solidarity_share/").content.decode()
    assert "from " in client.get("/rules/").content.decode()
    clock.advance(days=11)
    assert "yet to begin" not in client.get("/rules/pay.solidarity_share/").content.decode()


def test_a_rule_that_is_none_is_not_found(client: Client):
    assert client.get("/rules/pay.secret_bonus/").status_code == 404
    assert client.get("/api/v1/rules/pay.secret_bonus/").status_code == 404


def test_programs_read_the_same_book(client: Client):
    version = raise_solidarity()

    listed = client.get("/api/v1/rules/").json()
    one = client.get("/api/v1/rules/pay.solidarity_share/").json()
    book = client.get("/api/v1/rules/book/").json()
    before = client.get("/api/v1/rules/book/", {"at": "2026-01-02T00:00:00Z"}).json()

    assert listed["book"] == book["hash"] == in_force(coop_now()).hash != before["hash"]
    assert len(listed["rules"]) == len(CATALOGUE)
    assert one["value"] == 500 and one["version"] == 2
    assert [past["value"] for past in one["history"]] == [500, 300]
    assert one["history"][0]["decision"] == str(version.decision)
    assert before["rules"]["pay.solidarity_share"] == {"version": 1, "value": 300}


def test_a_moment_that_is_none_is_named(client: Client):
    answer = client.get("/api/v1/rules/book/", {"at": "yesterday"})

    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "at"
