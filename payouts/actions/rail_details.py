"""How a member wants to be paid, and what the treasurer knows about rates."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.canonical import canonical_json
from coop.ground.errors import Refused
from coop.ground.money import CURRENCIES
from coop.members.actors import must_hold, user_behind
from coop.members.models import Member, OfficeKind
from payouts import rails, sealing
from payouts.actions.batch_files import withdraw_files
from payouts.models.rails import ExchangeRate, RailDetails


@transaction.atomic
def set_rail_details(*, member: Member, rail: str, details: dict[str, Any], by: Actor, now: datetime) -> RailDetails:
    """Be paid this way from now on, with what is planned and not asked for yet too; the same details again change nothing.

    What stood in an operator's file is sent with the next run, and the file is written anew for the others.
    Refused by field: `not_yours`, `rail_unknown`, `rail_does_not_reach_country`, and what the rail says of the details.
    """
    if user_behind(by).pk != member.user_id:
        raise Refused(_("Only the member says how the member is paid."), code="not_yours")
    if rail not in rails.RAILS:
        raise Refused(
            _("Choose one of these ways to be paid: %(rails)s.") % {"rails": ", ".join(rails.RAILS)},
            code="rail_unknown",
            field="rail",
        )
    plugin = rails.RAILS[rail]
    cleaned = plugin.cleaned(details, member.country)
    now = Member.objects.select_for_update(no_key=True).get(pk=member.pk).not_before(now)
    digest = sealing.blind(canonical_json({"rail": rail, **cleaned}).decode())
    current = RailDetails.objects.of(member).current().first()
    if current is not None:
        if current.digest == digest:
            return current
        now = current.not_before(now)
    RailDetails.objects.of(member).current().update(replaced_at=now)
    id = uuid.uuid4()
    fresh = RailDetails.objects.create(
        id=id,
        member=member,
        rail=rail,
        sealed=sealing.seal(canonical_json(cleaned), about=f"rail-details:{id}"),
        masked=plugin.masked(cleaned),
        digest=digest,
        set_at=now,
    )
    withdraw_files(member=member, now=now)
    return fresh


@transaction.atomic
def record_rate(
    *, currency: str, num: int, den: int, source: str, read_at: datetime, by: Actor, now: datetime
) -> ExchangeRate:
    """So many units of a currency for one euro, with where and when it was read. Refused `not_in_office` for who is not the treasurer."""
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    if currency not in CURRENCIES or currency == "EUR":
        raise Refused(_("We don't pay in this currency."), code="currency_unknown", field="currency")
    if num < 1 or den < 1:
        raise Refused(_("A rate is above zero."), code="rate_not_positive", field="num")
    if not source.strip():
        raise Refused(_("Say where the rate was read."), code="source_missing", field="source")
    if read_at > now:
        raise Refused(_("A rate can't be read in the future."), code="read_in_future", field="read_at")
    return ExchangeRate.objects.create(
        currency=currency,
        num=num,
        den=den,
        source=source.strip(),
        read_at=read_at,
        recorded_at=now,
        recorded_by=treasurer.member,
    )
