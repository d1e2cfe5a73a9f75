"""A draw that everybody can repeat: the seed and the names decide it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def drawn(seed: str, names: Iterable[str], *, seats: int) -> list[str]:
    """The names whose SHA-256 of "seed|name" is smallest, so many as there are seats, or all there are. Their order changes nothing."""
    return sorted(set(names), key=lambda name: hashlib.sha256(f"{seed}|{name}".encode()).hexdigest())[:seats]
