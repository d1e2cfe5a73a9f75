"""Income from the re-use of data: to the commons fund, whole, and to nothing else."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from coop.commons.actions import settle_fee
from coop.commons.models import Grant
from coop.ground.actor import Actor
from coop.ground.amounts import shown_amount
from coop.ground.errors import Refused
from coop.members.actors import must_hold
from coop.members.models import OfficeKind
from payouts.ledger import chart
from payouts.ledger.actions import credit, debit, post


@transaction.atomic
def receive_access_fee(*, grant: Grant, amount: int, reference: str, by: Actor, now: datetime) -> Grant:
    """The treasurer has seen the agreed fee on the bank account: book it to the commons fund and open the release.

    It is no revenue: no waterfall sees it, and the books refuse a transaction that has the fund and a person in it.
    Doing it twice changes nothing. Refused `not_in_office`, `no_fee`, `wrong_amount`.
    """
    treasurer = must_hold(by, OfficeKind.TREASURER, now=now)
    if not grant.fee:
        raise Refused(_("This access is free of charge."), code="no_fee")
    if amount != grant.fee:
        raise Refused(
            _("The fee agreed is %(fee)s, not %(amount)s.")
            % {"fee": shown_amount(grant.fee, "EUR"), "amount": shown_amount(amount, "EUR")},
            code="wrong_amount",
            field="amount",
        )
    grant = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    now = grant.not_before(now)
    if grant.fee_paid_at is not None:
        return grant
    post(
        idem=f"access_fee:{grant.pk}",
        kind="access_fee",
        legs=[debit(chart.CASH_BANK, amount), credit(chart.COMMONS_FUND, amount)],
        by=treasurer,
        now=now,
        source_event=f"grant:{grant.pk}",
        memo=reference[:200],
    )
    return settle_fee(grant=grant, by=treasurer, now=now)
