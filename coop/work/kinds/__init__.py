"""The kinds of task, one file each, found by their folder. Pure."""

from __future__ import annotations

from coop.ground.folder import found_in
from coop.work.kinds._kind import Kind

KINDS: dict[str, Kind] = found_in(__name__, "KIND")
"""By the key that stands in an order. KeyError names one that isn't there."""
