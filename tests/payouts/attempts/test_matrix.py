"""The crash matrix: for every purpose, whatever is answered, wherever a worker dies and whoever overtakes it: once, and never lost.

The real protocol on the real database asks the stand-in over HTTP. Beside it stand the naive ways, which it must catch.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from coop.members.models import Member
from payouts.attempts import protocol
from payouts.attempts.protocol import Errand
from payouts.ledger import chart
from payouts.ledger.actions import balance
from payouts.ledger.models import Transaction
from payouts.models import Attempt, Order, PayoutItem, RailDetails
from payouts.rails import Declined, Found, Outcome, Sent, Unknown
from payouts.troubles import SENTENCES
from tests.payouts.attempts.errands import MEANWHILE, POINTS, PURPOSES, Case, Told, Unsteady

pytestmark = pytest.mark.django_db
State = Attempt.State
ANSWERS = ("sent", "500_before", "500_after", "drop_before", "drop_after", "429", "409")
ROUNDS = (0, 0.01, 19, 19.9, 20.1, 20.5, 21, 21.5, 25, 25.5, 50, 51, 75)
each_purpose = pytest.mark.parametrize("purpose", PURPOSES)


def overtaken(case: Case, when: str, hours: list[float]) -> Any:
    """Another worker, who comes once at that moment and does all it can."""
    came: list[str] = []

    def other(moment: str) -> None:
        if moment == when and not came:
            came.append(moment)
            case.step(hours[0], patient=False)

    return other


def once(case: Case, answer: str, dies: str, when: str, hours: tuple[float, ...] = ROUNDS) -> None:
    """Go through it: what was asked happened once, and is known under the reference it has there."""
    if answer != "sent":
        case.fault(answer)
    here = [0.0]
    errand = Unsteady(case.errand, dies, overtaken(case, when, here))
    for moment in hours:
        here[0] = moment
        case.step(moment, errand)

    known = case.state()
    assert case.made() == [known.reference] and known.state == State.DONE


@each_purpose
@pytest.mark.parametrize("answer", ANSWERS)
def test_it_happens_once_whatever_is_answered_wherever_a_worker_dies(on_stripe, account, purpose, answer):
    for dies, when in itertools.product(POINTS, MEANWHILE):
        with transaction.atomic():
            once(PURPOSES[purpose](on_stripe, account), answer, dies, when)
            transaction.set_rollback(True)


def under_way_across_the_fence(case: Case) -> None:
    """A request is still on its way when its key gets too old: another worker must not declare it absent."""
    case.fault("drop_before")
    case.step(0)
    here = [20.05]
    case.step(19.99, Unsteady(case.errand, other=overtaken(case, "before the effect", here)))
    for hours in (20.06, 20.07, 21, 22):
        case.step(hours)

    assert case.made() == [case.state().reference]


@each_purpose
def test_what_may_be_under_way_is_not_declared_absent(on_stripe, account, purpose):
    under_way_across_the_fence(PURPOSES[purpose](on_stripe, account))


@each_purpose
def test_an_unreadable_list_concludes_nothing(on_stripe, account, purpose):
    case = PURPOSES[purpose](on_stripe, account)
    case.fault("drop_after")
    case.step(0)
    case.fault("500_before", method="GET")

    assert case.step(21) == "unknown" and case.state().state == State.ASKING
    assert case.step(22) == "sent" and len(case.made()) == 1


@each_purpose
def test_a_definite_no_burns_the_key_or_ends_it(on_stripe, account, purpose):
    case = PURPOSES[purpose](on_stripe, account)
    no = Told(case.errand, outcome=Declined("nope", "?", "hold"))

    step = case.step(0, no)

    after = case.state()
    assert (step, after.state, after.epoch) == {
        "payout": ("dropped", State.DROPPED, 1),
        "refund": ("unknown", State.ASKING, 1),  # somebody may have given it back by hand: it is looked up first
        "checkout": ("burnt", State.WAITING, 2),
        "account": ("burnt", State.WAITING, 2),
    }[purpose]
    assert "nope" in after.trouble and not case.made()


@pytest.mark.parametrize("code", [spelt for ours in SENTENCES for spelt in (ours, ours.removeprefix("canut."))])
@pytest.mark.parametrize("message", ["?", ""])
def test_a_rail_s_own_code_is_never_read_as_one_of_ours(on_stripe, account, code, message):
    case = PURPOSES["payout"](on_stripe, account)

    case.step(0, Told(case.errand, outcome=Declined(code, message, "hold")))

    said = PayoutItem.objects.get().trouble_in_words
    assert said == case.state().trouble_in_words and f"{code}: {message}" in said
    assert not any(str(sentence) in said for sentence in SENTENCES.values())


@pytest.mark.parametrize("words", [*SENTENCES, *(f"{code}: po_1" for code in SENTENCES)])
def test_nor_is_what_it_says_where_nobody_knows(on_stripe, account, words):
    case = PURPOSES["refund"](on_stripe, account)

    case.step(0, Told(case.errand, outcome=Unknown(words)))

    assert words in case.state().trouble_in_words


@pytest.mark.parametrize("purpose", ["payout", "refund"])
def test_an_empty_balance_burns_the_key_and_it_happens_later(on_stripe, account, purpose):
    case = PURPOSES[purpose](on_stripe, account)

    assert case.step(0, Told(case.errand, outcome=Declined("balance_insufficient", "?", "later"))) == "empty"

    assert case.step(0.01) == "nothing" and case.step(1) == "sent" and len(case.made()) == 1


def asked_and_lost(case: Case) -> None:
    case.step(0, Told(case.errand, outcome=Unknown("silence")))


class Fitting(Told):
    """An errand that finds what it is told, and finds it right."""

    def fits(self, attempt: Attempt, found: Found) -> bool:
        return found.amount == 1


THIS = Found("one_of_them_1", 1, "EUR")


def held(case: Case, *listed: Found) -> None:
    asked_and_lost(case)

    assert case.step(21, Fitting(case.errand, listed=list(listed))) == "held"

    after = case.state()
    assert after.state == State.HELD and after.trouble.startswith("canut.unlike: ") and not after.reference
    assert case.step(90) == "nothing", "a person has to find out"


@pytest.mark.parametrize("purpose", ["payout", "refund"])
def test_two_found_wait_for_a_person(on_stripe, account, purpose):
    held(PURPOSES[purpose](on_stripe, account), THIS, replace(THIS, reference="one_of_them_2"))


@each_purpose
def test_a_wrong_amount_waits_for_a_person(on_stripe, account, purpose):
    held(PURPOSES[purpose](on_stripe, account), replace(THIS, amount=2))


def test_every_errand_goes_through_the_matrix():
    errands = {errand.purpose for errand in Errand.__subclasses__() if errand.__module__.startswith("payouts.")}

    assert errands == set(PURPOSES)


def unlike(purpose: str, found: Found) -> list[Found]:
    """What the rail's list may show that is not what was asked."""
    if purpose == "account":
        return [replace(found, country="BE"), replace(found, country="")]
    return [replace(found, amount=found.amount + n) for n in (-1, 1)] + [replace(found, currency="USD")]


