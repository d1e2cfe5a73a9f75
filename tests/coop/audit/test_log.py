import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from coop.audit import merkle, seals
from coop.audit.actions import log_key, record, seal_log
from coop.audit.checkpoints import read_checkpoint
from coop.audit.models import Checkpoint, Entry, Leaf, Seal
from coop.audit.proofs import log_proof
from coop.audit.verification import verify_log
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).with_name("golden.json")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def note(number, *, now=None):
    return record(
        kind="note.written", subject=f"note:{number}", payload={"number": number}, by=PLATFORM, now=now or coop_now()
    )


def seal():
    """Seal what waits (the founding has written entries too) and give the checkpoint."""
    while seal_log(now=coop_now()):
        pass
    return Checkpoint.objects.latest_one()


def test_entries_are_sealed_in_order_under_one_root():
    seal()
    entries = [note(n) for n in range(3)]

    checkpoint = seal()

    leaves = list(Leaf.objects.filter(entry__in=entries).order_by("index"))
    assert [leaf.entry for leaf in leaves] == entries
    everything = [bytes(leaf.entry.canonical) for leaf in Leaf.objects.select_related("entry").order_by("index")]
    assert bytes(checkpoint.root) == merkle.root(everything)
    assert read_checkpoint(checkpoint.note).signed_by(log_key().public)


def test_sealing_twice_changes_nothing():
    seal()
    seals = Seal.objects.count()

    assert seal_log(now=coop_now()) is None
    assert Seal.objects.count() == seals


def test_an_entry_is_proved_under_the_latest_checkpoint_and_under_a_kept_one():
    entry = note(1)
    kept = seal()
    for n in range(5):
        note(n)
    seal()

    for size in (None, kept.size):
        log = log_proof(entry, size=size)
        checkpoint = read_checkpoint(log["checkpoint"])
        assert merkle.verify_inclusion(
            leaf=merkle.leaf_hash(json.dumps(log["entry"], sort_keys=True, separators=(",", ":")).encode()),
            index=log["index"],
            size=checkpoint.size,
            proof=[bytes.fromhex(step) for step in log["proof"]],
            root=checkpoint.root,
        )
    assert read_checkpoint(log_proof(entry, size=kept.size)["checkpoint"]).size == kept.size


def test_there_is_no_proof_before_the_seal_nor_under_a_checkpoint_from_before():
    before = seal() or Checkpoint.objects.latest_one()
    entry = note(1)

    assert log_proof(entry) is None
    seal()
    assert log_proof(entry, size=before.size if before else 0) is None
    assert log_proof(entry, size=10**6) is None


def test_a_true_log_holds():
    note(1)
    kept = read_checkpoint(seal().note)
    note(2)
    seal()

    assert verify_log(now=coop_now(), kept=kept) == []
    call_command("verify_log")


def test_entries_left_unsealed_too_long_are_named():
    seal()
    note(1, now=coop_now() - timedelta(minutes=14))
    assert verify_log(now=coop_now()) == []

    note(2, now=coop_now() - timedelta(minutes=16))

    (sentence,) = verify_log(now=coop_now())
    assert sentence.startswith("1 entries have waited")


@pytest.mark.law
@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "audit_leaf", "audit_checkpoint"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_can_take_nothing_out_of_the_log(table, statement):
    seal()

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


@pytest.mark.law
def test_an_entry_whose_columns_contradict_its_bytes_can_not_be_written():
    entry = note(1)

    with pytest.raises(IntegrityError, match="audit_entry_columns_are_those_of_its_bytes"), transaction.atomic():
        Entry.objects.create(kind="other.kind", subject=entry.subject, recorded_at=NOON, canonical=entry.canonical)


def test_the_bytes_of_entries_seals_and_checkpoints_are_frozen(monkeypatch, settings):
    """A change here is a new format with a new name, never a new golden file."""
    monkeypatch.setattr("coop.audit.actions.uuid.uuid4", lambda: UUID(int=1))
    settings.SITE_URL = "https://canut.example"
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))

    entry = record(
        kind="ballot.closed",
        subject="ballot:1",
        payload={"outcome": "adopté", "votes": [3, 2]},
        by=PLATFORM,
        now=NOON,
    )

    assert bytes(entry.canonical).decode() == golden["entry"]
    assert merkle.leaf_hash(bytes(entry.canonical)).hex() == golden["leaf"]
    assert frozen_seal() == golden["seal"]
    assert log_key().sign(size=1, root=merkle.leaf_hash(bytes(entry.canonical))) == golden["checkpoint"]
    assert log_key().verifier_key == golden["verifier_key"]


def frozen_seal():
    return seals.seal_hash(
        number=1,
        first=0,
        count=1,
        leaves_sha256=seals.leaves_sha256([b"\x01" * 32]),
        previous=seals.BEFORE_THE_FIRST,
        sealed_at=NOON,
    )
