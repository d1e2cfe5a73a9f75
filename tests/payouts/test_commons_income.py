"""Income of re-use belongs to the commons: no way leads from it to a person."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.db import models

from coop.audit.models import Entry
from coop.commons.actions import grant_access
from coop.commons.models import Contribution, Contributor
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from payouts.actions.commons_income import receive_access_fee
from payouts.ledger.actions import balance, credit, debit, open_accounts, post
from payouts.ledger.chart import CASH_BANK, COMMONS_FUND, REVENUE, payable
from payouts.ledger.models import Transaction
from tests import make

FIRM = {"legal_form": "firm", "purpose": "product_development", "offer": 5000}


@pytest.fixture
def grant(db):
    request = make.access_request(dataset=make.dataset(), **FIRM)
    return grant_access(request=request, decision=uuid4(), now=coop_now())


def test_an_access_fee_goes_to_the_commons_fund_and_opens_the_release(grant):
    paid = receive_access_fee(
        grant=grant, amount=5000, reference="transfer 17", by=make.treasurer().actor, now=coop_now()
    )

    assert (balance(COMMONS_FUND), balance(CASH_BANK), balance(REVENUE)) == (5000, 5000, 0)
    assert paid.is_open_on(coop_now())
    assert Entry.objects.get(kind="access.fee_paid").as_data()["by"] == "office:treasurer"


def test_confirming_the_fee_twice_books_it_once(grant):
    theo = make.treasurer()

    for _n in range(2):
        receive_access_fee(grant=grant, amount=5000, reference="transfer 17", by=theo.actor, now=coop_now())

    assert balance(COMMONS_FUND) == 5000


@pytest.mark.parametrize(("amount", "code"), [(4999, "wrong_amount"), (5001, "wrong_amount"), (0, "wrong_amount")])
def test_another_amount_is_refused(grant, amount, code):
    with pytest.raises(Refused) as no:
        receive_access_fee(grant=grant, amount=amount, reference="", by=make.treasurer().actor, now=coop_now())

    assert (no.value.code, no.value.field) == (code, "amount")
    assert not Transaction.objects.filter(kind="access_fee").exists()


def test_only_the_treasurer_confirms_it(grant):
    with pytest.raises(Refused) as no:
        receive_access_fee(grant=grant, amount=5000, reference="", by=make.steward().actor, now=coop_now())

    assert no.value.code == "not_in_office"


def test_free_access_has_no_fee_to_confirm(db):
    request = make.access_request(dataset=make.dataset())
    free = grant_access(request=request, decision=uuid4(), now=coop_now())

    with pytest.raises(Refused) as no:
        receive_access_fee(grant=free, amount=1, reference="", by=make.treasurer().actor, now=coop_now())

    assert no.value.code == "no_fee"


def test_the_books_refuse_a_way_from_the_fund_to_a_person(grant, check_deferred):
    receive_access_fee(grant=grant, amount=5000, reference="", by=make.treasurer().actor, now=coop_now())
    person = payable(make.member("awa").pseudonym.hex)
    open_accounts(codes=[person], now=coop_now())

    with pytest.raises(Exception, match="commons"):
        post(
            idem="theft",
            kind="theft",
            legs=[debit(COMMONS_FUND, 100), credit(person, 100)],
            by=PLATFORM,
            now=coop_now(),
        )
        check_deferred()


@pytest.mark.structure
def test_no_foreign_key_leads_from_the_books_to_a_member_or_a_contribution():
    """From every table of the ledger, following every foreign key: no contribution, no contributor, no member."""
    reached = set(apps.get_app_config("ledger").get_models())
    assert reached
    while True:
        more = {
            field.related_model
            for model in reached
            for field in model._meta.get_fields()
            if isinstance(field, models.ForeignKey)
        } - reached
        if not more:
            break
        reached |= more

    assert not {model._meta.label for model in reached} & {"members.Member", "members.User", "commons.Contribution"}
    assert not {Contribution, Contributor} & reached


@pytest.mark.structure
def test_a_contribution_has_no_money_and_no_weight():
    assert {field.name for field in Contribution._meta.get_fields()} == {
        "id",
        "dataset",
        "pseudonym",
        "unit",
        "payload_sha256",
        "month",
    }
