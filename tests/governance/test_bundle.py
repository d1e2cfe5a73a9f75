"""The public bundle gives the same result to anyone who counts again, and names nobody."""

import hashlib
import json

import pytest

from coop.audit.models import Entry
from coop.ground.canonical import canonical_json, fingerprint
from governance import tally
from governance.models import RollEntry
from tests import make, votes
from tests.votes import NO, YES

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(clock):
    """A ballot of four, counted."""
    members = [make.member("hanitra"), make.member("awa"), make.member("theo"), make.member(college="support")]
    ballot = votes.open_vote(
        votes.set_rule("work.redundancy", 5), clock=clock, by=members[0], title="Five answers per item"
    )
    votes.cast(ballot, zip(members, [YES, NO, YES], strict=False))
    return votes.close(ballot, clock=clock).ballot


def test_counting_the_bundle_again_gives_the_same_bytes(counted):
    bundle = json.loads(bytes(counted.bundle))

    again = tally.decide(
        tally.Procedure.from_table(bundle["procedure"]),
        tally.Roll.of(tally.RollEntry(**entry) for entry in bundle["roll"]["entries"]),
        [tally.Vote(vote["voter"], tally.Choice(vote["choice"])) for vote in bundle["votes"]],
    )

    assert canonical_json(again.as_data()) == canonical_json(bundle["result"])
    assert fingerprint(again.as_data()) == bundle["result_sha256"]


def test_every_hash_in_the_bundle_is_of_what_it_says(counted):
    bundle = json.loads(bytes(counted.bundle))
    roll = tally.Roll.of(tally.RollEntry(**entry) for entry in bundle["roll"]["entries"])

    assert fingerprint(bundle["change_set"]) == bundle["change_set_sha256"]
    assert fingerprint(bundle["procedure"]) == bundle["procedure_sha256"]
    assert fingerprint({"format": "rule-book/1", "rules": bundle["rule_book"]["rules"]}) == bundle["rule_book"]["hash"]
    assert roll.root() == bundle["roll"]["root"]
    assert roll.size == bundle["roll"]["size"] == 4


def test_the_log_holds_the_hash_of_the_bundle_as_it_is_served(counted):
    entry = json.loads(bytes(Entry.objects.get(kind="ballot.tallied").canonical))

    assert entry["payload"]["bundle_sha256"] == hashlib.sha256(bytes(counted.bundle)).hexdigest()
    assert canonical_json(json.loads(bytes(counted.bundle))) == bytes(counted.bundle)


def test_the_bundle_has_no_name_and_no_lasting_pseudonym(counted):
    text = bytes(counted.bundle).decode()

    for entry in RollEntry.objects.select_related("member"):
        for trace in (entry.member.name, entry.member.pseudonym.hex, str(entry.member.pk), str(entry.member.pseudonym)):
            assert trace not in text


def test_a_member_finds_her_line_with_her_salt(counted):
    entry = RollEntry.objects.get(member__name="Hanitra")
    published = {line["commitment"] for line in json.loads(bytes(counted.bundle))["roll"]["entries"]}

    assert hashlib.sha256(bytes(entry.salt) + entry.member.pk.bytes).hexdigest() in published


def test_voters_have_another_pseudonym_in_every_ballot(clock):
    awa = make.member("awa")

    first, second = (votes.open_vote(clock=clock, by=awa) for _ in range(2))

    assert first.roll.get().voter != second.roll.get().voter
    assert first.roll.get().commitment != second.roll.get().commitment
