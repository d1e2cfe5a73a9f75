"""How people read and write each kind of operation: one file each, beside the kind in `governance/operations/`."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from coop.ground.folder import found_in
from frontend.forms.governance import ProposalForm
from frontend.operations._part import Change, Part, Section
from governance.changes import ChangeSet, Operation

PARTS: dict[str, Part[Any]] = found_in(__name__, "PART")
"""The page part of each kind, by the name that stands in a change set."""


def sections() -> list[Section]:
    """Everything that can be proposed, in its order."""
    found = (part.section() for part in sorted(PARTS.values(), key=lambda part: part.place))
    return [section for section in found if section is not None]


def chosen(query: QueryDict) -> ChangeSet:
    """What the address says is to be proposed; nothing where that isn't chosen."""
    found = (part.chosen(query) for part in PARTS.values())
    return tuple(change for change in found if change is not None)[:1]


def in_words(change: Operation, *, named: bool) -> Change:
    """The operation as people read it."""
    return PARTS[change.op].in_words(change, named=named)


def subject(changes: ChangeSet) -> Change:
    """What stands above the form that writes a change set."""
    return PARTS[changes[0].op].subject(changes[0])


def form_for(changes: ChangeSet, *, data: QueryDict | None, initial: dict[str, Any], is_draft: bool) -> ProposalForm:
    """The form that writes a change set: of one operation the one of its kind, of several only their text."""
    if len(changes) == 1:
        return PARTS[changes[0].op].form(changes[0], data=data, initial=initial, is_draft=is_draft)
    return ProposalForm(data, initial=initial, changes=changes)
