"""A request for data, from the asking to the stewards' vote and back."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import translation

from coop.commons.actions import withdraw_request
from coop.commons.models import AccessRequest, Grant
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, head
from governance.actions.advancing import advance_proposal
from governance.actions.drafting import draft_proposal, submit_proposal, withdraw_proposal
from governance.actions.voting import cast_vote
from governance.commons import advance_requests, put_to_vote
from governance.models import Ballot, Choice, Proposal, State
from governance.operations.grant_access import GrantAccess
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def stewards():
    return [make.steward() for _n in range(3)]


@pytest.fixture
def request_(stewards):
    return make.access_request(dataset=make.dataset(by=stewards[0]))


def voted(request, stewards, *choices, clock):
    """Brought to the stewards, voted on, and moved on as far as time does."""
    proposal = put_to_vote(request=request, now=coop_now())
    clock.advance(days=2)
    advance_proposal(proposal=proposal.pk, now=coop_now())
    for steward, choice in zip(stewards, choices, strict=False):
        cast_vote(ballot=Ballot.objects.get(proposal=proposal), choice=choice, by=steward.actor, now=coop_now())
    clock.advance(days=8)
    advance_proposal(proposal=proposal.pk, now=coop_now())
    clock.advance(days=2)
    advance_proposal(proposal=proposal.pk, now=coop_now())
    return Proposal.objects.get(pk=proposal.pk)


def now_of(request):
    return AccessRequest.objects.get(pk=request.pk)


def test_the_stewards_say_yes_and_access_is_granted(request_, stewards, clock):
    proposal = voted(request_, stewards, Choice.YES, Choice.YES, Choice.NO, clock=clock)

    assert proposal.state == State.EXECUTED
    grant = Grant.objects.get(request=request_)
    assert grant.decision == proposal.pk
    assert (now_of(request_).outcome, now_of(request_).decision) == ("granted", proposal.pk)


def test_only_stewards_are_on_the_roll(request_, stewards, clock):
    make.member("awa")

    proposal = voted(request_, stewards, clock=clock)

    assert Ballot.objects.get(proposal=proposal).roll_size == 3


@pytest.mark.parametrize(
    "choices", [(), (Choice.NO, Choice.NO), (Choice.YES,), (Choice.YES, Choice.YES, Choice.NO)[:1]]
)
def test_without_enough_who_say_yes_the_request_is_refused(request_, stewards, choices, clock):
    proposal = voted(request_, stewards, *choices, clock=clock)

    assert proposal.state in (State.NO_QUORUM, State.REJECTED)
    refused = now_of(request_)
    assert (refused.outcome, refused.refused_for, refused.decision) == ("refused", "vote", proposal.pk)
    assert not Grant.objects.exists()


def test_a_decision_nobody_carried_out_in_time_is_a_refusal(request_, stewards, clock):
    proposal = put_to_vote(request=request_, now=coop_now())
    clock.advance(days=2)
    advance_proposal(proposal=proposal.pk, now=coop_now())
    for steward in stewards:
        cast_vote(ballot=Ballot.objects.get(proposal=proposal), choice=Choice.YES, by=steward.actor, now=coop_now())
    clock.advance(days=7, hours=1)
    advance_proposal(proposal=proposal.pk, now=coop_now())
    clock.advance(days=400)
    advance_proposal(proposal=proposal.pk, now=coop_now())

    assert Proposal.objects.get(pk=proposal.pk).state == State.EXPIRED
    assert now_of(request_).refused_for == "vote"


def test_a_request_comes_to_the_stewards_by_itself(request_, stewards):
    assert advance_requests(now=coop_now()) == 1
    assert advance_requests(now=coop_now()) == 0

    proposal = Proposal.objects.get(pk=now_of(request_).proposal)
    assert (proposal.author, proposal.state, proposal.procedure_key) == (None, State.DELIBERATION, "procedure.stewards")


def test_silence_means_no(request_, clock):
    """Where no steward is there to decide, the request waits, and after the voted time it is refused."""
    clock.advance(days=366)
    late = make.access_request(dataset=request_.dataset)
    clock.advance(days=59)
    advance_requests(now=coop_now())
    assert (now_of(request_).refused_for, now_of(late).outcome) == ("silence", "")

    clock.advance(days=2)
    advance_requests(now=coop_now())

    assert now_of(late).refused_for == "silence"


def test_what_is_being_voted_on_does_not_lapse(request_, stewards, clock):
    clock.advance(days=59)
    advance_requests(now=coop_now())
    clock.advance(days=2)

    assert advance_requests(now=coop_now()) == 0
    assert now_of(request_).outcome == ""


def test_putting_it_to_the_vote_twice_makes_one_proposal(request_, stewards):
    one = put_to_vote(request=request_, now=coop_now())
    two = put_to_vote(request=request_, now=coop_now())

    assert one == two
    assert Proposal.objects.count() == 1


def test_the_proposal_says_in_every_language_what_is_asked(request_, stewards):
    proposal = put_to_vote(request=request_, now=coop_now())

    assert set(proposal.texts) == {"en", "fr"}
    assert request_.organisation in proposal.texts["en"]["title"]
    assert request_.purpose_text in proposal.texts["en"]["body"]


def test_what_the_stewards_vote_on_is_said_in_words(stewards):
    dataset = make.dataset(by=stewards[0])
    asked = make.access_request(
        dataset=dataset, country="SN", sector="other", until=date(2027, 3, 2), legal_form="other", offer=50000
    )

    texts = put_to_vote(request=asked, now=coop_now()).texts
    with translation.override("en"):  # the language of a request stays behind it
        page = Client(headers={"Accept-Language": "fr"}).get(asked.get_absolute_url()).content.decode()

    assert "Sénégal" in texts["fr"]["body"] and "Senegal" in texts["en"]["body"]
    assert "2 mars 2027" in texts["fr"]["body"] and "2027-03-02" not in texts["fr"]["body"]
    assert "Pas d’assureurs" in texts["fr"]["body"] and "No insurers" in texts["en"]["body"]
    assert "Pas d’assureurs" in page
    for said in (texts["fr"]["body"], texts["en"]["body"], page):
        assert not re.search(r"red-line/|permission/|no_resale", said)


def test_a_red_line_is_not_put_to_the_vote(stewards):
    insurer = make.access_request(dataset=make.dataset(by=stewards[0]), sector="insurance")

    with pytest.raises(Refused) as no:
        put_to_vote(request=insurer, now=coop_now())
    assert no.value.code == "red_line"


@pytest.mark.parametrize(("which", "code"), [("unknown", "unknown_request"), ("withdrawn", "request_closed")])
def test_a_proposal_on_a_request_that_is_none_or_is_closed_is_refused(request_, stewards, which, code):
    if which == "withdrawn":
        withdraw_request(request=request_, by=request_.asked_by.actor, now=coop_now())
    proposal = draft_proposal(
        language="en",
        texts={"en": {"title": "Let them in", "body": "Please."}},
        changes=(GrantAccess(request=request_.pk if which == "withdrawn" else uuid4()),),
        by=stewards[0].actor,
        now=coop_now(),
    )

    with pytest.raises(Refused) as no:
        submit_proposal(proposal=proposal, by=stewards[0].actor, now=coop_now())

    assert (no.value.code, no.value.field) == (code, "change_set.0.request")


def test_a_red_line_drawn_during_the_vote_stops_the_grant(request_, stewards, clock):
    def red_lines(lines):
        now, key = coop_now(), "commons.red_lines"
        amend_rule(key=key, value=lines, effective_from=now, decision=uuid4(), supersedes=head(key), now=now)

    every = head("commons.red_lines").value
    red_lines([line for line in every if line != "surveillance"])
    dataset = make.dataset(by=stewards[0], title="Under fewer lines")
    watcher = make.access_request(dataset=dataset, sector="security_surveillance")
    assert watcher.outcome == ""
    red_lines(every)

    proposal = voted(watcher, stewards, Choice.YES, Choice.YES, Choice.YES, clock=clock)

    assert proposal.state == State.EXECUTION_FAILED
    assert not Grant.objects.exists()


def proposed_by(member, request):
    proposal = draft_proposal(
        language="en",
        texts={"en": {"title": "Let them in", "body": "Please."}},
        changes=(GrantAccess(request=request.pk),),
        by=member.actor,
        now=coop_now(),
    )
    return submit_proposal(proposal=proposal, by=member.actor, now=coop_now())


def test_a_request_is_put_to_the_vote_once_at_a_time(request_, stewards):
    advance_requests(now=coop_now())

    with pytest.raises(Refused) as no:
        proposed_by(stewards[0], request_)

    assert no.value.code == "request_under_vote"


def test_what_a_member_put_to_the_vote_is_not_put_again_until_she_withdraws_it(request_, stewards):
    hers = proposed_by(stewards[0], request_)
    assert now_of(request_).proposal == hers.pk
    assert advance_requests(now=coop_now()) == 0

    withdraw_proposal(proposal=hers, by=stewards[0].actor, now=coop_now())

    assert advance_requests(now=coop_now()) == 1
    assert now_of(request_).proposal not in (None, hers.pk)
