"""What requesters do over HTTP."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.work.actions import claim, submit, update_due_consensus
from coop.work.models import Project
from tests import make
from tests.api.test_tokens import bearer

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
STATED = {
    "task_type": "choice",
    "title": "Polite sentences",
    "purpose": "To study how politeness is written.",
    "final_client": "Lab of Textiles",
    "end_use": ["research"],
    "product": "An article and its data",
    "template": make.QUESTION,
    "instructions": "Read the sentence and choose.",
    "seconds_per_answer": 10,
    "redundancy": 2,
}


@pytest.fixture
def clara():
    return make.requester()


@pytest.fixture
def ask(client: Client, clara):
    """Ask as clara: ask("get", "/projects/")."""

    def asking(verb, path, body=None, *, by=None, **more):
        more = {"content_type": "application/json"} | more if verb != "get" else more
        return getattr(client, verb)(f"{V1}{path}", body, **more, **bearer(by or clara, "requester"))

    return asking


def test_from_client_to_results(ask, clara, client):
    lab = ask(
        "post", "/clients/", {"legal_name": "Lab", "country": "FR", "kind": "research", "contact": "l@example.org"}
    ).json()
    project = ask("post", "/projects/", {**STATED, "client": lab["id"]})
    here = f"/projects/{project.json()['id']}/"
    brought = ask("post", f"{here}items/", b"external_id,text,page\na,Hello,1\nb,Bye,2\n", content_type="text/csv")
    quote = ask("post", f"{here}quote/").json()
    make.work.fund_project(project=Project.objects.get(), received=quote["escrow"], by=PLATFORM, now=coop_now())
    for member in (make.member(), make.member()):
        while assignment := claim(by=member.actor, now=coop_now()):
            submit(assignment=assignment, by=member.actor, value={"choice": "yes"}, now=coop_now())
    update_due_consensus(now=coop_now())

    seen, results = ask("get", here).json(), ask("get", f"{here}results/").json()
    rows = list(csv.DictReader(io.StringIO(ask("get", f"{here}results/?format=csv").content.decode())))

    assert project.status_code == brought.status_code == 201
    assert brought.json()["kept"] == 2
    assert sum(line["amount"] for line in quote["lines"]) == quote["total"]
    assert (seen["status"], seen["progress"]["answers_done"]) == ("done", 4)
    assert results["agreement"] == {"num": 1, "den": 1}
    assert [(item["external_id"], item["value"], item["counts"]) for item in results["items"]] == [
        ("a", {"choice": "yes"}, {"yes": 2}),
        ("b", {"choice": "yes"}, {"yes": 2}),
    ]
    assert rows[0] == {
        "external_id": "a", "consensus": "yes", "support_permille": str(results["items"][0]["support_permille"]), "confidence_permille": "", "answers": "2",
        "answers_yes": "2", "answers_no": "0", "page": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "missing", ["purpose", "final_client", "end_use", "product", "title", "template", "seconds_per_answer"]
)
def test_what_is_missing_is_named(ask, clara, missing):
    body = {**STATED, "client": str(make.client(clara).pk)}
    del body[missing]

    answer = ask("post", "/projects/", body)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [missing]


def test_closed_work_is_refused_by_name(ask, clara):
    answer = ask("post", "/projects/", {**STATED, "client": str(make.client(clara).pk), "end_use": ["surveillance"]})

    assert answer.status_code == 409
    assert answer.json()["code"] == "closed_category"
    assert answer.json()["errors"][0]["field"] == "end_use"


def test_a_bad_template_is_named_by_its_field(ask, clara):
    answer = ask(
        "post",
        "/projects/",
        {**STATED, "client": str(make.client(clara).pk), "template": {"question": "?", "media": "text", "options": []}},
    )

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["template.options"]


def test_a_bad_row_is_named_by_line_and_refuses_all_or_is_left_out_as_asked(ask, clara):
    here = f"/projects/{make.draft(by=clara).pk}/items/"
    rows = b"text,note\nGood,\n,here\n"

    refused = ask("post", here, rows, content_type="text/csv")
    kept = ask("post", f"{here}?bad_rows=keep_good", rows, content_type="text/csv")

    assert refused.status_code == 400
    assert refused.json()["errors"] == [{"field": "line 3: text", "reason": "This field is required."}]
    assert kept.status_code == 201
    assert kept.json()["kept"] == 1
    assert kept.json()["refused"] == [
        {"line": 3, "field": "text", "reason": "This field is required.", "row": {"text": "", "note": "here"}}
    ]


def test_nonsense_where_items_belong_is_a_400(ask, clara):
    here = f"/projects/{make.draft(by=clara).pk}/items/"

    for body, kind in (
        (b"{", "application/json"),
        (b'{"a": 1}', "application/json"),
        (b"\xff\xfe", "text/csv"),
        (b"[]", "application/json"),
    ):
        assert ask("post", here, body, content_type=kind).status_code == 400
    assert ask("post", f"{here}?bad_rows=burn", b"text\nx\n", content_type="text/csv").status_code == 400


def test_an_order_is_cancelled_before_work_begins_and_not_after(ask, clara):
    project, begun = make.quoted(by=clara), make.live(by=clara)
    claim(by=make.member().actor, project=begun, now=coop_now())

    assert ask("post", f"/projects/{project.pk}/cancel/").json()["status"] == "cancelled"
    assert ask("post", f"/projects/{begun.pk}/cancel/").json()["code"] == "work_began"


def test_a_project_is_paused_and_resumed(ask, clara):
    project = make.live(by=clara)

    assert ask("post", f"/projects/{project.pk}/pause/").json()["status"] == "paused"
    assert ask("post", f"/projects/{project.pk}/resume/").json()["status"] == "live"


ROUTES = [
    ("get", ""), ("patch", ""), ("get", "items/"), ("post", "items/"), ("post", "quote/"), ("post", "cancel/"),
    ("post", "pause/"), ("post", "resume/"), ("get", "results/"), ("get", "gold/"), ("post", "gold/"), ("post", "gold/draw/"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "route"), ROUTES)
def test_for_mallory_the_projects_of_others_do_not_exist(ask, client, verb, route):
    project = make.live()
    path = f"/projects/{project.pk}/{route}"

    assert ask(verb, path, {} if verb != "get" else None, by=make.user("mallory")).status_code == 404
    assert getattr(client, verb)(f"{V1}{path}").status_code == 401
    assert Project.objects.get().status == "live"


def test_mallory_sees_nobody_s_clients_and_orders_for_none(ask, clara):
    lab, mallory = make.client(clara), make.user("mallory")
    make.live(by=clara)

    assert ask("get", "/clients/", by=mallory).json()["results"] == []
    assert ask("get", "/projects/", by=mallory).json()["results"] == []
    answer = ask("post", "/projects/", {**STATED, "client": str(lab.pk)}, by=mallory)
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "client"


def test_a_viewer_sees_and_changes_nothing(ask, clara):
    project, viewer = make.live(by=clara), make.user("viewer")
    make.work.add_person(client=project.client, user=viewer, role="viewer", by=clara.actor, now=coop_now())

    assert ask("get", f"/projects/{project.pk}/", by=viewer).status_code == 200
    assert ask("post", f"/projects/{project.pk}/pause/", by=viewer).status_code == 404


def test_a_token_for_work_orders_nothing(client, clara):
    answer = client.get(f"{V1}/projects/", **bearer(clara, "work"))

    assert answer.status_code == 403


def test_a_program_measures_how_sure_the_labels_are(ask, clara, clock):
    project = make.live(items=32, redundancy=2, by=clara)
    for member in (make.member(), make.member()):
        while assignment := claim(by=member.actor, project=project, now=coop_now()):
            submit(assignment=assignment, by=member.actor, value={"choice": "yes"}, now=coop_now())
    update_due_consensus(now=coop_now())
    here = f"/projects/{project.pk}/"

    undrawn = ask("get", f"{here}gold/").json()
    unasked = ask("post", f"{here}gold/draw/")
    too_many = ask("post", f"{here}gold/draw/", {"number": 33})
    drawn = ask("post", f"{here}gold/draw/", {"number": 30}).json()
    while_open = ask("get", f"{here}results/").json(), ask("get", f"{here}results/?format=csv").content.splitlines()
    truths = [{"external_id": item["external_id"], "value": {"choice": "yes"}} for item in drawn["next"]]
    left_out = ask("post", f"{here}gold/", truths[1:])
    bad = ask("post", f"{here}gold/", [{**truths[0], "value": {"choice": "maybe"}}])
    misspelt = ask("post", f"{here}gold/", [{**truths[0], "externalid": truths[0]["external_id"]}])
    stated = ask("post", f"{here}gold/", truths[:30])
    again = ask("post", f"{here}gold/", truths[:30])
    update_due_consensus(now=clock.advance(minutes=5))
    results = ask("get", f"{here}results/").json()

    assert (undrawn["ready"], undrawn["drawn"], undrawn["next"], undrawn["seed"]) == (True, False, [], None)
    assert [answer.json()["errors"][0]["field"] for answer in (unasked, too_many)] == ["number", "number"]
    assert (drawn["least"], drawn["most"], drawn["number"], len(drawn["next"])) == (30, 32, 30, 30)
    assert (while_open[0]["withheld"], len(while_open[0]["items"]), len(while_open[1])) == (30, 2, 3)
    again_drawn = ask("post", f"{here}gold/draw/", {"number": 30})
    assert (again_drawn.status_code, again_drawn.json()["seed"]) == (201, drawn["seed"])
    assert ask("post", f"{here}gold/draw/", {"number": 31}).json()["code"] == "already_drawn"
    assert left_out.json()["code"] == "not_in_the_order_drawn"
    assert bad.status_code == 400 and bad.json()["errors"][0]["field"] == "value.choice"
    assert misspelt.status_code == 400 and "There is no such field here." in str(misspelt.json())
    assert (stated.status_code, stated.json()["stated"], again.status_code, again.json()["stated"]) == (
        201,
        30,
        201,
        30,
    )
    assert results["gold"] == 30 and results["accuracy_permille"] == {"from": 884, "to": 1000}
    assert None not in {item["confidence_permille"] for item in results["items"]}
    assert "confidence_permille" not in str(ask("get", f"{here}gold/").json()), (
        "truths are stated without the labels in sight"
    )


def test_nobody_is_shown_which_items_are_gold_while_answers_come(ask, client, clara):
    project = make.live(items=30, redundancy=1, by=clara)
    hanitra = make.member()

    refused = ask("post", f"/projects/{project.pk}/gold/draw/", {"number": 30})

    told = ask("get", f"/projects/{project.pk}/gold/").json()
    assert (refused.status_code, refused.json()["code"]) == (409, "not_done")
    assert (told["ready"], told["seed"], told["next"]) == (False, None, [])
    assert client.get(f"{V1}/projects/{project.pk}/gold/", **bearer(hanitra.user, "requester")).status_code == 404
