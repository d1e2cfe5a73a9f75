"""Files for operators, and their answers."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import PLATFORM, Actor
from coop.ground.errors import Refused
from coop.ground.texts import gettext_noop
from coop.members.actors import must_hold
from coop.members.models import Member, OfficeKind
from payouts import rails, sealing, troubles
from payouts.actions.items import aim, give_back, mark_paid, mark_returned, mark_sent, plan_members
from payouts.models.items import BatchAnswer, BatchFile, PayoutItem, PayoutStep
from payouts.rails import Answer, Answers, BadRow
from payouts.sharing.models import PayoutRun

State = PayoutItem.State
MOVED_OUT = "moved"
"""The step of a payment whose member changed details while it stood in a file: it waits for the next run, or one member could keep the others of every file unpaid."""


@transaction.atomic
def write_batch_files(*, run: PayoutRun, now: datetime) -> int:
    """Write the files of a run, one per operator, once, to the details that are current now. The number written now.

    Given back: what can't be sent to these details, and what a file was withdrawn for.
    """
    now = PayoutRun.objects.select_for_update(of=("self",)).get(pk=run.pk).not_before(now)
    waiting: dict[tuple[str, str], list[PayoutItem]] = {}
    planned = plan_members(PayoutItem.objects.filter(run=run, attempt=None))
    moved_out = set(PayoutStep.objects.filter(item__in=planned, what=MOVED_OUT).values_list("item", flat=True))
    for item in planned:
        rail = rails.file_rail(item.rail)
        if rail is None:
            continue
        now = item.not_before(now)
        if item.pk in moved_out or not aim(item):
            give_back(item=item, trouble=troubles.MOVED, now=now)
        else:
            waiting.setdefault((item.rail, rail.carrier(item.details.opened())), []).append(item)
    for (name, carrier), items in sorted(waiting.items()):
        _write(run, name, carrier, items, now)
    return len(waiting)


def _write(run: PayoutRun, rail: str, carrier: str, items: list[PayoutItem], now: datetime) -> None:
    written = rails.file_rail(rail)
    assert written is not None, "only a rail of files has files"
    rows = [
        rails.Row(item.key, written.address(item.details.opened()), item.member.name, item.local_amount)
        for item in items
    ]
    id, content = uuid.uuid4(), written.write(carrier, rows)
    file = BatchFile.objects.create(
        id=id,
        run=run,
        rail=rail,
        operator=carrier,
        currency=items[0].currency,
        rows=len(items),
        total=sum(item.local_amount for item in items),
        sealed=sealing.seal(content, about=f"batch-file:{id}"),
        sha256=hashlib.sha256(content).hexdigest(),
        written_at=now,
    )
    PayoutItem.objects.filter(pk__in=[item.pk for item in items]).update(state=State.SUBMITTING, file=file)
    PayoutStep.objects.bulk_create(
        PayoutStep(item=item, epoch=1, what="submitting", note=file.file_name, by=PLATFORM.stands_as, at=now)
        for item in items
    )
    _record(run.pk, "written", file.sha256, by=PLATFORM, now=now)


def _record(run: uuid.UUID, verb: str, sha256: str, *, by: Actor, now: datetime) -> None:
    """The hash of the file alone: an operator, a sum or a number of rows can be one person's, and the pay stands in the bundle."""
    record(kind=f"batch_file.{verb}", subject=f"run:{run}", payload={"sha256": sha256}, by=by, now=now)


def withdraw_files(*, member: Member, now: datetime) -> None:
    """The member is paid elsewhere by now: a file that carries a payment to them, and that nobody took yet, is written anew without it.

    Within the caller's transaction, the member locked. The payment itself is given back where the files are written, by whoever locks
    the run before its members.
    """
    untaken = BatchFile.objects.in_use().filter(downloaded_at=None, items__member=member)
    for file in untaken.select_for_update(of=("self",)).order_by("pk"):
        items = list(PayoutItem.objects.select_for_update(of=("self",)).filter(file=file).order_by("pk"))
        for row in (file, file.run, *items):
            now = row.not_before(now)
        PayoutItem.objects.filter(pk__in=[item.pk for item in items]).update(state=State.PLANNED, file=None)
        PayoutStep.objects.bulk_create(
            PayoutStep(item=item, epoch=1, what=what, note=file.file_name, by=PLATFORM.stands_as, at=now)
            for item in items
            for what in ("withdrawn", *([MOVED_OUT] if item.member_id == member.pk else []))
        )
        file.withdrawn_at = now
        file.save(update_fields=["withdrawn_at"])
        _record(file.run_id, "withdrawn", file.sha256, by=PLATFORM, now=now)


