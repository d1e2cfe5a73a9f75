"""What pages and programs read of a project: its results, as data and as rows of a file."""

from __future__ import annotations

import csv
import io
from typing import Any

from coop.work.models import Answer, Project
from coop.work.task_types import TASK_TYPES


def results(project: Project) -> dict[str, Any]:
    """The results of a project as JSON. Confidence and alpha in permille; agreement as an exact fraction."""
    last = project.consensus_rounds.order_by("-number").first()
    return {
        "project": str(project.pk),
        "status": project.status,
        "strategy": last.strategy if last else None,
        "rule_book": last.rule_book if last else None,
        "inputs_sha256": last.inputs_sha256 if last else None,
        "answers": last.answers if last else 0,
        "agreement": {"num": last.agreement_num, "den": last.agreement_den} if last and last.agreement_den else None,
        "alpha_permille": last.alpha_permille if last else None,
        "progress": vars(project.items.progress()),
        "items": [
            {
                "seq": item.seq,
                "external_id": item.external_id,
                "value": item.consensus_value,
                "confidence_permille": item.consensus_confidence,
                "answers": item.consensus_answers or 0,
                "counts": counts,
                "extra": item.extra,
            }
            for item, counts in _items_with_counts(project)
        ],
    }


def result_rows(project: Project) -> list[list[Any]]:
    """The results as CSV rows: ours first, then how often each label was chosen, then the requester's own columns."""
    labels = TASK_TYPES[project.task_type].labels(project.template)
    rows = list(_items_with_counts(project))
    own = sorted({name for item, _counts in rows for name in item.extra})
    header = [
        "external_id",
        "consensus",
        "confidence_permille",
        "answers",
        *[f"answers_{label}" for label in labels],
        *own,
    ]
    return [
        header,
        *[
            [
                item.external_id,
                (item.consensus_value or {}).get("choice", ""),
                "" if item.consensus_confidence is None else item.consensus_confidence,
                item.consensus_answers or 0,
                *[counts.get(label, 0) for label in labels],
                *[item.extra.get(name, "") for name in own],
            ]
            for item, counts in rows
        ],
    ]


def _items_with_counts(project: Project) -> list[tuple[Any, dict[str, int]]]:
    counts = Answer.objects.filter(project=project).labels_per_item()
    items = project.items.with_consensus().defer("payload").order_by("seq")
    return [(item, counts.get(item.pk, {})) for item in items]


def as_csv(rows: list[list[Any]]) -> bytes:
    """Rows as UTF-8 CSV (RFC 4180)."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