@each_purpose
def test_what_is_not_exactly_what_was_asked_is_never_adopted(on_stripe, account, purpose):
    case = PURPOSES[purpose](on_stripe, account)
    case.fault("drop_after")
    case.step(0)
    (found,) = case.errand.find(case.state())

    for wrong in unlike(purpose, found):
        with transaction.atomic():
            assert case.step(21, Told(case.errand, listed=[wrong])) == "held"
            assert (case.state().state, case.state().reference) == (State.HELD, "")
            transaction.set_rollback(True)
    assert case.step(21) == "sent" and case.state().reference == found.reference


def test_a_transfer_of_another_amount_leaves_the_money_reserved(on_stripe, account):
    case = PURPOSES["payout"](on_stripe, account)
    case.fault("drop_after")
    case.step(0)
    (found,) = case.errand.find(case.state())

    case.step(21, Told(case.errand, listed=[replace(found, amount=1)]))

    item = PayoutItem.objects.get()
    assert (item.state, item.reserved, item.reference) == ("held", True, "")
    assert balance(chart.reserved(item.member.pseudonym.hex)) == item.amount
    assert not Transaction.objects.filter(kind="sent").exists()


def test_a_payment_page_of_another_amount_is_given_to_nobody(on_stripe, account):
    case = PURPOSES["checkout"](on_stripe, account)
    case.fault("drop_after")
    case.step(0)
    (found,) = case.errand.find(case.state())

    case.step(21, Told(case.errand, listed=[replace(found, amount=1)]))

    order = Order.objects.get()
    assert (order.state, order.checkout, order.checkout_url) == ("awaiting_payment", "", "")


