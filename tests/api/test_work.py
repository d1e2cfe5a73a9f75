"""What members do over HTTP."""

from __future__ import annotations

import pytest
from django.test import Client

from coop.ground.clock import coop_now
from coop.work.actions import claim, pause_project, submit
from coop.work.models import Answer, Assignment, Item, TimeEntry
from tests import make
from tests.api.test_tokens import bearer

pytestmark = pytest.mark.django_db
V1 = "/api/v1/work"


@pytest.fixture
def hanitra():
    return make.member("hanitra")


@pytest.fixture
def ask(client: Client, hanitra):
    """Ask as hanitra: ask("post", "/claims/", {…})."""

    def asking(verb, path, body=None, *, by=None, **more):
        more = {"content_type": "application/json"} | more if verb != "get" else more
        return getattr(client, verb)(f"{V1}{path}", body, **more, **bearer(by or hanitra.user, "work"))

    return asking


def test_whom_and_what_it_is_for_is_told_before_anything_is_accepted(ask):
    project = make.live(sold_as_automated=True, disclosure="Made by people.")
    make.quoted()

    (offer,) = ask("get", "/projects/").json()["results"]

    assert offer["id"] == str(project.pk)
    for told in ("purpose", "final_client", "end_use", "product", "sold_as_automated", "disclosure"):
        assert offer[told]
    assert offer["client"] == {
        "legal_name": "Lab of Textiles", "country": "FR", "kind": "research", "beneficial_client": "", "subcontract_chain": [],
    }  # fmt: skip


def test_take_answer_and_see_the_time(ask, clock):
    project = make.live()
    taken = ask("post", "/claims/", {"project": str(project.pk)})
    clock.advance(seconds=30)
    here = f"/assignments/{taken.json()['id']}/"

    done = ask(
        "post",
        f"{here}submit/",
        {"value": {"choice": "yes"}, "measured_seconds": 25, "paused_seconds": 5, "declared_seconds": 22},
    )
    (entry,) = ask("get", "/time/").json()["results"]

    assert taken.status_code == 201
    assert taken.json()["payload"] == {"text": "Sentence number 1."}
    assert taken.json()["answer_schema"]["properties"]["choice"]["enum"] == ["yes", "no"]
    assert (done.status_code, done.json()["state"]) == (200, "submitted")
    assert entry["counted_seconds"] == 22
    assert "extra" not in taken.json()


def test_the_same_key_claims_once(ask):
    make.live()
    key = {"headers": {"Idempotency-Key": "once"}}

    first, again = ask("post", "/claims/", {}, **key), ask("post", "/claims/", {}, **key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Assignment.objects.count() == 1


def test_a_second_claim_is_refused_by_name(ask):
    make.live()
    ask("post", "/claims/", {})

    answer = ask("post", "/claims/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "live_leases")


def test_no_work_is_said_without_a_body(ask):
    assert ask("post", "/claims/", {}).status_code == 204
    assert ask("post", "/claims/", {}, headers={"Idempotency-Key": "k"}).status_code == 204
    assert ask("post", "/claims/", {}, headers={"Idempotency-Key": "k"}).status_code == 204


def test_a_paused_project_and_one_that_isn_t_there(ask):
    project = make.live()
    pause_project(project=project, by=make.owner(project).actor, now=coop_now())

    paused = ask("post", "/claims/", {"project": str(project.pk)})
    unpaid = ask("post", "/claims/", {"project": str(make.quoted().pk)})
    nonsense = ask("post", "/claims/", {"project": "x"})

    assert (paused.status_code, paused.json()["code"]) == (409, "project_not_live")
    assert unpaid.status_code == nonsense.status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"value": {"choice": "maybe"}}, "value.choice"),
        ({"value": "yes"}, "value"),
        ({}, "value"),
        ({"value": {"choice": "yes"}, "measured_seconds": -1}, "measured_seconds"),
        ({"value": {"choice": "yes"}, "measured_seconds": 99999}, "measured_seconds"),
        ({"value": {"choice": "yes"}, "declared_seconds": 99999}, "declared_seconds"),
        ({"value": {"choice": "yes"}, "declared_seconds": "soon"}, "declared_seconds"),
        ({"value": {"choice": "yes"}, "paused_seconds": 99999}, "paused_seconds"),
    ],
)
def test_a_bad_answer_comes_back_with_its_field_and_nothing_is_lost(ask, hanitra, body, field):
    assignment = claim(by=hanitra.actor, project=make.live(), now=coop_now())

    answer = ask("post", f"/assignments/{assignment.pk}/submit/", body)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert Assignment.objects.get().state == "leased"


def test_what_is_given_back_is_no_longer_in_hand(ask, hanitra):
    assignment = claim(by=hanitra.actor, project=make.live(), now=coop_now())
    assert len(ask("get", "/assignments/").json()["results"]) == 1

    released = ask("post", f"/assignments/{assignment.pk}/release/")

    assert released.json()["state"] == "released"
    assert ask("get", "/assignments/").json()["results"] == []
    assert Item.objects.get(pk=assignment.item_id).n_active == 0


ROUTES = [("get", ""), ("post", "submit/"), ("post", "release/")]


@pytest.mark.parametrize(("verb", "route"), ROUTES)
def test_the_assignment_of_another_does_not_exist(ask, client, hanitra, verb, route):
    assignment = claim(by=hanitra.actor, project=make.live(), now=coop_now())
    awa, mallory = make.member("awa"), make.user("mallory")
    body = {"value": {"choice": "yes"}} if verb == "post" else None
    path = f"/assignments/{assignment.pk}/{route}"

    assert ask(verb, path, body, by=awa.user).status_code == 404
    assert ask(verb, path, body, by=mallory).status_code == 403
    assert getattr(client, verb)(f"{V1}{path}").status_code == 401
    assert Assignment.objects.get().state == "leased"


@pytest.mark.parametrize(
    ("verb", "path"), [("get", "/projects/"), ("post", "/claims/"), ("get", "/assignments/"), ("get", "/time/")]
)
def test_mallory_is_no_member_and_gets_no_work(ask, client, verb, path):
    make.live()

    assert ask(verb, path, {} if verb == "post" else None, by=make.user("mallory")).status_code == 403
    assert getattr(client, verb)(f"{V1}{path}").status_code == 401


def test_nobody_reads_the_time_of_another(ask, hanitra):
    assignment = claim(by=hanitra.actor, project=make.live(), now=coop_now())
    submit(assignment=assignment, by=hanitra.actor, value={"choice": "yes"}, now=coop_now())

    assert TimeEntry.objects.count() == 1
    assert ask("get", "/time/", by=make.member("awa").user).json()["results"] == []


@pytest.mark.parametrize("misspelt", ["declared_second", "Value", "id", ""])
def test_a_misspelt_field_is_refused_by_its_name_and_no_answer_is_taken(ask, hanitra, misspelt):
    taken = claim(by=hanitra.actor, project=make.live(), now=coop_now())

    refused = ask("post", f"/assignments/{taken.pk}/submit/", {"value": {"choice": "yes"}, misspelt: 9})

    assert refused.status_code == 400
    assert [one["field"] for one in refused.json()["errors"]] == [misspelt]
    assert not Answer.objects.exists()
