"""The assembly over HTTP, as programs see it."""

import json
import subprocess
import sys
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from coop.audit.actions import seal_log
from coop.ground.clock import coop_now
from governance.models import Ballot, Proposal, State, Vote
from tests import make, votes
from tests.structure.source import ROOT
from tests.votes import NO, YES

pytestmark = pytest.mark.django_db


def caller(member=None):
    """A client that speaks for this member, or for nobody."""
    client = APIClient()
    if member:
        client.force_login(getattr(member, "user", member))
    return client


def written(**changed):
    return {
        "title": "Five answers per item",
        "text": "Three are not enough.",
        "language": "en",
        "change_set": [{"op": "set_rule", "key": "work.redundancy", "base_version": 1, "new_value": 5}],
    } | changed


@pytest.fixture
def awa():
    return make.member("awa")


def test_a_member_drafts_submits_and_talks(awa):
    hanitra = make.member("hanitra")

    draft = caller(awa).post("/api/v1/proposals/", written()).json()
    assert (draft["state"], draft["author"], draft["ballot"]) == ("draft", "Awa", None)

    submitted = caller(awa).post(f"/api/v1/proposals/{draft['id']}/submit/").json()
    assert submitted["state"] == "deliberation"
    assert submitted["procedure"]["voters"] == "all"
    assert any("Abstentions do not count" in sentence for sentence in submitted["procedure_in_words"])

    said = caller(hanitra).post(f"/api/v1/proposals/{draft['id']}/posts/", {"text": "Why five?"})
    assert said.status_code == 201
    thread = caller(awa).get(f"/api/v1/proposals/{draft['id']}/posts/").json()
    assert [(post["author"], post["text"]) for post in thread["results"]] == [("Hanitra", "Why five?")]


def test_a_draft_is_rewritten_and_withdrawn_by_its_author(awa):
    draft = caller(awa).post("/api/v1/proposals/", written()).json()
    place = f"/api/v1/proposals/{draft['id']}/"

    assert caller(awa).put(place, written(title="Better")).json()["title"] == "Better"
    assert caller(awa).post(f"{place}withdraw/").json()["state"] == "withdrawn"


def test_anyone_reads_what_was_submitted_without_a_name(awa):
    proposal = votes.submit(by=awa)

    seen = caller().get(f"/api/v1/proposals/{proposal.pk}/").json()

    assert seen["author"] is None
    assert caller().get("/api/v1/proposals/").json()["results"][0]["id"] == str(proposal.pk)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"text": ""}, "text"),
        ({"language": "xx"}, "language"),
        ({"change_set": []}, "change_set"),
        ({"change_set": "resolution"}, "change_set"),
        ({"change_set": [{"op": "set_rule"}]}, "change_set"),
        ({"change_set": [{"op": "set_rule", "key": "a", "base_version": 1, "new_value": 0.5}]}, "change_set"),
        ({"translations": {"fr": "non"}}, "translations.fr"),
    ],
)
def test_a_malformed_proposal_names_the_field(awa, changed, field):
    answer = caller(awa).post("/api/v1/proposals/", written(**changed))

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"new_value": 99}, "value_not_allowed", "change_set.0.new_value"),
        ({"base_version": 7}, "stale_base", "change_set.0.base_version"),
        ({"key": "pay.bribes"}, "unknown_rule", "change_set.0.key"),
    ],
)
def test_what_may_not_be_put_to_the_vote_is_refused_by_name(awa, change, code, field):
    change_set = [written()["change_set"][0] | change]
    draft = caller(awa).post("/api/v1/proposals/", written(change_set=change_set)).json()

    answer = caller(awa).post(f"/api/v1/proposals/{draft['id']}/submit/")

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json()["errors"][0]["field"] == field


def test_a_member_votes_changes_her_vote_and_sees_only_her_own(awa, clock):
    hanitra = make.member("hanitra")
    ballot = votes.open_vote(clock=clock, by=awa)
    votes.cast(ballot, [(hanitra, NO)])
    place = f"/api/v1/ballots/{ballot.pk}/"

    assert caller(awa).put(f"{place}vote/", {"choice": "no"}).json()["choice"] == "no"
    assert caller(awa).put(f"{place}vote/", {"choice": "yes"}).json()["choice"] == "yes"

    seen = caller(awa).get(place).json()
    assert seen["mine"]["choice"] == "yes"
    assert seen["mine"]["voter"] == ballot.roll.get(member=awa).voter
    assert (seen["result"], seen["votes"], seen["bundle_sha256"]) == (None, None, None)


def test_nothing_about_an_open_ballot_depends_on_how_others_voted(clock):
    """Not in the body, its size, or a header."""
    members = [make.member() for _ in range(3)]
    ballot = votes.open_vote(clock=clock, by=members[0])
    places = [f"/api/v1/ballots/{ballot.pk}/", f"/api/v1/proposals/{ballot.proposal_id}/", f"/ballots/{ballot.pk}/"]

    def seen():
        answers = [caller().get(place) for place in places]
        return [(answer.content, answer.headers.get("ETag"), answer.headers.get("Last-Modified")) for answer in answers]

    before = seen()
    votes.cast(ballot, [(members[1], YES), (members[2], NO)])

    assert [row[1:] for row in seen()] == [row[1:] for row in before]
    assert seen()[0][0] == before[0][0] and seen()[1][0] == before[1][0]
    assert len(seen()[2][0]) == len(before[2][0])
    assert caller().get(f"/api/v1/ballots/{ballot.pk}/bundle/").status_code == 404


