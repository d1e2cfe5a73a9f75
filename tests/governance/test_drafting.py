"""Writing, submitting and withdrawing a proposal."""

from uuid import uuid4

import pytest

from coop.audit.models import Entry
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import apply, end_membership
from coop.rules.catalogue import CATALOGUE
from governance.actions.drafting import draft_proposal, revise_draft, submit_proposal, withdraw_proposal
from governance.changes import UnreadableChange
from governance.models import Proposal, State
from governance.operations import read_change_set
from governance.operations.admit import Admit
from governance.operations.appoint import Appoint
from governance.operations.grant_access import GrantAccess
from governance.operations.resolution import Resolution
from governance.operations.set_rule import SetRule
from tests import make, votes

pytestmark = pytest.mark.django_db


def refusal(*changes):
    """The code and field by which these changes are refused at submission."""
    with pytest.raises(Refused) as refused:
        votes.submit(*changes)
    return refused.value.code, refused.value.field


def procedure(name, **changed):
    """The founding procedure with some columns changed, as a change of its rule."""
    key = f"procedure.{name}"
    return votes.set_rule(key, CATALOGUE[key].default | changed)


def test_a_draft_is_seen_by_its_author_alone():
    draft = votes.draft()
    awa = make.member("awa")

    assert not Proposal.objects.visible_to(awa.user).exists()
    assert Proposal.objects.visible_to(draft.author.user).get() == draft


def test_what_is_submitted_is_seen_by_everyone_and_recorded():
    proposal = votes.submit(votes.set_rule("work.redundancy", 5))

    assert Proposal.objects.visible_to(None).get() == proposal
    assert proposal.state == State.DELIBERATION
    assert proposal.procedure_key == "procedure.parameter"
    assert (proposal.voting_from - proposal.submitted_at).days == 1
    assert Entry.objects.get(kind="proposal.submitted").subject == f"proposal:{proposal.pk}"


def test_submitting_twice_changes_nothing():
    proposal = votes.submit()

    submit_proposal(proposal=proposal, by=proposal.author.actor, now=coop_now())

    assert Entry.objects.filter(kind="proposal.submitted").count() == 1


def test_a_draft_can_be_rewritten_and_a_submitted_proposal_can_not():
    draft = votes.draft(title="A first try")

    revise_draft(
        proposal=draft,
        language="en",
        texts=votes.text("Better"),
        changes=(Resolution(),),
        by=draft.author.actor,
        now=coop_now(),
    )
    assert Proposal.objects.get().title == "Better"

    submit_proposal(proposal=draft, by=draft.author.actor, now=coop_now())
    with pytest.raises(Refused, match="not edited"):
        revise_draft(
            proposal=draft,
            language="en",
            texts=votes.text(),
            changes=(Resolution(),),
            by=draft.author.actor,
            now=coop_now(),
        )


def test_only_the_author_submits_and_withdraws():
    draft = votes.draft()
    awa = make.member("awa")

    for act in (submit_proposal, withdraw_proposal):
        with pytest.raises(Refused) as refused:
            act(proposal=draft, by=awa.actor, now=coop_now())
        assert refused.value.code == "not_yours"


def test_who_has_left_does_not_propose():
    awa = make.member("awa")
    end_membership(member=awa, by=awa.actor, now=coop_now())
    awa.refresh_from_db()

    with pytest.raises(Refused) as refused:
        votes.draft(by=awa)

    assert refused.value.code == "not_a_member"


def test_a_proposal_is_withdrawn_until_its_ballot_opens(clock):
    proposal = votes.submit()
    withdraw_proposal(proposal=proposal, by=proposal.author.actor, now=coop_now())
    assert Proposal.objects.get().state == State.WITHDRAWN

    ballot = votes.open_vote(clock=clock)
    with pytest.raises(Refused) as refused:
        withdraw_proposal(proposal=ballot.proposal, by=ballot.proposal.author.actor, now=coop_now())
    assert refused.value.code == "too_late_to_withdraw"


@pytest.mark.parametrize("texts", [{}, {"en": {"title": " ", "body": "b"}}, {"en": {"title": "t", "body": ""}}])
def test_a_proposal_needs_its_text_in_the_binding_language(texts):
    with pytest.raises(Refused) as refused:
        draft_proposal(language="en", texts=texts, changes=(Resolution(),), by=make.member().actor, now=coop_now())

    assert refused.value.code == "text_missing"


def test_an_unknown_rule_is_refused_by_name():
    assert refusal(SetRule("pay.bribes", 1, 5)) == ("unknown_rule", "change_set.0.key")


def test_a_value_out_of_bounds_is_refused_with_its_field():
    assert refusal(votes.set_rule("work.redundancy", 99)) == ("value_not_allowed", "change_set.0.new_value")
    assert refusal(procedure("pay", voting_days=0)) == ("value_not_allowed", "change_set.0.new_value.voting_days")


def test_a_value_that_contradicts_other_rules_is_refused():
    assert refusal(votes.set_rule("pay.hourly_cap", 800)) == ("rules_conflict", "change_set.0.new_value")


def test_a_stale_base_is_refused_at_submission(clock):
    stale = votes.set_rule("work.redundancy", 5)
    votes.pass_rule("work.redundancy", 4, clock=clock)

    assert refusal(stale) == ("stale_base", "change_set.0.base_version")


