"""The bytes of a seal. Pure; frozen by a golden file."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from coop.ground.canonical import fingerprint, instant

FORMAT = "canut-seal/1"
BEFORE_THE_FIRST = "0" * 64
"""What the first seal names as the one before it."""


def leaves_sha256(hashes: Sequence[bytes]) -> str:
    """SHA-256 over the leaf hashes of a batch, one after the other."""
    return sha256(b"".join(hashes)).hexdigest()


def seal_hash(*, number: int, first: int, count: int, leaves_sha256: str, previous: str, sealed_at: datetime) -> str:
    """The hash that stands for a batch and, through `previous`, for all before it."""
    return fingerprint(
        {
            "count": count,
            "first": first,
            "format": FORMAT,
            "leaves_sha256": leaves_sha256,
            "number": number,
            "previous": previous,
            "sealed_at": instant(sealed_at),
        }
    )
