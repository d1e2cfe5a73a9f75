"""Pages of a requester, from the organisation to the results."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client

from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.work.actions import claim, submit, update_due_consensus
from coop.work.models import Client as Requester
from coop.work.models import Item, Project
from tests import make

pytestmark = pytest.mark.django_db
STATED = {
    "title": "Digits", "purpose": "To read old registers.", "final_client": "City archive", "end_use": ["culture_heritage"],
    "product": "An index", "media": "pixels", "width": "2", "height": "1", "highest": "16", "question": "Which digit?",
    "options": "0: Zero\n1: One", "instructions": "Look and choose.", "redundancy": "2", "seconds_per_answer": "5",
}  # fmt: skip


@pytest.fixture
def clara(client: Client):
    user = make.requester()
    client.force_login(user)
    return user


def read(answer) -> str:
    return answer.content.decode()


def upload(client, project, content, **more):
    return client.post(f"/projects/{project.pk}/", {"file": io.BytesIO(content), **more})


def test_from_the_organisation_to_the_results(client, clara):
    first = client.get("/projects/new/")
    client.post(
        "/projects/client/", {"legal_name": "Archive", "country": "FR", "kind": "public", "contact": "a@example.org"}
    )
    lab = Requester.objects.get()
    client.post("/projects/new/", {**STATED, "client": str(lab.pk)})
    project = Project.objects.get()
    upload(client, project, b"external_id,p0,p1,label\na,0,16,1\nb,16,0,0\n")
    client.post(f"/projects/{project.pk}/quote/")
    quoted = read(client.get(f"/projects/{project.pk}/"))
    project.refresh_from_db()
    make.work.fund_project(project=project, received=project.quote.escrow, by=PLATFORM, now=coop_now())
    for member in (make.member(), make.member()):
        while assignment := claim(by=member.actor, now=coop_now()):
            submit(assignment=assignment, by=member.actor, value={"choice": "1"}, now=coop_now())
    update_due_consensus(now=coop_now())

    results = read(client.get(f"/projects/{project.pk}/results/"))
    table = client.get(f"/projects/{project.pk}/results.csv")

    assert first.url == "/projects/client/"
    assert project.template["pixels"] == {"width": 2, "height": 1, "highest": 16}
    assert "Solidarity fund" in quoted and "To pay in" in quoted and "the people who work" in quoted
    assert "by weighing how each person errs" in results and "dawid_skene" not in results and " × 2" in results
    assert table["Content-Disposition"].startswith("attachment")
    assert table.content.decode().splitlines()[1].startswith("a,1,")
    assert client.get(f"/projects/{project.pk}/results.json").json()["progress"]["items_done"] == 2
    assert "2 / 2" in read(client.get(f"/projects/{project.pk}/"))


@pytest.mark.parametrize("missing", ["purpose", "final_client", "end_use", "product", "question", "options", "width"])
def test_what_is_missing_is_said_at_its_field_and_nothing_is_lost(client, clara, missing):
    lab = make.client(clara)

    page = client.post("/projects/new/", {**STATED, "client": str(lab.pk), missing: ""})

    assert page.status_code == 422
    assert f'id="id_{missing}_error"' in read(page)
    assert missing == "purpose" or "To read old registers." in read(page)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"end_use": ["military"]}, "The co-operative takes no work for military."),
        ({"options": "0: Zero"}, "There are too few."),
        ({"options": "0: Zero\n0: Nought"}, "Two options have the same key."),
        ({"sold_as_automated": "on"}, "Say how the people behind"),
    ],
)
def test_what_the_co_operative_refuses_is_said_by_name(client, clara, change, said):
    page = client.post("/projects/new/", {**STATED, "client": str(make.client(clara).pk), **change})

    assert page.status_code == 422
    assert said in read(page)
    assert not Project.objects.exists()


def test_bad_rows_are_listed_with_line_and_reason_and_good_ones_kept_if_asked(client, clara):
    project = make.draft(by=clara)
    rows = b"text,note\nGood,\n,here\n"

    refused = upload(client, project, rows)
    assert refused.status_code == 422
    assert "Line 3, text: This field is required." in read(refused)
    assert not Item.objects.exists()
    kept = client.post(f"/projects/{project.pk}/", {"file": io.BytesIO(rows), "keep_good": "on"}, follow=True)

    assert "1 item was added." in read(kept)
    assert Item.objects.count() == 1


def test_a_refused_row_is_told_in_the_language_of_who_reads_it(client, clara):
    project = make.draft(by=clara)
    rows = {"file": io.BytesIO(b"text,note\nGood\n,here\nBetter,\n"), "keep_good": "on"}

    client.post(f"/projects/{project.pk}/", rows, headers={"Accept-Language": "fr"})
    english = read(client.get(f"/projects/{project.pk}/"))
    french = read(client.get(f"/projects/{project.pk}/", headers={"Accept-Language": "fr"}))

    assert "Line 2: Cells in this line: 1; in the header: 2." in english
    assert "Line 3, text: This field is required." in english
    assert "Cellules sur cette ligne : 1 ; dans l’en-tête : 2." in french
    assert "Ce champ est obligatoire." in french and "This field" not in french


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "Choose a file"),
        ({"pasted": "wrong\nx"}, "The column “text” is missing"),
        ({"pasted": "text\nx", "keep_good": "1"}, ""),
    ],
)
def test_rows_can_be_pasted_and_a_wrong_file_is_explained(client, clara, posted, said):
    project = make.draft(by=clara)

    page = client.post(f"/projects/{project.pk}/", posted)

    assert (page.status_code == 422 and said in read(page)) if said else page.status_code == 302


def test_a_stated_order_can_be_changed_until_it_is_paid(client, clara):
    project = make.quoted(by=clara)
    shown = read(client.get(f"/projects/{project.pk}/edit/"))
    body = {
        "client": str(project.client_id), "title": "New title", "purpose": "P", "final_client": "F", "end_use": ["research"], "product": "X",
        "media": "text", "question": make.QUESTION["question"], "options": "yes: Yes\nno: No", "instructions": "I", "redundancy": "3",
        "seconds_per_answer": "10",
    }  # fmt: skip

    client.post(f"/projects/{project.pk}/edit/", body)
    changed = Project.objects.get()
    template = client.post(f"/projects/{project.pk}/edit/", {**body, "question": "Another?"})

    assert "yes: Yes" in shown
    assert (changed.title, changed.status, changed.quote) == ("New title", "draft", None)
    assert template.status_code == 422 and "The items are already there" in read(template)


def test_withdrawing_works_before_anybody_begins_and_is_refused_after(client, clara):
    project, begun = make.live(by=clara), make.live(by=clara)
    claim(by=make.member().actor, project=begun, now=coop_now())

    client.post(f"/projects/{project.pk}/cancel/")
    refused = client.post(f"/projects/{begun.pk}/cancel/", follow=True)

    assert Project.objects.get(pk=project.pk).status == "cancelled"
    assert "have begun to work" in read(refused)


ROUTES = [
    ("get", ""), ("post", ""), ("get", "edit/"), ("post", "edit/"), ("post", "quote/"), ("post", "cancel/"), ("post", "pause/"),
    ("post", "resume/"), ("get", "results/"), ("get", "results.csv"), ("get", "results.json"),
    ("get", "gold/"), ("post", "gold/"), ("post", "gold/draw/"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "route"), ROUTES)
def test_for_mallory_the_projects_of_others_do_not_exist(client, verb, route):
    project = make.live()
    path = f"/projects/{project.pk}/{route}"

    assert getattr(client, verb)(path).status_code == 302
    client.force_login(make.user("mallory"))
    assert getattr(client, verb)(path).status_code == 404
    assert Project.objects.get().status == "live"


def test_mallory_s_lists_are_empty_and_clara_s_are_hers(client, clara):
    make.live(by=clara, title="Hers")
    assert "Hers" in read(client.get("/projects/"))

    client.force_login(make.user("mallory"))

    assert "Hers" not in read(client.get("/projects/"))
    assert client.get("/projects/new/").url == "/projects/client/"


def test_an_answer_may_be_called_items(client, clara):
    question = {**make.QUESTION, "options": [{"key": "items", "label": "Items"}, {"key": "none", "label": "None"}]}
    project = make.live(by=clara, template=question, items=1, redundancy=1)
    member = make.member()
    submit(
        assignment=claim(by=member.actor, project=project, now=coop_now()),
        by=member.actor,
        value={"choice": "items"},
        now=coop_now(),
    )
    update_due_consensus(now=coop_now())

    assert "Items × 1" in read(client.get(f"/projects/{project.pk}/results/"))


def test_items_that_come_after_the_payment_are_refused_aloud(client, clara):
    project = make.live(by=clara)

    page = upload(client, project, b"text\nlate\n")

    assert page.status_code == 422 and "This was not taken" in read(page)


def answered(clara, *, items, doubtful=()):
    """A project of two answers each, "yes" but on the doubtful items, which divide the two."""
    project = make.live(items=items, redundancy=2, by=clara)
    for choice in ("yes", "no"):
        member = make.member()
        while assignment := claim(by=member.actor, project=project, now=coop_now()):
            said = choice if assignment.item.external_id in doubtful else "yes"
            submit(assignment=assignment, by=member.actor, value={"choice": said}, now=coop_now())
    update_due_consensus(now=coop_now())
    return project


def test_items_on_which_people_disagree_come_first_though_two_hundred_come_before_them(client, clara):
    page = read(client.get(f"/projects/{answered(clara, items=203, doubtful=['s203']).pk}/results/"))

    first = page[page.index("<tbody") :]
    assert first.index(">s203<") < first.index(">s1<")
    assert "The first 200 items are shown" in page


def test_without_gold_the_page_speaks_of_support_and_agreement_and_never_of_confidence(client, clara):
    page = read(client.get(f"/projects/{answered(clara, items=3).pk}/results/"))

    assert "Support" in page and "Pairs of answers that agree" in page
    assert "Confidence" not in page and "can't be told from the answers alone" in page


def test_the_requester_says_what_is_true_of_the_items_drawn_and_sees_how_sure_the_labels_are(client, clara, clock):
    project = answered(clara, items=30)
    here = f"/projects/{project.pk}/gold/"
    undrawn = read(client.get(here))
    unasked, too_few = client.post(f"{here}draw/"), client.post(f"{here}draw/", {"number": 29})
    client.post(f"{here}draw/", {"number": 30})
    while_open = read(client.get(f"/projects/{project.pk}/results/"))

    first = read(client.get(here))
    empty = client.post(here, {"item": project.gold_draw.next_items(1)[0].external_id})
    skipped = client.post(here, {"item": project.gold_draw.next_items(2)[1].external_id, "choice": "yes"})
    for _n in range(30):
        done = client.post(here, {"item": project.gold_draw.next_items(1)[0].external_id, "choice": "yes"})
    update_due_consensus(now=clock.advance(minutes=5))
    results, last = read(client.get(f"/projects/{project.pk}/results/")), read(client.get(here))

    assert "Draw the items" in undrawn and "30 items of 30 are left" in first and "Is this sentence polite?" in first
    (asked,) = re.findall('<input[^>]* name="number"[^>]*>', undrawn)
    assert "From 30 to 30." in undrawn and "value=" not in asked, "no number is proposed"
    assert (unasked.status_code, too_few.status_code) == (422, 422)
    assert "30 items that were drawn are left out" in while_open and ">s1<" not in while_open
    assert empty.status_code == 422 and "Choose one of the answers." in read(empty)
    assert "This was not taken" not in read(empty), "it is told at the form"
    assert skipped.status_code == 422 and "in the order they were drawn" in read(skipped)
    assert done.status_code == 302 and "of all 30 items drawn" in last
    assert "between 88 and 100 %" in results and "Confidence" in results and "measured on 30 items" in results
    assert "you can have read the labels before" in results and "that you can have read them" in undrawn


def gold_of_two_tabs(client, clara, *, stated):
    """The gold page of a project, and the items of which `stated` were said to be "yes" in another tab."""
    project = answered(clara, items=30)
    here = f"/projects/{project.pk}/gold/"
    client.post(f"{here}draw/", {"number": 30})
    names = [item.external_id for item in project.gold_draw.next_items(30)]
    for name in names[:stated]:
        client.post(here, {"item": name, "choice": "yes"})
    return project, here, names


@pytest.mark.parametrize(
    ("stated", "said_of", "choice", "why"),
    [
        (1, 0, "no", "What was stated of an item stays"),
        (1, 0, "", "Choose one of the answers."),
        (1, 5, "no", "in the order they were drawn"),
        (30, 29, "no", "What was stated of an item stays"),
    ],
    ids=["said otherwise in another tab", "nothing ticked", "not its turn", "all are stated"],
)
def test_an_answer_from_an_old_tab_is_ticked_for_no_other_item(client, clara, stated, said_of, choice, why):
    project, here, names = gold_of_two_tabs(client, clara, stated=stated)

    refused = client.post(here, {"item": names[said_of], "choice": choice})

    page = read(refused)
    assert " checked" not in page
    assert refused.status_code == 422 and f"Nothing was taken of item “{names[said_of]}”" in page and why in page
    assert re.findall('name="item" value="([^"]*)"', page) == names[stated : stated + 1]
    assert project.gold_draw.truths.filter(value={"choice": "no"}).count() == 0


def test_the_same_from_an_old_tab_goes_on_to_the_next_item(client, clara):
    _project, here, names = gold_of_two_tabs(client, clara, stated=2)

    again = client.post(here, {"item": names[0], "choice": "yes"}, follow=True)

    page = read(again)
    assert again.status_code == 200 and f"Item {names[2]}<" in page and " checked" not in page


@pytest.mark.parametrize("named", [{}, {"item": ""}, {"item": "nowhere"}, {"item": "<b>nowhere"}])
def test_a_truth_that_names_no_item_of_the_draw_is_taken_of_none(client, clara, named):
    project, here, names = gold_of_two_tabs(client, clara, stated=0)

    refused = client.post(here, {**named, "choice": "no"})

    page = read(refused)
    assert refused.status_code == 422 and "Nothing was taken" in page and "<b>" not in page
    assert " checked" not in page and re.findall('name="item" value="([^"]*)"', page) == [names[0]]
    assert not project.gold_draw.truths.exists()


def test_a_draw_asked_for_again_from_an_old_tab_is_refused_aloud(client, clara):
    _project, here, _names = gold_of_two_tabs(client, clara, stated=0)

    same, other = client.post(f"{here}draw/", {"number": 30}), client.post(f"{here}draw/", {"number": 29})

    assert same.status_code == 302
    assert other.status_code == 422 and "This was not taken" in read(other)


def test_the_page_draws_nothing_while_answers_come_or_of_too_few_items(client, clara):
    live, small = make.live(items=30, by=clara), answered(clara, items=3)

    pages = [read(client.get(f"/projects/{project.pk}/gold/")) for project in (live, small)]
    refused = client.post(f"/projects/{live.pk}/gold/draw/", {"number": 30})

    assert "Items are drawn once all answers are there" in pages[0] and "fewer than 30 items" in pages[1]
    assert not any("Draw the items" in page for page in pages)
    assert refused.status_code == 422 and "Items are drawn once all answers are there" in read(refused)


def test_a_viewer_reads_how_far_measuring_has_come_and_states_nothing(client, clara):
    project, viewer = answered(clara, items=30), make.user("viewer")
    make.work.add_person(client=project.client, user=viewer, role="viewer", by=clara.actor, now=coop_now())
    client.post(f"/projects/{project.pk}/gold/draw/", {"number": 30})
    client.force_login(viewer)

    page = client.get(f"/projects/{project.pk}/gold/")

    assert page.status_code == 200 and "30 items of 30 are left" in read(page) and "This is true" not in read(page)
    assert client.post(f"/projects/{project.pk}/gold/", {"item": "s1", "choice": "yes"}).status_code == 404


def test_a_file_sent_again_says_what_was_there_already(client, clara):
    project = make.draft(by=clara)
    upload(client, project, b"external_id,text\na,One\n")

    upload(client, project, b"external_id,text\na,One\nb,Two\n")
    page = read(client.get(f"/projects/{project.pk}/"))

    assert "1 item was added." in page and "1 item was there already." in page
    assert Item.objects.count() == 2
