"""Time over HTTP: what a silent program gets, what waits, who sees and contests it, and who lets a project go on."""

from __future__ import annotations

import pytest
from django.test import Client

from coop.audit.actions import seal_log
from coop.ground.clock import coop_now
from coop.work.actions import claim, count_due_waiting, draw_contests, submit
from coop.work.models import TimeEntry, WaitingTime
from tests import make
from tests.api.test_tokens import bearer

pytestmark = pytest.mark.django_db
V1 = "/api/v1/work"
YES = {"value": {"choice": "yes"}}


@pytest.fixture
def hanitra():
    return make.member("hanitra")


@pytest.fixture
def ask(client: Client, hanitra):
    """Ask as hanitra: ask("post", "/claims/", {…})."""

    def asking(verb, path, body=None, *, by=None, scopes=("work",)):
        more = {"content_type": "application/json"} if verb != "get" else {}
        return getattr(client, verb)(f"{V1}{path}", body, **more, **bearer(by or hanitra.user, *scopes))

    return asking


def stated(clock, member, project, *, seconds=5000):
    """Time far beyond the bound, on the member's word."""
    taken = claim(by=member.actor, project=project, now=coop_now())
    clock.advance(hours=2)
    submit(assignment=taken, by=member.actor, now=coop_now(), declared_seconds=seconds, **YES)
    return taken


def halted(clock, member):
    """A project of one second an answer that takes a minute."""
    project = make.live(items=200, seconds_per_answer=1)
    while not project.open_halt:
        stated(clock, member, project, seconds=60)
    return project


@pytest.mark.parametrize("said", [{}, {"measured_seconds": 1_700_000}, {"declared_seconds": None}])
def test_a_program_that_states_nothing_gets_at_most_the_bound(ask, clock, hanitra, said):
    make.live()
    taken = ask("post", "/claims/", {}).json()
    clock.advance(days=20)

    done = ask("post", f"/assignments/{taken['id']}/submit/", YES | said)

    assert (done.status_code, taken["bound_seconds"]) == (200, 60)
    assert TimeEntry.objects.of(hanitra).seconds() == 60
    assert not WaitingTime.objects.exists()


def test_an_item_is_kept_longer_also_after_its_time_ran_out(ask, clock):
    make.live()
    taken = ask("post", "/claims/", {}).json()
    clock.advance(minutes=15)

    kept = ask("post", f"/assignments/{taken['id']}/extend/").json()

    assert kept["lease_expires_at"] > taken["lease_expires_at"]
    assert kept["bound_seconds"] == taken["bound_seconds"]


def test_what_waits_is_seen_by_her_and_by_nobody_else(ask, clock, hanitra):
    project = make.live()
    stated(clock, hanitra, project)
    others = [make.member("awa").user, make.steward("saholy").user, make.treasurer().user]

    (mine,) = ask("get", "/time/waiting/").json()["results"]

    assert (mine["cause"], mine["state"], mine["seconds"]) == ("bound", "waiting", 60)
    for other in others:
        assert ask("get", "/time/waiting/", by=other).json()["results"] == []
    told = [
        ask("get", f"/{path}/", by=others[1]).content.decode() for path in ("halts", "contests", "time", "projects")
    ]
    assert not any(str(hanitra.pk) in text or mine["id"] in text for text in told)


def test_a_correction_is_a_new_word_within_the_same_bound(ask, clock, hanitra):
    taken = stated(clock, hanitra, make.live())

    corrected = ask("post", f"/assignments/{taken.pk}/correct/", {"declared_seconds": 10})
    beyond_all = ask("post", f"/assignments/{taken.pk}/correct/", {"declared_seconds": 10**6})

    assert corrected.status_code == 201
    assert beyond_all.status_code == 400 and "declared_seconds" in str(beyond_all.json())
    assert TimeEntry.objects.of(hanitra).seconds() == 10


def test_one_s_own_pace_is_kept_and_bounded(ask):
    assert ask("get", "/pace/").json() == {"permille": 1000}
    assert ask("put", "/pace/", {"permille": 2500}).json() == {"permille": 2500}
    assert ask("put", "/pace/", {"permille": 4000}).status_code == 400
    assert ask("get", "/pace/").json() == {"permille": 2500}
    assert ask("get", "/pace/", by=make.member("awa").user).json() == {"permille": 1000}


def test_reading_counts_with_the_first_answer(ask, clock, hanitra):
    project = make.live()

    begun = ask("post", f"/projects/{project.pk}/reading/")
    clock.advance(minutes=1)
    taken = ask("post", "/claims/", {"project": str(project.pk)}).json()
    ask("post", f"/assignments/{taken['id']}/submit/", YES)

    assert (begun.status_code, begun.json()["bound_seconds"]) == (200, 120)
    assert TimeEntry.objects.of(hanitra).filter(kind="training").seconds() in (59, 60)
    assert ask("post", f"/projects/{project.pk}/reading/").json()["code"] == "already_read"


