"""Checking the whole log from its beginning: every edit, gap or forgetting becomes a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from coop.audit import merkle, seals
from coop.audit.actions import FORMAT, log_key
from coop.audit.checkpoints import ReadCheckpoint, read_checkpoint
from coop.audit.models import Checkpoint, Entry, Leaf, Seal
from coop.ground.canonical import canonical_json, instant

UNSEALED_FOR_AT_MOST = timedelta(minutes=15)
"""The sealer runs every few seconds; entries that wait longer than this show that it does not run."""


def verify_log(*, now: datetime, kept: ReadCheckpoint | None = None) -> list[str]:
    """What is wrong with the log, in sentences; nothing when all is well.

    `kept` is a checkpoint that somebody kept from earlier: the log must still begin with what it covers. Without one, a log that was
    cut off at its end and rewritten from there, with the key, can't be told from a true one.
    """
    return [*_verified(kept), *_waiting(now)]


def _verified(kept: ReadCheckpoint | None) -> Iterator[str]:
    tree = merkle.Frontier()
    previous = seals.BEFORE_THE_FIRST
    checkpoints = {checkpoint.seal_id: checkpoint for checkpoint in Checkpoint.objects.all()}
    roots = {0: tree.root()}
    for number, seal in enumerate(Seal.objects.order_by("number"), start=1):
        if seal.number != number:
            yield f"seal {number} is missing"
            return
        leaves = list(Leaf.objects.filter(seal=seal).order_by("index"))
        yield from _verified_seal(seal, leaves, first=tree.size, previous=previous)
        yield from _verified_entries(leaves)
        for leaf in leaves:
            tree.append(bytes(leaf.hash))
            if kept and tree.size == kept.size:
                roots[kept.size] = tree.root()
        yield from _verified_checkpoint(seal, checkpoints.pop(seal.pk, None), tree)
        previous = seal.hash
    for index in Leaf.objects.filter(index__gte=tree.size).order_by("index").values_list("index", flat=True)[:10]:
        yield f"entry {index} lies beyond the last seal"
    if kept:
        yield from _verified_kept(kept, roots)


def _verified_seal(seal: Seal, leaves: list[Leaf], *, first: int, previous: str) -> Iterator[str]:
    name = f"seal {seal.number}"
    if seal.first != first:
        yield f"{name} begins with entry {seal.first}, not with {first}"
    if [leaf.index for leaf in leaves] != list(range(seal.first, seal.first + seal.count)):
        yield f"{name} covers {seal.count} entries from {seal.first} on, and not all of them are there"
    if seal.previous != previous:
        yield f"{name} does not follow the seal before it"
    if seal.leaves_sha256 != seals.leaves_sha256([bytes(leaf.hash) for leaf in leaves]):
        yield f"{name}: its entries are not those it was put on"
    if seal.hash != seals.seal_hash(
        number=seal.number,
        first=seal.first,
        count=seal.count,
        leaves_sha256=seal.leaves_sha256,
        previous=seal.previous,
        sealed_at=seal.sealed_at,
    ):
        yield f"{name} was edited: its hash is another"


def _verified_entries(leaves: list[Leaf]) -> Iterator[str]:
    entries = Entry.objects.in_bulk([leaf.entry_id for leaf in leaves])
    for leaf in leaves:
        entry = entries.get(leaf.entry_id)
        if entry is None:
            yield f"entry {leaf.index} is missing"
        elif merkle.leaf_hash(bytes(entry.canonical)) != bytes(leaf.hash):
            yield f"entry {leaf.index} was edited: its bytes have another hash than when it was sealed"
        elif not _says_what_its_bytes_say(entry):
            yield f"entry {leaf.index} was edited: its columns differ from its bytes"


def _says_what_its_bytes_say(entry: Entry) -> bool:
    try:
        said = entry.as_data()
        canonical = canonical_json(said)
    except (ValueError, TypeError, json.JSONDecodeError):
        return False
    columns = (FORMAT, str(entry.uuid), entry.kind, entry.subject, instant(entry.recorded_at))
    named = tuple(said.get(key) for key in ("format", "id", "kind", "subject", "at"))
    return canonical == bytes(entry.canonical) and columns == named


def _verified_checkpoint(seal: Seal, checkpoint: Checkpoint | None, tree: merkle.Frontier) -> Iterator[str]:
    if checkpoint is None:
        yield f"seal {seal.number} has no checkpoint"
        return
    name = f"the checkpoint of size {checkpoint.size}"
    try:
        note = read_checkpoint(checkpoint.note)
    except ValueError as wrong:
        yield f"{name} can't be read: {wrong}"
        return
    if (note.size, note.root) != (tree.size, tree.root()):
        yield f"{name} has another root than its {tree.size} entries"
    if (checkpoint.size, bytes(checkpoint.root), bytes(checkpoint.peaks)) != (
        tree.size,
        tree.root(),
        b"".join(tree.peaks),
    ):
        yield f"{name} was edited: its columns differ from its text"
    if not note.signed_by(log_key().public):
        yield f"{name} is not signed by the log's key"


def _verified_kept(kept: ReadCheckpoint, roots: dict[int, bytes]) -> Iterator[str]:
    if kept.size not in roots:
        yield f"the log is shorter than the {kept.size} entries of the checkpoint that was kept: its end is missing"
    elif roots[kept.size] != kept.root:
        yield f"the first {kept.size} entries are not those of the checkpoint that was kept"
    if kept.size and not kept.signed_by(log_key().public):
        yield "the checkpoint that was kept is not signed by the log's key"


def _waiting(now: datetime) -> Iterator[str]:
    late = Entry.objects.unsealed().filter(recorded_at__lt=now - UNSEALED_FOR_AT_MOST).count()
    if late:
        yield f"{late} entries have waited for their seal for more than {UNSEALED_FOR_AT_MOST}: the sealer does not run"
