"""What became of the time of an item that was handed in: what counts, what waits and why, and what doesn't count. Read from what is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from coop.ground.amounts import shown_duration
from coop.rules.book import RuleBook
from coop.work.models import Assignment, TimeEntry, WaitingTime


def became_of(assignment: Assignment) -> str:
    """In sentences, for the member whose time it is, as last corrected."""
    return " ".join(_sentences(assignment))


def bounds_of(assignment: Assignment, book: RuleBook) -> dict[str, int]:
    """How much can be stated of this item in all, how much beyond in any 24 hours (seconds), and how many days it waits."""
    return {
        "twice": 2 * assignment.bound_seconds,
        "day": book.whole("work.stated_day_seconds"),
        "days": book.whole("work.stated_wait_days"),
    }


def _sentences(assignment: Assignment) -> Iterator[str]:
    task = TimeEntry.Kind.TASK
    pieces = assignment.waiting.filter(kind=task)
    counted = assignment.time_entries.filter(kind=task, superseded_at=None)
    count = sum(entry.counted_seconds for entry in counted)
    yield _("%(time)s of it are counted.") % {"time": shown_duration(count)}
    for piece in pieces.exclude(state__in=[WaitingTime.State.WITHDRAWN, WaitingTime.State.COUNTED]):
        yield _why_it_waits(piece)
    standing = pieces.exclude(state__in=[WaitingTime.State.WITHDRAWN, WaitingTime.State.COUNTED])
    yield from _what_does_not_count(assignment, count + sum(piece.seconds for piece in standing))


def _why_it_waits(piece: WaitingTime) -> str:
    facts = {"time": shown_duration(piece.seconds), "moment": date_format(piece.counts_at, "DATETIME_FORMAT")}
    if piece.cause == WaitingTime.Cause.PROJECT:
        return (
            _("%(time)s wait until somebody has looked at the project's instructions and price, or more is delivered.")
            % facts
        )
    if piece.state == WaitingTime.State.REFUSED:
        return _("%(time)s were contested, and both who heard it refused them.") % facts
    if piece.state == WaitingTime.State.CONTESTED:
        return (
            _("%(time)s are contested: they are counted on %(moment)s (UTC) unless both who hear it refuse them.")
            % facts
        )
    return (
        _(
            "%(time)s wait, as they are beyond what is counted without a question: they are counted on %(moment)s (UTC) unless somebody contests them with reasons."
        )
        % facts
    )


def _what_does_not_count(assignment: Assignment, stands: int) -> Iterator[str]:
    last = assignment.corrections.order_by("-number").first()
    said = (last.declared_seconds if last else assignment.declared_seconds) or 0
    twice = 2 * assignment.bound_seconds
    if said > twice:
        yield (
            _("%(time)s don't count: they are beyond twice the time that nobody questions.")
            % {"time": shown_duration(said - twice)}
        )
    within = min(said, twice) - stands
    if within > 1:  # a begun second counts whole, where it is in no other entry
        yield (
            _("%(time)s don't count: they are beyond what may be stated in 24 hours.")
            % {"time": shown_duration(within)}
        )
    took = (assignment.measured_seconds or 0) - (assignment.paused_seconds or 0)
    if last is None and said == assignment.bound_seconds < took:
        yield (
            _(
                "%(time)s were measured; what is beyond counts only if you state it, which you still can under “My time”."
            )
            % {"time": shown_duration(took)}
        )
