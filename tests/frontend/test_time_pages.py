"""Pages about time, without a script."""

from __future__ import annotations

import re

import pytest
from django.db.models import F
from django.test import Client

from coop.audit.actions import seal_log
from coop.ground.clock import coop_now
from coop.work.actions import (
    claim,
    contest_project_time,
    correct_time,
    count_due_waiting,
    decide_contest,
    draw_contests,
    freeze_time,
    return_expired_leases,
    submit,
)
from coop.work.models import Assignment, Contest, Item, TimeEntry, WaitingTime
from tests import make

pytestmark = pytest.mark.django_db
YES = {"choice": "yes"}


@pytest.fixture
def hanitra(client: Client):
    member = make.member("hanitra")
    client.force_login(member.user)
    return member


def read(answer) -> str:
    return answer.content.decode()


def stated(clock, member, project, *, seconds=5000):
    taken = claim(by=member.actor, project=project, now=coop_now())
    clock.advance(hours=2)
    submit(assignment=taken, by=member.actor, value=YES, now=coop_now(), declared_seconds=seconds)
    return taken


def halted(clock, member):
    project = make.live(items=200, seconds_per_answer=1)
    while not project.open_halt:
        stated(clock, member, project, seconds=60)
    return project


def test_what_waits_is_on_her_page_with_its_day(client, clock, hanitra):
    stated(clock, hanitra, make.live())

    page = read(client.get("/work/time/"))

    assert "Only you see this." in page
    assert "unless somebody contests it with reasons" in page


def contested(client, clock, member, *, jury=2):
    """Her stated time, contested by who ordered it, and who was drawn to hear it."""
    project, heard_by = make.live(), [make.member() for _ in range(jury)]
    taken = stated(clock, member, project)
    contest_project_time(project=project, by=make.owner(project).actor, reasons="It is one word.", now=coop_now())
    seal_log(now=coop_now())
    draw_contests(now=coop_now())
    client.force_login(member.user)
    return taken, Contest.objects.get(), heard_by


def decide(contest, member, *, refuses):
    decide_contest(contest=contest, by=member.actor, refuses=refuses, words="Not for one word.", now=coop_now())


def test_contested_time_is_not_called_hers_alone_to_see(client, clock, hanitra):
    contested(client, clock, hanitra)

    page = read(client.get("/work/time/"))

    assert "Only you see this." not in page
    assert "Two members drawn by lot read how much it is" in page


def test_no_correction_is_offered_where_it_would_be_refused(client, clock, hanitra):
    taken, contest, jury = contested(client, clock, hanitra)
    here = f"/work/assignments/{taken.pk}/time/"

    while_contested = read(client.get("/work/time/")), read(client.get(here))
    for member in jury:
        decide(contest, member, refuses=True)
    refused = read(client.get("/work/time/")), read(client.get(here))

    for listed, page in (while_contested, refused):
        assert here not in listed
        assert "This time was contested" in page and "<form" not in page.split("<main")[1].split("</main")[0]


def test_no_correction_is_offered_of_time_that_a_payout_is_reckoned_from(client, clock, hanitra):
    taken = stated(clock, hanitra, make.live(), seconds=30)
    freeze_time(entries=TimeEntry.objects.all())
    here = f"/work/assignments/{taken.pk}/time/"

    assert here not in read(client.get("/work/time/"))
    assert "A payout is already reckoned from this time" in read(client.get(here))


def test_time_that_was_refused_stays_on_her_page_with_the_outcome(client, clock, hanitra):
    _taken, contest, jury = contested(client, clock, hanitra)
    for member in jury:
        decide(contest, member, refuses=True)

    page = read(client.get("/work/time/"))

    assert "What was refused" in page and "Both who heard it refused it" in page
    assert f"/work/contests/{contest.pk}/" in page


def test_time_that_waited_is_told_from_what_was_counted_at_once(client, clock, hanitra):
    stated(clock, hanitra, make.live(), seconds=100)
    clock.advance(days=15)
    count_due_waiting(now=coop_now())

    page = read(client.get("/work/time/"))

    assert page.count("1 min 40 s</td>") == 1  # what she stated stands once
    assert "it had waited" in page


def test_she_declared_only_what_she_declared(client, clock, hanitra):
    taken = claim(by=hanitra.actor, project=make.live(), now=coop_now())
    clock.advance(minutes=9)
    submit(assignment=taken, by=hanitra.actor, value=YES, now=coop_now())

    measured = read(client.get("/work/time/"))
    correct_time(assignment=taken, by=hanitra.actor, declared_seconds=77, now=coop_now())
    corrected = read(client.get("/work/time/"))

    assert "1 min 00 s</td>" in measured and measured.count("1 min 00 s</td>") == 1
    assert "1 min 17 s</td>" in corrected


def test_who_has_decided_reads_what_she_decided(client, clock, hanitra):
    _taken, contest, jury = contested(client, clock, hanitra)
    decide(contest, jury[0], refuses=True)
    client.force_login(jury[0].user)
    here = f"/work/contests/{contest.pk}/"

    page = read(client.get(here))
    again = client.post(here, {"refuses": "no", "checked": "yes"})

    assert "What you decided" in page and "Not for one word." in page and 'name="refuses"' not in page
    assert again.status_code == 422 and "You have decided this already." in read(again)


