"""The shell that beat calls."""

from celery import shared_task

from coop.ground.clock import coop_now, wall_now
from coop.notices import letters


@shared_task
def send_letters() -> None:
    """Write and send the letters that are due. It crashes, so that the operator looks, where the mail server can't be reached."""
    if not letters.advance_letters(now=coop_now(), wall=wall_now()).reached:
        raise ConnectionError("the mail server could not be reached; the letters wait")