def test_a_contest_goes_from_the_requester_to_two_members_by_lot(ask, clock, hanitra):
    project = make.live()
    stated(clock, hanitra, project)
    clara, jury = make.owner(project), [make.member() for _ in range(2)]

    contested = ask(
        "post", f"/projects/{project.pk}/contest/", {"reasons": "One word."}, by=clara, scopes=("requester",)
    )
    seal_log(now=coop_now())
    draw_contests(now=coop_now())
    (hers,) = ask("get", "/contests/").json()["results"]
    answered = ask("post", f"/contests/{hers['id']}/answer/", {"words": "The line broke."})
    decided = [
        ask("post", f"/contests/{hers['id']}/decide/", {"refuses": True, "words": "No."}, by=member.user)
        for member in jury
    ]

    assert contested.json() == {"contested": 1}
    assert (hers["reasons"], answered.json()["answer"]) == ("One word.", "The line broke.")
    assert [one.status_code for one in decided] == [200, 200]
    assert str(hanitra.pk) not in decided[0].content.decode() and "Hanitra" not in decided[0].content.decode()
    assert WaitingTime.objects.get().state == "refused"
    assert TimeEntry.objects.of(hanitra).seconds() == 60


def test_who_was_not_drawn_sees_no_contest_and_decides_none(ask, clock, hanitra):
    project = make.live()
    stated(clock, hanitra, project)
    ask("post", f"/projects/{project.pk}/contest/", {"reasons": "One word."}, by=make.steward("saholy").user)
    contest = WaitingTime.objects.get().contest

    for by in (make.member("awa").user, make.steward("vola").user):
        assert ask("get", "/contests/", by=by).json()["results"] == []
        assert ask("post", f"/contests/{contest.pk}/decide/", {"refuses": True, "words": "x"}, by=by).status_code == 404
    assert ask("post", f"/contests/{contest.pk}/decide/", {"refuses": False}).json()["code"] == "not_drawn"


@pytest.mark.parametrize("who", ["awa", "mallory", "zoe"])
def test_for_who_neither_ordered_nor_holds_office_there_is_nothing_to_contest(ask, clock, hanitra, who):
    project = make.live()
    stated(clock, hanitra, project)
    by = {
        "awa": lambda: make.member("awa").user,
        "mallory": lambda: make.user("mallory"),
        "zoe": lambda: make.owner(make.draft(by=make.user("zoe"))),
    }[who]()

    answer = ask("post", f"/projects/{project.pk}/contest/", {"reasons": "Envy."}, by=by)

    assert answer.status_code == 404
    assert WaitingTime.objects.get().state == "waiting"


def test_a_steward_lets_a_halted_project_go_on(ask, clock, hanitra):
    halted(clock, hanitra)
    saholy = make.steward("saholy").user
    (halt,) = ask("get", "/halts/", by=saholy).json()["results"]
    body = {"words": "The items are long texts.", "more_seconds": 60}

    (read,) = ask("get", "/halts/", by=make.member("awa").user).json()["results"]
    refused = ask("post", f"/halts/{halt['id']}/look/", body, by=make.member().user)
    looked = ask("post", f"/halts/{halt['id']}/look/", body, by=saholy)

    assert (halt["may_look"], halt["reason"]) == (True, "debt")
    assert halt["held_seconds"] > 0
    assert (read["may_look"], read["counted_seconds"], read["held_seconds"]) == (False, None, None)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_in_office")
    assert (looked.status_code, looked.json()["state"], looked.json()["more_seconds"]) == (200, "looked", 60)
    assert "allowed_seconds" not in looked.json()
    assert ask("post", "/claims/", {}).status_code == 201
    assert count_due_waiting(now=coop_now()) == 0


PLACES = [
    ("get", "/time/waiting/"), ("get", "/pace/"), ("put", "/pace/"), ("get", "/contests/"), ("get", "/halts/"),
    ("post", "/projects/{project}/reading/"), ("post", "/assignments/{assignment}/correct/"),
    ("post", "/assignments/{assignment}/extend/"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "path"), PLACES)
def test_mallory_has_no_time_here(ask, clock, hanitra, verb, path):
    project = make.live()
    taken = stated(clock, hanitra, project)
    where = path.format(project=project.pk, assignment=taken.pk)

    assert ask(verb, where, {} if verb != "get" else None, by=make.user("mallory")).status_code == 403


def test_nobody_corrects_somebody_else_s_time(ask, clock, hanitra):
    taken = stated(clock, hanitra, make.live())

    answer = ask("post", f"/assignments/{taken.pk}/correct/", {"declared_seconds": 1}, by=make.member("awa").user)

    assert answer.status_code == 404
