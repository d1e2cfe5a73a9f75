"""What pages and programs read of a project: its results, as data and as rows of a file."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Any

from coop.ground.csv import beside, write_table
from coop.work.calibration import FEWEST_GOLD
from coop.work.kinds import KINDS
from coop.work.models import Answer, ConsensusRound, GoldDraw, Project

RESTS_ON = "what the requester stated is true of items drawn by lot; the requester can have read the labels before, which nobody can see"
"""What every measured figure rests on, for whoever reads it elsewhere than on our pages."""
OURS = ("external_id", "consensus", "support_permille", "confidence_permille", "answers")


def results(project: Project) -> dict[str, Any]:
    """The results of a project as JSON. Support, confidence (null where it isn't known) and alpha in permille; agreement as an exact fraction.

    `accuracy_permille`: between which bounds lies the share of right labels at 95 %, measured on `gold` items; null where that wasn't
    done. It and the confidence rest on what the requester states is true (`RESTS_ON`). Of the gold items nothing is among `items` until
    all are stated; `withheld` is how many these are.
    """
    withheld = _withheld(project)
    last = project.consensus_rounds.order_by("-number").first()
    return {
        "project": str(project.pk),
        "status": project.status,
        "strategy": last.strategy if last else None,
        "rule_book": last.rule_book if last else None,
        "inputs_sha256": last.inputs_sha256 if last else None,
        "answers": last.answers if last else 0,
        **measured(last),
        "progress": vars(project.items.progress()),
        "withheld": len(withheld),
        "items": [
            {
                "seq": item.seq,
                "external_id": item.external_id,
                "value": item.consensus_value,
                "support_permille": item.consensus_support,
                "confidence_permille": item.consensus_confidence,
                "answers": item.consensus_answers or 0,
                "counts": counts,
                "extra": item.extra,
            }
            for item, counts in _items_with_counts(project, last, withheld)
        ],
    }


def measured(last: ConsensusRound | None) -> dict[str, Any]:
    """How far people agreed in this round, and between which bounds (95 %) lies the share of right labels, if gold items tell."""
    agreed, told = last and last.agreement_den, last and last.accuracy_to_permille is not None
    return {
        "agreement": {"num": last.agreement_num, "den": last.agreement_den} if last and agreed else None,
        "alpha_permille": last.alpha_permille if last else None,
        "gold": last.gold if last else 0,
        "accuracy_permille": {"from": last.accuracy_from_permille, "to": last.accuracy_to_permille}
        if last and told
        else None,
        "accuracy_rests_on": RESTS_ON if told else None,
    }


def gold_of(project: Project, number: int) -> dict[str, Any]:
    """How far the measuring of a project has come: whether items can be drawn and are, how many truths are stated of how many, which come next."""
    draw = GoldDraw.objects.filter(project=project).first()
    return {
        "ready": project.status == Project.Status.DONE,
        "drawn": draw is not None,
        "seed": draw.seed if draw else None,
        "least": FEWEST_GOLD,
        "most": project.items.count(),
        "number": draw.number if draw else None,
        "stated": draw.truths.count() if draw else 0,
        "next": [
            {"seq": item.seq, "external_id": item.external_id, "payload": item.payload}
            for item in (draw.next_items(number) if draw else [])
        ],
    }


def disagreements_first(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items on which people agree least come first: the share of the answers that the most frequent one has, then their order."""

    def agreed(item: dict[str, Any]) -> Fraction:
        given = item["counts"].values()
        return Fraction(max(given, default=0), sum(given) or 1) if len(given) > 1 else Fraction(1)

    return sorted(items, key=lambda item: (agreed(item), item["seq"]))


def results_table(project: Project) -> bytes:
    """The results as CSV: our columns first, then those of the kind, then the requester's own, none of which is taken for ours.

    Gold items have no line until all are stated.
    """
    kind = KINDS[project.task_type]
    rows = _items_with_counts(project, project.consensus_rounds.order_by("-number").first(), _withheld(project))
    ours = [*OURS, *kind.result_columns(project.template)]
    own = beside(ours, sorted({name for item, _counts in rows for name in item.extra}))
    cells = (
        [
            item.external_id,
            kind.text(item.consensus_value),
            "" if item.consensus_support is None else item.consensus_support,
            "" if item.consensus_confidence is None else item.consensus_confidence,
            item.consensus_answers or 0,
            *kind.result_cells(project.template, counts),
            *[item.extra.get(name, "") for name in own],
        ]
        for item, counts in rows
    )
    return write_table([*ours, *own.values()], cells)


def _withheld(project: Project) -> frozenset[int]:
    draw = GoldDraw.objects.filter(project=project).first()
    return draw.withheld() if draw else frozenset()


def _items_with_counts(
    project: Project, last: ConsensusRound | None, withheld: Collection[int]
) -> list[tuple[Any, dict[str, int]]]:
    """Each item that isn't withheld, with its label and the answers it was made of: what came after the last round is told with the next."""
    kind = KINDS[project.task_type]
    making = Answer.objects.that_make_labels_of(project)
    heard = making.filter(submitted_at__lte=last.reckoned_at) if last else Answer.objects.none()
    said = heard.values_per_item()
    items = project.items.with_consensus().defer("payload").order_by("seq")
    return [(item, kind.counts(project.template, said.get(item.pk, []))) for item in items if item.seq not in withheld]
