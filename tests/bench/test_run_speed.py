"""A run of a thousand members, from their time entries to the bundle: reckoned, booked, written and checked."""

import time
from datetime import timedelta

import pytest
from psycopg.types.range import TimestamptzRange

from coop.ground.clock import coop_now
from coop.members.models import Member, User
from coop.work.models import TimeEntry
from payouts.models import PayoutRun
from payouts.sharing import bundles
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs
from tests import make, money

pytestmark = pytest.mark.django_db
MEMBERS, ENTRIES = 1000, 10


def test_a_thousand_members_are_paid_in_seconds():
    period = money.first_period()
    money.worked(make.member("awa"))
    now = coop_now()
    users = User.objects.bulk_create(User(email=f"m{n}@example.org") for n in range(MEMBERS))
    members = Member.objects.bulk_create(
        Member(user=user, name=user.email, college="producer", country="MG", admitted_at=now) for user in users
    )
    TimeEntry.objects.bulk_create(
        TimeEntry(
            member=member,
            kind="task",
            source="measured",
            span=TimestamptzRange(now + timedelta(minutes=n), now + timedelta(minutes=n, seconds=50)),
            counted_seconds=50,
            counted_at=now,
        )
        for member in members
        for n in range(ENTRIES)
    )
    close_due_periods(now=period.ends_at)

    begun = time.perf_counter()
    advance_runs(now=period.ends_at)
    taken = time.perf_counter() - begun

    run = PayoutRun.objects.get()
    size = len(str(bundles.unlogged(run)))
    print(f"\n{MEMBERS} members, {MEMBERS * ENTRIES} time entries: {taken:.1f} s, a bundle of {size // 1000} kB")
    assert run.state == "computed"
    assert taken < 20
