"""Which items of a project are gold: drawn by lot, their truth then stated by the requester in the order drawn. Pure.

Only items that nobody chose tell how often labels are right: of the easy ones everybody is sure.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256


def drawn(seed: str, numbers: Iterable[int]) -> list[int]:
    """The numbers of the items in the order drawn: by the SHA-256 of "seed:number", so that whoever has the seed can draw again."""
    return sorted(numbers, key=lambda number: sha256(f"{seed}:{number}".encode()).digest())
