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
from rest_framework.test import APIClient

from coop.audit.actions import record
from coop.audit.models import Entry
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
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
    assert "admit, appoint, grant_access, resolution, set_rule" in refused.value.reason


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


def test_a_change_set_altered_after_the_vote_is_not_carried_out(committed_db, clock):
    """The database refuses it to everyone; its owner can lift that law, and is found out at execution."""
    awa = make.member("awa")
    ballot = votes.open_vote(votes.set_rule("work.redundancy", 5), clock=clock, by=awa)
    votes.cast(ballot, [(awa, votes.YES)])
    proposal = votes.close(ballot, clock=clock)

    with psycopg.connect(database.cluster.dsn(database.OWNER_ROLE, str(connection.settings_dict["NAME"]))) as owner:
        owner.execute("ALTER TABLE governance_proposal DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE governance_proposal SET change_set = jsonb_set(change_set, '{0,new_value}', '9') WHERE id = %s",
            [proposal.pk],
        )
        owner.execute("ALTER TABLE governance_proposal ENABLE TRIGGER USER")
    done = votes.carry_out(proposal, clock=clock)

    assert (done.state, done.enactment.failure_code) == (State.EXECUTION_FAILED, "change_set_altered")
    assert in_force(coop_now()).whole("work.redundancy") == 3
