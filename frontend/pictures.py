"""Simple pictures drawn on the server, as SVG, each with a sentence and a table that say the same.

Whole numbers only: a picture of money is drawn from minor units. Widths are whole units of a 360 wide canvas,
which is one to one on a phone. Templates: `{% load pictures %}`, then `{% bars … %}`, `{% waterfall … %}`,
`{% stacked … %}`, `{% distribution … %}`; or call these functions from a view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

WIDTH = 360
ROW = 44
COLUMN_HEIGHT = 140


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One thing to draw: its name, how much, and how much in words ("12.50 EUR").

    `tone` is one of main, good, bad, quiet, warm: a colour of the style sheet.
    """

    label: str
    value: int
    text: str
    tone: str = "main"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a waterfall: what it adds (positive) or takes (negative); a `total` stands on the ground."""

    label: str
    amount: int
    text: str
    total: bool = False
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A line across a stacked bar, such as a quorum or a majority."""

    label: str
    value: int


def bars(*, title: str, rows: Sequence[Bar], summary: str = "", heading: str = "") -> SafeString:
    """Horizontal bars, one under the other, from zero. Negative values are drawn as nothing and named in the table."""
    longest = max([row.value for row in rows], default=0)
    drawn = [
        {
            "label": _shortened(row.label, row.text),
            "text": row.text,
            "tone": row.tone,
            "y": n * ROW,
            "width": _scaled(row.value, longest, WIDTH),
        }
        for n, row in enumerate(rows)
    ]
    return _figure("bars", title, summary, heading, rows, drawn, height=ROW * len(rows))


def waterfall(*, title: str, steps: Sequence[Step], summary: str = "", heading: str = "") -> SafeString:
    """From the first total downwards: each step hangs where the one before ended, until the last total."""
    tops: list[tuple[Step, int, int]] = []
    level = 0
    for step in steps:
        if step.total:
            level = step.amount
            tops.append((step, 0, step.amount))
        else:
            tops.append((step, min(level, level + step.amount), max(level, level + step.amount)))
            level += step.amount
    lowest = min([low for _step, low, _high in tops], default=0)
    lowest = min(lowest, 0)
    span = max([high for _step, _low, high in tops], default=0) - lowest
    drawn = [
        {
            "label": _shortened(step.label, step.text),
            "text": step.text,
            "tone": step.tone or ("main" if step.total else "good" if step.amount > 0 else "warm"),
            "y": n * ROW,
            "x": _scaled(low - lowest, span, WIDTH),
            "width": _scaled(high - low, span, WIDTH),
        }
        for n, (step, low, high) in enumerate(tops)
    ]
    return _figure("bars", title, summary, heading, steps, drawn, height=ROW * len(steps))


def stacked(
    *, title: str, parts: Sequence[Bar], marks: Sequence[Mark] = (), of: int = 0, summary: str = "", heading: str = ""
) -> SafeString:
    """One bar made of parts, side by side, out of `of` (or of their sum): the result of a vote, where one euro goes."""
    whole = max(of, sum(part.value for part in parts))
    drawn = []
    before = 0
    for n, part in enumerate(parts):
        x, end = _scaled(before, whole, WIDTH), _scaled(before + part.value, whole, WIDTH)
        drawn.append(
            {"label": part.label, "text": part.text, "tone": part.tone, "x": x, "width": end - x, "y": 62 + n * 24}
        )
        before += part.value
    lines = [
        {"label": mark.label, "x": x, "anchor": "end" if x > WIDTH // 2 else "start"}
        for mark in marks
        for x in [_scaled(mark.value, whole, WIDTH)]
    ]
    return _figure(
        "stacked", title, summary, heading, parts, drawn, height=58 + 24 * len(parts), extra={"marks": lines}
    )


def distribution(*, title: str, rows: Sequence[Bar], summary: str = "", heading: str = "") -> SafeString:
    """Columns side by side, in the order given: how many people are in each band."""
    tallest = max([row.value for row in rows], default=0)
    step = WIDTH // max(len(rows), 1)
    gap = max(step // 8, 1)
    drawn = []
    for n, row in enumerate(rows):
        height = _scaled(row.value, tallest, COLUMN_HEIGHT)
        drawn.append(
            {
                "label": row.label,
                "text": row.text,
                "tone": row.tone,
                "x": n * step + gap,
                "middle": n * step + step // 2,
                "width": step - 2 * gap,
                "y": 18 + COLUMN_HEIGHT - height,
                "height": height,
            }
        )
    return _figure("distribution", title, summary, heading, rows, drawn, height=COLUMN_HEIGHT + 40)


def _scaled(value: int, whole: int, length: int) -> int:
    """`value` of `whole`, on a scale of `length`, to the nearest whole unit; something is never drawn as nothing."""
    if value <= 0 or whole <= 0:
        return 0
    return max(1, (2 * value * length + whole) // (2 * whole))


def _shortened(label: str, text: str) -> str:
    room = 46 - len(text)
    return label if len(label) <= room else label[: max(room - 1, 8)] + "…"


def _figure(
    shape: str,
    title: str,
    summary: str,
    heading: str,
    rows: Sequence[Bar] | Sequence[Step],
    drawn: Sequence[dict[str, object]],
    *,
    height: int,
    extra: dict[str, object] | None = None,
) -> SafeString:
    spoken = summary or "; ".join(f"{row.label}: {row.text}" for row in rows)
    return render_to_string(
        f"pictures/{shape}.html",
        {
            "title": title,
            "summary": summary,
            "spoken": spoken,
            "heading": heading or _("What"),
            "rows": rows,
            "drawn": drawn,
            "width": WIDTH,
            "height": height,
            **(extra or {}),
        },
    )
