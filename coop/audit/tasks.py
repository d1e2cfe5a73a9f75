"""The sealer's shell."""

from celery import shared_task

from coop.audit import actions
from coop.ground.clock import coop_now


@shared_task
def seal_log() -> None:
    """Seal what waits, batch after batch."""
    while actions.seal_log(now=coop_now()):
        pass
