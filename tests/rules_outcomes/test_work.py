"""How work is handed out, timed and brought together is voted."""

from datetime import timedelta

import pytest

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.work import actions as work
from coop.work.models import TimeEntry, WaitingTime
from tests import make
from tests.rules_outcomes.cases import outcome_of

pytestmark = pytest.mark.django_db


def refusal(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


@outcome_of("work.redundancy")
def test_an_order_gets_as_many_answers_per_item_as_was_voted(vote):
    assert make.draft().redundancy == 3

    vote("work.redundancy", 5)

    assert make.draft().redundancy == 5


@outcome_of("work.lease_seconds")
def test_an_item_is_kept_for_a_member_as_long_as_was_voted(vote):
    awa, project = make.member("awa"), make.live(items=5)
    before = work.claim(by=awa.actor, project=project, now=coop_now())
    work.release(assignment=before, by=awa.actor, now=coop_now())

    vote("work.lease_seconds", 300)

    after = work.claim(by=awa.actor, project=project, now=coop_now())
    assert before.lease_expires_at - before.leased_at == timedelta(minutes=20)
    assert after.lease_expires_at - after.leased_at == timedelta(minutes=5)


@outcome_of("work.kept_leases")
def test_an_item_is_kept_longer_up_to_as_many_times_as_was_voted(vote, clock):
    awa, project = make.member("awa"), make.live(items=5)
    vote("work.kept_leases", 2)
    taken = work.claim(by=awa.actor, project=project, now=coop_now())
    clock.advance(minutes=19)
    work.extend_lease(assignment=taken, by=awa.actor, now=coop_now())
    clock.advance(minutes=19)
    kept = work.extend_lease(assignment=taken, by=awa.actor, now=coop_now())

    again = refusal(lambda: work.extend_lease(assignment=taken, by=awa.actor, now=coop_now()))

    assert kept.lease_expires_at - taken.leased_at == timedelta(minutes=40)
    assert again == "kept_long_enough"


@outcome_of("work.live_leases")
def test_a_member_holds_as_many_items_as_was_voted(vote):
    awa, project = make.member("awa"), make.live(items=5)
    work.claim(by=awa.actor, project=project, now=coop_now())
    assert refusal(lambda: work.claim(by=awa.actor, project=project, now=coop_now())) == "live_leases"

    vote("work.live_leases", 2)

    for _ in range(2):
        assert work.claim(by=awa.actor, project=project, now=coop_now())
    assert refusal(lambda: work.claim(by=awa.actor, project=project, now=coop_now())) == "live_leases"


def work_an_hour(member, project, clock):
    """A little more than an hour of counted work, now, of an order for as much."""
    taken = work.claim(by=member.actor, project=project, now=coop_now())
    clock.advance(hours=1, minutes=2)
    work.submit(assignment=taken, by=member.actor, value={"choice": "yes"}, now=coop_now())


@outcome_of("work.weekly_cap_seconds")
def test_scarce_work_is_shared_up_to_the_voted_hours_a_week(vote, clock):
    awa, project = make.member("awa"), make.live(items=9, seconds_per_answer=3600)
    work_an_hour(awa, project, clock)
    work_an_hour(awa, project, clock)

    vote("work.weekly_cap_seconds", 3600)

    work_an_hour(awa, project, clock)
    assert refusal(lambda: work.claim(by=awa.actor, project=project, now=coop_now())) == "weekly_cap"


@outcome_of("work.scarce_open_items")
def test_the_weekly_cap_holds_only_while_work_is_as_scarce_as_was_voted(vote, clock):
    awa, project = make.member("awa"), make.live(items=9, seconds_per_answer=3600)
    vote("work.weekly_cap_seconds", 3600)
    work_an_hour(awa, project, clock)
    assert refusal(lambda: work.claim(by=awa.actor, project=project, now=coop_now())) == "weekly_cap"

    vote("work.scarce_open_items", 0)

    work_an_hour(awa, project, clock)
    assert work.claim(by=awa.actor, project=project, now=coop_now())


@outcome_of("work.pause_limit_seconds")
def test_a_pause_up_to_the_voted_limit_is_work(vote, clock):
    awa, project = make.member("awa"), make.live(items=9, seconds_per_answer=900)

    def counted_with_a_long_pause():
        before = TimeEntry.objects.of(awa).seconds()
        taken = work.claim(by=awa.actor, project=project, now=coop_now())
        clock.advance(minutes=15)
        answer = {"choice": "yes"}
        work.submit(
            assignment=taken, by=awa.actor, value=answer, measured_seconds=800, paused_seconds=400, now=coop_now()
        )
        return TimeEntry.objects.of(awa).seconds() - before

    assert counted_with_a_long_pause() == 400

    vote("work.pause_limit_seconds", 600)

    assert counted_with_a_long_pause() == 800


def counted_after_an_hour(member, clock, **stated):
    """What counts at once of an hour on one item of a ten-second order."""
    before, project = TimeEntry.objects.of(member).seconds(), make.live(items=1, redundancy=1)
    taken = work.claim(by=member.actor, project=project, now=coop_now())
    clock.advance(hours=1)
    work.submit(assignment=taken, by=member.actor, value={"choice": "yes"}, now=coop_now(), **stated)
    return TimeEntry.objects.of(member).seconds() - before


@outcome_of("work.bound_seconds")
def test_so_much_of_a_short_item_is_never_questioned_as_was_voted(vote, clock):
    awa = make.member("awa")
    assert counted_after_an_hour(awa, clock) == 60

    vote("work.bound_seconds", 120)

    assert counted_after_an_hour(awa, clock) == 120


@outcome_of("work.bound_paces")
def test_an_item_is_never_questioned_up_to_so_many_paces_as_were_voted(vote, clock):
    awa = make.member("awa")

    vote("work.bound_paces", 10)

    assert counted_after_an_hour(awa, clock) == 100


@outcome_of("work.stated_day_seconds")
def test_so_much_time_may_be_stated_in_a_day_as_was_voted(vote, clock):
    awa = make.member("awa")
    vote("work.stated_day_seconds", 3600)
    for _ in range(2):
        taken = work.claim(by=awa.actor, project=make.live(seconds_per_answer=3600), now=coop_now())
        clock.advance(hours=6)
        word = {"value": {"choice": "yes"}, "declared_seconds": 21_600}
        work.submit(assignment=taken, by=awa.actor, now=coop_now(), **word)

    assert WaitingTime.objects.stated().seconds() == 3600


@outcome_of("work.stated_wait_days")
def test_stated_time_waits_as_long_as_was_voted(vote, clock):
    awa = make.member("awa")
    vote("work.stated_wait_days", 3)
    counted_after_an_hour(awa, clock, declared_seconds=120)

    clock.advance(days=3, seconds=1)

    assert work.count_due_waiting(now=coop_now()) == 1


@outcome_of("work.allocation")
def test_who_does_not_choose_is_offered_work_in_the_voted_order(vote):
    """By lottery the many items of the newer order win almost always; oldest first, never."""
    members = [make.member() for _ in range(8)]
    older, newer = make.live(items=12, redundancy=9), make.live(items=300)

    def offered():
        taken = [(member, work.claim(by=member.actor, now=coop_now())) for member in members]
        for member, assignment in taken:
            work.release(assignment=assignment, by=member.actor, now=coop_now())
        return [assignment.project for _member, assignment in taken]

    assert newer in offered()

    vote("work.allocation", "oldest_first/1")

    assert offered() == [older] * 8


def answers(project, members, choices, clock):
    """Each member answers every item, in order, as `choices` (one word per member) says: y or n."""
    for member, word in zip(members, choices, strict=True):
        for letter in word:
            taken = work.claim(by=member.actor, project=project, now=coop_now())
            value = {"choice": "yes" if letter == "y" else "no"}
            work.submit(assignment=taken, by=member.actor, value=value, now=coop_now())
    work.finish_if_done(project=project, now=coop_now())
    return work.reckon_consensus(project=project, now=coop_now())


@outcome_of("work.consensus")
def test_answers_are_brought_together_by_the_voted_algorithm(vote, clock):
    """Two agree on everything, three answer at random: once the majority believes the three; Dawid and Skene believe the two."""
    members = [make.member() for _ in range(5)]
    words = ["yynynnnnyy", "yynynnnnyy", "nynnynnyyn", "yyyynynyyn", "nynyynnyny"]

    def said():
        round_ = answers(make.live(items=10, redundancy=5), members, words, clock)
        return round_.strategy, [row.value["choice"][0] for row in round_.verdicts.order_by("item__seq")]

    before = said()

    vote("work.consensus", "majority/2")

    after = said()
    assert (before[0], after[0]) == ("dawid_skene/2", "majority/2")
    assert before[1] != after[1]


@outcome_of("work.consensus_seconds")
def test_consensus_is_reckoned_as_often_as_was_voted(vote, clock):
    def second_round_after_two_minutes():
        members, project = [make.member(), make.member()], make.live(items=3, redundancy=5)
        make.answer(members[0], project)
        assert work.reckon_consensus(project=project, now=coop_now())
        make.answer(members[1], project)
        clock.advance(minutes=2)
        return work.reckon_consensus(project=project, now=coop_now())

    assert second_round_after_two_minutes()

    vote("work.consensus_seconds", 3600)

    assert second_round_after_two_minutes() is None


@outcome_of("work.subcontract_depth")
def test_an_order_through_a_chain_of_firms_is_taken_only_if_voted(vote):
    chained = make.client(make.user("agent"), subcontract_chain=["Middle & Co"], beneficial_client="Lab")
    assert refusal(lambda: make.draft(client_=chained)) == "subcontract_depth"

    vote("work.subcontract_depth", 1)

    assert make.draft(client_=chained)


@outcome_of("work.closed_categories")
def test_only_the_constitution_opens_a_closed_category(vote):
    assert refusal(lambda: make.draft(end_use=["military"])) == "closed_category"

    vote("work.closed_categories", ["biometric_identification", "migration_control", "surveillance", "union_busting"])

    assert make.draft(end_use=["military"])
    assert refusal(lambda: make.draft(end_use=["surveillance"])) == "closed_category"
