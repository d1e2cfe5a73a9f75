"""Periods, runs and statements over HTTP."""

import json
import uuid

import pytest
from django.test import Client

from coop.audit.actions import seal_log
from coop.ground.canonical import fingerprint
from coop.ground.clock import coop_now
from payouts.actions.execution import reserve_run
from payouts.models import PayoutRun
from tests import make, money
from tests.api.test_tokens import bearer

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture
def awa():
    return make.member("awa")


@pytest.fixture
def run(awa):
    return money.ran(awa, make.member("hanitra"))


def test_anybody_reads_periods_and_runs(client: Client, run):
    periods = client.get(f"{V1}/periods/").json()["results"]
    runs = client.get(f"{V1}/runs/").json()["results"]
    one = client.get(f"{V1}/runs/{run.pk}/").json()

    assert [period["number"] for period in periods] == [2, 1]
    assert [listed["id"] for listed in runs] == [str(run.pk)]
    assert one["waterfall"]["labour_pool"] == run.result["labour_pool"]
    assert one["spread"]["gini"] is None
    assert one["spread"]["countries"] == []


def test_the_bundle_is_what_was_hashed_and_shows_its_place_in_the_log(client: Client, run):
    seal_log(now=coop_now())

    bundle = json.loads(client.get(f"{V1}/runs/{run.pk}/bundle/").content)

    log = bundle.pop("log")
    assert fingerprint(bundle) == run.bundle_sha256 == log["entry"]["payload"]["bundle_sha256"]
    assert "Awa" not in json.dumps(bundle)


def test_a_run_that_is_not_computed_is_not_there(client: Client, awa):
    assert client.get(f"{V1}/runs/{uuid.uuid4()}/").status_code == 404
    assert client.get(f"{V1}/runs/{uuid.uuid4()}/bundle/").status_code == 404


def test_a_member_reads_their_statements_with_every_line(client: Client, awa, run):
    (listed,) = client.get(f"{V1}/statements/", **bearer(awa.user, "pay")).json()["results"]
    one = client.get(f"{V1}/statements/{listed['id']}/", **bearer(awa.user, "pay")).json()

    said = {line["key"]: line for line in one["lines"]}
    assert said["payable"]["amount"] == listed["payable"] == money.share_of(run, awa).payable
    assert said["floor"]["rules"][0]["key"] == "pay.hourly_floor"


def test_somebody_else_s_statement_does_not_exist(client: Client, awa, run):
    here = f"{V1}/statements/{money.share_of(run, awa).pk}/"
    other = make.member("theo")

    assert client.get(here, **bearer(other.user, "pay")).status_code == 404
    assert client.get(here, **bearer(awa.user, "work")).status_code == 403
    assert client.get(here).status_code == 401
    assert client.get(f"{V1}/statements/", **bearer(make.user("mallory"), "pay")).status_code == 403


def test_the_treasurer_approves_when_the_objection_window_is_over(client: Client, awa, run, clock):
    theo = make.treasurer()
    here = f"{V1}/runs/{run.pk}/approve/"

    early = client.post(here, **bearer(theo.user, "treasurer"))
    assert (early.status_code, early.json()["code"]) == (409, "objections_open")
    assert client.post(here, **bearer(awa.user, "treasurer")).status_code == 403

    clock.advance(days=40)
    done = client.post(here, **bearer(theo.user, "treasurer"))
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    assert PayoutRun.objects.get().approved_by == theo


def test_a_member_objects_to_their_own_statement(client: Client, awa, run, clock):
    here = f"{V1}/statements/{money.share_of(run, awa).pk}/objections/"
    said = {"reason": "An hour is missing."}

    done = client.post(here, said, content_type="application/json", **bearer(awa.user, "pay"))
    assert (done.status_code, done.json()["answered_at"]) == (201, None)
    empty = client.post(here, {}, content_type="application/json", **bearer(awa.user, "pay"))
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (400, "reason")
    other = make.member("theo")
    assert client.post(here, said, content_type="application/json", **bearer(other.user, "pay")).status_code == 404
    clock.advance(days=40)
    late = client.post(here, said, content_type="application/json", **bearer(awa.user, "pay"))
    assert late.json()["code"] == "objections_closed"


