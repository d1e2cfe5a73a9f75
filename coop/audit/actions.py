"""Recording an act, and sealing what was recorded."""

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction

from coop.audit import merkle, seals
from coop.audit.checkpoints import LogKey
from coop.audit.models import Checkpoint, Entry, Leaf, Seal
from coop.ground.actor import Actor
from coop.ground.canonical import canonical_json, instant

FORMAT = "canut-log/1"
BATCH = 1000
"""The most entries one seal covers."""


@transaction.atomic
def record(*, kind: str, subject: str, payload: dict[str, Any], by: Actor, now: datetime) -> Entry:
    """Write one entry in the caller's transaction.

    `kind` is a verb in the past ("ballot.opened"), `subject` what it happened to ("ballot:<uuid>"), `by` whoever acted.
    Refused where the actor may no longer act at `now` or by the clock (`Actor.insist`).
    The payload holds no names and not the pseudonym that pay uses: pseudonyms of the log, salted commitments, numbers and hashes. ValueError or TypeError where it has no canonical form.
    """
    key = uuid.uuid4()
    canonical = canonical_json(
        {
            "at": instant(now),
            "by": by.stands_as,
            "format": FORMAT,
            "id": str(key),
            "kind": kind,
            "payload": payload,
            "subject": subject,
        }
    )
    entry = Entry.objects.create(uuid=key, kind=kind, subject=subject, recorded_at=now, canonical=canonical)
    by.insist(now)
    return entry


def log_key() -> LogKey:
    """The key that signs for this log; the log is named after the site's address."""
    return LogKey(origin=f"{urlsplit(settings.SITE_URL).netloc}/log", seed=settings.LOG_KEY)


@transaction.atomic
def seal_log(*, now: datetime) -> Checkpoint | None:
    """Give the entries that wait their place in the log, chain them to what was sealed before, and sign the new root.

    One sealer at a time: an advisory lock held to the end of the transaction and taken before anything is read, so that the second
    sees what the first wrote. An entry whose transaction commits after we looked has no place yet and is taken by the next seal,
    even if its id is smaller: the order of the log is the order of sealing. With nothing to seal, None.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('canut.log'))")
    entries = list(Entry.objects.unsealed()[:BATCH])
    if not entries:
        return None
    before = Checkpoint.objects.select_related("seal").latest_one()
    if before:
        now = before.not_before(now)
    tree = merkle.Frontier(before.size, _split(before.peaks)) if before else merkle.Frontier()
    first = tree.size
    hashes = [merkle.leaf_hash(bytes(entry.canonical)) for entry in entries]
    for leaf in hashes:
        tree.append(leaf)
    seal = _seal(
        number=before.seal.number + 1 if before else 1,
        first=first,
        hashes=hashes,
        previous=before.seal.hash if before else seals.BEFORE_THE_FIRST,
        now=now,
    )
    Leaf.objects.bulk_create(
        Leaf(index=first + place, entry=entry, seal=seal, hash=leaf)
        for place, (entry, leaf) in enumerate(zip(entries, hashes, strict=True))
    )
    root = tree.root()
    return Checkpoint.objects.create(
        size=tree.size,
        seal=seal,
        root=root,
        peaks=b"".join(tree.peaks),
        note=log_key().sign(size=tree.size, root=root),
        signed_at=now,
    )


def _seal(*, number: int, first: int, hashes: list[bytes], previous: str, now: datetime) -> Seal:
    leaves = seals.leaves_sha256(hashes)
    own = seals.seal_hash(
        number=number, first=first, count=len(hashes), leaves_sha256=leaves, previous=previous, sealed_at=now
    )
    return Seal.objects.create(
        number=number,
        first=first,
        count=len(hashes),
        leaves_sha256=leaves,
        previous=previous,
        hash=own,
        sealed_at=now,
    )


def _split(peaks: bytes | memoryview) -> list[bytes]:
    kept = bytes(peaks)
    return [kept[at : at + merkle.HASH_SIZE] for at in range(0, len(kept), merkle.HASH_SIZE)]
