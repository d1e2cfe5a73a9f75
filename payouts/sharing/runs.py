"""Payout runs: inputs frozen, the waterfall computed into versions, and the end. Approval, which books, is in `approval.py`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground import invariants
from coop.ground.actor import PLATFORM
from coop.ground.canonical import fingerprint
from coop.ground.errors import Refused
from coop.notices.actions import tell
from coop.rules.actions import book_pinned_as, in_force, pin
from coop.work.actions import freeze_time
from payouts.ledger import chart
from payouts.occasions import statement_ready
from payouts.sharing import bundles
from payouts.sharing.approval import locked_run, objection_window
from payouts.sharing.corrections import Adjustment
from payouts.sharing.inputs import gathered, unpaid
from payouts.sharing.models import PayoutRun, Period, RunVersion
from payouts.sharing.versions import inputs_must_have, make_version, must_be_as_reckoned

State = PayoutRun.State


def advance_runs(*, now: datetime) -> list[PayoutRun]:
    """Draft the run of every closed period; freeze and compute the one whose turn it is. Doing it twice changes nothing.

    A run's turn comes when the one before it is approved.
    """
    for period in Period.objects.closed().filter(run=None).reverse():
        draft_run(period=period, now=now)
    advanced = []
    for run in PayoutRun.objects.to_reckon().order_by("period__number")[:1]:
        frozen = freeze_run(run=run, now=now)
        advanced.append(compute_run(run=frozen, now=now))
    for run in PayoutRun.objects.to_close().order_by("period__number"):
        advanced.append(close_run(run=run, now=now))
    return advanced


@transaction.atomic
def draft_run(*, period: Period, now: datetime) -> PayoutRun:
    """The run of a closed period, under the book in force when the period began, which is pinned. Refused `period_open`."""
    period = Period.objects.select_for_update().get(pk=period.pk)
    now = period.not_before(now)
    if period.state != Period.State.CLOSED:
        raise Refused(_("This period is not closed yet."), code="period_open")
    if run := PayoutRun.objects.filter(period=period).first():
        return run
    book = pin(book=in_force(period.starts_at), now=now)
    return PayoutRun.objects.create(period=period, rule_book=book, currency=chart.CURRENCY, drafted_at=now)


@transaction.atomic
def freeze_run(*, run: PayoutRun, now: datetime) -> PayoutRun:
    """Write down and hash everything the run is reckoned from. Doing it twice changes nothing. Refused `earlier_run_open`.

    It waits until the run before is approved: only then do the books hold what that run leaves behind.
    """
    run = locked_run(run)
    now = run.not_before(now)
    if run.state != State.DRAFT:
        return run
    if Period.objects.without_an_approved_run().filter(number__lt=run.period.number).exists():
        raise Refused(_("An earlier run is not approved yet."), code="earlier_run_open")
    Period.objects.select_for_update(no_key=True).get(pk=run.period_id)  # who corrects time of it has a share in it
    freeze_time(entries=unpaid(run.period))
    inputs = gathered(run.period, book_pinned_as(run.rule_book_id))
    Adjustment.objects.filter(pk__in=[one["id"] for one in inputs["adjustments"]]).update(taken_in=run)
    run.frozen_inputs, run.frozen_sha256 = inputs, fingerprint(bundles.reckoned_from(run, inputs))
    run.state, run.frozen_at = State.FROZEN, now
    run.save(update_fields=["frozen_inputs", "frozen_sha256", "state", "frozen_at"])
    frozen = {"inputs_sha256": run.frozen_sha256}
    record(kind="run.frozen", subject=f"run:{run.pk}", payload=frozen, by=PLATFORM, now=now)
    return run


@transaction.atomic
def compute_run(*, run: PayoutRun, now: datetime) -> PayoutRun:
    """Pour the waterfall into the first version, with every member's statement and its bundle; the objection window opens.

    Nothing is booked. Doing it twice changes nothing. InvariantBroken, and nothing is kept, if the books contradict themselves.
    Refused `inputs_altered` where the inputs aren't those that were frozen: that is tampering, and a person has to look.
    """
    run = locked_run(run)
    now = run.not_before(now)
    if run.state != State.FROZEN:
        return run
    inputs = cast(dict[str, Any], run.frozen_inputs)
    inputs_must_have(run.frozen_sha256, run, inputs)
    run.current = make_version(run=run, inputs=inputs, now=now)
    run.state, run.computed_at = State.COMPUTED, now
    run.objections_until = objection_window(run, now)
    run.save(update_fields=["current", "state", "computed_at", "objections_until"])
    tell(occasion=statement_ready.OCCASION, of=run, now=now)
    invariants.require_intact()
    return run


def correct_run(*, run: PayoutRun, correction: Mapping[str, Any], now: datetime) -> RunVersion:
    """The next version of a computed run, with one more correction among its inputs; the objection window opens again, until the deadline.

    The caller holds the run. `correction` is {objection, member, kind, seconds}. Refused `correction_longer_than_the_period`,
    `inputs_altered`, `version_altered`.
    """
    assert run.current is not None, "only what was computed is corrected"
    must_be_as_reckoned(run)
    inputs = {**run.current.inputs, "corrections": [*run.current.inputs["corrections"], dict(correction)]}
    run.current = make_version(run=run, inputs=inputs, now=now)
    run.objections_until = objection_window(run, now)
    run.save(update_fields=["current", "objections_until"])
    tell(occasion=statement_ready.OCCASION, of=run, now=now)
    return run.current


@transaction.atomic
def close_run(*, run: PayoutRun, now: datetime) -> PayoutRun:
    """A settled run of which no payment is unresolved, in books that are right, is closed. Doing it twice changes nothing.

    InvariantBroken where the books are wrong.
    """
    run = locked_run(run)
    now = run.not_before(now)
    if not PayoutRun.objects.to_close().filter(pk=run.pk).exists():
        return run
    invariants.require_intact()
    run.state, run.closed_at = State.CLOSED, now
    run.save(update_fields=["state", "closed_at"])
    record(kind="run.closed", subject=f"run:{run.pk}", payload={}, by=PLATFORM, now=now)
    return run
