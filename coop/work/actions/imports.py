"""Items come in: every bad row is named by its line and the reason; nothing is dropped in silence."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.canonical import canonical_json, fingerprint, sha256_hex
from coop.work.actions.projects import NOT_ORDERED, _locked, _refuse_unless, return_to_draft
from coop.work.actors import must_order_for
from coop.work.models import Item, ItemImport, Project
from coop.work.task_types import TASK_TYPES, Problem

MOST_ROWS = 100_000


@dataclass(frozen=True)
class RowProblem:
    """A row that was refused: its line (from 1, the header included), the field, the reason, and what stood there."""

    line: int
    field: str
    reason: str
    row: dict[str, Any]


@dataclass(frozen=True)
class NewItem:
    """A row that is sound."""

    line: int
    external_id: str
    payload: dict[str, Any]
    extra: dict[str, Any]


def import_csv(*, project: Project, content: bytes, keep_good: bool, by: Actor, now: datetime) -> ItemImport:
    """Add the rows of a CSV file with a header (UTF-8). Columns the task type doesn't know stay the requester's own.

    `keep_good` keeps the sound rows beside refused ones; otherwise one bad row refuses all. ValidationError where the file
    as a whole can't be read.
    """
    sound, refused = _read_csv(project, content)
    return import_rows(
        project=project, rows=sound, refused=refused, source=content, keep_good=keep_good, by=by, now=now
    )


def import_json(*, project: Project, rows: Sequence[Any], keep_good: bool, by: Actor, now: datetime) -> ItemImport:
    """Add a list of {"payload": …, "external_id"?: text, "extra"?: {…}}; the line is the place in the list, from 1."""
    if not rows or len(rows) > MOST_ROWS:
        raise ValidationError({"items": [_("Send between 1 and %(most)d items.") % {"most": MOST_ROWS}]})
    sound, refused = [], []
    kind = TASK_TYPES[project.task_type]
    for line, row in enumerate(rows, 1):
        kept = row if isinstance(row, dict) else {"row": row}
        problems = _shape(row) or kind.payload_problems(project.template, row["payload"])
        if problems:
            refused.append(RowProblem(line, problems[0].field, _(problems[0].reason), kept))
        else:
            sound.append(
                NewItem(line, str(row.get("external_id") or "").strip(), row["payload"], row.get("extra") or {})
            )
    return import_rows(
        project=project, rows=sound, refused=refused, source=repr(rows).encode(), keep_good=keep_good, by=by, now=now
    )


def _shape(row: Any) -> list[Problem]:
    if not isinstance(row, dict) or "payload" not in row:
        return [Problem("payload", "This field is required.")]
    if not isinstance(row.get("external_id") or "", str | int) or len(str(row.get("external_id") or "")) > 200:
        return [Problem("external_id", "This is not the kind of value expected here.")]
    try:
        canonical_json(row.get("extra") or {})
    except (TypeError, ValueError):
        return [Problem("extra", "This is not the kind of value expected here.")]
    return (
        []
        if isinstance(row.get("extra") or {}, dict)
        else [Problem("extra", "This is not the kind of value expected here.")]
    )


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
    """Add sound rows behind the items that are there, and keep a record with every refused one. Refused `not_your_client`, `already_ordered`."""
    locked = _locked(project)
    now = locked.not_before(now)
    requester = must_order_for(by, locked.client)
    _refuse_unless(locked, NOT_ORDERED, _("This order is paid; no item can be added any more."), "already_ordered")
    problems = list(refused)
    last = locked.items.order_by("-pk").values_list("seq", flat=True).first() or 0
    known = set(locked.items.values_list("external_id", flat=True))
    items: list[Item] = []
    for row in rows:
        seq = last + len(items) + 1
        external_id = row.external_id or f"item-{seq}"
        if external_id in known:
            problems.append(
                RowProblem(row.line, "external_id", _("Another item has this id."), {"external_id": external_id})
            )
            continue
        known.add(external_id)
        items.append(
            Item(
                project=locked,
                seq=seq,
                payload=row.payload,
                extra=row.extra,
                external_id=external_id,
                payload_sha256=fingerprint(row.payload),
                target=locked.redundancy,
            )
        )
    if problems and not keep_good:
        items = []
    if items:
        Item.objects.bulk_create(items, batch_size=2000)
        return_to_draft(locked)
    return ItemImport.objects.create(
        project=locked,
        by=requester.user,
        source_sha256=sha256_hex(source),
        kept=len(items),
        refused=[asdict(problem) for problem in sorted(problems, key=lambda one: one.line)],
        imported_at=now,
    )


def _read_csv(project: Project, content: bytes) -> tuple[list[NewItem], list[RowProblem]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise ValidationError({"file": [_("Line %(line)d is not UTF-8 text.") % {"line": line}]}) from None
    if "\0" in text:
        raise ValidationError({"file": [_("This is not a text file.")]})
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
    except (StopIteration, csv.Error):
        raise ValidationError({"file": [_("The file has no header line.")]}) from None
    kind = TASK_TYPES[project.task_type]
    _check_header(header, kind.columns(project.template)[:1])
    content_columns = set(kind.columns(project.template))
    sound: list[NewItem] = []
    refused: list[RowProblem] = []
    line = reader.line_num + 1
    try:
        for cells in reader:
            problem = _row(kind, project.template, header, content_columns, cells, line, sound)
            if problem:
                refused.append(problem)
            line = reader.line_num + 1
            if len(sound) + len(refused) > MOST_ROWS:
                raise ValidationError({"file": [_("The file has more than %(most)d rows.") % {"most": MOST_ROWS}]})
    except csv.Error as wrong:
        raise ValidationError(
            {"file": [_("From line %(line)d on the file can't be read: %(reason)s.") % {"line": line, "reason": wrong}]}
        ) from None
    if not sound and not refused:
        raise ValidationError({"file": [_("The file has no rows.")]})
    return sound, refused


def _check_header(header: list[str], needed: Sequence[str]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice or "" in header:
        raise ValidationError({"file": [_("Every column needs a name of its own (line 1).")]})
    for name in needed:
        if name not in header:
            raise ValidationError({"file": [_("The column “%(name)s” is missing (line 1).") % {"name": name}]})


def _row(
    kind: Any,
    template: Mapping[str, Any],
    header: list[str],
    content_columns: set[str],
    cells: list[str],
    line: int,
    sound: list[NewItem],
) -> RowProblem | None:
    """Append the row to `sound`, or say what is wrong with it. An empty line is neither."""
    if not cells:
        return None
    if len(cells) != len(header):
        reason = _("There are %(found)d cells; the header has %(wanted)d.") % {
            "found": len(cells),
            "wanted": len(header),
        }
        return RowProblem(line, "", reason, {"cells": cells})
    row = dict(zip(header, cells, strict=True))
    payload, problems = kind.payload_from_row(template, row)
    if not problems and len(row.get("external_id", "").strip()) > 200:
        problems = [Problem("external_id", "This is too long.")]
    if problems:
        return RowProblem(line, problems[0].field, _(problems[0].reason), row)
    extra = {name: cell for name, cell in row.items() if name not in content_columns and name != "external_id"}
    sound.append(NewItem(line, row.get("external_id", "").strip(), payload, extra))
    return None
