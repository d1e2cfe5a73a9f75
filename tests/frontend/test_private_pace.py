"""How much longer than others a member is given is hers alone: no door tells it to anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from coop.audit.actions import seal_log
from coop.ground.clock import coop_now
from coop.work.actions import claim, contest_project_time, draw_contests, set_pace_factor, submit
from coop.work.models import Assignment, Contest, ContestSeat, Halt, WaitingTime
from tests import make

pytestmark = pytest.mark.django_db

FACTOR, BOUND = 2468, 1234  # an order of a hundred seconds has the bound 500
TOLD = re.compile(rf"\b(?:{FACTOR}|{BOUND}|{2 * BOUND}|20 min 34 s|41 min 08 s|2[.,]47)\b")
READ = re.compile(r"<(\w+:)?([a-z_]+)>")


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Every address of the installation as it is written, with the names of its parts."""
    for one in patterns:
        route = before + str(one.pattern).lstrip("^")
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, route)
        else:
            yield route


def doors(named: dict[str, str]) -> list[str]:
    """Every address whose parts are known here."""
    found = []
    for route in routes(get_resolver().url_patterns):
        parts = [name for _kind, name in READ.findall(route)]
        if not re.search(r"[()\\$?]", route) and all(name in named for name in parts):
            found.append("/" + READ.sub(lambda part: named[part[2]], route))
    return found


def body(answer) -> str:
    return b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode(errors="replace")


@pytest.fixture
def contested(clock):
    """A long piece of stated time of somebody who is given more, contested and drawn; also a halt of its project."""
    others = [make.member() for _ in range(3)]
    hanitra, project = make.member("hanitra"), make.live(items=50, seconds_per_answer=100)
    set_pace_factor(by=hanitra.actor, permille=FACTOR)
    taken = claim(by=hanitra.actor, project=project, now=coop_now())
    clock.advance(seconds=5000)
    submit(assignment=taken, by=hanitra.actor, value={"choice": "yes"}, now=coop_now(), declared_seconds=4000)
    contest_project_time(project=project, by=make.owner(project).actor, reasons="It is one word.", now=coop_now())
    seal_log(now=coop_now())
    draw_contests(now=coop_now())
    Halt.objects.create(project=project, reason="quote", halted_at=coop_now())
    return hanitra, others, Contest.objects.get()


def test_no_door_tells_anybody_else_how_much_longer_a_member_is_given(contested, clock):
    hanitra, _others, contest = contested
    project, halt = contest.waiting.project, Halt.objects.get()
    named = {
        "project_id": str(project.pk),
        "contest_id": str(contest.pk),
        "assignment_id": str(Assignment.objects.get().pk),
        "halt_id": str(halt.pk),
        "member_id": str(hanitra.pk),
        "client_id": str(project.client_id),
    }
    juror = ContestSeat.objects.select_related("member__user").first().member
    assert WaitingTime.objects.of(hanitra).stated().seconds() == BOUND

    told = []
    for reader in (juror.user, make.steward("saholy").user, make.owner(project)):
        client = Client(raise_request_exception=False)
        client.force_login(reader)
        answers = {door: client.get(door) for door in doors(named)}
        told += [door for door, answer in answers.items() if answer.status_code == 200 and TOLD.search(body(answer))]
        assert sum(answer.status_code == 200 for answer in answers.values()) > 30

    assert told == []


def test_she_herself_is_told_on_the_pages_where_others_are_not(contested):
    hanitra, _others, contest = contested
    client = Client()
    client.force_login(hanitra.user)

    assert "20 min 34 s" in body(client.get(f"/work/contests/{contest.pk}/"))
