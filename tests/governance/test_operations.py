"""A kind of proposal is one file and its page part: a new one goes all the way from there, and an unknown one is refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from psycopg.types.json import Json
from rest_framework.test import APIClient

from coop.audit.actions import record
from coop.audit.models import Entry
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import apply
from coop.rules.actions import in_force
from frontend.operations import PARTS
from frontend.operations._part import Change, Offer, Part, Section
from governance import operations
from governance.actions.advancing import advance_proposals
from governance.changes import Operation, UnreadableChange, word
from governance.models import State
from governance.operations import read_change_set
from governance.procedures import PARAMETER
from tests import database, make, votes


@dataclass(frozen=True)
class Honour(Operation):
    """What a member of staff of tomorrow would write: one file."""

    op: ClassVar[str] = "honour"
    whom: Annotated[str, word("somebody is named by a word")]

    def title(self) -> str:
        return "Honour somebody"

    def procedure(self) -> str:
        return PARAMETER

    def check(self, *, now: datetime) -> None:
        if self.whom == "mallory":
            raise Refused("Nobody honours mallory.", code="not_honourable", field="whom")

    def apply(self, *, decision: UUID, now: datetime) -> dict[str, Any]:
        record(kind="test.honoured", subject=f"proposal:{decision}", payload={"whom": self.whom}, by=PLATFORM, now=now)
        return {"whom": self.whom}

    def decline(self, *, decision: UUID, now: datetime) -> None:
        record(kind="test.not_honoured", subject=f"proposal:{decision}", payload={}, by=PLATFORM, now=now)


class HonourPart(Part[Honour]):
    """And its page part."""

    kind = Honour
    place = 99

    def section(self) -> Section:
        return Section("Honour", {"": [Offer("Jacquard", "honour=jacquard")]})

    def chosen(self, query: QueryDict) -> Honour | None:
        return Honour(query["honour"]) if "honour" in query else None

    def in_words(self, change: Honour, *, named: bool) -> Change:
        return Change(title=change.title(), after=change.whom.capitalize())


@pytest.fixture
def _honour(monkeypatch):
    monkeypatch.setitem(operations.REGISTRY, "honour", Honour)
    monkeypatch.setitem(PARTS, "honour", HonourPart())


def browser(member):
    client = Client()
    client.force_login(member.user)
    return client


@pytest.mark.parametrize(
    "item", [{"op": "dismiss", "member": "x"}, {"op": None}, {"op": ["resolution"]}, {}, "resolution", 7]
)
def test_an_unknown_operation_is_refused_by_name_and_is_no_resolution(item):
    with pytest.raises(UnreadableChange) as refused:
        read_change_set([{"op": "resolution"}, item])

    assert refused.value.field == "change_set.1.op"
    assert refused.value.known == ["admit", "appoint", "grant_access", "resolution", "set_rule"]


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"op": "set_rule", "key": "pay.hourly_floor", "base_version": 1}, "new_value"),
        ({"op": "set_rule", "key": "pay.hourly_floor", "base_version": True, "new_value": 1}, "base_version"),
        ({"op": "set_rule", "key": 5, "base_version": 1, "new_value": 1}, "key"),
        ({"op": "set_rule", "key": "pay.hourly_floor", "base_version": 1, "new_value": 0.5}, "new_value"),
        ({"op": "resolution", "text": "more"}, "text"),
        ({"op": "admit", "application": "nobody"}, "application"),
        ({"op": "appoint", "member": None, "office": "treasurer"}, "member"),
        ({"op": "grant_access", "request": 12}, "request"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field(item, field):
    with pytest.raises(UnreadableChange) as refused:
        read_change_set([item])

    assert refused.value.field == f"change_set.0.{field}"


@pytest.mark.django_db
@pytest.mark.usefixtures("_honour")
def test_a_new_kind_goes_from_the_page_of_choices_to_its_effect(clock):
    awa = make.member("awa")
    text = {"title": "Jacquard", "body": "For the loom.", "language": "en"}

    assert b'href="?honour=jacquard"' in browser(awa).get("/proposals/new/").content
    page = browser(awa).post("/proposals/new/?honour=jacquard", text | {"submit": ""}, follow=True)
    proposal = page.context["proposal"]
    assert b"Honour somebody: <strong>Jacquard</strong>" in page.content
    assert (proposal.procedure_key, proposal.state) == (PARAMETER, State.DELIBERATION)

    clock.advance(days=2)
    advance_proposals(now=coop_now())
    proposal.refresh_from_db()
    votes.cast(proposal.ballot, [(awa, votes.YES)])
    done = votes.carry_out(votes.close(proposal.ballot, clock=clock), clock=clock)

    assert done.enactment.effects == [{"op": "honour", "whom": "jacquard"}]
    assert Entry.objects.filter(kind="test.honoured", subject=f"proposal:{done.pk}").exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("_honour")
def test_a_new_kind_is_read_refused_and_declined_through_the_api_as_every_other(clock):
    awa = make.member("awa")
    caller = APIClient()
    caller.force_login(awa.user)
    body = {"title": "J", "text": "b", "language": "en"}

    draft = caller.post("/api/v1/proposals/", body | {"change_set": [{"op": "honour", "whom": "mallory"}]}).json()
    refused = caller.post(f"/api/v1/proposals/{draft['id']}/submit/")
    votes.decide(Honour("jacquard"), clock=clock, by=awa, choice=votes.NO)

    assert refused.json()["errors"] == [{"field": "change_set.0.whom", "reason": "Nobody honours mallory."}]
    assert Entry.objects.filter(kind="test.not_honoured").count() == 1


@pytest.mark.django_db
def test_a_proposal_and_its_submission_are_kept_both_or_neither():
    awa = make.member("awa")
    text = {"title": "T", "body": "b", "language": "en", "value": "5", "base_version": "99", "submit": ""}

    page = browser(awa).post("/proposals/new/?rule=work.redundancy", text)

    assert page.status_code == 422
    assert not awa.proposals.exists()


def alter(proposal, change_set):
    """Change what was voted on, as only the owner of the database can, and only by lifting its law."""
    with psycopg.connect(database.cluster.dsn(database.OWNER_ROLE, str(connection.settings_dict["NAME"]))) as owner:
        owner.execute("ALTER TABLE governance_proposal DISABLE TRIGGER USER")
        owner.execute("UPDATE governance_proposal SET change_set = %s WHERE id = %s", [Json(change_set), proposal.pk])
        owner.execute("ALTER TABLE governance_proposal ENABLE TRIGGER USER")


def test_a_change_set_altered_after_the_vote_is_not_carried_out(committed_db, clock):
    awa = make.member("awa")
    change = votes.set_rule("work.redundancy", 5)
    ballot = votes.open_vote(change, clock=clock, by=awa)
    votes.cast(ballot, [(awa, votes.YES)])
    proposal = votes.close(ballot, clock=clock)

    alter(proposal, [change.as_data() | {"new_value": 9}])
    done = votes.carry_out(proposal, clock=clock)

    assert (done.state, done.enactment.failure_code) == (State.EXECUTION_FAILED, "change_set_altered")
    assert in_force(coop_now()).whole("work.redundancy") == 3


@pytest.mark.parametrize("choice", [votes.YES, votes.NO])
def test_nothing_follows_from_what_was_altered_into_the_vote_not_even_a_refusal(committed_db, clock, choice):
    """A resolution altered into an admission would otherwise decline, when it fails, an application nobody voted on."""
    awa = make.member("awa")
    asked = apply(
        by=make.user("fara").actor, name="Fara", college="producer", country="MG", languages=["mg"],
        engagement="unknown", statement="", now=coop_now(),
    )  # fmt: skip
    ballot = votes.open_vote(clock=clock, by=awa)
    votes.cast(ballot, [(awa, choice)])

    alter(ballot.proposal, [{"op": "admit", "application": str(asked.pk)}])
    with pytest.raises(Refused) as no:
        votes.carry_out(votes.close(ballot, clock=clock), clock=clock)

    asked.refresh_from_db()
    assert (no.value.code, asked.outcome) == ("ballot_altered", "")


def test_a_change_set_that_can_t_be_read_any_more_comes_to_an_end_and_has_a_page(committed_db, clock):
    awa = make.member("awa")
    ballot = votes.open_vote(clock=clock, by=awa)
    votes.cast(ballot, [(awa, votes.YES)])
    proposal = votes.close(ballot, clock=clock)

    alter(proposal, [{"op": "of_yesterday"}])
    done = votes.carry_out(proposal, clock=clock)

    assert done.state == State.EXECUTION_FAILED
    assert b"read" in browser(awa).get(done.get_absolute_url()).content


@pytest.mark.django_db
@pytest.mark.usefixtures("_honour")
def test_a_refusal_without_a_field_names_the_operation(monkeypatch):
    def refuse(self, *, now):
        raise Refused("No.", code="no")

    monkeypatch.setattr(Honour, "check", refuse)

    with pytest.raises(Refused) as refused:
        votes.submit(Honour("jacquard"))

    assert refused.value.field == "change_set.0"
