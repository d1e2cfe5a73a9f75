"""Handing out work."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.models import Member
from coop.rules.actions import amend_rule, head
from coop.work.actions import claim, extend_lease, free_seconds, pause_project, release, return_expired_leases, submit
from coop.work.models import Assignment, Halt, Item, MemberProject, Project, TimeEntry
from tests import make

pytestmark = pytest.mark.django_db


def set_rule(key, value):
    amend_rule(key=key, value=value, effective_from=coop_now(), decision=uuid4(), supersedes=head(key), now=coop_now())


def take(member, project=None):
    return claim(by=member.actor, project=project, now=coop_now())


def answer(assignment, choice="yes", **more):
    return submit(assignment=assignment, by=assignment.member.actor, value={"choice": choice}, now=coop_now(), **more)


def test_items_come_in_order_and_each_to_as_many_members_as_wanted():
    project = make.live(items=2, redundancy=2)

    taken = [take(make.member(), project) for _ in range(4)]

    assert [assignment.item.seq for assignment in taken] == [1, 1, 2, 2]
    assert take(make.member(), project) is None


def test_a_second_claim_is_refused_while_an_item_is_in_hand():
    hanitra, project, other = make.member("hanitra"), make.live(), make.live()
    take(hanitra, project)

    for place in (project, other, None):
        with pytest.raises(Refused) as no:
            take(hanitra, place)
        assert no.value.code == "live_leases"


def test_the_rule_says_how_many_items_may_be_in_hand():
    set_rule("work.live_leases", 2)
    hanitra, project = make.member("hanitra"), make.live()

    seqs = [take(hanitra, project).item.seq for _ in range(2)]

    assert seqs == [1, 2]
    with pytest.raises(Refused):
        take(hanitra, project)


@pytest.mark.law
def test_no_member_gets_the_same_item_twice_and_the_database_says_so():
    hanitra, project = make.member("hanitra"), make.live(items=1, redundancy=3)
    assignment = take(hanitra, project)
    answer(assignment)

    assert take(hanitra, project) is None
    with pytest.raises(IntegrityError, match="assignment_one_item_once_per_member"), transaction.atomic():
        Assignment.objects.create(
            item=assignment.item,
            project=project,
            member=hanitra,
            leased_at=coop_now(),
            lease_expires_at=coop_now() + timedelta(1),
            bound_seconds=60,
        )


@pytest.mark.law
def test_an_item_is_never_given_out_more_often_than_wanted_and_the_database_says_so():
    item = make.live(items=1, redundancy=1).items.get()

    with pytest.raises(IntegrityError, match="item_is_never_given_out_more_often_than_wanted"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(n_active=1, n_done=1)


def test_only_members_are_handed_work():
    gone, project = make.member(), make.live()
    Member.objects.filter(pk=gone.pk).update(ended_at=coop_now())

    with pytest.raises(Refused) as no:
        take(gone, project)

    assert no.value.code == "not_a_member"


def test_who_has_worked_through_a_project_is_answered_without_looking_at_an_item():
    hanitra, project = make.member("hanitra"), make.live(items=1)
    answer(take(hanitra, project))
    take(hanitra, project)

    with CaptureQueriesContext(connection) as asked:
        assert take(hanitra, project) is None

    assert MemberProject.objects.get(member=hanitra).exhausted_gen == Project.objects.get(pk=project.pk).reopen_gen
    assert not [query["sql"] for query in asked if "work_item" in query["sql"]]


def test_giving_back_is_free_and_the_item_goes_to_somebody_else():
    hanitra, awa, project = make.member("hanitra"), make.member("awa"), make.live(items=1, redundancy=1)
    assignment = take(hanitra, project)
    assert take(awa, project) is None

    release(assignment=assignment, by=hanitra.actor, now=coop_now())
    release(assignment=assignment, by=hanitra.actor, now=coop_now())

    assert take(awa, project).item == assignment.item
    assert take(hanitra, project) is None
    assert not TimeEntry.objects.exists()


def test_an_expired_lease_is_swept_and_offered_to_others(clock):
    hanitra, awa, project = make.member("hanitra"), make.member("awa"), make.live(items=1, redundancy=1)
    assignment = take(hanitra, project)
    assert take(awa, project) is None

    clock.advance(minutes=21)
    swept = return_expired_leases(now=coop_now())
    again = return_expired_leases(now=coop_now())

    assert (swept, again) == (1, 0)
    assert take(awa, project).item == assignment.item


def test_late_work_is_paid_and_counted_if_the_slot_is_free(clock):
    hanitra, project = make.member("hanitra"), make.live(items=1, redundancy=1, seconds_per_answer=300)
    assignment = take(hanitra, project)
    clock.advance(minutes=26)
    return_expired_leases(now=coop_now())

    late = answer(assignment, declared_seconds=900)

    assert late.fills_slot
    assert Item.objects.get(project=project).n_done == 1
    assert TimeEntry.objects.of(hanitra).seconds() == 900


def test_late_work_is_paid_even_when_the_slot_went_to_somebody_else(clock):
    hanitra, awa, project = (
        make.member("hanitra"),
        make.member("awa"),
        make.live(items=1, redundancy=1, seconds_per_answer=300),
    )
    assignment = take(hanitra, project)
    clock.advance(minutes=26)
    return_expired_leases(now=coop_now())
    answer(take(awa, project))

    late = answer(assignment, declared_seconds=900)

    item = Item.objects.get(project=project)
    assert not late.fills_slot
    assert (item.n_done, item.n_active) == (1, 0)
    assert TimeEntry.objects.of(hanitra).seconds() == 900


def test_an_item_is_kept_as_long_as_its_time_is_never_questioned_and_never_under_five_minutes():
    slow, quick = make.live(seconds_per_answer=600), make.live(seconds_per_answer=1)
    set_rule("work.lease_seconds", 300)

    kept = [take(make.member(), project) for project in (slow, quick)]

    assert [(one.lease_expires_at - one.leased_at).seconds for one in kept] == [3000, 300]


def test_keeping_an_item_longer_is_free_and_changes_no_bound(clock):
    hanitra, project = make.member("hanitra"), make.live()
    assignment = take(hanitra, project)
    clock.advance(minutes=19)

    kept = extend_lease(assignment=assignment, by=hanitra.actor, now=coop_now())

    assert (kept.bound_seconds, kept.state) == (assignment.bound_seconds, "leased")
    clock.advance(minutes=19)
    assert return_expired_leases(now=coop_now()) == 0


def test_an_item_whose_time_ran_out_is_kept_again_if_nobody_needs_it(clock):
    hanitra, project = make.member("hanitra"), make.live(items=1, redundancy=1)
    assignment = take(hanitra, project)
    clock.advance(minutes=21)
    return_expired_leases(now=coop_now())

    kept = extend_lease(assignment=assignment, by=hanitra.actor, now=coop_now())

    item = Item.objects.get(project=project)
    assert (kept.state, item.n_active) == ("leased", 1)
    assert take(make.member("awa"), project) is None


def test_an_item_that_others_have_by_now_is_not_kept_and_still_handed_in(clock):
    hanitra, awa, project = make.member("hanitra"), make.member("awa"), make.live(items=1, redundancy=1)
    assignment = take(hanitra, project)
    clock.advance(minutes=21)
    return_expired_leases(now=coop_now())
    hers = take(awa, project)

    with pytest.raises(Refused) as no:
        extend_lease(assignment=assignment, by=hanitra.actor, now=coop_now())

    answer(hers)
    assert no.value.code == "item_taken"
    assert answer(assignment)
    assert TimeEntry.objects.of(hanitra).seconds() == 60


def test_nobody_keeps_an_item_for_ever_while_others_wait_for_it(clock):
    holders, rival = [make.member() for _ in range(3)], make.member()
    project = make.live(items=3, redundancy=1)
    held = [take(member, project) for member in holders]

    for _ in range(15):
        clock.advance(minutes=19)
        return_expired_leases(now=coop_now())
        for assignment in held:
            with suppress(Refused):
                extend_lease(assignment=assignment, by=assignment.member.actor, now=coop_now())

    assert take(rival, project)
    with pytest.raises(Refused) as no:
        extend_lease(assignment=held[1], by=holders[1].actor, now=coop_now())
    assert no.value.code == "kept_long_enough"
    assert answer(held[1])


@pytest.mark.parametrize("swept", [True, False])
@pytest.mark.parametrize("standing", ["paused", "halted"])
def test_what_ran_out_is_not_taken_again_while_the_project_hands_out_nothing(clock, standing, swept):
    hanitra, awa, project = make.member("hanitra"), make.member("awa"), make.live(items=5)
    ran_out = take(hanitra, project)
    clock.advance(minutes=15)
    running = take(awa, project)
    clock.advance(minutes=6)
    if swept:
        return_expired_leases(now=coop_now())
    if standing == "paused":
        pause_project(project=project, by=make.owner(project).actor, now=coop_now())
    else:
        Halt.objects.create(project=project, reason="quote", halted_at=coop_now())

    with pytest.raises(Refused) as no:
        extend_lease(assignment=ran_out, by=hanitra.actor, now=coop_now())

    assert no.value.code == "project_not_live"
    assert extend_lease(assignment=running, by=awa.actor, now=coop_now()).state == "leased"


def test_nobody_stocks_up_by_keeping_what_ran_out(clock):
    hanitra, project = make.member("hanitra"), make.live()
    first = take(hanitra, project)
    clock.advance(minutes=21)
    return_expired_leases(now=coop_now())
    take(hanitra, project)

    with pytest.raises(Refused) as no:
        extend_lease(assignment=first, by=hanitra.actor, now=coop_now())

    assert no.value.code == "live_leases"


def test_the_weekly_cap_holds_only_while_work_is_scarce(clock):
    set_rule("work.weekly_cap_seconds", 3600)
    set_rule("work.live_leases", 2)
    hanitra, project = make.member("hanitra"), make.live(items=5, seconds_per_answer=3600)
    assignment = take(hanitra, project)
    clock.advance(hours=2)
    answer(assignment, declared_seconds=3600)

    with pytest.raises(Refused) as no:
        take(hanitra, project)
    set_rule("work.scarce_open_items", 0)

    assert no.value.code == "weekly_cap"
    assert take(hanitra, project)


def test_without_a_choice_the_rule_on_allocation_offers_a_project():
    set_rule("work.allocation", "oldest_first/1")
    first, _second = make.live(items=1), make.live(items=50)

    assert take(make.member()).project == first


def test_when_the_first_project_is_worked_through_the_next_is_offered():
    set_rule("work.allocation", "oldest_first/1")
    hanitra, first, second = make.member("hanitra"), make.live(items=1), make.live(items=1)

    projects = []
    for _ in range(2):
        assignment = take(hanitra)
        projects.append(assignment.project)
        answer(assignment)

    assert projects == [first, second]
    assert take(hanitra) is None


def test_the_claim_walks_the_partial_index_in_order():
    project = make.live(items=500)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_indexes WHERE tablename = 'work_item' AND indexdef LIKE '%%(project_id, seq)%%'"
        )
        assert cursor.fetchone()[0] == 1
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            """EXPLAIN SELECT i.id, i.seq FROM work_item i WHERE i.project_id = %s AND i.open AND i.seq > 0 AND i.seq <= 400
               AND (SELECT 1 FROM work_assignment a WHERE a.item_id = i.id AND a.member_id = %s) IS NULL
               ORDER BY i.seq LIMIT 1 FOR UPDATE OF i SKIP LOCKED""",
            [project.pk, uuid4()],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Index Scan using item_open_in_order" in plan
    assert "assignment_one_item_once_per_member" in plan
    assert "Sort" not in plan and "Anti" not in plan


def test_the_free_time_of_an_assignment_is_what_no_other_entry_counts(clock):
    set_rule("work.live_leases", 2)
    hanitra, project = make.member("hanitra"), make.live(items=2)
    first, second = take(hanitra, project), take(hanitra, project)
    clock.advance(seconds=100)
    answer(first, declared_seconds=60)

    assert 39 <= free_seconds(assignment=second, now=coop_now()) <= 43