@transaction.atomic
def download_batch_file(*, file: BatchFile, by: Actor, now: datetime) -> BatchFile:
    """Write down that the file is taken to its operator, the first time; from then on it can be had.

    Refused `not_in_office`, `file_withdrawn`.
    """
    locked = BatchFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    now = locked.not_before(now)
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    if locked.withdrawn_at is not None:
        raise Refused(
            _("A member in this file is paid elsewhere by now. The file for the others is written within minutes."),
            code="file_withdrawn",
        )
    if locked.downloaded_at is None:
        locked.downloaded_at, locked.downloaded_by = now, treasurer.member
        locked.save(update_fields=["downloaded_at", "downloaded_by"])
    return locked


SAID_OF: dict[str, frozenset[str]] = {
    "paid": frozenset({State.SUBMITTING}),
    "failed": frozenset({State.SUBMITTING}),
    "returned": frozenset({State.SUBMITTING, State.SENT, State.PAID}),
}
"""Of which payments an answer can say something new. “Failed” after “paid” may be an older file, read late: it is no return."""

SAID_BY: dict[str, frozenset[str]] = {
    "paid": frozenset({State.PAID, State.RETURNED}),
    "failed": frozenset({State.HELD}),
    "returned": frozenset({State.RETURNED}),
}
"""What an answer says was said before of payments in these states."""


@dataclass(frozen=True)
class Taken:
    """What an uploaded answer came to: rows that settled something, rows known before, and bad lines by number."""

    paid: int
    failed: int
    returned: int
    known: int
    bad: tuple[BadRow, ...]


@transaction.atomic
def take_answer(*, file: BatchFile, content: bytes, by: Actor, now: datetime) -> Taken:
    """Read the operator's answer: good rows are booked, bad ones named by line. The same file again changes nothing.

    Refused `not_in_office`, `not_downloaded`, `answer_unreadable`, `answer_columns_missing`, `answer_too_large`.
    """
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    run = PayoutRun.objects.select_for_update(of=("self",), no_key=True).get(pk=file.run_id)
    locked = BatchFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    now = locked.not_before(run.not_before(now))
    if locked.downloaded_at is None:
        raise Refused(_("This file was never downloaded; there can't be an answer to it."), code="not_downloaded")
    items = {
        item.key: item
        for item in PayoutItem.objects.select_for_update(of=("self",))
        .select_related("member", "attempt")
        .filter(file=locked)
        .order_by("pk")
    }
    for item in items.values():
        now = item.not_before(now)
    rail = rails.file_rail(locked.rail)
    assert rail is not None, "the file was written by a rail of files"
    answers = rail.read(locked.operator, content, items)
    taken = _book(answers, items, operator=locked.operator, by=treasurer, now=now)
    digest = hashlib.sha256(content).hexdigest()
    BatchAnswer.objects.get_or_create(
        file=locked,
        sha256=digest,
        defaults={
            "sealed": sealing.seal(content, about=f"batch-answer:{locked.pk}:{digest}"),
            "taken": taken.paid + taken.failed + taken.returned,
            "bad_lines": [{"line": row.line, "reason": row.template, "params": dict(row.params)} for row in taken.bad],
            "uploaded_at": now,
            "uploaded_by": treasurer.member,
        },
    )
    _record(locked.run_id, "answered", digest, by=treasurer, now=now)
    return taken


def _book(answers: Answers, items: Mapping[str, PayoutItem], *, operator: str, by: Actor, now: datetime) -> Taken:
    """What the good rows say becomes of the payments; the items are locked."""
    counts, known, bad = Counter[str](), 0, list(answers.bad)
    for line, answer in zip(answers.lines, answers.rows, strict=True):
        item = items[answer.key]
        if item.state in SAID_BY[answer.became]:
            known += 1
        elif item.state not in SAID_OF[answer.became]:
            bad.append(BadRow(line, gettext_noop("“%(key)s” was already settled otherwise."), {"key": answer.key}))
        else:
            _settle(item, answer, operator=operator, by=by, now=now)
            counts[answer.became] += 1
    taken = counts["paid"], counts["failed"], counts["returned"]
    return Taken(*taken, known, tuple(sorted(bad, key=lambda row: row.line)))


def _settle(item: PayoutItem, answer: Answer, *, operator: str, by: Actor, now: datetime) -> None:
    """One good row; what came back before anybody said that it was paid was sent all the same."""
    if answer.became == "failed":
        give_back(item=item, trouble=troubles.as_said(f"{operator}: {answer.reason}"), now=now, by=by)
        return
    if item.state == State.SUBMITTING:
        mark_sent(item=item, reference=f"{operator}:{answer.reference}:{answer.key}", now=now, by=by)
    if answer.became == "paid":
        mark_paid(item=item, now=now, by=by)
    else:
        mark_returned(item=item, note=f"{operator}:{answer.reference} {answer.reason}".strip(), now=now, by=by)