def test_time_is_corrected_where_it_is_seen(client, clock, hanitra):
    taken = stated(clock, hanitra, make.live())
    here = f"/work/assignments/{taken.pk}/time/"

    assert here in read(client.get("/work/time/"))
    assert "Up to 1 min 00 s are counted without a question." in read(client.get(here))
    assert client.post(here, {"declared_seconds": "0:10"}).url == "/work/time/"
    assert TimeEntry.objects.of(hanitra).seconds() == 10
    assert "passed" in read(client.post(here, {"declared_seconds": "9999:00"}))


def test_a_pace_of_her_own_asks_no_reason(client, hanitra):
    client.post("/work/time/pace/", {"permille": "2000"})

    claim(by=hanitra.actor, project=make.live(), now=coop_now())
    assert Assignment.objects.get().bound_seconds == 120
    assert 'value="2000" selected' in read(client.get("/work/time/"))


def test_one_quiet_button_keeps_an_item_longer(client, clock, hanitra):
    taken = claim(by=hanitra.actor, project=make.live(), now=coop_now())
    here = f"/work/assignments/{taken.pk}/"
    clock.advance(minutes=25)
    return_expired_leases(now=coop_now())

    listed = here in read(client.get("/work/"))
    kept = client.post(f"{here}extend/", follow=True)

    assert listed
    assert "Keep it longer" in read(kept) and "The item is kept for you until" in read(kept)
    assert Assignment.objects.get().state == "leased"


def test_reading_the_instructions_begins_with_a_button_and_is_paid(client, clock, hanitra):
    project = make.live()
    here = f"/work/projects/{project.pk}/"

    offered = read(client.get(here))
    begun = read(client.post(f"{here}reading/", follow=True))
    clock.advance(minutes=1)
    stated(clock, hanitra, project, seconds=10)

    assert "Reading the instructions is paid: up to 2 min 00 s" in offered
    assert "You have been reading since" in begun
    assert TimeEntry.objects.of(hanitra).filter(kind="training").seconds() in (59, 60)
    assert "Begin to read" not in read(client.get(here))


def test_a_contest_is_read_answered_and_decided(client, clock, hanitra):
    project, jury = make.live(), [make.member() for _ in range(2)]
    stated(clock, hanitra, project)

    client.force_login(make.owner(project))
    asked = read(client.get(f"/projects/{project.pk}/contest/"))
    client.post(f"/projects/{project.pk}/contest/", {"reasons": "It is one word.", "checked": "yes"})
    seal_log(now=coop_now())
    draw_contests(now=coop_now())
    here = f"/work/contests/{Contest.objects.get().pk}/"
    client.force_login(hanitra.user)
    hers = read(client.get(here))
    client.post(here, {"words": "The line broke."})
    told = []
    for member in jury:
        client.force_login(member.user)
        told.append(read(client.get("/work/time/")) + read(client.get(here)))
        check = read(client.post(here, {"refuses": "yes", "words": "Not for one word."}))
        assert "nothing is recorded yet" in check and "The time doesn&#x27;t count" in check
        client.post(here, {"refuses": "yes", "words": "Not for one word.", "checked": "yes"})

    assert "5000" not in asked and "Hanitra" not in asked and "1 min" not in asked
    assert "It is one word." in hers
    for page in told:
        assert here in page and "The line broke." in page and "Hanitra" not in page
    assert WaitingTime.objects.get().state == "refused"
    client.force_login(hanitra.user)
    assert read(client.get(here)).count("Not for one word.") == 2
    assert all(name not in read(client.get(here)) for name in (member.name for member in jury))


def test_nothing_is_chosen_beforehand_for_who_decides(client, clock, hanitra):
    project, jury = make.live(), make.member()
    stated(clock, hanitra, project)
    client.force_login(make.owner(project))
    client.post(f"/projects/{project.pk}/contest/", {"reasons": "It is one word.", "checked": "yes"})
    seal_log(now=coop_now())
    draw_contests(now=coop_now())
    here = f"/work/contests/{Contest.objects.get().pk}/"
    client.force_login(jury.user)

    page = read(client.get(here))

    assert 'name="refuses"' in page and "checked" not in page
    assert client.post(here, {"words": "Hm."}).status_code == 422


