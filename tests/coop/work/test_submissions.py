"""Handing in answers, and the time they took."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from psycopg.types.range import TimestamptzRange

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, head
from coop.work.actions import claim, proposed_times, release, submit
from coop.work.models import Answer, Assignment, Item, TimeEntry
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def hanitra():
    return make.member("hanitra")


@pytest.fixture
def assignment(hanitra, clock):
    """Claimed ten minutes ago, of an order of five minutes an answer."""
    taken = claim(by=hanitra.actor, project=make.live(seconds_per_answer=300), now=coop_now())
    clock.advance(minutes=10)
    return taken


def hand_in(assignment, value=None, **more):
    return submit(
        assignment=assignment, by=assignment.member.actor, value=value or {"choice": "yes"}, now=coop_now(), **more
    )


def test_an_answer_its_counters_and_its_time_are_recorded_together(assignment, hanitra):
    answer = hand_in(assignment, measured_seconds=60, paused_seconds=20, declared_seconds=55)

    assignment.refresh_from_db()
    item = Item.objects.get(pk=assignment.item_id)
    entry = TimeEntry.objects.get()
    assert (answer.value, answer.fills_slot) == ({"choice": "yes"}, True)
    assert (item.n_active, item.n_done) == (0, 1)
    assert (assignment.state, assignment.measured_seconds, assignment.paused_seconds, assignment.declared_seconds) == (
        "submitted",
        60,
        20,
        55,
    )
    assert (entry.member, entry.kind, entry.source, entry.counted_seconds) == (hanitra, "task", "declared", 55)
    assert entry.span.upper - entry.span.lower == timedelta(seconds=55)


def test_without_a_word_from_the_member_what_was_measured_counts(assignment):
    hand_in(assignment)

    assert TimeEntry.objects.get().counted_seconds in (600, 601)
    assert TimeEntry.objects.get().source == "measured"


@pytest.mark.parametrize(("limit", "counted"), [(300, 200), (400, 600)])
def test_a_pause_beyond_the_limit_is_left_out_unless_the_member_counts_it(assignment, limit, counted):
    now = coop_now()
    key = "work.pause_limit_seconds"
    amend_rule(key=key, value=limit, effective_from=now, decision=uuid4(), supersedes=head(key), now=now)

    hand_in(assignment, measured_seconds=600, paused_seconds=400)

    assert TimeEntry.objects.get().counted_seconds == counted


def test_the_member_s_word_on_a_long_pause_holds(assignment):
    hand_in(assignment, measured_seconds=600, paused_seconds=400, declared_seconds=600)

    assert TimeEntry.objects.get().counted_seconds == 600


def test_the_proposal_is_the_measured_time_but_for_long_pauses_and_at_most_the_bound():
    assert proposed_times(measured=100, paused=30, pause_limit=30, bound=100).declared == 100
    assert proposed_times(measured=100, paused=31, pause_limit=30, bound=100).declared == 69
    assert proposed_times(measured=101, paused=0, pause_limit=30, bound=100).declared == 100
    assert proposed_times(measured=201, paused=31, pause_limit=30, bound=100).declared == 100


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"measured_seconds": 5000}, "measured_seconds"),
        ({"measured_seconds": -1}, "measured_seconds"),
        ({"measured_seconds": 10, "paused_seconds": 11}, "paused_seconds"),
        ({"measured_seconds": 10, "paused_seconds": -1}, "paused_seconds"),
        ({"declared_seconds": 700}, "declared_seconds"),
        ({"declared_seconds": -5}, "declared_seconds"),
    ],
)
def test_impossible_times_come_back_with_the_field_named(assignment, times, field):
    with pytest.raises(ValidationError) as wrong:
        hand_in(assignment, **times)

    assert list(wrong.value.message_dict) == [field]
    assert not Answer.objects.exists()
    assert Assignment.objects.get().state == "leased"


@pytest.mark.parametrize(
    ("value", "field"), [({"choice": "maybe"}, "value.choice"), ({"a": 1}, "value.a"), ("yes", "value"), ([], "value")]
)
def test_an_invalid_answer_comes_back_with_the_field_named_and_is_not_dropped(assignment, value, field):
    with pytest.raises(ValidationError) as wrong:
        submit(assignment=assignment, by=assignment.member.actor, value=value, now=coop_now())

    assert field in wrong.value.message_dict
    assert Assignment.objects.get().state == "leased"


def test_the_same_answer_twice_is_one_and_another_is_refused(assignment):
    first = hand_in(assignment)

    assert hand_in(assignment) == first
    with pytest.raises(Refused) as no:
        hand_in(assignment, {"choice": "no"})
    assert no.value.code == "already_submitted"
    assert Answer.objects.count() == TimeEntry.objects.count() == 1


def test_an_item_given_back_is_not_handed_in(assignment, hanitra):
    release(assignment=assignment, by=hanitra.actor, now=coop_now())

    with pytest.raises(Refused) as no:
        hand_in(assignment)

    assert no.value.code == "assignment_released"


def test_nobody_hands_in_somebody_else_s_item(assignment):
    with pytest.raises(Assignment.DoesNotExist):
        submit(assignment=assignment, by=make.member("awa").actor, value={"choice": "yes"}, now=coop_now())


@pytest.mark.law
def test_answers_and_time_are_never_edited(assignment):
    hand_in(assignment)

    for change in (
        lambda: Answer.objects.update(value={"choice": "no"}),
        lambda: TimeEntry.objects.update(counted_seconds=1),
        lambda: Assignment.objects.update(declared_seconds=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.law
def test_no_second_is_counted_twice_and_the_database_says_so(assignment, hanitra):
    hand_in(assignment)
    entry = TimeEntry.objects.get()

    with pytest.raises(IntegrityError, match="time_entry_no_second_is_counted_twice"), transaction.atomic():
        TimeEntry.objects.create(
            member=hanitra, kind="task", source="declared", counted_seconds=1, counted_at=coop_now(),
            span=TimestamptzRange(entry.span.lower, entry.span.lower + timedelta(seconds=1)),
        )  # fmt: skip


@pytest.mark.law
def test_no_more_seconds_count_than_passed_and_the_database_says_so(hanitra):
    now = coop_now()

    with pytest.raises(IntegrityError, match="time_entry_counts_no_more_than_passed"), transaction.atomic():
        TimeEntry.objects.create(
            member=hanitra, kind="task", source="declared", counted_seconds=11, counted_at=now,
            span=TimestamptzRange(now - timedelta(seconds=10), now),
        )  # fmt: skip


def test_time_between_two_items_in_hand_at_once_is_counted_once(hanitra, clock):
    now = coop_now()
    amend_rule(
        key="work.live_leases",
        value=2,
        effective_from=now,
        decision=uuid4(),
        supersedes=head("work.live_leases"),
        now=now,
    )
    project = make.live(seconds_per_answer=300)
    first = claim(by=hanitra.actor, project=project, now=coop_now())
    clock.advance(seconds=100)
    second = claim(by=hanitra.actor, project=project, now=coop_now())
    clock.advance(seconds=50)
    hand_in(second, declared_seconds=50)
    clock.advance(seconds=30)

    with pytest.raises(Refused) as no:
        hand_in(first, declared_seconds=180)
    hand_in(first, declared_seconds=130)

    assert (no.value.code, no.value.field) == ("time_already_counted", "declared_seconds")
    entries = TimeEntry.objects.filter(assignment=first).order_by("span")
    assert [entry.counted_seconds for entry in entries] in ([100, 30], [101, 29])


def test_quick_answers_one_after_another_never_count_more_than_passed(hanitra):
    project = make.live(items=6, redundancy=1)
    began = coop_now()

    for _ in range(6):
        hand_in(claim(by=hanitra.actor, project=project, now=coop_now()))

    passed = (coop_now() - began) // timedelta(seconds=1)
    assert Answer.objects.count() == 6
    assert TimeEntry.objects.of(hanitra).seconds() <= passed + 2


def test_a_period_takes_from_its_start_to_just_before_its_end(assignment):
    answer = hand_in(assignment, declared_seconds=10)
    at, second = answer.submitted_at, timedelta(seconds=1)

    assert Answer.objects.submitted_between(at, at + second).billable().per_project() == {assignment.project_id: 1}
    assert Answer.objects.submitted_between(at - second, at).per_project() == {}
    assert TimeEntry.objects.counted_between(at, at + second).seconds() == 10
    assert TimeEntry.objects.counted_between(at - second, at).seconds() == 0
