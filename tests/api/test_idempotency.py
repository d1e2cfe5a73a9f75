from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import URLResolver, get_resolver

from api.actions import hold_key
from api.idempotency import MARK
from api.models import KeyedRequest
from coop.members.models import Application
from tests import make
from tests.api import places
from tests.api.test_tokens import bearer

pytestmark = [pytest.mark.urls("tests.api.places")]


def send(client: Client, who: dict[str, str], key: str, method: str = "post", **data: object):
    return getattr(client, method)("/api/buy/", data, content_type="application/json", HTTP_IDEMPOTENCY_KEY=key, **who)


@pytest.mark.django_db
def test_the_same_key_and_request_get_the_same_answer_and_are_done_once(client: Client):
    who = bearer(make.user("clara"), "requester")

    first, second = send(client, who, "k1"), send(client, who, "k1")

    assert first.status_code == second.status_code == 201
    assert first.content == second.content and second["Content-Type"] == first["Content-Type"]
    assert second["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert Application.objects.count() == 1


@pytest.mark.django_db
def test_another_request_under_the_key_is_refused(client: Client):
    who = bearer(make.user("clara"), "requester")
    send(client, who, "k1")

    other = send(client, who, "k1", amount=2)

    assert other.status_code == 409 and other.json()["code"] == "idempotency_conflict"


@pytest.mark.django_db
def test_the_key_of_another_person_means_nothing(client: Client):
    send(client, bearer(make.user("clara"), "requester"), "k1")

    other = send(client, bearer(make.user("mallory"), "requester"), "k1")

    assert other.status_code == 201 and Application.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put"])
def test_a_refused_request_keeps_no_key(client: Client, method: str):
    who = bearer(make.user("clara"), "requester")

    assert send(client, who, "k1", method, refuse=True).status_code == 409

    assert not KeyedRequest.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", [" ", "x" * 256, "a\tb"])
def test_a_key_that_cannot_be_is_named(client: Client, key: str):
    answer = send(client, bearer(make.user("clara"), "requester"), key)

    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.django_db
def test_a_request_that_spans_transactions_is_done_once_too(client: Client):
    who = bearer(make.user("clara"), "requester")
    places.DONE.clear()

    first, second = send(client, who, "k1", "put"), send(client, who, "k1", "put")

    assert first.content == second.content and places.DONE == ["called"]


@pytest.mark.django_db
def test_a_spanning_request_that_is_under_way_is_not_begun_again(client: Client, monkeypatch: pytest.MonkeyPatch):
    clara = make.user("clara")
    monkeypatch.setattr("api.idempotency._fingerprint", lambda request: "0" * 64)
    hold_key(caller=clara, key="k1", request_sha256="0" * 64, fresh_only=True)

    again = send(client, bearer(clara, "requester"), "k1", "put")

    assert again.status_code == 409 and again.json()["code"] == "idempotency_in_progress"


def test_eight_at_once_under_one_key_are_done_once(committed_db: str):
    who = bearer(make.user("clara"), "requester")

    def once(_n: int) -> tuple[int, bytes]:
        try:
            answer = send(Client(), who, "k1")
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(once, range(8)))

    assert len(answers) == 1 and next(iter(answers))[0] == 201
    assert Application.objects.count() == 1


@pytest.mark.django_db
def test_an_answer_without_content_is_repeated_without_content(client: Client):
    who = bearer(make.user("clara"), "requester")

    first, second = send(client, who, "k1", "patch"), send(client, who, "k1", "patch")

    assert (first.status_code, first.content) == (second.status_code, second.content) == (204, b"")
    assert second["Idempotency-Replayed"] == "true" and "Content-Type" not in second


def posts(resolver: URLResolver) -> Iterator[Any]:
    """The handler of every POST of the API."""
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from posts(part)
        elif handler := getattr(getattr(part.callback, "view_class", None), "post", None):
            yield handler


def test_every_post_of_the_api_takes_a_key():
    found = list(posts(get_resolver("api.urls")))

    assert len(found) > 35
    assert [handler.__qualname__ for handler in found if not getattr(handler, MARK, False)] == []


@pytest.mark.django_db
@pytest.mark.urls("coop.urls")
def test_items_that_are_sent_twice_under_a_key_are_there_once(client: Client):
    clara = make.user("clara")
    sent = bearer(clara, "requester") | {"HTTP_IDEMPOTENCY_KEY": "k1"}
    project = make.draft(by=clara, items=0)
    here = f"/api/v1/projects/{project.pk}/items/"

    first, second = (
        client.post(here, [{"payload": {"text": "One"}}], content_type="application/json", **sent) for _ in range(2)
    )

    assert first.status_code == second.status_code == 201 and first.content == second.content
    assert project.items.count() == 1