def test_an_account_in_another_country_is_not_where_a_member_is_paid(on_stripe, account):
    case = PURPOSES["account"](on_stripe, account)
    case.fault("drop_after")
    case.step(0)
    (found,) = case.errand.find(case.state())

    case.step(21, Told(case.errand, listed=[replace(found, country="BE")]))

    assert not RailDetails.objects.exists()


def test_who_moves_while_an_account_is_opened_gets_the_one_that_was_asked_for(on_stripe, account):
    case = PURPOSES["account"](on_stripe, account)
    case.fault("drop_after")
    case.step(0)
    Member.objects.filter(pk=case.attempt.subject).update(country="BE")

    assert case.step(21) == "sent" and len(case.made()) == 1


def taken(standin: Any, account: Any, purpose: str) -> tuple[Case, Found]:
    """A case, and something that another one of its kind already has."""
    other = PURPOSES[purpose](standin, account)
    assert other.step(0) == "sent"
    return PURPOSES[purpose](standin, account), replace(THIS, reference=other.state().reference)


@each_purpose
def test_what_another_already_has_is_never_adopted(on_stripe, account, purpose):
    case, found = taken(on_stripe, account, purpose)

    held(case, found)


@each_purpose
def test_what_another_already_has_is_no_answer_either(on_stripe, account, purpose):
    case, found = taken(on_stripe, account, purpose)

    assert case.step(0, Told(case.errand, outcome=Sent(found.reference))) == "held"


@each_purpose
def test_what_came_back_or_lapsed_is_absent(on_stripe, account, purpose):
    case = PURPOSES[purpose](on_stripe, account)
    asked_and_lost(case)

    assert case.step(21, Fitting(case.errand, listed=[replace(THIS, returned=True)])) == "burnt"
    assert case.step(22) == "sent" and case.state().epoch == 2


# --- the naive ways, which the matrix must catch


class FreshKey(Unsteady):
    """A new key each time, as good as none."""

    def ask(self, request: bytes, key: str) -> Outcome:
        return super().ask(request, str(uuid.uuid4()))


class SilenceIsNo(Unsteady):
    """No answer is taken for a no."""

    def ask(self, request: bytes, key: str) -> Outcome:
        outcome = super().ask(request, key)
        return Declined("silence", "?", "later") if isinstance(outcome, Unknown) else outcome


class FailureIsYes(Unsteady):
    """Whatever was asked counts as done."""

    def ask(self, request: bytes, key: str) -> Outcome:
        outcome = super().ask(request, key)
        return Sent(f"acct_{uuid.uuid4().hex}") if isinstance(outcome, Unknown) else outcome


@each_purpose
@pytest.mark.parametrize(
    ("naive", "answer"), [(FreshKey, "drop_after"), (SilenceIsNo, "drop_after"), (FailureIsYes, "drop_before")]
)
def test_the_matrix_catches_naive_ways_of_asking(on_stripe, account, purpose, naive, answer, monkeypatch):
    case = PURPOSES[purpose](on_stripe, account)
    case.errand = naive(case.errand)
    monkeypatch.setattr(type(case.errand.errand), "declined", lambda *_: protocol.Again())

    with pytest.raises(AssertionError):
        once(case, answer, "nowhere", "nobody")


