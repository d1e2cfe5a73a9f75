"""A member's account at Stripe: it is opened once, and Stripe asks its owner for the papers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import user_behind
from coop.members.models import Member
from payouts.actions.rail_details import set_rail_details
from payouts.attempts import protocol
from payouts.attempts.protocol import Act, Again, Errand
from payouts.models.attempts import Attempt
from payouts.models.rails import RailDetails
from payouts.rails import Declined, Found, LookupFailed, Outcome, stripe

PURPOSE = "account"


class AccountErrand(Errand):
    """Opening a member's account. Nothing is paid to one that is not in the member's details, so the oldest will do."""

    purpose, rail, lone = PURPOSE, stripe.RAIL.name, False

    def request(self, attempt: Attempt) -> bytes:
        member = Member.objects.get(pk=attempt.subject)
        return stripe.account_request(country=member.country, member=member.pseudonym.hex, key=attempt.key)

    def ask(self, request: bytes, key: str) -> Outcome:
        return stripe.submit_account(request, key)

    def find(self, attempt: Attempt) -> list[Found]:
        assert attempt.first_try_at, "only what was asked is looked up"
        since = attempt.first_try_at - timedelta(hours=1)  # their clock may be behind ours
        return stripe.find_accounts(Member.objects.get(pk=attempt.subject).pseudonym.hex, int(since.timestamp()))

    def fits(self, attempt: Attempt, found: Found) -> bool:
        return bool(found.country == json.loads(attempt.request())["country"])  # the member may have moved since

    def declined(self, attempt: Attempt, no: Declined) -> Again:
        return Again()

    def done(self, attempt: Attempt, act: Act) -> None:
        _be_paid_there(attempt, act.now)


def _be_paid_there(attempt: Attempt, now: datetime) -> RailDetails:
    member = Member.objects.get(pk=attempt.subject)
    details = {"account": attempt.reference}
    return set_rail_details(member=member, rail=stripe.RAIL.name, details=details, by=member.actor, now=now)


def open_stripe_account(*, member: Member, by: Actor, now: datetime, wall: datetime) -> str:
    """Open an account at Stripe for a member, or go on with the one there is; the address where Stripe asks for the papers.

    Refused `not_yours`, `stripe_is_off`, `rail_does_not_reach_country`, `stripe_unreachable`, `stripe_refused`. Call it with no
    transaction open.
    """
    if user_behind(by).pk != member.user_id:
        raise Refused(_("Only the member says how the member is paid."), code="not_yours")
    if not stripe.is_on():
        raise Refused(_("Stripe is switched off here at the moment."), code="stripe_is_off")
    if not stripe.RAIL.reaches(member.country):
        raise Refused(
            _("Stripe does not pay out to your country from here. Choose another way to be paid."),
            code="rail_does_not_reach_country",
        )
    current = RailDetails.objects.of(member).current().filter(rail=stripe.RAIL.name).first()
    try:
        details = current or _opened(member, now, wall)
        return stripe.papers_page(str(details.opened()["account"]), back=f"{settings.SITE_URL}/rail/")
    except LookupFailed:
        raise Refused(_("Stripe can't be reached right now; please try again."), code="stripe_unreachable") from None


def _opened(member: Member, now: datetime, wall: datetime) -> RailDetails:
    attempt = _prepared(member)
    if attempt.state == Attempt.State.DONE:  # opened before, and another way was chosen since
        return _be_paid_there(attempt, now)
    protocol.advance(attempt=attempt, errand=AccountErrand(), now=now, wall=wall, patient=False)
    attempt.refresh_from_db()
    if attempt.state == Attempt.State.DONE:
        return RailDetails.objects.of(member).current().get(rail=stripe.RAIL.name)
    if attempt.state == Attempt.State.WAITING and attempt.trouble:
        raise Refused(_("Stripe refuses to open an account: %(why)s") % {"why": attempt.trouble}, code="stripe_refused")
    raise LookupFailed


@transaction.atomic
def _prepared(member: Member) -> Attempt:
    return protocol.prepare(errand=AccountErrand(), subject=member.pk)
