"""What is new, for programs: one's own alone, and the same refusals as on the page."""

import pytest
from django.test import Client

from coop.ground.clock import coop_now
from coop.notices.models import MailChoice, Notice
from tests import make
from tests.api.test_tokens import bearer
from tests.coop.notices.scenarios import play

pytestmark = pytest.mark.django_db
HERE = "/api/v1/notices/"


@pytest.fixture
def clara(clock):
    clara = make.requester("clara")
    play("project_delivered", clock)
    return clara


def test_a_person_reads_what_is_new_in_the_language_asked_for(clara, client: Client):
    (told,) = client.get(HERE, headers={"Accept-Language": "fr"}, **bearer(clara, "member")).json()["results"]

    assert told["sentence"] == "« Polite sentences » a toutes ses réponses." and told["read_at"] is None
    assert told["path"].startswith("/projects/")


def test_mallory_reads_nothing_of_it_and_marks_nothing(clara, client: Client):
    mallory = bearer(make.user("mallory"), "member")
    ids = [str(Notice.objects.get().pk)]

    assert client.get(HERE, **mallory).json()["results"] == []
    answer = client.post(f"{HERE}read/", {"notices": ids}, content_type="application/json", **mallory)

    assert answer.json() == {"n": 0} and Notice.objects.get().read_at is None
    assert client.get(HERE, **bearer(clara, "requester")).status_code == 403 and client.get(HERE).status_code == 401


def test_what_was_read_is_read_once(clara, client: Client):
    ids = {"notices": [str(Notice.objects.get().pk)]}
    answers = [
        client.post(f"{HERE}read/", ids, content_type="application/json", **bearer(clara, "member")).json()["n"]
        for _n in range(2)
    ]

    assert answers == [1, 0] and Notice.objects.get().read_at <= coop_now()


def test_what_is_mailed_is_chosen_and_what_must_be_cannot_be(clara, client: Client):
    who = bearer(clara, "member")

    kept = client.put(f"{HERE}mails/", {"kinds": ["paid"]}, content_type="application/json", **who).json()
    refused = client.put(f"{HERE}mails/", {"kinds": ["vote_asked"]}, content_type="application/json", **who)

    assert kept["kinds"] == ["paid"] and "vote_asked" not in kept["choosable"]
    assert refused.status_code == 409 and refused.json()["code"] == "unknown_notice"
    assert MailChoice.objects.get().kind == "paid"
    assert client.get(f"{HERE}mails/", **who).json() == kept
    assert client.post(f"{HERE}again/", **who).json() == {"n": 0}
