"""The shells that beat calls."""

from celery import shared_task

from coop.clock import coop_now
from payouts import invariants
from payouts.actions.periods import close_due_periods
from payouts.actions.runs import advance_runs as advance
from payouts.ledger.actions import chain_transactions


@shared_task
def advance_periods() -> None:
    """Close what is over and open what follows."""
    close_due_periods(now=coop_now())


@shared_task
def advance_runs() -> None:
    """Freeze and compute the runs of closed periods."""
    advance(now=coop_now())


@shared_task
def chain_ledger() -> None:
    """Chain what was posted since the last link."""
    chain_transactions(now=coop_now())


@shared_task
def check_invariants() -> None:
    """Crash, so that somebody looks, when the books contradict themselves."""
    invariants.insist()
