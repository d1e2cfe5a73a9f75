"""Those who would be paid for time that was no work, and what they get."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from coop.audit.actions import seal_log
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, head, in_force
from coop.work.actions import (
    account_of,
    begin_reading,
    claim,
    contest_project_time,
    contest_time,
    correct_time,
    count_due_waiting,
    decide_contest,
    draw_contests,
    extend_lease,
    freeze_time,
    set_pace_factor,
    submit,
    update_paces,
)
from coop.work.lot import drawn
from coop.work.models import Contest, ContestSeat, Project, TimeEntry, WaitingTime
from tests import make

pytestmark = pytest.mark.django_db

YES = {"choice": "yes"}


def slept_on(clock, *, member=None, project=None, **stated):
    """One item of a ten-second order, claimed, slept on for twenty days, and handed in."""
    member = member or make.member()
    taken = claim(by=member.actor, project=project or make.live(), now=coop_now())
    clock.advance(days=20)
    submit(assignment=taken, by=member.actor, value=YES, now=coop_now(), **stated)
    return member


def test_whoever_sleeps_on_an_item_is_paid_the_bound_and_not_the_nap(clock):
    sleeper = slept_on(clock)

    assert TimeEntry.objects.of(sleeper).seconds() == 60


def test_a_program_that_measures_the_nap_and_states_nothing_gets_the_bound(clock):
    sleeper = slept_on(clock, measured_seconds=1_700_000)

    assert TimeEntry.objects.of(sleeper).seconds() == 60


def test_stating_the_nap_counts_nothing_beyond_the_bound_at_once(clock):
    sleeper = slept_on(clock, declared_seconds=1_700_000)

    assert TimeEntry.objects.of(sleeper).seconds() == 60


def test_extending_for_ever_earns_nothing(clock):
    sleeper, project = make.member(), make.live()
    taken = claim(by=sleeper.actor, project=project, now=coop_now())
    for _ in range(50):
        clock.advance(minutes=15)
        with suppress(Refused):
            extend_lease(assignment=taken, by=sleeper.actor, now=coop_now())

    submit(assignment=taken, by=sleeper.actor, value=YES, now=coop_now())

    assert TimeEntry.objects.of(sleeper).seconds() == 60


def test_time_stated_beyond_the_bound_waits_fourteen_days_and_then_counts_up_to_twice_the_bound(clock):
    member = slept_on(clock, declared_seconds=1_700_000)

    clock.advance(days=13)
    assert count_due_waiting(now=coop_now()) == 0
    clock.advance(days=1, seconds=1)
    assert count_due_waiting(now=coop_now()) == 1

    assert TimeEntry.objects.of(member).seconds() == 120


def test_two_who_collude_in_a_project_stop_it_before_it_owes_more_than_the_labour_of_its_answers(clock):
    pair, project = [make.member(), make.member()], make.live(items=200, seconds_per_answer=1)
    for _ in range(100):
        for member in pair:
            with suppress(Refused):
                slept_on(clock, member=member, project=project)

    account = account_of(project, in_force(coop_now()))
    billed = account.labour * account.delivered // account.answers
    assert project.open_halt
    assert account.counted * account.hourly_floor // 3600 - billed <= billed


def test_what_a_run_is_reckoned_from_is_not_corrected(clock):
    member = slept_on(clock)
    freeze_time(entries=TimeEntry.objects.of(member))

    with pytest.raises(Refused) as no:
        correct_time(assignment=member.assignments.get(), by=member.actor, declared_seconds=10, now=coop_now())

    assert no.value.code == "time_frozen"


def test_before_that_a_correction_is_a_new_row_within_the_same_bound(clock):
    member = slept_on(clock)

    correct_time(assignment=member.assignments.get(), by=member.actor, declared_seconds=10, now=coop_now())
    less = TimeEntry.objects.of(member).seconds()
    correct_time(assignment=member.assignments.get(), by=member.actor, declared_seconds=50_000, now=coop_now())

    assert (less, TimeEntry.objects.of(member).seconds()) == (10, 60)
    assert TimeEntry.objects.filter(member=member).count() == 3


def contested(clock):
    """Time stated by hanitra, contested by a steward, with five more members in the co-operative."""
    others = [make.member() for _ in range(5)]
    hanitra, steward = make.member("hanitra"), make.steward("saholy")
    slept_on(clock, member=hanitra, declared_seconds=5000)
    waiting = WaitingTime.objects.get(member=hanitra)
    contest = contest_time(waiting=waiting, by=steward.actor, reasons="The item is one word.", now=coop_now())
    seal_log(now=coop_now())
    draw_contests(now=coop_now())
    contest.refresh_from_db()
    return hanitra, others, contest


def test_neither_she_nor_the_contester_is_drawn_and_the_draw_can_be_repeated(clock):
    _hanitra, others, contest = contested(clock)

    seats = {seat.member.log_pseudonym.hex for seat in contest.seats.all()}

    assert seats == set(drawn(contest.seed, [one.log_pseudonym.hex for one in others], seats=2))


@pytest.mark.parametrize(
    ("refusals", "state", "seconds"), [((True, True), "refused", 60), ((True, False), "counted", 120)]
)
def test_contested_time_is_refused_only_by_both(clock, refusals, state, seconds):
    hanitra, _others, contest = contested(clock)

    for seat, refuses in zip(contest.seats.all(), refusals, strict=True):
        decide_contest(contest=contest, by=seat.member.actor, refuses=refuses, words="Seen.", now=coop_now())

    assert WaitingTime.objects.get().state == state
    assert TimeEntry.objects.of(hanitra).seconds() == seconds


def test_contested_time_that_nobody_decides_counts(clock):
    hanitra, _others, _contest = contested(clock)
    clock.advance(days=15)

    count_due_waiting(now=coop_now())

    assert TimeEntry.objects.of(hanitra).seconds() == 120


def hours_of_work(clock, member, project, *, items, seconds):
    """So many items one after the other, each stated to have taken all of its time."""
    done = []
    for _ in range(items):
        taken = claim(by=member.actor, project=project, now=coop_now())
        clock.advance(seconds=seconds)
        submit(assignment=taken, by=member.actor, value=YES, now=coop_now(), declared_seconds=seconds)
        done.append(taken)
    return done


@pytest.fixture
def well_paid():
    """An order whose time is worth so much that its guard has room for a day of stated time."""
    now, key = coop_now(), "order.hourly_rate"
    amend_rule(key=key, value=20_000, effective_from=now, decision=uuid4(), supersedes=head(key), now=now)
    return make.live(items=250, seconds_per_answer=600)


def test_many_items_of_a_day_add_up_to_ten_hours_beyond_their_bounds_and_no_more(clock, well_paid):
    member = make.member()

    hours_of_work(clock, member, well_paid, items=14, seconds=6000)

    assert TimeEntry.objects.of(member).seconds() == 14 * 3000
    assert WaitingTime.objects.stated().seconds() == 36_000
    assert not well_paid.open_halt


def test_what_is_said_a_day_later_of_that_day_adds_nothing_to_its_ten_hours(clock, well_paid):
    member = make.member()
    done = hours_of_work(clock, member, well_paid, items=14, seconds=6000)
    clock.advance(days=2)

    for assignment in done[-2:]:  # whose time beyond the bound found the ten hours full
        correct_time(assignment=assignment, by=member.actor, declared_seconds=5999, now=coop_now())

    assert WaitingTime.objects.stated().standing().seconds() == 36_000


def test_a_day_of_unquestioned_work_takes_nothing_from_the_ten_hours(clock, well_paid):
    member = make.member()
    hours_of_work(clock, member, well_paid, items=12, seconds=3000)

    hours_of_work(clock, member, well_paid, items=1, seconds=6000)

    assert WaitingTime.objects.stated().seconds() == 3000


# -- contests


def test_who_contests_can_not_know_who_will_hear_it(clock):
    """A friend who contests in a moment when friends would be drawn: there is no such moment, the log decides afterwards."""
    hanitra, friend, _others = make.member("hanitra"), make.steward("saholy"), [make.member() for _ in range(5)]
    slept_on(clock, member=hanitra, declared_seconds=5000)
    seal_log(now=coop_now())

    contest = contest_time(
        waiting=WaitingTime.objects.get(), by=friend.actor, reasons="Let them hear it.", now=coop_now()
    )
    before = (draw_contests(now=coop_now()), contest.seats.count())
    seal_log(now=coop_now())
    after = (draw_contests(now=coop_now()), contest.seats.count())

    assert before == (0, 0)
    assert after == (1, 2)


def test_the_lot_is_the_first_root_that_covers_the_contest_whenever_it_is_drawn(clock):
    hanitra, saholy, _others = make.member("hanitra"), make.steward("saholy"), [make.member() for _ in range(5)]
    slept_on(clock, member=hanitra, declared_seconds=5000)
    contest = contest_time(waiting=WaitingTime.objects.get(), by=saholy.actor, reasons="One word.", now=coop_now())
    first = seal_log(now=coop_now())
    make.live()
    later = seal_log(now=coop_now())

    draw_contests(now=coop_now())

    contest.refresh_from_db()
    assert later.size > first.size
    assert contest.seed == f"{bytes(first.root).hex()}|{contest.pk}"


def test_a_draw_is_made_once(clock):
    _hanitra, _others, contest = contested(clock)
    seats = set(contest.seats.values_list("member", flat=True))

    assert draw_contests(now=coop_now()) == 0
    assert set(contest.seats.values_list("member", flat=True)) == seats


def test_a_pair_who_contest_for_each_other_are_never_drawn_for_each_other(clock):
    one, other, _jury = make.steward("one"), make.steward("other"), [make.member(), make.member()]
    for member, contester in ((one, other), (other, one)):
        slept_on(clock, member=member, declared_seconds=5000)
        contest_time(
            waiting=WaitingTime.objects.get(member=member), by=contester.actor, reasons="Hear us.", now=coop_now()
        )

    seal_log(now=coop_now())
    draw_contests(now=coop_now())

    drawn_members = set(ContestSeat.objects.values_list("member", flat=True))
    assert drawn_members == {member.pk for member in _jury}


def test_a_requester_who_contests_everything_delays_it_once_and_hears_nothing_of_it(clock):
    hanitra, project = make.member("hanitra"), make.live()
    clara, jury = make.owner(project), [make.member() for _ in range(3)]
    slept_on(clock, member=hanitra, project=project, declared_seconds=5000)
    clock.advance(days=13)

    contested = contest_project_time(project=project, by=clara.actor, reasons="Too long.", now=coop_now())
    seal_log(now=coop_now())
    draw_contests(now=coop_now())
    with pytest.raises(Refused) as again:
        contest_project_time(project=project, by=clara.actor, reasons="Still.", now=coop_now())
    clock.advance(days=14, seconds=1)
    count_due_waiting(now=coop_now())

    assert (contested, again.value.code) == (1, "not_waiting")
    assert {seat.member for seat in ContestSeat.objects.all()} <= set(jury)
    assert TimeEntry.objects.of(hanitra).seconds() == 120


def test_nobody_contests_what_is_never_questioned(clock):
    hanitra, project = make.member("hanitra"), make.live(items=200, seconds_per_answer=1)
    slept_on(clock, member=hanitra, project=project)
    held = WaitingTime.objects.held().get()

    with pytest.raises(Refused) as no:
        contest_time(waiting=held, by=make.owner(project).actor, reasons="She is slow.", now=coop_now())

    assert no.value.code == "not_waiting"


@pytest.mark.parametrize("who", ["a member", "a stranger", "another requester"])
def test_only_who_ordered_it_and_officers_contest(clock, who):
    project = make.live()
    slept_on(clock, project=project, declared_seconds=5000)
    by = {
        "a member": lambda: make.member().actor,
        "a stranger": lambda: make.user("mallory").actor,
        "another requester": lambda: make.owner(make.draft(by=make.user("zoe"))).actor,
    }[who]()

    with pytest.raises(Refused) as no:
        contest_project_time(project=project, by=by, reasons="Envy.", now=coop_now())

    assert no.value.code == "may_not_contest"


# -- reading


def test_reading_the_instructions_is_paid_once_and_only_with_an_answer(clock):
    member, project = make.member(), make.live()
    begin_reading(project=project, by=member.actor, now=coop_now())
    clock.advance(days=1)
    read_only = TimeEntry.objects.of(member).seconds()
    slept_on(clock, member=member, project=project)

    assert read_only == 0
    assert TimeEntry.objects.of(member).filter(kind="training").seconds() == 120


def test_reading_that_finds_no_room_is_held_and_counted_as_more_is_delivered(clock):
    reader, project = make.member(), make.live(items=200)
    begin_reading(project=project, by=reader.actor, now=coop_now())
    clock.advance(minutes=5)
    slept_on(clock, member=reader, project=project)
    at_first = TimeEntry.objects.of(reader).filter(kind="training").seconds()
    halted = project.open_halt

    for _ in range(9):
        make.answer(make.member(), project, seconds=5)
    count_due_waiting(now=coop_now())

    assert at_first < 120 and not halted
    assert TimeEntry.objects.of(reader).filter(kind="training").seconds() == 120
    assert not WaitingTime.objects.unsettled().exists()


def test_reading_one_project_after_the_other_is_no_trade(clock):
    reader = make.member()
    for _ in range(5):
        begin_reading(project=make.live(), by=reader.actor, now=coop_now())
        clock.advance(minutes=2)
    count_due_waiting(now=coop_now())

    assert TimeEntry.objects.of(reader).seconds() == 0


def test_who_has_an_item_begins_no_reading_for_it(clock):
    member, project = make.member(), make.live()
    claim(by=member.actor, project=project, now=coop_now())

    with pytest.raises(Refused) as no:
        begin_reading(project=project, by=member.actor, now=coop_now())

    assert no.value.code == "already_read"


EARNED = {"work": "task", "training": "training"}
"""The kind of time that each line of a quote pays for."""


def test_every_kind_of_time_that_the_bill_names_can_be_earned(clock):
    member, project = make.member(), make.live()
    begin_reading(project=project, by=member.actor, now=coop_now())
    clock.advance(minutes=1)
    make.answer(member, project, seconds=10)

    billed = set(project.quote.lines.exclude(seconds=None).values_list("key", flat=True))
    earned = set(TimeEntry.objects.of(member).values_list("kind", flat=True))
    assert {EARNED[line] for line in billed} == earned


# -- pace


def test_no_sleeper_moves_the_pace_beyond_her_one_voice(clock):
    project = make.live(items=20, redundancy=9, seconds_per_answer=20)
    for _ in range(5):
        make.answer(make.member(), project, seconds=20)
    sleeper = make.member()
    for _ in range(6):
        slept_on(clock, member=sleeper, project=project)

    update_paces(now=coop_now())

    project.refresh_from_db()
    assert project.pace == 23  # exp((10 ln 20 + ln 80) / 11): she is heard up to four times the quote, once


def test_the_pace_is_reckoned_however_long_the_worker_was_away(clock):
    project = make.live(items=20, redundancy=9, seconds_per_answer=20)
    for _ in range(5):
        make.answer(make.member(), project, seconds=80)
    clock.advance(days=2)

    assert update_paces(now=coop_now()) == 1
    assert update_paces(now=coop_now()) == 0


def answered(clock, member, project, *, waits, **stated):
    taken = claim(by=member.actor, project=Project.objects.get(pk=project.pk), now=coop_now())
    clock.advance(seconds=waits)
    submit(assignment=taken, by=member.actor, value=YES, now=coop_now(), **stated)
    return taken


def test_whoever_takes_a_hasty_word_back_has_not_cut_the_time_of_the_others(clock):
    project = make.live(items=20, redundancy=9, seconds_per_answer=100)
    words = [answered(clock, make.member(), project, waits=100, declared_seconds=1) for _ in range(5)]
    update_paces(now=coop_now())

    for taken in words:
        correct_time(assignment=taken, by=taken.member.actor, declared_seconds=100, now=coop_now())

    assert update_paces(now=coop_now()) == 1
    assert update_paces(now=coop_now()) == 0
    assert Project.objects.get(pk=project.pk).pace == 100


def test_hasty_words_that_stand_are_heard_as_a_quarter_of_the_quote_and_no_less(clock):
    project = make.live(items=20, redundancy=9, seconds_per_answer=100)
    for _ in range(5):
        answered(clock, make.member(), project, waits=100, declared_seconds=1)

    update_paces(now=coop_now())

    assert Project.objects.get(pk=project.pk).pace == 50  # exp((5 ln 100 + 5 ln 25) / 10)


@pytest.mark.parametrize("permille", [1000, 3000])
def test_who_sleeps_to_the_bound_again_and_again_does_not_move_it_any_further(clock, permille):
    project = make.live(items=600, redundancy=9, seconds_per_answer=100)
    sleepers = [make.member() for _ in range(5)]
    for member in sleepers:
        set_pace_factor(by=member.actor, permille=permille)
    paces = []

    for _ in range(3):
        for member in sleepers:
            slept_on(clock, member=member, project=Project.objects.get(pk=project.pk))
        update_paces(now=coop_now())
        paces.append(Project.objects.get(pk=project.pk).pace)

    assert paces == [200] * 3  # exp((5 ln 100 + 5 ln 400) / 10)


def test_the_pace_of_fewer_than_five_is_nobody_elses_to_see(clock):
    project, others = make.live(items=20, redundancy=9, seconds_per_answer=600), make.member()
    for _ in range(4):
        answered(clock, make.member(), project, waits=900, declared_seconds=870)

    assert update_paces(now=coop_now()) == 0
    assert claim(by=others.actor, project=Project.objects.get(pk=project.pk), now=coop_now()).bound_seconds == 3000


def test_who_asks_for_more_time_is_given_it_and_gives_no_reason(clock):
    member, project = make.member(), make.live()
    set_pace_factor(by=member.actor, permille=3000)

    slept_on(clock, member=member, project=project)

    assert member.assignments.get().bound_seconds == 180
    assert TimeEntry.objects.of(member).seconds() + WaitingTime.objects.held().seconds() == 180


@pytest.mark.parametrize("permille", [999, 3001, 0, 10**6])
def test_nobody_is_given_less_than_the_usual_time_or_more_than_three_times(permille):
    with pytest.raises(Refused) as no:
        set_pace_factor(by=make.member().actor, permille=permille)

    assert no.value.code == "pace_factor_out_of_bounds"


# -- the law


@pytest.mark.law
def test_time_that_a_run_is_reckoned_from_is_never_replaced_and_the_database_says_so(clock):
    member = slept_on(clock)
    freeze_time(entries=TimeEntry.objects.of(member))

    for change in ({"superseded_at": coop_now()}, {"frozen": False}):
        with pytest.raises(DatabaseError), transaction.atomic():
            TimeEntry.objects.update(**change)


@pytest.mark.law
def test_what_was_replaced_never_comes_back_and_the_database_says_so(clock):
    member = slept_on(clock)
    correct_time(assignment=member.assignments.get(), by=member.actor, declared_seconds=10, now=coop_now())

    with pytest.raises(DatabaseError), transaction.atomic():
        TimeEntry.objects.exclude(superseded_at=None).update(superseded_at=None)


@pytest.mark.law
def test_a_seat_decides_once_and_a_draw_stays_and_the_database_says_so(clock):
    _hanitra, _others, contest = contested(clock)
    seat = contest.seats.all()[0]
    decide_contest(contest=contest, by=seat.member.actor, refuses=True, words="Seen.", now=coop_now())

    for change in (
        lambda: ContestSeat.objects.filter(pk=seat.pk).update(refuses=False),
        lambda: Contest.objects.update(seed="mine"),
        lambda: Contest.objects.update(reasons="Others."),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.law
@pytest.mark.parametrize(
    ("who", "law"),
    [
        ("a friend, undrawn", "contest_seat_after_the_draw"),
        ("a third", "contest_seats_are_two"),
        ("herself", "contest_seat_of_somebody_else"),
    ],
)
def test_nobody_takes_a_seat_but_by_the_lot_and_the_database_says_so(clock, who, law):
    others = [make.member() for _ in range(1 if who == "herself" else 5)]
    hanitra, steward = make.member("hanitra"), make.steward("saholy")
    slept_on(clock, member=hanitra, declared_seconds=5000)
    waiting = WaitingTime.objects.get(member=hanitra)
    contest = contest_time(waiting=waiting, by=steward.actor, reasons="The item is one word.", now=coop_now())
    if who != "a friend, undrawn":
        seal_log(now=coop_now())
        draw_contests(now=coop_now())
    seated = contest.seats.values("member")
    friend = hanitra if who == "herself" else next(one for one in others if not seated.filter(member=one).exists())

    with pytest.raises(DatabaseError, match=law), transaction.atomic():
        ContestSeat.objects.create(contest=contest, member=friend)
