"""Pages of a member at work, without a script."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.work.actions import claim, fund_project, import_csv, import_json, quote_project
from coop.work.models import Answer, Assignment, TimeEntry
from frontend.png import grey_png
from tests import make

pytestmark = pytest.mark.django_db
DIGIT = {
    "question": "Which digit is this?",
    "media": "image",
    "pixels": {"width": 2, "height": 2, "highest": 16},
    "options": [{"key": str(n), "label": str(n)} for n in range(10)],
}


@pytest.fixture
def hanitra(client: Client):
    member = make.member("hanitra")
    client.force_login(member.user)
    return member


def read(answer) -> str:
    return answer.content.decode()


def test_whom_and_what_it_is_for_is_read_before_taking(client, hanitra):
    project = make.live(purpose="To teach machines manners.", final_client="University of Lyon", product="A thesis")

    for page in (client.get("/work/"), client.get(f"/work/projects/{project.pk}/")):
        for told in ("To teach machines manners.", "University of Lyon", "research", "A thesis", "Lab of Textiles"):
            assert told in read(page)


def test_take_choose_hand_in_and_take_the_next_without_a_script(client, hanitra):
    project = make.live(items=2)

    taken = client.post("/work/claims/", {"project": str(project.pk)}, follow=True)
    first = taken.request["PATH_INFO"]
    done = client.post(first, {"choice": "yes", "next": "1"}, follow=True)

    assert "Sentence number 1." in read(taken) and "Sentence number 2." in read(done)
    assert Answer.objects.get().value == {"choice": "yes"}
    stopped = client.post(done.request["PATH_INFO"], {"choice": "no", "stop": "1"})
    assert stopped.url == "/work/"
    assert Answer.objects.count() == 2


def test_every_option_has_its_key_and_nothing_counts_down(client, hanitra):
    claim(by=hanitra.actor, project=make.live(), now=coop_now())

    page = read(client.get(f"/work/assignments/{Assignment.objects.get().pk}/"))

    assert re.findall(r'accesskey="(\w)"', page) == ["1", "2"]
    assert "countdown" not in page.lower() and "timer" not in page.lower()


def test_an_image_is_drawn_from_its_pixels_and_the_requester_s_columns_stay_hidden(client, hanitra):
    project = make.draft(template=DIGIT)
    clara = make.owner(project)
    import_csv(
        project=project,
        content=b"p0,p1,p2,p3,label\n0,16,3,4,SECRET\n",
        keep_good=False,
        by=clara.actor,
        now=coop_now(),
    )
    quote = quote_project(project=project, by=clara.actor, now=coop_now())
    fund_project(project=project, received=quote.escrow, by=PLATFORM, now=coop_now())
    claim(by=hanitra.actor, now=coop_now())

    page = read(client.get(f"/work/assignments/{Assignment.objects.get().pk}/"))

    assert grey_png([0, 16, 3, 4], width=2, height=2, highest=16) in page
    assert "SECRET" not in page
    assert re.findall(r'accesskey="(\w)"', page) == [str(n) for n in range(10)]


def test_the_time_is_seen_and_corrected_before_handing_in(client, hanitra, clock):
    claim(by=hanitra.actor, project=make.live(seconds_per_answer=300), now=coop_now())
    here = f"/work/assignments/{Assignment.objects.get().pk}/"
    clock.advance(minutes=10)

    seen = client.post(here, {"choice": "no", "paused_seconds": "6:40", "look": "1"})
    assert Assignment.objects.get().state == "leased"
    client.post(here, {"choice": "no", "paused_seconds": "6:40", "declared_seconds": "4:10", "stop": "1"})

    text = read(seen)
    assert re.search(r'value="no"[^>]* checked', text)
    assert re.search(r'name="declared_seconds" value="3:2[0-9]"', text)  # ten minutes less a long pause
    assert TimeEntry.objects.get().counted_seconds == 250
    assert "250" in read(client.get("/work/time/")) or "4 min 10 s" in read(client.get("/work/time/"))


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "Choose one of the answers."),
        ({"choice": "maybe"}, "not one of the available choices"),
        ({"choice": "yes", "declared_seconds": "999:59"}, "passed"),
        ({"choice": "yes", "paused_seconds": "999:59"}, "The pauses are part of the measured time."),
        ({"choice": "yes", "declared_seconds": "90"}, "Write minutes and seconds like 2:30."),
        ({"choice": "yes", "declared_seconds": "1:75:00"}, "Write minutes and seconds like 2:30."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(client, hanitra, posted, said):
    claim(by=hanitra.actor, project=make.live(), now=coop_now())
    here = f"/work/assignments/{Assignment.objects.get().pk}/"

    page = client.post(here, {**posted, "stop": "1"})

    assert page.status_code == 422
    assert said in read(page)
    assert Assignment.objects.get().state == "leased"


def test_what_counts_if_nothing_is_said_is_told_before_handing_in_and_after(client, hanitra, clock):
    claim(by=hanitra.actor, project=make.live(), now=coop_now())
    here = f"/work/assignments/{Assignment.objects.get().pk}/"
    clock.advance(minutes=9)

    before = read(client.get(here))
    client.post(here, {"choice": "yes", "stop": "1"})
    after = read(client.get("/work/")), read(client.get(here))

    assert "If you say nothing, 1 min 00 s count" in before and "at most 2 min 00 s can be stated in all" in before
    assert "at most 10 h 00 min in any 24 hours" in before
    for page in after:
        assert "1 min 00 s of it are counted." in page
        assert "were measured; what is beyond counts only if you state it" in page


def test_what_was_stated_is_told_in_its_parts(client, hanitra, clock):
    claim(by=hanitra.actor, project=make.live(), now=coop_now())
    here = f"/work/assignments/{Assignment.objects.get().pk}/"
    clock.advance(minutes=9)

    client.post(here, {"choice": "yes", "declared_seconds": "8:30", "stop": "1"})
    page = read(client.get("/work/"))

    assert "1 min 00 s of it are counted." in page
    assert "1 min 00 s wait, as they are beyond what is counted without a question" in page
    assert "6 min 30 s don't count: they are beyond twice" in page.replace("&#x27;", "'")


def test_giving_back_is_one_button(client, hanitra):
    claim(by=hanitra.actor, project=make.live(), now=coop_now())

    page = client.post(f"/work/assignments/{Assignment.objects.get().pk}/release/", follow=True)

    assert "not scored" in read(page)
    assert Assignment.objects.get().state == "released"


def test_a_second_claim_is_refused_with_the_reason(client, hanitra):
    make.live()
    client.post("/work/claims/", {})

    page = client.post("/work/claims/", {}, follow=True)

    assert "You have an item in hand" in read(page)


def test_no_work_is_said(client, hanitra):
    assert "No project is open" in read(client.get("/work/"))
    assert "no more work" in read(client.post("/work/claims/", {}, follow=True))


def test_a_text_is_shown_and_never_run(client, hanitra):
    project = make.draft()
    clara = make.owner(project)
    import_json(
        project=project,
        rows=[{"payload": {"text": "<script>alert(1)</script>"}}],
        keep_good=False,
        by=clara.actor,
        now=coop_now(),
    )
    fund_project(
        project=project,
        received=quote_project(project=project, by=clara.actor, now=coop_now()).escrow,
        by=PLATFORM,
        now=coop_now(),
    )
    claim(by=hanitra.actor, now=coop_now())

    assert "<script>alert" not in read(client.get(f"/work/assignments/{Assignment.objects.get().pk}/"))


ROUTES = [
    ("get", "/work/assignments/{}/"),
    ("post", "/work/assignments/{}/"),
    ("post", "/work/assignments/{}/release/"),
]


@pytest.mark.parametrize(("verb", "route"), ROUTES)
@pytest.mark.parametrize("who", ["awa", "mallory"])
def test_the_item_in_somebody_else_s_hands_does_not_exist(client, verb, route, who):
    claim(by=make.member("hanitra").actor, project=make.live(), now=coop_now())
    client.force_login(make.member("awa").user if who == "awa" else make.user("mallory"))

    assert getattr(client, verb)(route.format(Assignment.objects.get().pk), {"choice": "yes"}).status_code == 404
    assert Assignment.objects.get().state == "leased"


@pytest.mark.parametrize(
    ("verb", "route"),
    [("get", "/work/"), ("get", "/work/projects/{}/"), ("post", "/work/claims/"), ("get", "/work/time/")],
)
def test_for_mallory_there_is_no_work_and_a_visitor_logs_in_first(client, verb, route):
    path = route.format(make.live().pk)

    assert getattr(client, verb)(path).status_code == 302
    client.force_login(make.user("mallory"))
    assert getattr(client, verb)(path).status_code == 404


def test_an_unpaid_plan_is_nobody_s_reading(client, hanitra):
    assert client.get(f"/work/projects/{make.quoted().pk}/").status_code == 404
    assert client.post("/work/claims/", {"project": "nonsense"}).status_code == 404
