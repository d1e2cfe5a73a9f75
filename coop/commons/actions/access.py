"""Asking for data, and what follows: a refusal that says why, or a grant by decision."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.commons import screen
from coop.commons.models import AccessEvent, AccessRequest, Dataset, Grant, Release, ReleaseFile
from coop.ground.actor import PLATFORM, Actor
from coop.ground.canonical import fingerprint, instant
from coop.ground.errors import Refused
from coop.ground.laws import check_stated
from coop.members.actors import user_behind
from coop.rules.actions import in_force

STATED = (
    "organisation",
    "legal_form",
    "country",
    "sector",
    "purpose",
    "purpose_text",
    "actions",
    "recipients",
    "recipient_sectors",
    "environment",
    "until",
    "offer",
)
"""What is stated in a request."""

Outcome = AccessRequest.Outcome


@transaction.atomic
def request_access(*, dataset: Dataset, by: Actor, now: datetime, **stated: Any) -> AccessRequest:
    """Ask for access to the newest release of a dataset. It is published in full at once, whatever comes of it.

    The machine looks at it first: what crosses a red line, or what no permission names, is refused on the spot, with the reason.
    Everything else waits for people. ValidationError names each unsound field. Refused `nothing_released`.
    """
    if unknown := set(stated) - set(STATED):
        raise TypeError(f"a request does not state {', '.join(sorted(unknown))}")
    if not dataset.releases.exists():
        raise Refused(_("Nothing of this dataset is released yet."), code="nothing_released")
    user = user_behind(by)
    request = AccessRequest(
        dataset=dataset,
        policy=dataset.policy,
        asked_by=user,
        simulated=user.simulated,
        screening={"verdict": ""},
        submitted_at=now,
        **{name: value.strip() if isinstance(value, str) else value for name, value in stated.items()},
    )
    request.country = (request.country or "").upper()
    _check_stated(request, now)
    request.actions = sorted(set(request.actions) | {"use"})
    request.recipient_sectors = sorted(set(request.recipient_sectors))
    said = _screened(request, now)
    request.screening = said.as_data()
    if said.verdict is screen.Verdict.REFUSED:
        request.outcome, request.refused_for, request.decided_at = Outcome.REFUSED, said.reason, now
    request.save(force_insert=True)
    _record(request, "requested", {"stated_sha256": fingerprint(request.stated()), **request.screening}, now, by=by)
    if request.outcome:
        _record(request, "refused", {"reason": said.reason, "decision": None}, now)
    return request


def _check_stated(request: AccessRequest, now: datetime) -> None:
    errors: dict[str, list[Any]] = {}
    try:
        check_stated(request, STATED)
    except ValidationError as wrong:
        errors = dict(wrong.message_dict)
    if "until" not in errors and request.until <= now.date():
        errors["until"] = [_("Give a day in the future.")]
    if errors:
        raise ValidationError(errors)


def _screened(request: AccessRequest, now: datetime) -> screen.Screening:
    """What the machine says now: under the policy of the request and the red lines in force."""
    return screen.screen(request.as_facts(), request.policy.odrl, in_force(now).words("commons.red_lines"))


@transaction.atomic
def link_to_proposal(*, request: AccessRequest, proposal: UUID, now: datetime) -> AccessRequest:
    """Note by which proposal the request is being decided. Refused `request_closed`."""
    request = _undecided(request)
    now = request.not_before(now)
    request.proposal = proposal
    request.save(update_fields=["proposal"])
    _record(request, "put_to_vote", {"proposal": str(proposal)}, now)
    return request


@transaction.atomic
def grant_access(*, request: AccessRequest, decision: UUID, now: datetime) -> Grant:
    """Grant what was asked, by decision: the newest release, until the day asked for and never longer than the rule allows.

    Doing it twice changes nothing. Refused `request_closed`, and `red_line` where a red line drawn meanwhile forbids it.
    """
    request = AccessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    now = request.not_before(now)
    if request.outcome == Outcome.GRANTED and request.decision == decision:
        return request.grant
    request = _undecided(request)
    said = _screened(request, now)
    if said.verdict is screen.Verdict.REFUSED:
        raise Refused(_("This is forbidden: %(reason)s.") % {"reason": _(screen.REASONS[said.reason])}, code="red_line")
    release = request.dataset.releases.order_by("-version")[0]
    longest = now + timedelta(days=in_force(now).whole("commons.grant_days"))
    asked = datetime.combine(request.until + timedelta(days=1), time(), tzinfo=UTC)
    if asked <= now:
        raise Refused(_("The day until which access was asked for is over."), code="too_late")
    request.outcome, request.decision, request.decided_at = Outcome.GRANTED, decision, now
    request.save(update_fields=["outcome", "decision", "decided_at"])
    grant = _grant(
        request, release, duties=said.as_data()["duties"], decision=decision, ends_at=min(asked, longest), now=now
    )
    _record(
        request,
        "granted",
        {
            "decision": str(decision),
            "grant": str(grant.pk),
            "release_sha256": release.manifest_sha256,
            "policy_sha256": grant.policy_sha256,
            "agreement_sha256": grant.agreement_sha256,
            "fee": grant.fee,
        },
        now,
    )
    return grant


def _grant(
    request: AccessRequest, release: Release, *, duties: Any, decision: UUID, ends_at: datetime, now: datetime
) -> Grant:
    """The grant of a request that is decided, with the hash of all that was agreed."""
    agreement = {
        "request": request.stated(),
        "duties": duties,
        "policy_sha256": request.policy.odrl_sha256,
        "release_sha256": release.manifest_sha256,
        "ends_at": instant(ends_at),
    }
    return Grant.objects.create(
        request=request,
        release=release,
        policy_sha256=request.policy.odrl_sha256,
        agreement_sha256=fingerprint(agreement),
        fee=request.offer,
        decision=decision,
        starts_at=now,
        ends_at=ends_at,
    )


@transaction.atomic
def refuse_access(*, request: AccessRequest, reason: str, decision: UUID | None, now: datetime) -> AccessRequest:
    """Refuse what nobody said yes to; `reason` is a key of `screen.REASONS`. Of a request already decided nothing changes."""
    request = AccessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    now = request.not_before(now)
    if request.outcome:
        return request
    return _refuse(request, reason=reason, decision=decision, by=PLATFORM, now=now)


def _refuse(request: AccessRequest, *, reason: str, decision: UUID | None, by: Actor, now: datetime) -> AccessRequest:
    request.outcome, request.refused_for, request.decision, request.decided_at = Outcome.REFUSED, reason, decision, now
    request.save(update_fields=["outcome", "refused_for", "decision", "decided_at"])
    _record(request, "refused", {"reason": reason, "decision": str(decision) if decision else None}, now, by=by)
    return request


@transaction.atomic
def withdraw_request(*, request: AccessRequest, by: Actor, now: datetime) -> AccessRequest:
    """Take the request back before it is decided; it stays in the register. Doing it twice changes nothing. Refused `not_yours`."""
    if request.asked_by_id != user_behind(by).pk:
        raise Refused(_("Only who asked takes a request back."), code="not_yours")
    request = AccessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    now = request.not_before(now)
    if request.refused_for == "withdrawn":
        return request
    return _refuse(_undecided(request), reason="withdrawn", decision=None, by=by, now=now)


@transaction.atomic
def settle_fee(*, grant: Grant, by: Actor, now: datetime) -> Grant:
    """The fee is paid; the release opens. Called by payouts, which owns the money. Doing it twice changes nothing."""
    grant = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    now = grant.not_before(now)
    if grant.fee and grant.fee_paid_at is None:
        grant.fee_paid_at = now
        grant.save(update_fields=["fee_paid_at"])
        _record(grant.request, "fee_paid", {"grant": str(grant.pk), "fee": grant.fee}, now, by=by)
    return grant


@transaction.atomic
def fetch_file(*, grant: Grant, name: str, by: Actor, now: datetime) -> AccessEvent:
    """The public note that a file of the granted release is fetched, under which it can be had for an hour.

    ReleaseFile.DoesNotExist for a name that is none. Refused `not_yours`, `fee_not_paid`, `grant_over`.
    """
    if grant.request.asked_by_id != user_behind(by).pk:
        raise Refused(_("This access was given to somebody else."), code="not_yours")
    if grant.fee and grant.fee_paid_at is None:
        raise Refused(_("The release opens when the fee for the commons is paid."), code="fee_not_paid")
    if not grant.is_open_on(now):
        raise Refused(_("This access is over."), code="grant_over")
    file = ReleaseFile.objects.get(release=grant.release_id, name=name)
    return AccessEvent.objects.create(grant=grant, file=file.name, at=now)


def _undecided(request: AccessRequest) -> AccessRequest:
    request = AccessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.outcome:
        raise Refused(_("This request is already decided."), code="request_closed")
    return request


def _record(request: AccessRequest, verb: str, payload: dict[str, Any], now: datetime, *, by: Actor = PLATFORM) -> None:
    record(kind=f"access.{verb}", subject=f"access-request:{request.pk}", payload=payload, by=by, now=now)
