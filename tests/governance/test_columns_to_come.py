"""What is fixed is fixed with every column that is still to come: nobody has to remember to name it."""

import pytest
from django.db import DatabaseError, connections, transaction

from coop.ground.clock import coop_now
from payouts.actions.stripe_accounts import AccountErrand
from payouts.attempts.protocol import prepare
from payouts.models import Attempt
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import draft_run, freeze_run
from tests import make, money, votes
from tests.payouts.paying import approved_run

pytestmark = [pytest.mark.law, pytest.mark.usefixtures("committed_db")]


def a_submitted_proposal(_clock):
    return votes.submit()


def an_open_ballot(clock):
    return votes.open_vote(clock=clock)


def a_counted_ballot(clock):
    return votes.close(an_open_ballot(clock), clock=clock).ballot


def a_frozen_run(_clock):
    period = money.first_period()
    close_due_periods(now=period.ends_at)
    return freeze_run(run=draft_run(period=period, now=period.ends_at), now=period.ends_at)


def an_approved_run(_clock):
    return approved_run()


def an_attempt_that_was_asked(_clock):
    attempt, now = prepare(errand=AccountErrand(), subject=make.member().pk), coop_now()
    asked = {"sealed_request": b"what is asked", "first_try_at": now, "last_try_at": now, "look_after": now}
    Attempt.objects.filter(pk=attempt.pk).update(state=Attempt.State.ASKING, **asked)
    return attempt


def remark_on(row):
    """A column is added by whoever owns the tables, and then written; nothing of it stays."""
    table = row._meta.db_table
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD COLUMN remark text")
        cursor.execute(f"UPDATE {table} SET remark = 'afterwards' WHERE id = %s", [row.pk])
        transaction.set_rollback(True, using="owner")


@pytest.mark.parametrize(
    ("fixed", "law"),
    [
        (a_submitted_proposal, "proposal_is_frozen_once_submitted"),
        (an_open_ballot, "ballot_is_frozen_from_opening"),
        (a_counted_ballot, "ballot_closed_stays_closed"),
        (a_frozen_run, "run_frozen_keeps_its_inputs"),
        (an_approved_run, "run_approved_keeps_its_version"),
        (an_attempt_that_was_asked, "attempt_keeps_the_request_of_its_key"),
    ],
)
def test_a_column_that_is_added_is_fixed_with_the_rest(fixed, law, clock):
    row = fixed(clock)

    with pytest.raises(DatabaseError) as no:
        remark_on(row)

    assert no.value.__cause__.diag.constraint_name == law


@pytest.mark.parametrize("open_", [votes.draft, lambda: prepare(errand=AccountErrand(), subject=make.member().pk)])
def test_of_what_is_not_fixed_yet_it_may_be_written(open_):
    remark_on(open_())
