"""A project that counts more than its quote pays for waits for a look; people don't wait for ever, and nobody looks at them."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from coop.audit.models import Entry
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, head, in_force
from coop.work.actions import (
    account_of,
    add_person,
    claim,
    correct_time,
    count_due_waiting,
    finish_if_done,
    look_at_project,
    submit,
)
from coop.work.models import Halt, Project, TimeEntry, WaitingTime
from tests import make

pytestmark = pytest.mark.django_db

YES = {"choice": "yes"}


def a_minute(clock, member, project):
    """A minute on an item of a one-second order."""
    taken = claim(by=member.actor, project=project, now=coop_now())
    clock.advance(seconds=70)
    submit(assignment=taken, by=member.actor, value=YES, now=coop_now(), declared_seconds=60)


def look(halt, by, *, words="The items are long texts.", more_seconds=0):
    return look_at_project(halt=halt, by=by.actor, words=words, more_seconds=more_seconds, now=coop_now())


def refusal(act):
    with pytest.raises(Refused) as no:
        act()
    return no.value.code


@pytest.fixture
def hanitra():
    return make.member("hanitra")


@pytest.fixture
def project():
    return make.live(items=200, seconds_per_answer=1)


@pytest.fixture
def halt(clock, hanitra, project):
    """An order of one second an answer that takes a minute, halted after a few."""
    while not (halted := project.open_halt):
        a_minute(clock, hanitra, project)
    return halted


def test_a_halted_project_hands_out_nothing_and_what_waits_is_the_members_time_all_the_same(halt, project):
    assert refusal(lambda: claim(by=make.member().actor, project=project, now=coop_now())) == "project_not_live"
    assert claim(by=make.member().actor, now=coop_now()) is None
    assert WaitingTime.objects.held().seconds() > 0


def test_a_steward_looks_and_it_goes_on_and_all_that_waited_is_counted(halt, hanitra, project):
    answers = hanitra.assignments.count()

    look(halt, make.steward("saholy"), more_seconds=300)

    assert TimeEntry.objects.of(hanitra).seconds() == 60 * answers
    assert not WaitingTime.objects.unsettled().exists()
    assert claim(by=make.member().actor, project=project, now=coop_now())


def test_a_requester_who_quotes_a_second_for_a_minute_makes_no_debt_beyond_the_labour_of_its_answers(halt, project):
    account = account_of(project, in_force(coop_now()))

    billed = account.labour * account.delivered // account.answers
    assert account.counted * account.hourly_floor <= 2 * billed * 3600
    assert account.held > 0


def test_one_slow_beginning_halts_nothing(clock, hanitra):
    project = make.live(items=200)
    a_minute(clock, hanitra, project)

    assert not project.open_halt


def test_one_look_allows_at_most_as_much_as_the_quote_pays_for(halt, project):
    quoted = account_of(project, in_force(coop_now())).quoted_seconds
    saholy = make.steward("saholy")

    for more in (quoted + 1, 10**9, -1):
        assert refusal(lambda more=more: look(halt, saholy, more_seconds=more)) == "too_many_seconds"
    assert look(halt, saholy, more_seconds=quoted)


def test_a_look_says_what_was_found(halt):
    assert refusal(lambda: look(halt, make.steward("saholy"), words="  ")) == "no_reasons"


def test_it_is_looked_at_once(halt):
    saholy = make.steward("saholy")
    look(halt, saholy)

    assert refusal(lambda: look(halt, saholy)) == "already_looked_at"


def test_who_orders_for_the_client_does_not_look(halt, project):
    steward = make.steward("saholy")
    client_person = make.steward("vola")
    add_person(
        client=project.client, user=client_person.user, role="editor", by=make.owner(project).actor, now=coop_now()
    )

    assert refusal(lambda: look(halt, client_person)) == "own_client"
    assert look(halt, steward)


def test_a_steward_whose_time_waits_does_not_look_while_anybody_else_could(clock, project):
    saholy, _other = make.steward("saholy"), make.member()
    while not (halted := project.open_halt):
        a_minute(clock, saholy, project)

    assert refusal(lambda: look(halted, saholy)) == "own_time"


def test_a_steward_who_worked_there_does_not_look_whatever_she_took_back(clock, project):
    saholy, _other = make.steward("saholy"), make.member()
    while not (halted := project.open_halt):
        a_minute(clock, saholy, project)
    for one in WaitingTime.objects.of(saholy).waiting().select_related("assignment"):
        correct_time(assignment=one.assignment, by=saholy.actor, declared_seconds=0, now=coop_now())

    assert not WaitingTime.objects.of(saholy).waiting().exists()
    assert refusal(lambda: look(halted, saholy, more_seconds=300)) == "own_time"


def test_a_steward_who_worked_there_does_not_look_though_nothing_of_hers_waits(clock, halt, project):
    saholy, vola = make.steward("saholy"), make.steward("vola")
    look(halt, vola, more_seconds=120)
    a_minute(clock, saholy, project)
    while not (again := project.open_halt):
        a_minute(clock, make.member(), project)

    assert refusal(lambda: look(again, saholy)) == "own_time"
    assert look(again, vola)


def test_where_everybody_worked_those_look_whose_time_never_waited(clock, hanitra, halt, project):
    saholy, vola = make.steward("saholy"), make.steward("vola")
    look(halt, saholy, more_seconds=150)
    for member in (saholy, vola):
        a_minute(clock, member, project)
    while not (again := project.open_halt):
        a_minute(clock, hanitra, project)
    waited = [one for one in (saholy, vola) if WaitingTime.objects.of(one).exists()]

    assert [refusal(lambda one=one: look(again, one)) for one in waited] == ["own_time"] * len(waited)
    assert len(waited) < 2


def test_the_log_says_what_a_look_added_and_nothing_that_tells_what_one_member_counted(halt):
    look(halt, make.steward("saholy"), more_seconds=7)

    told = json.loads(bytes(Entry.objects.get(kind="project.looked_at").canonical))
    assert told["payload"] == {"more_seconds": 7}


def test_alone_she_looks_herself_rather_than_wait_for_ever(clock, project):
    saholy = make.steward("saholy")
    while not (halted := project.open_halt):
        a_minute(clock, saholy, project)

    assert look(halted, saholy)


def test_a_member_looks_only_once_no_steward_did_for_fourteen_days(clock, halt):
    awa = make.member("awa")
    assert refusal(lambda: look(halt, awa)) == "not_in_office"

    clock.advance(days=14, seconds=1)

    assert look(halt, awa)


def test_held_time_of_a_project_that_is_over_is_looked_at_and_not_forgotten(clock, hanitra):
    now, key = coop_now(), "order.training_seconds"
    amend_rule(key=key, value=0, effective_from=now, decision=uuid4(), supersedes=head(key), now=now)
    project = make.live(items=1, redundancy=2, seconds_per_answer=1)
    taken = [claim(by=member.actor, project=project, now=coop_now()) for member in (hanitra, make.member())]
    clock.advance(minutes=2)
    for one in taken:
        submit(assignment=one, by=one.member.actor, value=YES, now=coop_now())
    finish_if_done(project=project, now=coop_now())

    count_due_waiting(now=coop_now())

    assert Project.objects.get(pk=project.pk).status == "done"
    assert WaitingTime.objects.held().waiting().exists()
    assert project.open_halt


def test_stated_time_whose_days_are_over_is_counted_by_the_look(clock, hanitra, project, halt):
    saholy = make.steward("saholy")
    look(halt, saholy, more_seconds=0)
    taken = claim(by=hanitra.actor, project=project, now=coop_now())
    clock.advance(seconds=200)
    submit(assignment=taken, by=hanitra.actor, value=YES, now=coop_now(), declared_seconds=120)
    clock.advance(days=15)
    count_due_waiting(now=coop_now())

    look(Halt.objects.open().get(), saholy)

    assert not WaitingTime.objects.unsettled().exists()
