"""What a decision does: each operation through the one action it stands for. A match statement, and nothing else."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from coop.commons.actions import grant_access, refuse_access
from coop.commons.models import AccessRequest
from coop.ground.canonical import instant
from coop.ground.errors import Refused
from coop.members.actions import admit, begin_office, decline_application
from coop.members.models import Application, Member
from coop.rules.actions import amend_rule, head, in_force
from coop.rules.catalogue import CATALOGUE
from coop.rules.catalogue.rule import Effect
from governance.admissibility import check_appointable
from governance.changes import Admit, Appoint, GrantAccess, Operation, Resolution, SetRule
from payouts.actions.periods import next_period_start


def apply(change: Operation, *, decision: UUID, now: datetime) -> dict[str, Any]:
    """Carry out one operation of an adopted proposal; what it did, for the record. Refused where it can't be done any more."""
    match change:
        case SetRule(key=key, base_version=base, new_value=value):
            newest = head(key)
            if newest.number != base and newest.decision != decision:
                raise Refused(
                    _("This was voted on version %(base)s of the rule; by now it is at version %(newest)s.")
                    % {"base": base, "newest": newest.number},
                    code="stale_base",
                    field="base_version",
                )
            begins = begins_at(key, head_from=newest.effective_from, now=now)
            version = amend_rule(
                key=key, value=value, effective_from=begins, decision=decision, supersedes=newest, now=now
            )
            return {
                "op": "set_rule",
                "key": key,
                "version": version.number,
                "effective_from": instant(version.effective_from),
            }
        case Admit(application=pk):
            member = admit(application=Application.objects.get(pk=pk), decision=decision, now=now)
            return {"op": "admit", "member": member.log_pseudonym.hex}
        case Appoint(member=pseudonym, office=office):
            member = Member.objects.get(log_pseudonym=pseudonym)
            check_appointable(member, office, now=now)
            days = in_force(now).whole("members.term_days")
            term = begin_office(member=member, kind=office, term_days=days, decision=decision, now=now)
            return {"op": "appoint", "member": pseudonym.hex, "office": office, "ends_at": instant(term.ends_at)}
        case GrantAccess(request=pk):
            grant = grant_access(request=AccessRequest.objects.get(pk=pk), decision=decision, now=now)
            return {"op": "grant_access", "grant": str(grant.pk)}
        case Resolution():
            return {"op": "resolution"}


def decline(change: Operation, *, decision: UUID, now: datetime) -> None:
    """Do what follows when the assembly did not say yes: what was asked for is declined, and nothing else changes."""
    match change:
        case Admit(application=pk):
            decline_application(application=Application.objects.get(pk=pk), decision=decision, now=now)
        case GrantAccess(request=pk):
            refuse_access(request=AccessRequest.objects.get(pk=pk), reason="vote", decision=decision, now=now)
        case SetRule() | Appoint() | Resolution():
            pass


def begins_at(key: str, *, head_from: datetime, now: datetime) -> datetime:
    """When a new value of the rule begins: money rules with the next payout period, others at once.

    A second decision on a money rule in the same period begins one period after the first.
    """
    if CATALOGUE[key].effect is Effect.AT_ONCE:
        return now
    return next_period_start(max(now, head_from))
