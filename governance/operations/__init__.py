"""What the assembly can do: every kind of operation, one file each. An unknown one is refused by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from coop.ground.errors import Refused
from coop.ground.folder import found_in
from governance.changes import ChangeSet, Operation, UnreadableChange, hash_of
from governance.models import Proposal

REGISTRY: dict[str, type[Operation]] = found_in(__name__, "KIND")
"""The kinds by the name that stands in a change set."""


def read_change_set(data: Any) -> ChangeSet:
    """The operations in `data`, a non-empty list of objects with an "op". UnreadableChange names what is wrong and where."""
    if not isinstance(data, list) or not data:
        raise UnreadableChange(gettext_noop("a list of at least one operation is needed"), "change_set")
    return tuple(_read(item, f"change_set.{number}") for number, item in enumerate(data))


def changes_of(proposal: Proposal) -> ChangeSet:
    """What the proposal would change. Refused `change_unreadable` where it was altered, or a kind is gone."""
    try:
        return read_change_set(proposal.change_set)
    except UnreadableChange as unreadable:
        raise Refused(
            _("This change can't be read: %(reason)s.") % {"reason": _(unreadable.reason)},
            code="change_unreadable",
            field=unreadable.field,
        ) from None


def changes_as_voted(proposal: Proposal) -> ChangeSet:
    """What was submitted and voted on. Anything else is tampering: Refused `change_set_altered`."""
    try:
        changes = changes_of(proposal)
    except Refused:
        changes = ()
    if not changes or hash_of(changes) != proposal.change_set_sha256:
        raise Refused(_("The change set is not the one that was voted on."), code="change_set_altered")
    return changes


def decline(proposal: Proposal, *, now: datetime) -> None:
    """What follows when the assembly did not say yes, or it can't be done. Of what was altered after the vote nothing follows."""
    try:
        changes = changes_as_voted(proposal)
    except Refused:
        return
    for change in changes:
        change.decline(decision=proposal.pk, now=now)


def schema() -> dict[str, Any]:
    """The JSON schema of a change set."""
    kinds = [kind.schema() for _name, kind in sorted(REGISTRY.items())]
    return {"type": "array", "minItems": 1, "items": {"oneOf": kinds}}


def _read(item: Any, where: str) -> Operation:
    kind = REGISTRY.get(item["op"]) if isinstance(item, dict) and isinstance(item.get("op"), str) else None
    if kind is None:
        raise UnreadableChange(gettext_noop("this kind of operation is not known"), f"{where}.op", sorted(REGISTRY))
    return kind.read(item, where)
