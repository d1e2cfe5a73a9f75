"""One answer is paid once, whatever is written while its run freezes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from coop.ground.errors import Refused
from coop.work.actions import claim, correct_time, freeze_time, submit
from coop.work.models import TimeEntry
from payouts.models import PaidTime, PayoutRun, Period
from payouts.sharing import runs
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs
from tests import make, money
from tests.payouts.test_refusals_of_laws import while_done

A_SECOND = timedelta(seconds=1)


def loose_time_of(run):
    """Time the run pays that can still be corrected."""
    return PaidTime.objects.filter(share__run=run).exclude(entry__frozen=True, entry__superseded_at=None)


def test_a_correction_that_ends_while_the_run_freezes_is_paid_once(committed_db):
    period, awa = money.first_period(), make.member("awa")
    money.worked(awa)
    answer = {"assignment": awa.assignments.get(), "by": awa.actor}

    def share():
        close_due_periods(now=period.ends_at)
        advance_runs(now=period.ends_at)

    while_done(
        lambda: correct_time(**answer, declared_seconds=19, now=period.ends_at - A_SECOND),
        share,
    )

    run = PayoutRun.objects.get()
    assert [paid.seconds for paid in PaidTime.objects.filter(share__run=run)] == [19]
    assert not loose_time_of(run).exists()
    with pytest.raises(Refused) as no:
        correct_time(**answer, declared_seconds=20, now=period.ends_at + A_SECOND)
    assert no.value.code == "time_frozen"


@pytest.mark.django_db
def test_an_answer_that_is_there_only_after_the_freeze_waits_for_the_next_run(monkeypatch):
    period, awa, late = money.first_period(), make.member("awa"), make.member("late")
    money.worked(awa)

    def frozen(*, entries):
        freeze_time(entries=entries)
        money.worked(late)

    monkeypatch.setattr(runs, "freeze_time", frozen)
    first = money.run_of(period)
    monkeypatch.undo()
    second = money.run_of(Period.objects.get(number=2))

    assert not loose_time_of(first).exists()
    assert [paid.share.member for paid in PaidTime.objects.filter(share__run=first)] == [awa]
    assert [paid.share.member for paid in PaidTime.objects.filter(share__run=second)] == [late]


def paying(run, member, entry, **said):
    share = money.share_of(run, member)
    return PaidTime.objects.create(share=share, entry=entry, **{"kind": "task", "seconds": 20} | said)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["loose", "replaced", "of_another", "longer", "of_another_kind"])
def test_a_run_pays_only_frozen_time_of_its_member_as_it_was_counted(wrong):
    awa, bob = make.member("awa"), make.member("bob")
    run = money.ran(awa, bob)
    make.answer(awa, make.paid(items=1), seconds=20, at=run.period.ends_at + A_SECOND)
    entry = TimeEntry.objects.of(awa).latest("pk")
    if wrong == "replaced":
        TimeEntry.objects.filter(pk=entry.pk).update(superseded_at=run.period.ends_at + A_SECOND)
    elif wrong != "loose":
        freeze_time(entries=TimeEntry.objects.filter(pk=entry.pk))
    said = {"longer": {"seconds": 21}, "of_another_kind": {"kind": "training"}}.get(wrong, {})

    with pytest.raises(IntegrityError, match="paid_time_is_time_that_stands"), transaction.atomic():
        paying(run, bob if wrong == "of_another" else awa, entry, **said)


def taken_and_said(member, seconds, *, at):
    """An answer begun a minute before `at`, of which the member says it took so long."""
    taken = claim(by=member.actor, project=make.live(items=1), now=at - 60 * A_SECOND)
    submit(assignment=taken, by=member.actor, value={"choice": "yes"}, declared_seconds=seconds, now=at)
    return taken


@pytest.mark.django_db
def test_time_said_to_be_none_is_not_found_again_once_its_period_is_paid():
    period, awa = money.first_period(), make.member("awa")
    taken = taken_and_said(awa, 0, at=period.ends_at - 3 * A_SECOND)
    money.run_of(period)

    with pytest.raises(Refused) as no:
        correct_time(assignment=taken, by=awa.actor, declared_seconds=50, now=period.ends_at + 300 * money.DAY)

    assert no.value.code == "time_frozen"
    assert not taken.corrections.exists() and not TimeEntry.objects.of(awa).exists()


@pytest.mark.django_db
def test_a_correction_counts_in_the_period_in_which_the_answer_was_handed_in():
    period, awa = money.first_period(), make.member("awa")
    taken = taken_and_said(awa, 20, at=period.ends_at - 3 * A_SECOND)
    close_due_periods(now=period.ends_at)

    correct_time(assignment=taken, by=awa.actor, declared_seconds=30, now=period.ends_at + money.DAY)

    paid = PaidTime.objects.filter(share__run=money.run_of(period))
    assert [one.seconds for one in paid] == [30]


@pytest.mark.django_db
def test_the_same_said_again_changes_nothing():
    period, awa = money.first_period(), make.member("awa")
    taken = taken_and_said(awa, 20, at=period.ends_at - 3 * A_SECOND)
    before = list(TimeEntry.objects.values())
    once_more = {"assignment": taken, "by": awa.actor, "declared_seconds": 20}

    assert correct_time(**once_more, now=period.ends_at + money.DAY) is None

    assert list(TimeEntry.objects.values()) == before and not taken.corrections.exists()
    money.run_of(period)
    assert correct_time(**once_more, now=period.ends_at + money.DAY) is None
