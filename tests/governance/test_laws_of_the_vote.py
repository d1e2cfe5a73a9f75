"""What the database refuses whoever asks, without our actions in between."""

import pytest
from django.db import DatabaseError, connection, transaction

from coop.ground.clock import coop_now
from governance.models import Proposal, RollEntry, State, Vote
from governance.states import GRAPH
from governance.states import State as Graph
from tests import make, votes
from tests.votes import YES

pytestmark = [pytest.mark.django_db, pytest.mark.law]


def breaks(law, query, *params):
    """The statement is refused, and the refusal names the law (or the missing right)."""
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query, params)
        connection.check_constraints()
    assert law in f"{refused.value} {refused.value.__cause__.diag.constraint_name}"


@pytest.fixture
def ballot(clock):
    """An open ballot of three, in which awa said Yes."""
    members = [make.member("awa"), make.member(), make.member()]
    ballot = votes.open_vote(votes.set_rule("work.redundancy", 5), clock=clock, by=members[0])
    votes.cast(ballot, [(members[0], YES)])
    return ballot


def test_the_words_of_a_state_are_those_of_the_graph():
    assert {state.value for state in Graph} == set(State.values) == GRAPH.states


@pytest.mark.parametrize("state", sorted(Graph))
def test_states_move_only_along_the_graph(ballot, state):
    """From voting, the database lets nobody go anywhere but to closed."""
    if state in (Graph.VOTING, *GRAPH.moves[Graph.VOTING]):
        return

    breaks("governance_proposal_state_moves_along_its_graph", "UPDATE governance_proposal SET state = %s", state)


def test_a_proposal_begins_as_a_draft():
    author = make.member()
    with pytest.raises(DatabaseError, match='does not begin with state "executable"'), transaction.atomic():
        Proposal.objects.create(
            author=author,
            language="en",
            texts=votes.text(),
            change_set=[],
            change_set_sha256="0" * 64,
            state=State.EXECUTABLE,
            drafted_at=coop_now(),
        )


def test_a_state_without_its_moment_is_refused(ballot):
    breaks("proposal_closed_has_its_moment", "UPDATE governance_proposal SET state = 'closed'")


def test_a_submitted_proposal_is_not_edited(ballot):
    breaks("proposal_is_frozen_once_submitted", "UPDATE governance_proposal SET change_set = '[]'")
    breaks("proposal_is_frozen_once_submitted", 'UPDATE governance_proposal SET texts = \'{"en": {"title": "Other"}}\'')


def test_nobody_joins_a_roll_or_leaves_it(ballot):
    latecomer = make.member("theo")
    breaks(
        "roll_is_frozen_from_opening",
        """INSERT INTO governance_rollentry (ballot_id, member_id, college, weight, voter, salt, commitment)
           VALUES (%s, %s, 'producer', 1, repeat('a', 32), '', repeat('a', 64))""",
        ballot.pk,
        latecomer.pk,
    )
    breaks("permission denied", "UPDATE governance_rollentry SET college = 'user'")
    breaks("permission denied", "DELETE FROM governance_rollentry")


def test_a_ballot_states_the_size_of_its_roll(ballot):
    other = votes.submit(title="Another")

    breaks(
        "roll_has_the_size_the_ballot_states",
        """INSERT INTO governance_ballot (id, proposal_id, procedure_table, procedure_sha256, rule_book_id, roll_size, roll_root, opened_at, closes_at)
           SELECT gen_random_uuid(), %s, procedure_table, procedure_sha256, rule_book_id, 3, roll_root, opened_at, closes_at
           FROM governance_ballot WHERE id = %s""",
        other.pk,
        ballot.pk,
    )


def test_one_member_has_one_line_of_weight_one(ballot):
    entry = RollEntry.objects.first()
    insert = """INSERT INTO governance_rollentry (ballot_id, member_id, college, weight, voter, salt, commitment)
                VALUES (%s, %s, 'producer', %s, repeat(%s, 32), '', repeat('a', 64))"""

    breaks("roll_one_entry_per_member", insert, ballot.pk, entry.member_id, 1, "b")
    breaks("roll_one_member_one_vote", insert, ballot.pk, make.member("theo").pk, 2, "b")


def test_one_member_has_one_vote(ballot):
    vote = Vote.objects.get()

    breaks(
        "vote_one_member_one_vote",
        "INSERT INTO governance_vote (ballot_id, entry_id, choice) VALUES (%s, %s, 'yes')",
        ballot.pk,
        vote.entry_id,
    )
    breaks("permission denied", "DELETE FROM governance_vote")


def test_a_vote_comes_from_the_roll_of_its_own_ballot(ballot, clock):
    other = votes.open_vote(clock=clock, by=make.member("theo"))
    entry = other.roll.exclude(member__name="Awa").first()

    breaks(
        "vote_comes_from_the_roll_of_its_ballot",
        "INSERT INTO governance_vote (ballot_id, entry_id, choice) VALUES (%s, %s, 'yes')",
        ballot.pk,
        entry.pk,
    )


def test_no_vote_is_written_or_changed_after_the_close(ballot, clock):
    clock.advance(days=8)
    entry = ballot.roll.exclude(member__name="Awa").first()

    breaks("vote_only_while_the_ballot_is_open", "UPDATE governance_vote SET choice = 'no'")
    breaks(
        "vote_only_while_the_ballot_is_open",
        "INSERT INTO governance_vote (ballot_id, entry_id, choice) VALUES (%s, %s, 'no')",
        ballot.pk,
        entry.pk,
    )


def test_a_ballot_is_frozen_from_its_opening(ballot):
    breaks("permission denied", "UPDATE governance_ballot SET closes_at = closes_at + interval '1 day'")
    breaks("permission denied", "UPDATE governance_ballot SET procedure_table = '{}'")
    breaks("ballot_is_never_closed_early", "UPDATE governance_ballot SET closed_at = opened_at")
    breaks("ballot_has_no_result_before_close", "UPDATE governance_ballot SET result = '{}'")


def test_a_result_is_never_changed(ballot, clock):
    votes.close(ballot, clock=clock)

    breaks("ballot_counted_keeps_its_result", "UPDATE governance_ballot SET result = '{}'")
    breaks("ballot_closed_stays_closed", "UPDATE governance_ballot SET closed_at = closed_at + interval '1 day'")
    breaks("ballot_counted_keeps_its_result", "UPDATE governance_ballot SET bundle = NULL")


def test_what_was_carried_out_is_never_edited_and_never_done_twice(clock):
    proposal = votes.decide(clock=clock)

    breaks("permission denied", "UPDATE governance_enactment SET effects = '[]'")
    breaks(
        "governance_enactment_pkey",
        "INSERT INTO governance_enactment (proposal_id, enacted_at, effects, failure_code, failure) VALUES (%s, now(), '[]', '', '{}')",
        proposal.pk,
    )


def test_what_was_said_is_kept(clock):
    votes.submit()

    breaks("permission denied", "DELETE FROM talk_thread")
    breaks("permission denied", "DELETE FROM governance_proposal")


def test_the_roll_is_kept_by_a_trigger_too_and_not_only_by_a_missing_right(ballot):
    """So that the role that migrates is refused as well."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'governance_rollentry'::regclass AND NOT tgisinternal"
        )
        triggers = {name for (name,) in cursor.fetchall()}

    assert triggers == {"governance_rollentry_append_only", "roll_is_frozen_from_opening"}
