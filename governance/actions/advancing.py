"""Moving proposals on as time passes. Beat calls this; doing it twice changes nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from coop.audit.actions import record
from coop.ground.actor import PLATFORM
from coop.ground.errors import Refused
from governance.actions.voting import close_ballot, open_ballot, tally_ballot
from governance.models import Ballot, Enactment, Proposal, State
from governance.operations import changes_as_voted, decline


def advance_proposals(*, now: datetime) -> int:
    """Move every proposal that is due at `now`, each in transactions of its own; how many moved.

    One that was tampered with holds up no other: the others move, and then Refused says what is wrong with it.
    """
    moved, refused = 0, None
    for pk in list(Proposal.objects.due(now).values_list("pk", flat=True)):
        try:
            moved += advance_proposal(proposal=pk, now=now)
        except Refused as no:
            refused = no
    if refused:
        raise refused
    return moved


def advance_proposal(*, proposal: UUID, now: datetime) -> bool:
    """Move one proposal along its graph as far as `now` allows; whether it moved. One transaction per step."""
    moved = False
    while _step(proposal, now=now):
        moved = True
    return moved


def _step(pk: UUID, *, now: datetime) -> bool:
    """One move along the graph, if it is time for one."""
    proposal = Proposal.objects.get(pk=pk)
    match proposal.state:
        case State.DELIBERATION:
            return open_ballot(proposal=proposal, now=now) is not None
        case State.VOTING:
            return close_ballot(ballot=Ballot.objects.get(proposal=proposal), now=now).closed_at is not None
        case State.CLOSED:
            tally_ballot(ballot=Ballot.objects.get(proposal=proposal), now=now)
            return True
        case State.ADOPTED:
            return release_from_timelock(proposal=proposal, now=now)
        case State.EXECUTABLE:
            return enact(proposal=proposal, now=now)
        case _:
            return False


@transaction.atomic
def release_from_timelock(*, proposal: Proposal, now: datetime) -> bool:
    """Make the adopted proposal executable once its timelock is over, or let it expire."""
    proposal = Proposal.objects.locked(proposal.pk)
    now = proposal.not_before(now)
    if proposal.state != State.ADOPTED or proposal.executable_at is None or now < proposal.executable_at:
        return False
    if _expires(proposal, now):
        return True
    proposal.state = State.EXECUTABLE
    proposal.save(update_fields=["state"])
    return True


@transaction.atomic
def enact(*, proposal: Proposal, now: datetime) -> bool:
    """Carry out the adopted change set, whole or not at all, once.

    What a rule forbids by now (a stale base, an application decided meanwhile) is recorded as the failure it is, for everyone to read.
    """
    proposal = Proposal.objects.locked(proposal.pk)
    now = proposal.not_before(now)
    if proposal.state != State.EXECUTABLE or proposal.executable_at is None or now < proposal.executable_at:
        return False
    if _expires(proposal, now):
        return True
    payload: dict[str, Any] = {"change_set_sha256": proposal.change_set_sha256}
    try:
        with transaction.atomic():
            effects = _carry_out(proposal, now)
    except Refused as refused:
        failure = _in_every_language(refused, proposal, now)
        Enactment.objects.create(proposal=proposal, enacted_at=now, failure_code=refused.code, failure=failure)
        proposal.state = State.EXECUTION_FAILED
        kind, payload["code"] = "decision.failed", refused.code
        decline(proposal, now=now)
    else:
        Enactment.objects.create(proposal=proposal, enacted_at=now, effects=effects)
        proposal.state = State.EXECUTED
        kind, payload["effects"] = "decision.executed", effects
    proposal.settled_at = now
    proposal.save(update_fields=["state", "settled_at"])
    record(kind=kind, subject=f"proposal:{proposal.pk}", payload=payload, by=PLATFORM, now=now)
    return True


def _carry_out(proposal: Proposal, now: datetime) -> list[dict[str, Any]]:
    return [{"op": change.op, **change.apply(decision=proposal.pk, now=now)} for change in changes_as_voted(proposal)]


def _in_every_language(refused: Refused, proposal: Proposal, now: datetime) -> dict[str, str]:
    """Why it was refused, by language. A refusal speaks the language it is raised in, so it is raised in each, and nothing stays."""
    said = {}
    for language, _name in settings.LANGUAGES:
        sentence = str(refused)
        with override(language):
            try:
                with transaction.atomic():
                    _carry_out(proposal, now)
                    transaction.set_rollback(True)
            except Refused as again:
                sentence = str(again) if again.code == refused.code else sentence
        said[language] = sentence
    return said


def _expires(proposal: Proposal, now: datetime) -> bool:
    if proposal.expires_at is None or now < proposal.expires_at:
        return False
    proposal.state = State.EXPIRED
    proposal.settled_at = now
    proposal.save(update_fields=["state", "settled_at"])
    decline(proposal, now=now)
    record(kind="decision.expired", subject=f"proposal:{proposal.pk}", payload={}, by=PLATFORM, now=now)
    return True
