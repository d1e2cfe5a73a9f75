"""JSON takes 500 and 500.0 for equal; whoever reckons, hashes or signs doesn't. What is fixed is fixed to the letter."""

import re
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from governance.actions.advancing import advance_proposals
from governance.models import Proposal, State
from payouts.models import PayoutRun, Period, RunVersion
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from payouts.sharing.periods import close_due_periods, open_first_period
from payouts.sharing.runs import advance_runs, draft_run, freeze_run
from tests import database, make, votes

pytestmark = pytest.mark.law
DAY = timedelta(days=1)


def rewrite(model, column):
    """Every whole number in this column becomes itself with a zero after the point; refused by which law, or for want of the right."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column}::text FROM {table}")
        (written,) = cursor.fetchone()
        otherwise = re.sub(r"(?<=: )(\d+)(?=[,}\]])", r"\1.0", written)
        assert otherwise != written
        with pytest.raises(DatabaseError) as no, transaction.atomic():
            cursor.execute(f"UPDATE {table} SET {column} = %s::jsonb", [otherwise])
    refused = no.value.__cause__
    return refused.diag.constraint_name or type(refused).__name__


def a_frozen_run():
    """A run that was frozen and isn't computed yet."""
    period = open_first_period(now=coop_now() - DAY)
    make.answer(make.member("awa"), make.paid(), seconds=61)
    close_due_periods(now=period.ends_at + DAY)
    run = draft_run(period=Period.objects.get(number=1), now=period.ends_at + DAY)
    return freeze_run(run=run, now=period.ends_at + DAY)


@pytest.mark.django_db
def test_no_number_of_a_submitted_proposal_is_written_otherwise():
    votes.submit(votes.raise_solidarity(500))

    assert rewrite(Proposal, "change_set") == "proposal_is_frozen_once_submitted"


@pytest.mark.django_db
def test_no_number_of_frozen_inputs_is_written_otherwise():
    a_frozen_run()

    assert rewrite(PayoutRun, "frozen_inputs") == "run_frozen_keeps_its_inputs"


@pytest.mark.django_db
def test_no_number_of_a_computed_result_is_written_otherwise():
    advance_runs(now=a_frozen_run().frozen_at)

    assert rewrite(RunVersion, "result") == "InsufficientPrivilege"


# -- and whoever reckons looks at the hash, in case a law was lifted


@contextmanager
def lifted(table):
    """As only the owner of the database can: the laws of a table are lifted."""
    with psycopg.connect(database.cluster.dsn(database.OWNER_ROLE, str(connection.settings_dict["NAME"]))) as owner:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield owner
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.parametrize("refunds", ["1", "0.0"])
def test_nothing_is_reckoned_from_inputs_that_are_not_those_that_were_frozen(committed_db, refunds):
    run = a_frozen_run()
    with lifted("payouts_payoutrun") as owner:
        owner.execute(
            "UPDATE payouts_payoutrun SET frozen_inputs = jsonb_set(frozen_inputs, '{refunds}', %s::jsonb)", [refunds]
        )

    with pytest.raises(Refused) as no:
        advance_runs(now=run.frozen_at)

    assert no.value.code == "inputs_altered"
    assert PayoutRun.objects.get().state == PayoutRun.State.FROZEN


@pytest.mark.breaks_the_books
@pytest.mark.parametrize("refunds", ["1", "0.0"])
def test_no_objection_is_upheld_on_other_inputs_than_were_reckoned_from(committed_db, refunds):
    advance_runs(now=a_frozen_run().frozen_at)
    run = PayoutRun.objects.get()
    share = run.shares.get()
    objection = raise_objection(share=share, by=share.member.actor, reason="Wrong.", now=run.computed_at)
    with lifted("payouts_runversion") as owner:
        owner.execute("UPDATE payouts_runversion SET inputs = jsonb_set(inputs, '{refunds}', %s::jsonb)", [refunds])

    with pytest.raises(Refused) as no:
        answer_objection(
            objection=objection,
            by=make.treasurer("theo").actor,
            answer="Yes.",
            correction=Correction("task", 60),
            now=run.computed_at,
        )

    assert no.value.code == "inputs_altered"
    assert RunVersion.objects.count() == 1


@pytest.mark.parametrize("value", ["900", "500.0"])
def test_no_ballot_is_counted_on_another_question_and_it_holds_up_no_other(committed_db, clock, value):
    awa = make.member("awa")
    ballot, other = (votes.open_vote(votes.raise_solidarity(500), clock=clock, by=awa) for _n in range(2))
    with lifted("governance_proposal") as owner:
        owner.execute(
            "UPDATE governance_proposal SET change_set = jsonb_set(change_set, '{0,new_value}', %s::jsonb) WHERE id = %s",
            [value, ballot.proposal_id],
        )
    clock.advance(days=60)

    with pytest.raises(Refused) as no:
        advance_proposals(now=coop_now())

    assert no.value.code == "ballot_altered"
    ballot.refresh_from_db()
    other.refresh_from_db()
    assert (ballot.result, other.proposal.state) == (None, State.NO_QUORUM)
