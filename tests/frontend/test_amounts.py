"""An amount is what the person typed, in their way of writing: nothing is dropped on the way, and nothing guessed."""

import ast

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import override

from frontend.forms.commons import AccessForm
from frontend.forms.fields import AmountField
from frontend.forms.money import AdjustmentForm
from payouts.models import Period
from tests import make, money
from tests.frontend.test_governance_pages import browser
from tests.frontend.test_nothing_is_chosen_beforehand import form_classes, made
from tests.structure.source import files, nodes, where


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("0,15", 15),
        ("0.15", 15),
        ("-0,15", -15),
        ("\u22120,15", -15),
        ("+ 12,5", 1250),
        ("1\u202f234,56 €", 123456),
        ("1 234.56", 123456),
        ("12", 1200),
        ("-0", 0),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed, cents):
    assert AmountField(most=10_000_000, least=-10_000_000).clean(typed) == cents


@pytest.mark.parametrize(
    "typed", ["0,155", "1,234.56", "1.234", "12e3", "--1", "1-", "١٢", "100000,01", "-0,01", "nan"]
)
def test_what_could_be_read_in_two_ways_or_is_out_of_bounds_is_refused(typed):
    with pytest.raises(ValidationError):
        AmountField(most=10_000_000).clean(typed)


def test_the_refusal_of_an_amount_speaks_the_reader_s_language():
    with override("fr"), pytest.raises(ValidationError) as no:
        AmountField(most=10_000_000, least=-10_000_000).clean("100001")

    assert no.value.messages == ["Le montant va de \u2212100\u202f000,00\u00a0€ à 100\u202f000,00\u00a0€."]


@pytest.mark.django_db
def test_no_field_lets_the_browser_rewrite_what_was_typed():
    """An <input type=number> drops the comma of “0,15” and sends 015; what comes in must be what was typed."""
    numbers = {
        f"{form.__name__}.{name}"
        for form in form_classes()
        for shown in made(form)
        for name, field in shown.fields.items()
        if isinstance(field.widget, forms.NumberInput)
    }

    assert not numbers
    assert isinstance(AdjustmentForm.base_fields["euros"], AmountField)
    assert isinstance(AccessForm.base_fields["offer"], AmountField)


@pytest.mark.structure
def test_no_form_has_a_decimal_or_a_float():
    theirs = {"DecimalField", "FloatField", "NumberInput"}

    found = [
        where(path, node)
        for path in files("frontend")
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in theirs
    ]

    assert not found


@pytest.fixture
def theo():
    return make.treasurer()


@pytest.fixture
def awa():
    return make.member("awa")


@pytest.fixture
def share(awa, theo):
    return money.share_of(money.approved(money.ran(awa)), awa)


@pytest.mark.django_db
def test_an_adjustment_is_asked_once_more_before_it_binds(awa, theo, share):
    here = f"/treasurer/statements/{share.pk}/adjust/"
    said = {"euros": "-0,02", "reason": "Counted twice."}

    asked = browser(theo).post(here, said)

    page = asked.content.decode()
    assert asked.status_code == 200 and not awa.adjustments.exists()
    assert "€0.02 less" in page and awa.name in page and "Counted twice." in page

    done = browser(theo).post(here, said | {"checked": "yes"}, follow=True).content.decode()

    assert [one.amount for one in awa.adjustments.all()] == [-2]
    assert f"The adjustment for {awa.name}, €0.02 less, is recorded" in done


@pytest.mark.django_db
def test_an_adjustment_that_a_run_has_taken_is_not_said_to_be_made_again(awa, theo, share):
    here = f"/treasurer/statements/{share.pk}/adjust/"
    said = {"euros": "-0,02", "reason": "Counted twice.", "checked": "yes"}
    browser(theo).post(here, said)
    money.run_of(Period.objects.get(number=2))

    again = browser(theo).post(here, said, follow=True).content.decode()

    assert awa.adjustments.count() == 1
    assert "stands in the run of period 2 already" in again and "is recorded" not in again


@pytest.mark.django_db
def test_what_is_to_be_changed_once_more_stands_in_the_form(awa, theo, share):
    here = f"/treasurer/statements/{share.pk}/adjust/"

    back = browser(theo).post(here, {"euros": "-0,02", "reason": "Counted twice.", "change": "yes"})

    page = back.content.decode()
    assert back.status_code == 200 and not awa.adjustments.exists()
    assert 'value="-0,02"' in page and 'value="Counted twice."' in page


@pytest.mark.django_db
def test_the_correction_of_an_objection_is_asked_once_more_before_it_binds(awa, theo):
    run = money.ran(awa)
    browser(awa).post(f"/statements/{money.share_of(run, awa).pk}/", {"reason": "Ten minutes are missing."})
    [objection] = money.share_of(run, awa).objections.all()
    here = f"/treasurer/objections/{objection.pk}/"
    said = {"decision": "uphold", "answer": "You are right.", "minutes": "10", "kind": "task"}

    asked = browser(theo).post(here, said)

    objection.refresh_from_db()
    page = asked.content.decode()
    assert asked.status_code == 200 and objection.answered_at is None
    assert awa.name in page and "You are right." in page and "10 min" in page

    browser(theo).post(here, said | {"checked": "yes"})

    objection.refresh_from_db()
    assert objection.upheld and objection.seconds == 600