@pytest.mark.parametrize("cursor", ["cD0lMDA=", "cD1hYmM=", "nonsense"])
def test_a_cursor_that_is_not_ours_is_bad_input_and_never_a_failure(client: Client, run, cursor):
    answer = client.get("/api/v1/periods/", {"cursor": cursor})

    assert answer.status_code == 400, answer.content


def asked(client: Client, path: str, person, scope: str, **body):
    """A POST under a key of its own."""
    headers = {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())} | bearer(person.user, scope)
    return client.post(f"{V1}{path}", body, content_type="application/json", **headers)


def test_an_objection_is_upheld_and_a_mistake_put_right_through_the_api(client: Client, awa, run):
    theo = make.treasurer()
    share = money.share_of(run, awa)
    raised = asked(client, f"/statements/{share.pk}/objections/", awa, "pay", reason="Ten minutes are missing.").json()
    assert client.get(f"{V1}/objections/", **bearer(awa.user, "treasurer")).status_code == 403
    (listed,) = client.get(f"{V1}/objections/", **bearer(theo.user, "treasurer")).json()["results"]
    assert listed["id"] == raised["id"]

    said = {"answer": "You are right.", "kind": "task", "seconds": 600}
    for unsaid in ({"kind": "task"}, {"kind": "task", "seconds": 0}, {"kind": "task", "seconds": -600}):
        neither = asked(client, f"/objections/{raised['id']}/answer/", theo, "treasurer", answer="Yes.", **unsaid)
        assert (neither.status_code, neither.json()["errors"][0]["field"]) == (400, "seconds")
    answered = asked(client, f"/objections/{raised['id']}/answer/", theo, "treasurer", **said)

    assert (answered.status_code, answered.json()["upheld"]) == (200, True)
    assert client.get(f"{V1}/runs/{run.pk}/").json()["version"] == 2
    assert json.loads(client.get(f"{V1}/runs/{run.pk}/bundle/").content)["replaces"] == run.bundle_sha256
    versions = client.get(f"{V1}/runs/{run.pk}/versions/").json()["results"]
    assert [one["number"] for one in versions] == [2, 1]
    for one in versions:
        bundle = json.loads(client.get(one["bundle"]).content)
        assert (bundle["version"], bundle.pop("log")) == (one["number"], None)
        assert fingerprint(bundle) == one["bundle_sha256"]
    assert versions[0]["replaces"] == versions[1]["bundle_sha256"] == run.bundle_sha256
    assert client.get(f"{V1}/runs/{run.pk}/versions/3/bundle/").status_code == 404
    assert client.get(f"{V1}/runs/{uuid.uuid4()}/versions/").status_code == 404
    old = client.get(f"{V1}/statements/{share.pk}/", **bearer(awa.user, "pay")).json()
    (mine,) = client.get(f"{V1}/statements/", **bearer(awa.user, "pay")).json()["results"]
    assert (old["version"]["number"], old["replaced_by"]) == (1, mine["id"])
    assert json.loads(client.get(old["version"]["bundle"]).content)["version"] == 1
    assert (mine["version"]["number"], mine["replaced_by"]) == (2, None)
    assert mine["seconds"] == share.seconds + 600
    early = asked(client, f"/statements/{mine['id']}/adjustments/", theo, "treasurer", amount=5, reason="Late.")
    assert (early.status_code, early.json()["code"]) == (409, "run_not_approved")
    money.approved(PayoutRun.objects.get())
    made = asked(client, f"/statements/{mine['id']}/adjustments/", theo, "treasurer", amount=5, reason="Late.")
    assert (made.status_code, made.json()["amount"]) == (201, 5)


def test_who_was_not_paid_is_for_the_treasurer_and_oneself(client: Client, awa, run):
    theo = make.treasurer()
    approved = money.approved(run)
    reserve_run(run=approved, now=approved.approved_at)
    here = f"{V1}/runs/{run.pk}/not-paid/"

    named = client.get(here, **bearer(theo.user, "treasurer")).json()["results"]

    assert {one["member"] for one in named} == {"Awa", "Hanitra"}
    assert {one["why"] for one in named} == {"no_details"}
    assert client.get(here, **bearer(awa.user, "treasurer")).status_code == 403
    mine = money.share_of(run, awa)
    assert client.get(f"{V1}/statements/{mine.pk}/", **bearer(awa.user, "pay")).json()["not_paid"] == "no_details"
