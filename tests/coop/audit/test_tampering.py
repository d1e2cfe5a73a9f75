"""Against somebody with all rights, and with real commits: the triggers are set aside, the log tells."""

import threading
from uuid import UUID

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from coop.audit.actions import record, seal_log
from coop.audit.models import Checkpoint, Entry, Seal
from coop.audit.verification import verify_log
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from tests import database


def note(number):
    return record(
        kind="note.written", subject=f"note:{number}", payload={"number": number}, by=PLATFORM, now=coop_now()
    )


def seal():
    while seal_log(now=coop_now()):
        pass


@pytest.fixture
def written(committed_db):
    """A committed log of three seals, and how to change it behind everyone's back."""
    for n in range(7):
        note(n)
        if n in (2, 4, 6):
            seal()
    kept = Checkpoint.objects.latest_one().note

    def tamper(statement, *values):
        with psycopg.connect(database.cluster.dsn("postgres", committed_db), autocommit=True) as superuser:
            superuser.execute("SET session_replication_role = replica")
            assert superuser.execute(statement, values).rowcount > 0

    tamper.kept = kept
    return tamper


EDIT = (
    "UPDATE audit_entry SET canonical = convert_to(replace(convert_from(canonical, 'UTF8'), '\"number\":3', '\"number\":4'), 'UTF8')"
    " WHERE subject = 'note:3'"
)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (EDIT, "was edited: its bytes have another hash"),
        ("UPDATE audit_entry SET recorded_at = recorded_at - interval '1 second' WHERE subject = 'note:3'",
         "was edited: its columns differ from its bytes"),
        ("DELETE FROM audit_entry WHERE subject = 'note:3'", "is missing"),
        ("DELETE FROM audit_leaf WHERE index = 2", "not all of them are there"),
        ("UPDATE audit_leaf SET hash = sha256('x') WHERE index = 2", "its entries are not those it was put on"),
        ("DELETE FROM audit_seal WHERE number = 2", "seal 2 is missing"),
        ("UPDATE audit_seal SET sealed_at = sealed_at + interval '1 second' WHERE number = 2", "seal 2 was edited"),
        ("UPDATE audit_seal SET previous = repeat('1', 64) WHERE number = 2", "seal 2 does not follow the seal before it"),
        ("DELETE FROM audit_checkpoint WHERE size = (SELECT max(size) FROM audit_checkpoint)", "has no checkpoint"),
        ("UPDATE audit_checkpoint SET root = sha256('x') WHERE size = (SELECT max(size) FROM audit_checkpoint)", "its columns differ from its text"),
        ("UPDATE audit_checkpoint SET note = replace(note, '/log', '/lag')", "is not signed by the log's key"),
        ("UPDATE audit_checkpoint SET note = 'nothing'", "can't be read"),
        ("DELETE FROM audit_seal WHERE number = (SELECT max(number) FROM audit_seal)", "lies beyond the last seal"),
    ],
)  # fmt: skip
def test_whoever_changes_the_log_behind_its_back_is_told_on(written, statement, sentence):
    assert verify_log(now=coop_now()) == []

    written(statement)

    assert any(sentence in said for said in verify_log(now=coop_now())), verify_log(now=coop_now())
    with pytest.raises(CommandError, match="the log does not hold"):
        call_command("verify_log")


def test_an_edit_that_carries_its_leaf_along_is_found_too(written):
    written(EDIT)
    written(
        "UPDATE audit_leaf l SET hash = sha256('\\x00'::bytea || e.canonical) FROM audit_entry e WHERE e.id = l.entry_id"
    )

    assert any("another root" in said for said in verify_log(now=coop_now()))


def test_a_log_cut_off_at_its_end_is_told_by_a_kept_checkpoint(written, tmp_path):
    last = Seal.objects.order_by("-number").first()
    written("DELETE FROM audit_checkpoint WHERE seal_id = %s", last.pk)
    written("DELETE FROM audit_entry USING audit_leaf l WHERE l.entry_id = audit_entry.id AND l.seal_id = %s", last.pk)
    written("DELETE FROM audit_leaf WHERE seal_id = %s", last.pk)
    written("DELETE FROM audit_seal WHERE number = %s", last.pk)
    (tmp_path / "kept").write_text(written.kept, encoding="utf-8")

    assert verify_log(now=coop_now()) == []
    with pytest.raises(CommandError, match="the log does not hold"):
        call_command("verify_log", checkpoint=str(tmp_path / "kept"))


def test_two_sealers_at_once_seal_each_entry_once(committed_db):
    for n in range(30):
        note(n)

    def work():
        try:
            seal()
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not Entry.objects.unsealed().exists()
    assert verify_log(now=coop_now()) == []


def test_an_entry_committed_late_is_sealed_late_and_the_log_holds(committed_db):
    """The row with the smaller id commits after the row with the greater one was sealed."""
    with psycopg.connect(database.cluster.dsn(database.APP_ROLE, committed_db)) as slow:
        template = note(0)
        key = UUID(int=7)
        bytes_ = bytes(template.canonical).replace(str(template.uuid).encode(), str(key).encode())
        slow.execute(
            "INSERT INTO audit_entry (uuid, kind, subject, recorded_at, canonical) VALUES (%s, %s, %s, %s, %s)",
            [key, template.kind, template.subject, template.recorded_at, bytes_],
        )
        after = note(1)
        seal()
        slow.commit()

    seal()

    late = Entry.objects.get(uuid=key)
    assert late.pk < after.pk
    assert late.leaf.index > after.leaf.index
    assert verify_log(now=coop_now()) == []
