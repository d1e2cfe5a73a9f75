"""What a law of the database says to the person who breaks it: one map from its name to the refusal.

A law holds whoever writes. Mostly an action has asked the same question before and refuses by itself; where two people act
at once the database is the one to say no, and says the same. A law without an entry is broken only by a bug, and crashes.

What people state about a new row is looked at by `check_stated`, which asks these same laws before the database does.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
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
    # requesters and their orders
    "client_has_a_legal_name": Refusal("stated_wrong", _("Give the legal name."), "legal_name"),
    "client_can_be_reached": Refusal("stated_wrong", _("Give an address where you can be reached."), "contact"),
    "client_country_is_two_letters": Refusal("stated_wrong", _("Choose a country."), "country"),
    "client_kind_is_known": Refusal("stated_wrong", _("Choose what kind of organisation it is."), "kind"),
    "client_with_a_chain_says_on_whose_behalf": Refusal(
        "stated_wrong",
        _("There are firms between the final client and you: say on whose behalf you order."),
        "beneficial_client",
    ),
    "project_has_a_title": Refusal("stated_wrong", _("Give a title."), "title"),
    "project_states_its_purpose": Refusal("stated_wrong", _("Say what the work is for."), "purpose"),
    "project_names_its_final_client": Refusal(
        "stated_wrong", _("Say who will use the result in the end."), "final_client"
    ),
    "project_states_its_end_use": Refusal("stated_wrong", _("Choose at least one end use."), "end_use"),
    "project_end_use_is_known": Refusal("stated_wrong", _("Choose end uses that we know."), "end_use"),
    "project_sold_as_automated_discloses_the_people": Refusal(
        "stated_wrong", _("Say how the people behind a product sold as automated are disclosed."), "disclosure"
    ),
    "project_asks_at_least_one_answer": Refusal("stated_wrong", _("Ask for at least one answer."), "redundancy"),
    "project_expects_some_time": Refusal("stated_wrong", _("Give at least one second."), "seconds_per_answer"),
    # time
    "time_correction_before_the_run": Refusal(
        "time_frozen", _("A payout is already reckoned from this time; it can't be corrected any more.")
    ),
    # commons
    "dataset_says_what_it_is": Refusal("stated_wrong", _("Say what this data is."), "summary"),
    "dataset_says_by_what_right_it_is_shared": Refusal(
        "stated_wrong", _("Say by what right it is ours to share."), "client_rights"
    ),
    "dataset_origin_is_known": Refusal("stated_wrong", _("Choose where it comes from."), "origin"),
    "dataset_says_what_returns": Refusal("stated_wrong", _("Choose what returns to the commons."), "returns"),
    "access_request_names_who_asks": Refusal("stated_wrong", _("Say which organisation asks."), "organisation"),
    "access_request_says_what_for": Refusal("stated_wrong", _("Say what exactly you want to do."), "purpose_text"),
    "access_request_says_what_will_be_done": Refusal("stated_wrong", _("Choose what you will do."), "actions"),
    "access_request_names_who_receives": Refusal(
        "stated_wrong", _("Say who will receive the data or results."), "recipients"
    ),
    "access_request_country_is_two_letters": Refusal("stated_wrong", _("Choose a country."), "country"),
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
    "ledger_account_closes_empty": Refusal("account_not_empty", _("This account still has a balance.")),
    "ledger_period_closes_when_it_is_over": Refusal("period_still_runs", _("This period is not over.")),
    "ledger_period_closes_in_order": Refusal("earlier_period_open", _("An earlier period is still open.")),
    "ledger_balance_not_below_its_minimum": Refusal("balance_too_low", _("There is not enough in this account.")),
    "ledger_hold_is_resolved_once": Refusal("hold_already_resolved", _("This amount was already sent or given back.")),
    "ledger_transaction_is_reversed_once": Refusal("already_reversed", _("This transaction was already reversed.")),
    # payouts
    "order_payment_pays_one_order": Refusal(
        "reference_used", _("A transfer with this reference already paid another order."), "reference"
    ),
    "refund_reference_gives_back_once": Refusal(
        "reference_used", _("A transfer with this reference already gave back another order."), "reference"
    ),
    "payout_item_reference_pays_once": Refusal(
        "reference_used", _("This payment already belongs to another item."), "reference"
    ),
    "attempt_reference_answers_one": Refusal(
        "reference_used", _("This payment already belongs to another item."), "reference"
    ),
    "run_approved_in_order": Refusal("earlier_run_open", _("An earlier run is not approved yet.")),
    "run_approved_by_somebody_else": Refusal(
        "approved_by_somebody_else",
        _("Pay was changed in this run by you, or yours was: somebody else approves it."),
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


def check_stated(row: models.Model, stated: Collection[str]) -> None:
    """Look at what a person states about a row that is not written yet: ValidationError names each unsound field.

    First what each field asks for, then every law of the database that speaks of sound fields alone, in the words of the map.
    """
    excluded = {field.name for field in row._meta.fields} - set(stated)
    errors: dict[str, list[Any]] = {}
    try:
        row.full_clean(exclude=excluded, validate_constraints=False)
    except ValidationError as wrong:
        errors = wrong.update_error_dict({})
    excluded |= set(errors)
    for law in row._meta.constraints:
        try:
            law.validate(type(row), row, exclude=excluded)
        except ValidationError:
            refusal = REFUSALS[law.name]
            errors.setdefault(str(refusal.field), []).append(ValidationError(refusal.sentence, code=refusal.code))
    if errors:
        raise ValidationError(errors)
