"""How each kind of task is ordered, worked on and read: one file and one template each, beside the kind in `coop/work/kinds/`."""

from __future__ import annotations

from coop.ground.folder import found_in
from frontend.kinds._part import KindPart

PARTS: dict[str, KindPart] = found_in(__name__, "PART")
"""The page part of each kind, by the key that stands in an order."""
