"""The shells that beat calls."""

from celery import shared_task

from coop.ground import invariants
from coop.ground.clock import coop_now, wall_now
from payouts.actions import execution, inbox, refunds
from payouts.ledger.actions import chain_transactions
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs as advance


@shared_task
def advance_periods() -> None:
    """Close what is over and open what follows; what finished projects left goes back."""
    now = coop_now()
    close_due_periods(now=now)
    refunds.refund_unused_escrow(now=now)


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
    invariants.require_intact()


@shared_task
def handle_inbox() -> None:
    """Look into the webhooks that came."""
    inbox.advance_inbox(now=coop_now())


@shared_task
def poll_events() -> None:
    """Fetch the events that no webhook brought."""
    inbox.poll_events(now=coop_now())


@shared_task
def send_refunds() -> None:
    """Give back what cancelled orders had paid and finished ones have left."""
    refunds.advance_refunds(now=coop_now(), wall=wall_now())


@shared_task
def send_payouts() -> None:
    """Reserve approved runs, send their items, settle them."""
    execution.advance_payout_items(now=coop_now(), wall=wall_now())
