"""Background tasks of the ground."""

from celery import shared_task

from coop import health


@shared_task
def beat_heart() -> None:
    """Beat asked, the queue carried, a worker ran this: the background work is alive."""
    health.record_heartbeat(part="work")