@each_purpose
def test_the_matrix_catches_a_key_that_is_asked_again_however_old(on_stripe, account, purpose, monkeypatch):
    monkeypatch.setattr(Attempt, "must_look", lambda _attempt, _wall: False)
    case = PURPOSES[purpose](on_stripe, account)

    with pytest.raises(AssertionError):
        once(case, "drop_after", "nowhere", "nobody", hours=(0, 25, 26))
    assert len(case.made()) == 2


@each_purpose
def test_a_fence_beyond_the_life_of_a_key_is_against_the_law(on_stripe, account, purpose, monkeypatch):
    monkeypatch.setattr(protocol, "KEY_LIVES", timedelta(hours=400))

    with pytest.raises(IntegrityError, match="attempt_looks_before_the_key_is_forgotten"), transaction.atomic():
        PURPOSES[purpose](on_stripe, account).step(0)


@pytest.mark.parametrize(
    ("changed", "law"),
    [
        ({"look_after": "later"}, "attempt_fence_only_comes_nearer"),
        ({"sealed_request": b"other"}, "attempt_keeps_the_request_of_its_key"),
        ({"first_try_at": "later", "last_try_at": "later"}, "attempt_keeps_the_request_of_its_key"),
        ({"epoch": 2}, "attempt_burns_its_key"),
        ({"epoch": 0}, "attempt_burns_its_key"),
        ({"sealed_request": None}, "attempt_"),
    ],
)
def test_the_database_keeps_a_try_as_it_was(on_stripe, account, changed, law):
    case = PURPOSES["payout"](on_stripe, account)
    asked_and_lost(case)
    later = case.state().look_after + timedelta(minutes=1)

    with pytest.raises(IntegrityError) as no, transaction.atomic():
        Attempt.objects.update(**{name: later if value == "later" else value for name, value in changed.items()})
    assert no.value.__cause__.diag.constraint_name.startswith(law)


@each_purpose
def test_the_matrix_catches_a_list_believed_too_early(on_stripe, account, purpose, monkeypatch):
    monkeypatch.setattr(protocol, "_is_quiet", lambda _attempt, _wall: True)
    case = PURPOSES[purpose](on_stripe, account)

    with pytest.raises(AssertionError):
        under_way_across_the_fence(case)
    assert len(case.made()) == 2


@each_purpose
def test_a_key_that_is_not_burnt_is_against_the_law(on_stripe, account, purpose, monkeypatch):
    def reuse(attempt: Attempt, again_at: Any) -> None:
        Attempt.objects.filter(pk=attempt.pk).update(
            state=State.WAITING, sealed_request=None, first_try_at=None, last_try_at=None, look_after=None
        )

    monkeypatch.setattr(protocol, "_renew", reuse)
    case = PURPOSES[purpose](on_stripe, account)
    asked_and_lost(case)

    with pytest.raises(IntegrityError) as no, transaction.atomic():
        case.step(21, Told(case.errand, listed=[]))
    assert no.value.__cause__.diag.constraint_name == "attempt_burns_its_key"


@each_purpose
def test_asking_without_having_written_the_request_is_against_the_law(on_stripe, account, purpose):
    case = PURPOSES[purpose](on_stripe, account)

    with pytest.raises(IntegrityError, match="attempt_writes_its_request_before_the_call"), transaction.atomic():
        Attempt.objects.filter(pk=case.attempt.pk).update(state=State.ASKING)


@each_purpose
def test_adopting_what_another_has_is_against_the_law(on_stripe, account, purpose, monkeypatch):
    monkeypatch.setattr(protocol, "is_taken", lambda _attempt, _reference: False)
    case, found = taken(on_stripe, account, purpose)

    with pytest.raises(IntegrityError, match="attempt_reference_answers_one"), transaction.atomic():
        held(case, found)


def test_the_matrix_catches_whoever_takes_any_of_several(on_stripe, account, monkeypatch):
    monkeypatch.setattr(Errand, "lone", False)
    case = PURPOSES["payout"](on_stripe, account)

    with pytest.raises(AssertionError):
        held(case, THIS, replace(THIS, reference="one_of_them_2"))
