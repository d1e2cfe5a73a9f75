"""The files of a release: the same rows give the same bytes. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coop.ground.canonical import canonical_json, sha256_hex
from coop.ground.csv import write_table

SUMS = "SHA256SUMS"
OURS = ("unit", "payload_sha256", "confidence_permille", "answers", "payload")
"""The columns of every release; those of the kind of task have other names."""


@dataclass(frozen=True)
class Row:
    """One unit: its number, the hash of what was looked at, what the consensus is, its confidence in permille if that is known, how many answered; maybe the item."""

    unit: int
    payload_sha256: str
    said: Sequence[str | int]
    confidence: int | None
    answers: int
    payload: Any = None


def release_files(
    *,
    about: Mapping[str, Any],
    policy: Mapping[str, Any],
    terms: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[Row],
    whole: bool,
) -> dict[str, bytes]:
    """{name: bytes}: the labels as CSV and JSON, the policy for machines and people, and SHA256SUMS over them all.

    `about` is said at the head of labels.json, `columns` are the names of what a row says; `whole` tells whether the items themselves are part of the release.
    """
    files = {
        "labels.csv": _as_csv(columns, rows),
        "labels.json": _as_json(about, columns, rows, whole),
        "policy.json": _readable(policy),
        "policy.txt": ("\n".join(terms) + "\n").encode(),
    }
    sums = "".join(f"{sha256_hex(files[name])}  {name}\n" for name in sorted(files))
    return files | {SUMS: sums.encode()}


def _as_csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    header = ["unit", "payload_sha256", *columns, "confidence_permille", "answers"]
    cells = (
        [row.unit, row.payload_sha256, *row.said, "" if row.confidence is None else row.confidence, row.answers]
        for row in rows
    )
    return write_table(header, cells, end="\n")


def _as_json(about: Mapping[str, Any], columns: Sequence[str], rows: Sequence[Row], whole: bool) -> bytes:
    units = [
        {
            "unit": row.unit,
            "payload_sha256": row.payload_sha256,
            **dict(zip(columns, row.said, strict=True)),
            "confidence_permille": row.confidence,
            "answers": row.answers,
        }
        | ({"payload": row.payload} if whole else {})
        for row in rows
    ]
    return _readable({**about, "units": units})


def _readable(value: Any) -> bytes:
    """Canonical content, laid out to be read."""
    return (json.dumps(json.loads(canonical_json(value)), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
