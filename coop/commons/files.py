"""The files of a release: the same rows give the same bytes. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coop.ground.canonical import canonical_json, sha256_hex

SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Row:
    """One unit: its number, the hash of what was looked at, the label, its confidence in permille, how many answered; maybe the item."""

    unit: int
    payload_sha256: str
    label: str
    confidence: int
    answers: int
    payload: Any = None


def release_files(
    *, about: Mapping[str, Any], policy: Mapping[str, Any], terms: Sequence[str], rows: Sequence[Row], whole: bool
) -> dict[str, bytes]:
    """{name: bytes}: the labels as CSV and JSON, the policy for machines and people, and SHA256SUMS over them all.

    `about` is said at the head of labels.json; `whole` tells whether the items themselves are part of the release.
    """
    files = {
        "labels.csv": _as_csv(rows),
        "labels.json": _as_json(about, rows, whole),
        "policy.json": _readable(policy),
        "policy.txt": ("\n".join(terms) + "\n").encode(),
    }
    sums = "".join(f"{sha256_hex(files[name])}  {name}\n" for name in sorted(files))
    return files | {SUMS: sums.encode()}


def _as_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["unit", "payload_sha256", "label", "confidence_permille", "answers"])
    writer.writerows([row.unit, row.payload_sha256, _plain(row.label), row.confidence, row.answers] for row in rows)
    return text.getvalue().encode()


def _plain(label: str) -> str:
    """A label that a spreadsheet won't take for a formula."""
    return f"'{label}" if label[:1] in ("=", "+", "-", "@", "\t", "\r") else label


def _as_json(about: Mapping[str, Any], rows: Sequence[Row], whole: bool) -> bytes:
    units = [
        {
            "unit": row.unit,
            "payload_sha256": row.payload_sha256,
            "label": row.label,
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