def test_after_the_close_members_see_names_and_the_public_sees_pseudonyms(awa, clock):
    ballot = votes.open_vote(clock=clock, by=awa)
    votes.cast(ballot, [(awa, YES)])
    votes.close(ballot, clock=clock)
    place = f"/api/v1/ballots/{ballot.pk}/"

    assert caller(awa).get(place).json()["votes"][0]["name"] == "Awa"
    assert caller().get(place).json()["votes"] is None
    assert "Awa" not in caller().get(place).content.decode()
    assert caller().get(place).json()["result"]["outcome"] == "adopted"


@pytest.mark.parametrize("choice", ["maybe", "", None, 1, ["yes"]])
def test_a_vote_that_is_none_names_the_field(awa, clock, choice):
    ballot = votes.open_vote(clock=clock, by=awa)

    answer = caller(awa).put(f"/api/v1/ballots/{ballot.pk}/vote/", {"choice": choice})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "choice")
    assert not Vote.objects.exists()


def test_a_vote_after_the_close_and_a_vote_from_outside_the_roll_are_refused_by_name(awa, clock):
    ballot = votes.open_vote(clock=clock, by=awa)
    latecomer = make.member("theo")
    place = f"/api/v1/ballots/{ballot.pk}/vote/"

    assert caller(latecomer).put(place, {"choice": "yes"}).json()["code"] == "not_on_roll"
    clock.advance(days=8)
    late = caller(awa).put(place, {"choice": "yes"})
    assert (late.status_code, late.json()["code"]) == (409, "ballot_closed")


def test_the_bundle_is_what_canut_verify_recomputes(awa, clock, tmp_path):
    others = [make.member() for _ in range(4)]
    ballot = votes.open_vote(votes.set_rule("work.redundancy", 5), clock=clock, by=awa)
    votes.cast(ballot, [(awa, YES), (others[0], YES), (others[1], NO)])
    votes.close(ballot, clock=clock)
    unsealed = caller().get(f"/api/v1/ballots/{ballot.pk}/bundle/").json()
    assert unsealed["log"] is None
    seal_log(now=coop_now())
    key = tmp_path / "key"
    key.write_text(caller().get("/api/v1/log/key/").json()["verifier_key"])

    bundle = caller().get(f"/api/v1/ballots/{ballot.pk}/bundle/").json()
    verified = verify(tmp_path, bundle, "--key", str(key))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    bundle["votes"][0]["choice"] = "no" if bundle["votes"][0]["choice"] == "yes" else "yes"
    refused = verify(tmp_path, bundle, "--key", str(key))

    assert refused.returncode != 0
    assert bundle["log"]["entry"]["payload"]["bundle_sha256"] == Ballot.objects.get().bundle_sha256


def verify(folder, bundle, *options):
    path = folder / "bundle.json"
    path.write_text(json.dumps(bundle))
    return subprocess.run(
        [sys.executable, str(ROOT / "script" / "canut-verify"), "ballot", str(path), *options],
        capture_output=True,
        text=True,
        check=False,
    )


def test_mallory_changes_nothing_and_sees_no_draft(awa, clock):
    draft = votes.draft(by=awa)
    ballot = votes.open_vote(clock=clock, by=awa)
    mallory = caller(make.user("mallory"))
    public = f"/api/v1/proposals/{ballot.proposal_id}/"
    private = f"/api/v1/proposals/{draft.pk}/"

    assert mallory.get(private).status_code == 404
    assert mallory.get("/api/v1/proposals/?state=draft").json()["results"] == []
    for method, place, body in [
        ("post", "/api/v1/proposals/", written()),
        ("put", private, written()),
        ("post", f"{private}submit/", {}),
        ("post", f"{private}withdraw/", {}),
        ("post", f"{public}withdraw/", {}),
        ("get", f"{public}posts/", {}),
        ("post", f"{public}posts/", {"text": "Let me in"}),
        ("put", f"/api/v1/ballots/{ballot.pk}/vote/", {"choice": "yes"}),
    ]:
        for who, status in ((mallory, 403), (caller(), 401)):
            assert getattr(who, method)(place, body).status_code == status, (method, place)
    assert not Vote.objects.exists()


def test_another_members_draft_does_not_exist(awa):
    draft = votes.draft(by=awa)
    theo = caller(make.member("theo"))
    place = f"/api/v1/proposals/{draft.pk}/"

    for answer in (
        theo.get(place),
        theo.put(place, written()),
        theo.post(f"{place}submit/"),
        theo.post(f"{place}withdraw/"),
        theo.get(f"{place}posts/"),
        theo.post(f"{place}posts/", {"text": "Hm"}),
    ):
        assert answer.status_code == 404
    assert Proposal.objects.get().state == State.DRAFT


def test_another_members_proposal_is_not_ones_own_to_withdraw(awa):
    proposal = votes.submit(by=awa)

    answer = caller(make.member("theo")).post(f"/api/v1/proposals/{proposal.pk}/withdraw/")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_yours")


def test_what_is_not_there_answers_404(awa):
    for place in (f"/api/v1/proposals/{uuid4()}/", f"/api/v1/ballots/{uuid4()}/", f"/api/v1/ballots/{uuid4()}/bundle/"):
        assert caller(awa).get(place).status_code == 404
    assert caller(awa).put(f"/api/v1/ballots/{uuid4()}/vote/", {"choice": "yes"}).status_code == 404
