"""Items come in: every bad row is named by its line and the reason; nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.canonical import fingerprint, sha256_hex
from coop.ground.csv import Row, UnreadableTable, read_table
from coop.ground.schemas import Problem, problems_with
from coop.ground.texts import gettext_noop
from coop.work.actions.projects import NOT_ORDERED, _locked, _refuse_unless, return_to_draft
from coop.work.actors import must_order_for
from coop.work.kinds import KINDS
from coop.work.kinds._kind import Kind
from coop.work.models import Item, ItemImport, Project

MOST_ROWS = 100_000
ROW = {
    "type": "object",
    "required": ["payload"],
    "properties": {
        "payload": {},
        "external_id": {"type": ["string", "integer", "null"], "maxLength": 200, "pattern": r"\S"},
        "extra": {"type": ["object", "null"]},
    },
    "additionalProperties": False,
}
"""One item of a JSON list. Without an id of theirs it gets one of ours; a number is kept as text."""


@dataclass(frozen=True)
class RowProblem:
    """A row that was refused: its line (from 1, the header included), the field, the reason, and what stood there.

    The reason is a sentence with its parameters, kept as it was written: `ItemImport.refused_in_words` says it to the reader.
    """

    line: int
    field: str
    reason: str
    row: dict[str, Any]
    params: dict[str, Any]


@dataclass(frozen=True)
class NewItem:
    """A row that is sound."""

    line: int
    external_id: str
    payload: dict[str, Any]
    extra: dict[str, Any]


def import_csv(
    *, project: Project, content: bytes, keep_good: bool, by: Actor, now: datetime, encoding: str = "utf-8"
) -> ItemImport:
    """Add the rows of a table with a header, in one of `csv.ENCODINGS`. Columns the kind of task doesn't know stay the requester's own.

    `keep_good` keeps the sound rows beside refused ones; otherwise one bad row refuses all. ValidationError where the file
    as a whole can't be read.
    """
    try:
        sound, refused = _read_csv(project, content, encoding)
    except UnreadableTable as wrong:
        raise ValidationError({"file": [_(wrong.template) % wrong.params]}) from None
    return import_rows(
        project=project, rows=sound, refused=refused, source=content, keep_good=keep_good, by=by, now=now
    )


def import_json(*, project: Project, rows: Sequence[Any], keep_good: bool, by: Actor, now: datetime) -> ItemImport:
    """Add a list of {"payload": …, "external_id"?: text or whole number, "extra"?: {…}} and nothing else; the line is the place in the list, from 1."""
    if not rows or len(rows) > MOST_ROWS:
        raise ValidationError({"items": [_("Send between 1 and %(most)d items.") % {"most": MOST_ROWS}]})
    sound, refused = [], []
    kind = KINDS[project.task_type]
    for line, row in enumerate(rows, 1):
        kept = row if isinstance(row, dict) else {"row": row}
        problems = _shape(row) or kind.payload_problems(project.template, row["payload"])
        if problems:
            refused.append(RowProblem(line, problems[0].field, problems[0].reason, kept, {}))
            continue
        given, extra = row.get("external_id"), row.get("extra")
        external_id = "" if given is None else str(given).strip()
        sound.append(NewItem(line, external_id, row["payload"], {} if extra is None else extra))
    return import_rows(
        project=project, rows=sound, refused=refused, source=repr(rows).encode(), keep_good=keep_good, by=by, now=now
    )


def _shape(row: Any) -> list[Problem]:
    """What is wrong with the shape of a row, whatever its kind of task: nothing else than what is known, nothing taken for nothing."""
    return problems_with(ROW, row) if isinstance(row, dict) else [Problem("payload", "This field is required.")]


@transaction.atomic
def import_rows(
    *,
    project: Project,
    rows: Iterable[NewItem],
    refused: Iterable[RowProblem],
    source: bytes,
    keep_good: bool,
    by: Actor,
    now: datetime,
) -> ItemImport:
    """Add sound rows behind the items that are there, and keep a record with every refused one.

    A row whose id and content are there already is left as it is, so that an upload whose answer was lost can be sent again,
    even once the order is paid. Refused `not_your_client`, `already_ordered`.
    """
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    items, unchanged, twice = _numbered(locked, list(rows))
    problems = [*refused, *twice]
    if items or problems:
        _refuse_unless(locked, NOT_ORDERED, _("This order is paid; no item can be added any more."), "already_ordered")
    if problems and not keep_good:
        items = []
    if items:
        Item.objects.bulk_create(items, batch_size=2000)
        return_to_draft(project=locked, now=now)
    return ItemImport.objects.create(
        project=locked,
        by=requester.user,
        source_sha256=sha256_hex(source),
        kept=len(items),
        unchanged=unchanged,
        refused=[asdict(problem) for problem in sorted(problems, key=lambda one: one.line)],
        imported_at=now,
    )


def _numbered(project: Project, rows: Sequence[NewItem]) -> tuple[list[Item], int, list[RowProblem]]:
    """The items behind those that are there, each with an id of its own; how many rows are there already; those whose id is taken."""
    last = project.items.order_by("-pk").values_list("seq", flat=True).first() or 0
    known = {row[0]: row[1:] for row in project.items.values_list("external_id", "payload_sha256", "extra")}
    given = {row.external_id for row in rows}
    items: list[Item] = []
    unchanged = 0
    twice: list[RowProblem] = []
    for row in rows:
        seq = last + len(items) + 1
        external_id, number = row.external_id, seq
        while not external_id:
            automatic = f"item-{number}"
            external_id = "" if automatic in known or automatic in given else automatic
            number += 1
        content = (fingerprint(row.payload), row.extra)
        if external_id in known:
            if known[external_id] == content:
                unchanged += 1
            else:
                reason = gettext_noop("Another item has this id, with other content.")
                twice.append(RowProblem(row.line, "external_id", reason, {"external_id": external_id}, {}))
            continue
        known[external_id] = content
        items.append(
            Item(
                project=project,
                seq=seq,
                payload=row.payload,
                extra=row.extra,
                external_id=external_id,
                payload_sha256=content[0],
                target=project.redundancy,
            )
        )
    return items, unchanged, twice


def _read_csv(project: Project, content: bytes, encoding: str) -> tuple[list[NewItem], list[RowProblem]]:
    kind = KINDS[project.task_type]
    columns = kind.columns(project.template)
    table = read_table(content, encoding=encoding, wanted=["external_id", *columns])
    if columns[0] not in table.header:
        raise UnreadableTable(_("The column “%(name)s” is missing (line 1)."), name=columns[0])
    sound: list[NewItem] = []
    refused: list[RowProblem] = []
    for row in table.rows:
        problem = _take(kind, project.template, table.header, set(columns), row, sound)
        if problem:
            refused.append(problem)
        if len(sound) + len(refused) > MOST_ROWS:
            raise UnreadableTable(_("The file has more than %(most)d rows."), most=MOST_ROWS)
    if not sound and not refused:
        raise UnreadableTable(_("The file has no rows."))
    return sound, refused


def _take(
    kind: Kind,
    template: Mapping[str, Any],
    header: list[str],
    content_columns: set[str],
    read: Row,
    sound: list[NewItem],
) -> RowProblem | None:
    """Append the row to `sound`, or say what is wrong with it."""
    if len(read.cells) != len(header):
        reason = gettext_noop("Cells in this line: %(found)d; in the header: %(wanted)d.")
        counts = {"found": len(read.cells), "wanted": len(header)}
        return RowProblem(read.line, "", reason, {"cells": read.cells}, counts)
    row = dict(zip(header, read.cells, strict=True))
    payload, problems = kind.payload_from_row(template, row)
    if not problems and len(row.get("external_id", "").strip()) > 200:
        problems = [Problem("external_id", "This is too long.")]
    if problems:
        return RowProblem(read.line, problems[0].field, problems[0].reason, row, {})
    extra = {name: cell for name, cell in row.items() if name not in content_columns and name != "external_id"}
    sound.append(NewItem(read.line, row.get("external_id", "").strip(), payload, extra))
    return None
