import subprocess
import sys

import pytest
from django.test import Client

from coop.audit import merkle
from coop.audit.actions import record, seal_log
from coop.audit.checkpoints import read_checkpoint
from coop.audit.models import Checkpoint
from coop.ground.actor import PLATFORM
from coop.ground.canonical import canonical_json
from coop.ground.clock import coop_now

pytestmark = pytest.mark.django_db


def note(subject="note:1"):
    return record(kind="note.written", subject=subject, payload={"what": "<b>bold</b>"}, by=PLATFORM, now=coop_now())


def test_anyone_reads_the_log_its_checkpoint_and_its_key(client: Client):
    note()
    seal_log(now=coop_now())
    waiting = note("note:2")

    page = client.get("/log/")

    html = page.content.decode()
    assert page.status_code == 200
    assert "note.written" in html and "not sealed yet" in html and str(waiting.uuid) in html
    assert Checkpoint.objects.latest_one().note.splitlines()[2].replace("+", "&#x2B;") in html.replace("+", "&#x2B;")
    assert client.get("/log/checkpoint/").content.decode() == Checkpoint.objects.latest_one().note
    assert client.get("/log/key/").content.decode().startswith("127.0.0.1:8000/log+")


def test_the_history_of_one_thing_can_be_picked(client: Client):
    note("note:1")
    note("note:2")

    html = client.get("/log/?subject=note:2").content.decode()

    assert html.count("note.written") == 1 and "Only what concerns note:2." in html


def test_an_entry_shows_what_it_says_with_its_proof(client: Client):
    entry = note()
    before = client.get(f"/log/{entry.uuid}/").content.decode()
    seal_log(now=coop_now())

    after = client.get(f"/log/{entry.uuid}/").content.decode()

    assert "Not sealed yet." in before and "Proof" in after
    assert "&lt;b&gt;bold&lt;/b&gt;" in after and "<b>bold</b>" not in after


@pytest.mark.parametrize(
    "address",
    ["/log/checkpoint/?size=0", "/log/checkpoint/?size=x", "/log/checkpoint/?size=²", "/log/checkpoint/?size=99999999999999999999", "/log/00000000-0000-4000-8000-000000000000/", "/log/1/"],
)  # fmt: skip
def test_what_is_not_in_the_log_does_not_exist(client: Client, address):
    seal_log(now=coop_now())

    assert client.get(address).status_code == 404


def test_a_page_number_that_is_none_shows_a_page(client: Client):
    assert client.get("/log/?page=x").status_code == 200
    assert client.get("/log/?page=99999").status_code == 200


def test_the_downloaded_tool_runs(client: Client, tmp_path):
    answer = client.get("/canut-verify")
    (tmp_path / "canut-verify").write_bytes(b"".join(answer.streaming_content))

    done = subprocess.run(
        [sys.executable, "-I", "-S", str(tmp_path / "canut-verify"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer["Content-Disposition"] == 'attachment; filename="canut-verify"'
    assert "--checkpoint" in done.stdout


def test_the_api_gives_all_that_is_needed_to_rebuild_the_tree(client: Client):
    for n in range(5):
        note(f"note:{n}")
    seal_log(now=coop_now())

    listed = client.get("/api/v1/log/entries/").json()
    checkpoint = read_checkpoint(client.get("/api/v1/log/checkpoint/").content.decode())
    key = client.get("/api/v1/log/key/").json()

    leaves = [canonical_json(item["entry"]) for item in listed["entries"]]
    assert listed["size"] == checkpoint.size == len(leaves)
    assert merkle.root(leaves) == checkpoint.root
    assert checkpoint.signed_by(bytes.fromhex(key["public_key"]))


def test_the_api_gives_a_stretch_a_proof_and_an_earlier_checkpoint(client: Client):
    entry = note()
    kept = seal_log(now=coop_now())
    note()
    seal_log(now=coop_now())

    stretch = client.get(f"/api/v1/log/entries/?start={kept.size}&limit=1").json()
    proof = client.get(f"/api/v1/log/entries/{entry.uuid}/?size={kept.size}").json()

    assert [item["index"] for item in stretch["entries"]] == [kept.size]
    assert proof["entry"]["subject"] == "note:1" and proof["checkpoint"] == kept.note
    assert client.get(f"/api/v1/log/checkpoint/?size={kept.size}").content.decode() == kept.note


@pytest.mark.parametrize(
    ("address", "status", "field"),
    [
        ("/api/v1/log/entries/?start=-1", 400, "start"),
        ("/api/v1/log/entries/?limit=5000", 400, "limit"),
        ("/api/v1/log/checkpoint/?size=x", 400, "size"),
        ("/api/v1/log/checkpoint/?size=123456", 404, None),
        ("/api/v1/log/entries/00000000-0000-4000-8000-000000000000/", 404, None),
    ],
)
def test_bad_questions_to_the_api_are_answered_with_the_field(client: Client, address, status, field):
    answer = client.get(address)

    assert answer.status_code == status and answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == ([field] if field else [])


@pytest.mark.parametrize("key", ["items", "keys", "values", "get", "count"])
def test_an_entry_is_shown_whatever_its_fields_are_called(client: Client, key):
    entry = record(kind="run.reserved", subject="run:1", payload={key: 3, "what": "said"}, by=PLATFORM, now=coop_now())

    html = client.get(f"/log/{entry.uuid}/").content.decode()

    assert f"<dt>{key}</dt>" in html and "said" in html
