"""Background work: thin shells around idempotent actions."""

from uuid import UUID

from celery import shared_task

from coop.ground.clock import coop_now
from governance import commons
from governance.actions.advancing import advance_proposal
from governance.models import Proposal


@shared_task
def advance_proposals() -> None:
    """Hand every proposal that is due to a task of its own, so that one that crashes stops no other."""
    for pk in Proposal.objects.due(coop_now()).values_list("pk", flat=True):
        advance_one_proposal.delay(str(pk))


@shared_task
def advance_one_proposal(pk: str) -> None:
    """Move one proposal as far as the clock allows."""
    advance_proposal(proposal=UUID(pk), now=coop_now())


@shared_task
def advance_requests() -> None:
    """Bring requests for data to their stewards."""
    commons.advance_requests(now=coop_now())
