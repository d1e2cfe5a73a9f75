"""What the assembly can do: every kind of operation, one file each. An unknown one is refused by name."""

from __future__ import annotations

from typing import Any

from coop.ground.folder import modules_in
from governance.changes import ChangeSet, Operation, UnreadableChange
from governance.models import Proposal

REGISTRY: dict[str, type[Operation]] = {module.KIND.op: module.KIND for module in modules_in(__name__)}
"""The kinds by the name that stands in a change set."""


def read_change_set(data: Any) -> ChangeSet:
    """The operations in `data`, a non-empty list of objects with an "op". UnreadableChange names what is wrong and where."""
    if not isinstance(data, list) or not data:
        raise UnreadableChange("a list of at least one operation is needed", "change_set")
    return tuple(_read(item, f"change_set.{number}") for number, item in enumerate(data))


def changes_of(proposal: Proposal) -> ChangeSet:
    """What the proposal would change."""
    return read_change_set(proposal.change_set)


def schema() -> dict[str, Any]:
    """The JSON schema of a change set."""
    kinds = [kind.schema() for _name, kind in sorted(REGISTRY.items())]
    return {"type": "array", "minItems": 1, "items": {"oneOf": kinds}}


def _read(item: Any, where: str) -> Operation:
    kind = REGISTRY.get(item["op"]) if isinstance(item, dict) and isinstance(item.get("op"), str) else None
    if kind is None:
        raise UnreadableChange("an operation is one of " + ", ".join(sorted(REGISTRY)), f"{where}.op")
    return kind.read(item, where)
