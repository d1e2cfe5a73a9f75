import csv
import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from coop.commons.actions import grant_access
from coop.commons.models import AccessEvent, AccessRequest, Dataset
from coop.ground.clock import coop_now
from payouts.ledger.actions import balance
from payouts.ledger.chart import COMMONS_FUND
from tests import make
from tests.api.test_tokens import bearer

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def dataset():
    return make.dataset()


def asked(dataset, /, **stated):
    until = (coop_now() + timedelta(days=100)).date().isoformat()
    return make.ASKED | {"dataset": str(dataset.pk), "until": until} | stated


def ask(client, person, body, **headers):
    return client.post(
        "/api/v1/access-requests/",
        json.dumps(body),
        content_type="application/json",
        **bearer(person, "commons"),
        **headers,
    )


def test_a_steward_takes_delivered_labels_into_the_commons(client: Client):
    project, steward = make.delivered(), make.steward()
    body = {"project": str(project.pk), "title": "Digits", "summary": "Read by five.", "client_rights": "By contract."}

    answer = client.post("/api/v1/datasets/", body, content_type="application/json", **bearer(steward.user, "commons"))

    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["releases"][0]["units"] == 2
    assert {file["name"] for file in made["releases"][0]["files"]} == {
        "SHA256SUMS",
        "labels.csv",
        "labels.json",
        "policy.json",
        "policy.txt",
    }
    listed = client.get("/api/v1/datasets/").json()["results"]
    assert [one["id"] for one in listed] == [made["id"]]
    policy = client.get(f"/api/v1/policies/{made['policy']}/").json()
    assert "Never: No insurers." in policy["sentences"]


def test_only_a_steward_may(client: Client):
    body = {"project": str(uuid4()), "title": "x", "summary": "x", "client_rights": "x"}

    for person, scope, status in (
        (make.member("awa").user, "commons", 403),
        (make.steward().user, "work", 403),
        (make.user("mallory"), "commons", 403),
    ):
        answer = client.post("/api/v1/datasets/", body, content_type="application/json", **bearer(person, scope))
        assert answer.status_code == status
    assert client.post("/api/v1/datasets/", body, content_type="application/json").status_code == 401


def test_a_project_that_is_no_delivered_one_is_not_taken_in(client: Client):
    steward = make.steward()
    body = {"title": "x", "summary": "x", "client_rights": "x"}

    for project, status in ((NOBODY, 404), (make.draft().pk, 404), (make.live().pk, 409)):
        answer = client.post(
            "/api/v1/datasets/",
            body | {"project": str(project)},
            content_type="application/json",
            **bearer(steward.user, "commons"),
        )
        assert answer.status_code == status
    assert answer.json()["code"] == "not_delivered"


def test_an_insurer_asks_and_is_refused_by_the_red_line_for_everyone_to_see(client: Client, dataset):
    body = asked(dataset, organisation="Sure & Sons", legal_form="firm", sector="insurance")

    answer = ask(client, make.user("agent"), body)

    assert answer.status_code == 201
    assert (answer.json()["outcome"], answer.json()["refused_for"]) == ("refused", "insurance")
    (shown,) = client.get("/api/v1/register/?outcome=refused").json()["results"]
    assert (shown["organisation"], shown["refused_because"], shown["mine"]) == ("Sure & Sons", "No insurers", False)
    assert "agent" not in json.dumps(shown)


def test_a_lab_asks_and_waits_for_people(client: Client, dataset):
    answer = ask(client, make.requester(), asked(dataset))

    assert answer.json()["screening"]["verdict"] == "people"
    assert [one["id"] for one in client.get("/api/v1/register/?outcome=waiting").json()["results"]] == [
        answer.json()["id"]
    ]
    assert client.get("/api/v1/register/?outcome=granted").json()["results"] == []


def test_asking_twice_under_one_key_asks_once(client: Client, dataset):
    clara, body = make.requester(), asked(dataset)

    first = ask(client, clara, body, HTTP_IDEMPOTENCY_KEY="k1")
    again = ask(client, clara, body, HTTP_IDEMPOTENCY_KEY="k1")

    assert first.json()["id"] == again.json()["id"]
    assert AccessRequest.objects.count() == 1


def test_bad_input_is_answered_with_the_field_and_nothing_is_lost(client: Client, dataset):
    clara = make.requester()
    cases = [
        ({"sector": "unheard"}, "sector"),
        ({"country": "france"}, "country"),
        ({"purpose_text": "short"}, "purpose_text"),
        ({"actions": []}, "actions"),
        ({"actions": ["steal"]}, "actions.0"),
        ({"until": "yesterday"}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"offer": -1}, "offer"),
        ({"dataset": "x"}, "dataset"),
    ]

    for changes, field in cases:
        answer = ask(client, clara, asked(dataset, **changes))
        assert answer.status_code == 400, (changes, answer.content)
        assert answer.json()["errors"][0]["field"] == field, (changes, answer.json())
    assert client.get("/api/v1/register/?outcome=perhaps").status_code == 400
    assert not AccessRequest.objects.exists()


