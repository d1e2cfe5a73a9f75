"""The work market's errands: thin shells over actions that may be done twice."""

from uuid import UUID

from celery import shared_task

from coop.ground.clock import coop_now
from coop.work import actions
from coop.work.models import Project


@shared_task
def sweep_leases() -> None:
    """Offer expired leases again."""
    actions.return_expired_leases(now=coop_now())


@shared_task
def sweep_time() -> None:
    """Reckon how fast projects go, draw who hears a contest, and count what has waited long enough."""
    actions.update_paces(now=coop_now())
    actions.draw_contests(now=coop_now())
    actions.count_due_waiting(now=coop_now())


@shared_task
def update_consensus() -> None:
    """Finish what is done, reckon what is due."""
    actions.update_due_consensus(now=coop_now())


@shared_task(expires=10)
def reckon_project(project: str) -> None:
    """After a submission: finish the project if that was its last answer, and reckon its consensus if it is due.

    One that waited longer is dropped unread: the sweep above has done its work, and others are not kept waiting behind hundreds.
    """
    this = Project.objects.get(pk=UUID(project))
    actions.finish_if_done(project=this, now=coop_now())
    actions.reckon_consensus(project=this, now=coop_now())
