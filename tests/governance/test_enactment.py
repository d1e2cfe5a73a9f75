"""What a decision does, once, and only what was voted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import escape

from coop.audit.models import Entry
from coop.ground.clock import coop_now
from coop.members.actions import admit, apply
from coop.members.models import Application, Member
from coop.rules.actions import head, in_force
from coop.rules.models import RuleVersion
from governance.actions.advancing import advance_proposals, enact
from governance.models import Enactment, Proposal, State
from governance.operations.admit import Admit
from governance.operations.appoint import Appoint
from payouts.sharing.periods import open_first_period
from tests import make, votes
from tests.votes import NO, YES

pytestmark = pytest.mark.django_db


def application(name="fara"):
    return apply(
        by=make.user(name).actor,
        name=name.capitalize(),
        college="producer",
        country="MG",
        languages=["mg"],
        engagement="unknown",
        statement="",
        now=coop_now(),
    )


def test_nothing_changes_before_the_timelock_is_over(clock):
    awa = make.member("awa")
    ballot = votes.open_vote(votes.set_rule("work.redundancy", 5), clock=clock, by=awa)
    votes.cast(ballot, [(awa, YES)])
    proposal = votes.close(ballot, clock=clock)
    advance_proposals(now=coop_now())

    assert Proposal.objects.get().state == State.ADOPTED
    assert proposal.executable_at - proposal.tallied_at == timedelta(days=2)
    assert in_force(coop_now()).whole("work.redundancy") == 3

    votes.carry_out(proposal, clock=clock)
    assert in_force(coop_now()).whole("work.redundancy") == 5


def test_what_was_not_adopted_changes_nothing(clock):
    proposal = votes.decide(votes.set_rule("work.redundancy", 5), clock=clock, choice=NO)

    assert proposal.state == State.NO_QUORUM
    assert not Enactment.objects.exists()
    assert in_force(coop_now()).whole("work.redundancy") == 3


def test_a_money_rule_begins_with_the_next_payout_period(clock):
    running = open_first_period(now=coop_now())

    version = votes.pass_rule("pay.solidarity_share", 500, clock=clock, by=make.member(), wait=False)

    assert version.effective_from == running.ends_at
    assert in_force(coop_now()).whole("pay.solidarity_share") == 300
    assert in_force(version.effective_from).whole("pay.solidarity_share") == 500


def test_a_second_decision_on_a_money_rule_in_the_same_period_begins_after_the_first(clock):
    running = open_first_period(now=coop_now())
    awa = make.member("awa")
    first = votes.open_vote(votes.set_rule("pay.solidarity_share", 500), clock=clock, by=awa)
    votes.cast(first, [(awa, YES)])
    votes.carry_out(votes.close(first, clock=clock), clock=clock)

    second = votes.pass_rule("pay.solidarity_share", 600, clock=clock, by=awa, wait=False)

    waiting = RuleVersion.objects.get(decision=first.proposal_id)
    assert waiting.effective_from == running.ends_at
    assert second.effective_from == running.ends_at + timedelta(days=30)


def test_a_period_that_is_over_but_not_closed_yet_never_gets_a_later_rule(clock):
    """The period that began meanwhile is under way too: the value begins with the one after."""
    running = open_first_period(now=coop_now())
    clock.advance(days=30, minutes=1)

    version = votes.pass_rule("pay.solidarity_share", 500, clock=clock, by=make.member(), wait=False)

    assert version.effective_from == running.ends_at + timedelta(days=30)


def test_without_a_period_a_money_rule_begins_at_once(clock):
    version = votes.pass_rule("pay.solidarity_share", 500, clock=clock, by=make.member(), wait=False)

    assert version.effective_from <= coop_now()


def test_one_of_two_decisions_on_the_same_base_fails_for_all_to_see(clock):
    awa = make.member("awa")
    ballots = [
        votes.open_vote(votes.set_rule("work.redundancy", value), clock=clock, by=awa, title=f"{value} answers")
        for value in (5, 7)
    ]
    first, second = ballots
    votes.cast(first, [(awa, YES)])
    votes.cast(second, [(awa, YES)])

    votes.carry_out(votes.close(first, clock=clock), clock=clock)
    with translation.override("fr"):  # whoever carries it out
        late = votes.carry_out(votes.close(second, clock=clock), clock=clock)
    with translation.override("en"):  # the language of a request stays behind it
        page = Client(headers={"Accept-Language": "fr"}).get(late.get_absolute_url()).content.decode()

    assert late.state == State.EXECUTION_FAILED
    assert late.enactment.failure_code == "stale_base"
    assert "version 2" in late.enactment.failure_in_words
    assert late.enactment.failure_in_words != late.enactment.failure["fr"]
    assert escape(late.enactment.failure["fr"]) in page and late.enactment.failure_in_words not in page
    assert in_force(coop_now()).whole("work.redundancy") == 5
    assert Entry.objects.filter(kind="decision.failed", subject=f"proposal:{late.pk}").exists()


def test_a_change_set_is_carried_out_whole_or_not_at_all(clock):
    awa = make.member("awa")
    overtaking = votes.open_vote(votes.set_rule("work.live_leases", 3), clock=clock, by=awa)
    both = votes.set_rule("work.redundancy", 5), votes.set_rule("work.live_leases", 2)
    overtaken = votes.open_vote(*both, clock=clock, by=awa)
    for ballot in (overtaking, overtaken):
        votes.cast(ballot, [(awa, YES)])

    votes.carry_out(votes.close(overtaking, clock=clock), clock=clock)
    failed = votes.carry_out(votes.close(overtaken, clock=clock), clock=clock)

    assert failed.state == State.EXECUTION_FAILED
    assert head("work.live_leases").value == 3
    assert head("work.redundancy").number == 1


def test_a_decision_is_executed_once(clock):
    proposal = votes.decide(votes.set_rule("work.redundancy", 5), clock=clock)

    assert not enact(proposal=proposal, now=coop_now())

    assert head("work.redundancy").number == 2
    assert Entry.objects.filter(kind="decision.executed").count() == 1


def test_a_decision_not_executed_in_time_expires(clock):
    awa = make.member("awa")
    ballot = votes.open_vote(votes.set_rule("work.redundancy", 5), clock=clock, by=awa)
    votes.cast(ballot, [(awa, YES)])
    votes.close(ballot, clock=clock)

    clock.advance(days=33)
    advance_proposals(now=coop_now())

    assert Proposal.objects.get().state == State.EXPIRED
    assert in_force(coop_now()).whole("work.redundancy") == 3


def test_the_assembly_admits(clock):
    asked = application()

    proposal = votes.decide(Admit(asked.pk), clock=clock)

    fara = Member.objects.get(user=asked.user)
    assert fara.decision == proposal.pk
    assert proposal.enactment.effects == [{"op": "admit", "member": fara.log_pseudonym.hex}]


def test_the_assembly_declines(clock):
    asked = application()

    votes.decide(Admit(asked.pk), clock=clock, choice=NO)

    assert Application.objects.get().outcome == Application.Outcome.DECLINED
    assert not Member.objects.filter(user=asked.user).exists()


def test_an_application_decided_meanwhile_fails_for_all_to_see(clock):
    asked = application()
    awa = make.member("awa")
    ballot = votes.open_vote(Admit(asked.pk), clock=clock, by=awa)
    votes.cast(ballot, [(awa, YES)])
    other = votes.submit(by=awa)
    admit(application=asked, decision=other.pk, now=coop_now())

    proposal = votes.close(ballot, clock=clock)

    assert proposal.state == State.EXECUTION_FAILED
    assert proposal.enactment.failure_code == "application_closed"


def test_the_assembly_gives_a_term_of_office(clock):
    theo = make.member("theo")

    proposal = votes.decide(Appoint(theo.log_pseudonym, "treasurer"), clock=clock)

    term = theo.offices.get()
    assert (term.kind, term.decision) == ("treasurer", proposal.pk)
    assert term.ends_at - term.starts_at == timedelta(days=365)


def test_of_two_votes_for_the_same_office_the_second_fails_for_all_to_see(clock):
    theo = make.member("theo")
    change = Appoint(theo.log_pseudonym, "treasurer")
    ballots = [votes.open_vote(change, clock=clock, by=theo) for _ in range(2)]
    for ballot in ballots:
        votes.cast(ballot, [(theo, YES)])

    votes.carry_out(votes.close(ballots[0], clock=clock), clock=clock)
    second = votes.carry_out(votes.close(ballots[1], clock=clock), clock=clock)

    assert second.enactment.failure_code == "already_in_office"
    assert theo.offices.count() == 1


def test_a_resolution_is_executed_by_being_said(clock):
    proposal = votes.decide(clock=clock)

    assert proposal.state == State.EXECUTED
    assert proposal.enactment.effects == [{"op": "resolution"}]
