"""Showing that an entry stands in the log."""

from typing import Any

from coop.audit import merkle
from coop.audit.checkpoints import read_checkpoint
from coop.audit.models import Checkpoint, Entry, Leaf


def log_proof(entry: Entry, *, size: int | None = None) -> dict[str, Any] | None:
    """The "log" object of public bundles: the entry, its number, and the way from it to the root of a signed checkpoint.

    {"origin", "index", "entry", "proof": [hex], "checkpoint"}; under the latest checkpoint, or under the one of `size` for somebody
    who kept that one. None while the entry is not sealed, or where there is no such checkpoint over it.
    """
    leaf = Leaf.objects.filter(entry=entry).first()
    checkpoint = Checkpoint.objects.filter(size=size).first() if size is not None else Checkpoint.objects.latest_one()
    if leaf is None or checkpoint is None or checkpoint.size <= leaf.index:
        return None
    hashes = [bytes(hash_) for hash_ in Leaf.objects.under(checkpoint.size).values_list("hash", flat=True)]
    return {
        "origin": read_checkpoint(checkpoint.note).origin,
        "index": leaf.index,
        "entry": entry.as_data(),
        "proof": [step.hex() for step in merkle.inclusion_proof_of_hashes(hashes, leaf.index)],
        "checkpoint": checkpoint.note,
    }
