"""What a law of the database says to the person who breaks it: one map from its name to the refusal.

A law holds whoever writes. Mostly an action has asked the same question before and refuses by itself; where two people act
at once the database is the one to say no, and says the same. A law without an entry is broken only by a bug, and crashes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from coop.ground.errors import Refused


@dataclass(frozen=True)
class Refusal:
    """The code, the sentence and the input at fault, as `Refused` carries them."""

    code: str
    sentence: Any
    field: str | None = None


# By the name of the constraint or trigger; a trigger that keeps several laws names the one that was broken.
REFUSALS = {
    # members
    "application_one_open_per_person": Refusal("already_applied", _("Your application is waiting for its vote.")),
    "member_one_live_membership_per_person": Refusal("already_member", _("This person is a member already.")),
    # ledger
    "ledger_entry_in_a_transaction_being_written": Refusal(
        "transaction_sealed", _("This transaction is finished; nothing can be added to it.")
    ),
    "ledger_entry_has_a_stated_leg": Refusal("unstated_leg", _("The transaction has no such leg.")),
    "ledger_entry_of_a_known_account": Refusal("unknown_account", _("There is no such account.")),
    "ledger_entry_in_the_currency_of_its_account": Refusal(
        "wrong_currency", _("The account is kept in another currency.")
    ),
    "ledger_entry_of_an_open_account": Refusal("account_closed", _("This account is closed.")),
    "ledger_entry_in_a_period": Refusal("period_missing", _("The books had not been opened yet at that moment.")),
    "ledger_entry_in_an_open_period": Refusal(
        "period_closed", _("The period in which this would take effect is closed.")
    ),
    "ledger_balance_not_below_its_minimum": Refusal("balance_too_low", _("There is not enough in this account.")),
    "ledger_hold_is_resolved_once": Refusal("hold_already_resolved", _("This amount was already sent or given back.")),
    "ledger_transaction_is_reversed_once": Refusal("already_reversed", _("This transaction was already reversed.")),
    # payouts
    "order_payment_pays_one_order": Refusal(
        "reference_used", _("A transfer with this reference already paid another order."), "reference"
    ),
    "payout_item_reference_pays_once": Refusal(
        "reference_used", _("This payment already belongs to another item."), "reference"
    ),
    "objection_one_open_per_statement": Refusal("objection_open", _("Your objection is waiting for its answer.")),
    # governance
    "vote_only_while_the_ballot_is_open": Refusal("ballot_closed", _("This ballot is closed.")),
}


def refused_by(law: str) -> Refused:
    """The refusal of this law, for the action that asks before the database does."""
    refusal = REFUSALS[law]
    return Refused(refusal.sentence, code=refusal.code, field=refusal.field)


def broken_law(error: BaseException) -> str:
    """The name of the constraint or trigger that the database refused by; empty if it names none."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


@contextmanager
def laws_refuse() -> Iterator[None]:
    """Inside, what a law of the map forbids is a Refused; what any other forbids goes on as the bug it is."""
    try:
        yield
    except IntegrityError as error:
        if (law := broken_law(error)) not in REFUSALS:
            raise
        raise refused_by(law) from error
