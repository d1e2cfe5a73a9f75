import pytest
from django.test import Client

from api.throttling import ByCaller

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.places")]


def test_a_refusal_is_a_409_that_names_its_code_and_field(client: Client):
    answer = client.get("/api/refuse/")

    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == "ballot_closed" and body["detail"] == "This ballot is closed."
    assert body["errors"] == [{"field": "choice", "reason": "This ballot is closed."}]
    assert body["type"] == "urn:canut:problem:ballot_closed" and body["status"] == 409 and body["title"]


def test_bad_input_names_every_field_by_its_path(client: Client):
    answer = client.post("/api/refuse/", {"rows": [{"value": 1}, {"value": 10}]}, content_type="application/json")

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["title", "rows.1.value"]


def test_a_model_that_says_no_is_bad_input(client: Client):
    answer = client.put("/api/refuse/", {}, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "amount", "reason": "Too much."}]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "/api/refuse/", "{not json", 400),
        ("delete", "/api/refuse/", "", 405),
        ("get", "/api/v1/nowhere/", "", 404),
        ("get", "/api/nowhere", "", 404),
        ("get", "/api/work/", "", 401),
    ],
)
def test_every_error_is_a_problem(client: Client, method: str, path: str, body: str, status: int):
    answer = client.generic(method.upper(), path, body, content_type="application/json")

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_another_content_type_is_refused_with_415(client: Client):
    answer = client.post("/api/refuse/", "a,b", content_type="text/csv")

    assert answer.status_code == 415


def test_a_bug_is_a_500_that_tells_nothing(client: Client):
    client.raise_request_exception = False

    answer = client.get("/api/bug/")

    assert answer.status_code == 500
    assert answer.json()["code"] == "failed" and "a bug" not in answer.content.decode()


def test_reads_carry_an_etag_and_are_not_sent_twice(client: Client):
    first = client.get("/api/v1/")

    again = client.get("/api/v1/", HTTP_IF_NONE_MATCH=first["ETag"])

    assert first.status_code == 200 and again.status_code == 304 and not again.content


def test_too_many_requests_are_answered_429_with_the_wait(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ByCaller, "THROTTLE_RATES", {"person": "2/m", "visitor": "2/m"})

    first = client.get("/api/v1/")
    client.get("/api/v1/")
    third = client.get("/api/v1/")

    assert first["RateLimit-Policy"] == '"api";q=2;w=60' and first["RateLimit"].startswith('"api";r=1;t=')
    assert third.status_code == 429
    assert 0 < int(third["Retry-After"]) <= 61
    assert third.json()["code"] == "throttled" and third["RateLimit"].startswith('"api";r=0;t=')


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"title": "a\\u0000b", "rows": []}', "title"),
        ('{"title": "a\\ud800b", "rows": []}', "title"),
        ('{"title": "a", "rows": [{"value": 99999999999999999999}]}', "rows.0.value"),
        ('{"title": "a", "rows": ' + "[" * 60 + "]" * 60 + "}", "rows" + ".0" * 49),
    ],
)
def test_json_that_cannot_be_kept_is_refused_at_its_field(client: Client, body: str, field: str):
    answer = client.post("/api/refuse/", body, content_type="application/json")

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