def test_asking_needs_an_account_and_the_scope(client: Client, dataset):
    clara = make.requester()

    assert client.post("/api/v1/access-requests/", asked(dataset), content_type="application/json").status_code == 401
    answer = client.post(
        "/api/v1/access-requests/", asked(dataset), content_type="application/json", **bearer(clara, "work")
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert ask(client, clara, asked(dataset, dataset=NOBODY)).status_code == 404


def test_a_request_is_taken_back_by_who_made_it_alone(client: Client, dataset):
    request = make.access_request(dataset=dataset)
    address = f"/api/v1/access-requests/{request.pk}/withdraw/"

    assert client.post(address, **bearer(make.user("mallory"), "commons")).status_code == 404
    assert client.post(address, **bearer(request.asked_by, "commons")).json()["refused_for"] == "withdrawn"


def test_granted_files_open_for_who_asked_and_do_not_exist_for_others(client: Client, dataset):
    request = make.access_request(dataset=dataset)
    grant = grant_access(request=request, decision=uuid4(), now=coop_now())
    address = f"/api/v1/grants/{grant.pk}/files/labels.csv/"
    mallory, steward = make.user("mallory"), make.steward().user

    link = client.post(address, **bearer(request.asked_by, "commons")).json()["url"]
    file = client.get(link, **bearer(request.asked_by, "commons"))

    assert file["Content-Disposition"] == 'attachment; filename="labels.csv"'
    assert [row["label"] for row in csv.DictReader(io.StringIO(file.content.decode()))] == ["yes", "yes"]
    assert (client.post(address).status_code, client.get(link).status_code) == (401, 401)
    for other in (mallory, steward):
        assert client.post(address, **bearer(other, "commons")).status_code == 404
        assert client.get(link, **bearer(other, "commons")).status_code == 404
    assert client.post(address.replace("labels.csv", "x"), **bearer(request.asked_by, "commons")).status_code == 404
    assert AccessEvent.objects.count() == 1
    shown = client.get(f"/api/v1/grants/{grant.pk}/").json()
    assert (shown["open"], [event["file"] for event in shown["events"]]) == (True, ["labels.csv"])
    assert [one["id"] for one in client.get("/api/v1/grants/").json()["results"]] == [str(grant.pk)]


def test_only_fetching_is_written_down_not_each_reading_of_the_link(client: Client, dataset):
    request = make.access_request(dataset=dataset)
    grant = grant_access(request=request, decision=uuid4(), now=coop_now())
    asker, address = bearer(request.asked_by, "commons"), f"/api/v1/grants/{grant.pk}/files/labels.csv/"
    link = client.post(address, **asker).json()["url"]

    first = client.get(link, **asker)
    again = client.get(link, **asker, HTTP_IF_NONE_MATCH=first["ETag"])
    head = client.head(link, **asker)

    assert (first.status_code, again.status_code, head.status_code) == (200, 304, 200)
    assert client.get(address, **asker).status_code == 405
    assert AccessEvent.objects.count() == 1


def test_a_link_gives_the_file_for_an_hour_and_no_longer_than_the_grant(client: Client, dataset, clock):
    request = make.access_request(dataset=dataset)
    grant = grant_access(request=request, decision=uuid4(), now=coop_now())
    link = client.post(f"/api/v1/grants/{grant.pk}/files/labels.csv/", **bearer(request.asked_by, "commons")).json()
    read = lambda: client.get(link["url"], **bearer(request.asked_by, "commons")).status_code  # noqa: E731

    clock.advance(minutes=59)
    before = read()
    clock.advance(minutes=2)

    assert (before, read()) == (200, 404)


def test_the_treasurer_confirms_the_fee_and_it_goes_to_the_commons_fund(client: Client, dataset):
    request = make.access_request(dataset=dataset, legal_form="firm", purpose="product_development", offer=5000)
    grant = grant_access(request=request, decision=uuid4(), now=coop_now())
    theo, address = make.treasurer(), f"/api/v1/grants/{grant.pk}/fee/"
    file = f"/api/v1/grants/{grant.pk}/files/labels.csv/"

    def pay(person, amount):
        return client.post(address, {"amount": amount}, content_type="application/json", **bearer(person, "treasurer"))

    closed = client.post(file, **bearer(request.asked_by, "commons"))
    assert (closed.status_code, closed.json()["code"]) == (409, "fee_not_paid")
    assert pay(request.asked_by, 5000).status_code == 403
    assert (pay(theo.user, 4000).status_code, pay(theo.user, 4000).json()["code"]) == (409, "wrong_amount")
    assert pay(theo.user, 5000).json()["open"] is True
    assert balance(COMMONS_FUND) == 5000
    assert client.post(file, **bearer(request.asked_by, "commons")).status_code == 201


@pytest.mark.parametrize("what", ["datasets", "policies", "access-requests", "grants"])
def test_what_is_not_there_is_not_there(client: Client, what):
    assert client.get(f"/api/v1/{what}/{NOBODY}/").status_code == 404


def test_a_new_release_of_the_same_labels_is_the_same_release(client: Client):
    steward = make.steward()
    dataset = make.dataset(by=steward)

    answer = client.post(f"/api/v1/datasets/{dataset.pk}/releases/", **bearer(steward.user, "commons"))

    assert (answer.status_code, answer.json()["version"]) == (201, 1)
    assert Dataset.objects.get().releases.count() == 1