def test_a_change_that_changes_nothing_is_refused():
    same = votes.set_rule("work.redundancy", CATALOGUE["work.redundancy"].default)

    assert refusal(same) == ("nothing_changes", "change_set.0.new_value")


def test_rules_of_different_layers_are_not_decided_together():
    mixed = votes.set_rule("work.redundancy", 5), votes.set_rule("pay.hourly_floor", 1000)

    assert refusal(*mixed) == ("mixed_procedures", "change_set")


def test_one_proposal_sets_a_rule_once():
    assert refusal(votes.set_rule("work.redundancy", 5), votes.set_rule("work.redundancy", 4))[0] == "rule_set_twice"


def test_no_weaker_procedure_changes_a_stronger_one():
    """Admission is changed by the bylaws' procedure: it must not grow beyond it, nor may that one sink below."""
    assert refusal(procedure("admission", num=9, den=10))[0] == "entrenched"
    assert refusal(procedure("bylaw", num=1, den=2, base="yes_no", quorum_kind="none"))[0] == "entrenched"


def test_a_change_after_which_nothing_could_be_decided_is_refused():
    assert refusal(procedure("parameter", min_tenure_days=365))[0] == "no_procedure_satisfiable"


def test_nobody_votes_on_an_empty_roll():
    supporter = make.member(college="support")
    change = votes.set_rule("pay.hourly_floor", 1000)

    with pytest.raises(Refused) as refused:
        votes.submit(change, by=supporter)

    assert refused.value.code == "empty_roll"


def test_an_application_must_exist_and_be_open():
    assert refusal(Admit(uuid4())) == ("unknown_application", "change_set.0.application")


def test_an_office_is_given_to_a_member_who_does_not_hold_it():
    theo, gone = make.treasurer(), make.member()
    end_membership(member=gone, by=gone.actor, now=coop_now())

    assert refusal(Appoint(uuid4(), "steward")) == ("unknown_member", "change_set.0.member")
    assert refusal(Appoint(theo.log_pseudonym, "king")) == ("unknown_office", "change_set.0.office")
    assert refusal(Appoint(theo.log_pseudonym, "treasurer")) == ("already_in_office", "change_set.0.member")
    assert refusal(Appoint(gone.log_pseudonym, "steward")) == ("not_a_member", "change_set.0.member")


def test_a_request_must_exist():
    assert refusal(GrantAccess(uuid4())) == ("unknown_request", "change_set.0.request")


def test_an_application_is_put_to_the_vote_by_any_member():
    applicant = make.user("fara")
    application = apply(
        by=applicant.actor,
        name="Fara",
        college="producer",
        country="MG",
        languages=["mg"],
        engagement="unknown",
        statement="",
        now=coop_now(),
    )

    proposal = votes.submit(Admit(application.pk))

    assert proposal.procedure_key == "procedure.admission"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "change_set"),
        ({"op": "resolution"}, "change_set"),
        ([{"op": "coup"}], "change_set.0.op"),
        ([{"op": "set_rule", "key": "a", "base_version": 1}], "change_set.0.new_value"),
        ([{"op": "set_rule", "key": "a", "base_version": True, "new_value": 1}], "change_set.0.base_version"),
        ([{"op": "set_rule", "key": "a", "base_version": 1, "new_value": 0.5}], "change_set.0.new_value"),
        ([{"op": "resolution"}, {"op": "admit", "application": "x"}], "change_set.1.application"),
        ([{"op": "resolution", "pay_me": 1}], "change_set.0.pay_me"),
    ],
)
def test_data_that_is_no_change_set_names_what_is_wrong(data, field):
    with pytest.raises(UnreadableChange) as unreadable:
        read_change_set(data)

    assert unreadable.value.field == field


def unreadable_draft(change_set):
    """A draft whose kind of operation is gone since it was written."""
    awa = make.member("awa")
    draft = votes.draft(by=awa)
    Proposal.objects.filter(pk=draft.pk).update(change_set=change_set)
    return awa, draft


@pytest.mark.parametrize("change_set", [[{"op": "dismiss"}], [], {}, [1], [{"op": "resolution", "x": 1}]])
def test_a_draft_that_cannot_be_read_any_more_is_refused_and_can_be_withdrawn(client, change_set):
    awa, draft = unreadable_draft(change_set)
    client.force_login(awa.user)

    seen = client.get(f"/proposals/{draft.pk}/")
    edited = client.get(f"/proposals/{draft.pk}/edit/")
    with pytest.raises(Refused) as no:
        submit_proposal(proposal=draft, by=awa.actor, now=coop_now())
    submitted = client.post(f"/proposals/{draft.pk}/submit/", follow=True)

    assert no.value.code == "change_unreadable" and no.value.field.startswith("change_set")
    assert (seen.status_code, edited.status_code, submitted.status_code) == (200, 409, 200)
    assert "be read" in edited.content.decode()
    assert withdraw_proposal(proposal=draft, by=awa.actor, now=coop_now()).state == State.WITHDRAWN


def test_the_same_operation_twice_is_refused():
    twice = Appoint(make.member().log_pseudonym, "steward")

    assert refusal(Resolution(), Resolution()) == ("operation_twice", "change_set.1")
    assert refusal(Resolution(), twice, twice) == ("operation_twice", "change_set.2")