def test_a_steward_looks_at_a_halted_project_and_it_goes_on(client, clock, hanitra):
    project = halted(clock, hanitra)
    here = f"/work/looks/{project.open_halt.pk}/"
    client.force_login(make.steward("saholy").user)

    listed = read(client.get("/work/looks/"))
    empty = client.post(here, {"words": ""})
    beyond = client.post(here, {"words": "Long texts.", "minutes": "100000"})
    check = read(client.post(here, {"words": "Long texts.", "minutes": "1"}))
    assert project.open_halt and "nothing is recorded yet" in check
    done = client.post(here, {"words": "Long texts.", "minutes": "1", "checked": "yes"}, follow=True)
    late = client.post(here, {"words": "Blurred scans.", "minutes": "1", "checked": "yes"})

    assert here in listed and "You can look at it." in listed
    assert 'href="/work/looks/"' in read(client.get("/"))
    assert empty.status_code == beyond.status_code == 422
    assert re.search(r"at most \d+ min \d\d s can be added: as many as the quote pays for", read(beyond))
    assert late.status_code == 422 and "Somebody has looked at this already" in read(late)
    assert "Blurred scans." in read(late) and "Long texts." in read(late)
    assert "Long texts." in read(done)
    assert not project.open_halt
    assert not WaitingTime.objects.unsettled().exists()


def test_a_member_reads_why_a_project_stands_still_and_can_not_restart_it(client, clock, hanitra):
    project = halted(clock, hanitra)
    here = f"/work/looks/{project.open_halt.pk}/"

    page = read(client.get(here))
    refused = client.post(here, {"words": "Fine.", "minutes": "1"})

    assert "A steward looks" in page and "<textarea" not in page
    assert refused.status_code == 422
    assert project.open_halt
    assert "until somebody has looked" in read(client.get(f"/work/projects/{project.pk}/"))


def test_a_steward_is_told_of_those_only_that_she_may_look_at(client, clock):
    saholy = make.steward("saholy")
    halted(clock, saholy)
    make.member("awa")
    client.force_login(saholy.user)

    home, looks = read(client.get("/")), read(client.get("/work/looks/"))

    assert "1 thing waits for you" not in home
    assert "You have worked on this project yourself" in looks and "You can look at it." not in looks


def test_members_are_told_when_they_may_look_in_a_steward_s_place(client, clock, hanitra):
    project = halted(clock, hanitra)
    client.force_login(make.member("awa").user)
    here = f"/work/looks/{project.open_halt.pk}/"

    early = read(client.get("/"))
    clock.advance(days=30)
    late = read(client.get("/")), read(client.get(here))
    client.force_login(hanitra.user)
    hers = read(client.get(here))

    assert 'href="/work/looks/"' not in early.split("<main")[1]
    assert "no steward has looked in time" in late[0] and "1 thing waits for you" in late[0]
    assert "<textarea" in late[1]
    assert "No steward has looked in time" in hers and "A steward looks" not in hers


def test_who_contested_reads_what_came_of_it_in_numbers_alone(client, clock, hanitra):
    _taken, contest, jury = contested(client, clock, hanitra)
    project = contest.waiting.project
    client.force_login(make.owner(project))
    here = f"/projects/{project.pk}/contest/"

    heard = read(client.get(here))
    for member in jury:
        decide(contest, member, refuses=True)
    ended = read(client.get(here))

    assert "Pieces still being heard</dt><dd>1</dd>" in heard and "Your reasons meet" not in heard
    assert "Pieces that were refused</dt><dd>1</dd>" in ended and "Hanitra" not in ended


def test_no_longer_keeping_is_offered_of_an_item_that_others_finished(client, clock, hanitra):
    taken = claim(by=hanitra.actor, project=make.live(), now=coop_now())
    clock.advance(hours=3)
    return_expired_leases(now=coop_now())
    Item.objects.filter(pk=taken.item_id).update(n_done=F("target"))

    assert "Keep it longer" not in read(client.get(f"/work/assignments/{taken.pk}/"))


def test_the_requester_reads_that_its_order_stands_still(client, clock, hanitra):
    project = halted(clock, hanitra)
    client.force_login(make.owner(project))

    page = read(client.get(f"/projects/{project.pk}/"))

    assert project.open_halt.reason == "debt"
    assert "took more time than was billed for them" in page and "the quote pays for" not in page


@pytest.mark.parametrize("who", ["awa", "mallory"])
def test_nobody_else_s_time_and_contests_are_there(client, clock, hanitra, who):
    project = make.live()
    taken = stated(clock, hanitra, project)
    client.force_login(make.owner(project))
    client.post(f"/projects/{project.pk}/contest/", {"reasons": "It is one word.", "checked": "yes"})
    contest = Contest.objects.get()
    client.force_login(make.member("awa").user if who == "awa" else make.user("mallory"))

    for place in (
        f"/work/assignments/{taken.pk}/time/",
        f"/work/contests/{contest.pk}/",
        f"/projects/{project.pk}/contest/",
    ):
        assert client.get(place).status_code == 404
        assert client.post(place, {}).status_code == 404


@pytest.mark.parametrize("place", ["/work/looks/", "/work/time/"])
def test_for_mallory_there_is_no_time(client, place):
    client.force_login(make.user("mallory"))

    assert client.get(place).status_code == 404


@pytest.mark.parametrize(
    "place", ["/work/time/pace/", "/work/assignments/{id}/extend/", "/work/projects/{id}/reading/", "/work/looks/{id}/"]
)
def test_nothing_is_posted_by_mallory(client, place):
    client.force_login(make.user("mallory"))

    assert client.post(place.format(id="00000000-0000-4000-8000-000000000000"), {}).status_code == 404
