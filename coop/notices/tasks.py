"""The shell that beat calls."""

from celery import shared_task

from coop.ground.clock import coop_now, wall_now
from coop.notices import letters


@shared_task
def send_letters() -> None:
    """Write and send the letters that are due."""
    letters.advance_letters(now=coop_now(), wall=wall_now())
