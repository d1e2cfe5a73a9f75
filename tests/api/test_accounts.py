import pytest
from django.test import Client

from coop.members.models import Application
from tests import make
from tests.api.test_tokens import bearer

pytestmark = pytest.mark.django_db
SAID = {
    "name": "Rado",
    "college": "producer",
    "country": "MG",
    "languages": ["mg"],
    "engagement": "unknown",
    "statement": "I label.",
}


def test_a_member_reads_who_they_are(client: Client):
    theo = make.treasurer("theo")

    me = client.get("/api/v1/me/", **bearer(theo.user, "work")).json()

    assert me["email"] == "theo@example.org" and me["scopes"] == ["work"]
    assert me["member"]["country"] == "FR" and me["member"]["offices"] == ["treasurer"]


def test_mallory_is_somebody_but_no_member(client: Client):
    me = client.get("/api/v1/me/", **bearer(make.user("mallory"), "member"))

    assert me.status_code == 200 and me.json()["member"] is None


def test_nobody_is_nobody(client: Client):
    assert client.get("/api/v1/me/").status_code == 401
    assert client.get("/api/v1/applications/").status_code == 401


def test_a_member_changes_one_thing_and_keeps_the_rest(client: Client):
    hanitra = make.member("hanitra")

    answer = client.patch(
        "/api/v1/me/", {"country": "FR"}, content_type="application/json", **bearer(hanitra.user, "member")
    )

    assert answer.status_code == 200
    assert answer.json()["member"]["country"] == "FR" and answer.json()["member"]["name"] == "Hanitra"


def test_changing_needs_the_scope_and_a_membership(client: Client):
    hanitra, mallory = make.member("hanitra"), make.user("mallory")

    without_scope = client.patch("/api/v1/me/", {}, content_type="application/json", **bearer(hanitra.user, "work"))
    without_membership = client.patch("/api/v1/me/", {}, content_type="application/json", **bearer(mallory, "member"))

    assert without_scope.json()["code"] == "insufficient_scope"
    assert without_membership.json()["code"] == "not_a_member"


def test_applying_twice_is_refused_by_name(client: Client):
    who = bearer(make.user("rado"), "member")

    first = client.post("/api/v1/applications/", SAID, content_type="application/json", **who)
    second = client.post("/api/v1/applications/", SAID, content_type="application/json", **who)

    assert first.status_code == 201 and first.json()["outcome"] == ""
    assert second.status_code == 409 and second.json()["code"] == "already_applied"


def test_a_member_does_not_apply(client: Client):
    who = bearer(make.member("awa").user, "member")

    answer = client.post("/api/v1/applications/", SAID, content_type="application/json", **who)

    assert answer.status_code == 409 and answer.json()["code"] == "already_member"


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("name", "", "name"),
        ("college", "boss", "college"),
        ("country", "mg", "country"),
        ("languages", [], "languages"),
        ("languages", ["Malagasy"], "languages.0"),
        ("engagement", "x", "engagement"),
    ],
)
def test_a_bad_application_names_the_field(client: Client, field: str, value: object, path: str):
    who = bearer(make.user("rado"), "member")

    answer = client.post("/api/v1/applications/", SAID | {field: value}, content_type="application/json", **who)

    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == path
    assert not Application.objects.exists()


def test_members_see_who_waits_and_others_see_their_own(client: Client):
    rado, awa, mallory = make.user("rado"), make.member("awa"), make.user("mallory")
    client.post("/api/v1/applications/", SAID, content_type="application/json", **bearer(rado, "member"))

    seen = [
        client.get("/api/v1/applications/", **bearer(who, "member")).json()["results"]
        for who in (rado, awa.user, mallory)
    ]

    assert [len(rows) for rows in seen] == [1, 1, 0]


@pytest.mark.parametrize("text", ['"a\\ud800b"', '"a\\u0000b"', "1e999", "9" * 30])
def test_logging_in_refuses_json_that_cannot_be_kept_in_its_own_form(client, text):
    client.raise_request_exception = False

    answer = client.post(
        "/_allauth/app/v1/auth/login",
        f'{{"email": "hanitra@example.org", "password": {text}}}',
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] == "password"
