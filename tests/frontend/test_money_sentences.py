"""What the pages of money say is so at the moment they say it, and to the one who reads it."""

import pytest
from django.utils import translation

from coop.ground.clock import coop_now
from frontend.templatetags.formats import money as shown
from frontend.unpaid import to_the_member
from payouts import troubles
from payouts.actions.execution import advance_payout_items, reserve_run
from payouts.actions.items import resolve_item
from payouts.models import NotPaid, PayoutItem, PayoutRun
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from tests import make, money
from tests.frontend.test_governance_pages import browser
from tests.payouts.paying import approved_run, ariary, on_mvola

pytestmark = pytest.mark.django_db


@pytest.fixture
def awa():
    return make.member("awa")


@pytest.fixture
def theo():
    return make.treasurer()


@pytest.fixture
def run(awa):
    return money.ran(awa, *(make.member() for _ in range(6)))


def said(person, path: str) -> str:
    page = browser(person).get(path)
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def statement(awa, run) -> str:
    return said(awa, f"/statements/{money.share_of(run, awa).pk}/")


def answered(by, awa, run, **correction) -> None:
    objection = raise_objection(share=money.share_of(run, awa), by=awa.actor, reason="Ten minutes.", now=coop_now())
    answer_objection(objection=objection, by=by.actor, answer="So be it.", now=coop_now(), **correction)


# -- the objection window


@pytest.mark.parametrize("where", ["/reports/", "/runs/{run}/", "/statements/", "/statements/{share}/", "/treasurer/"])
def test_a_run_is_open_to_objections_while_its_window_is_and_no_longer(awa, theo, run, clock, where: str):
    path = where.format(run=run.pk, share=money.share_of(run, awa).pk)
    reader = theo if where == "/treasurer/" else awa
    before = said(reader, path)

    clock.advance(days=40)

    after = said(reader, path)
    assert "open to objections" in before and "waits for its approval" not in before
    assert "open to objections" not in after and "waits for its approval" in after
    assert "Objections until" not in after and "Objections may be raised" not in after


def test_a_computed_run_is_not_said_to_have_paid_anybody(run):
    for page in (said(None, "/reports/"), said(None, f"/runs/{run.pk}/")):
        assert "received" not in page and "Members paid" not in page


# -- versions and objections


def test_the_versions_before_are_those_before(awa, theo, run):
    answered(theo, awa, run, correction=Correction(kind="task", seconds=600))

    page = said(awa, f"/runs/{run.pk}/")

    assert "This is version 2" in page
    assert f"/runs/{run.pk}/versions/1/bundle/" in page
    assert f"/runs/{run.pk}/versions/2/bundle/" not in page


def test_an_answer_is_by_whoever_gave_it(theo):
    vera, period = make.steward("vera"), money.first_period()
    money.worked(theo)
    run = money.run_of(period)
    answered(vera, theo, run)

    page = statement(theo, run)

    assert "Vera (steward) answered:" in page and "treasurer's answer" not in page


def test_an_objection_that_was_rejected_is_called_so(awa, theo, run):
    answered(theo, awa, run)

    page = statement(awa, run)

    assert "It was rejected: the run stays as it was reckoned." in page and "It was upheld" not in page


def test_an_objection_that_was_upheld_is_not_called_rejected(awa, theo, run):
    answered(theo, awa, run, correction=Correction(kind="task", seconds=600))

    page = statement(awa, PayoutRun.objects.get())

    assert "It was upheld" in page and "It was rejected" not in page


# -- who was not paid


def test_the_member_is_spoken_to_and_others_are_told_of_the_member(awa, theo, run):
    run = money.approved(run)
    reserve_run(run=run, now=run.approved_at)

    own = [said(awa, "/"), said(awa, "/statements/"), statement(awa, run)]
    office = said(theo, f"/runs/{run.pk}/office/")

    assert all("you have not said where to be paid" in page and "has not said" not in page for page in own)
    assert "has not said where to be paid" in office and "you have not" not in office


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("why", NotPaid.Why.values)
def test_every_reason_is_said_to_the_member_as_to_somebody(why: str, language: str):
    with translation.override(language):
        words = to_the_member(why)

    assert not any(
        of_another in words for of_another in ("has not", "this member", "is paid", "n’a pas dit", "cette personne")
    )


@pytest.fixture
def unresolved(theo):
    ariary(theo)
    hanitra = on_mvola(1000, "hanitra")
    run = approved_run(theo)
    reserve_run(run=run, now=coop_now())
    advance_payout_items(now=coop_now(), wall=coop_now())
    item = PayoutItem.objects.get(member=hanitra)
    trouble = troubles.kept(troubles.UNLIKE, "po_1")
    PayoutItem.objects.filter(pk=item.pk).update(state="held", trouble=trouble, ended_at=coop_now())
    NotPaid.objects.create(run=run, member=hanitra, why="unknown", amount=1000)
    return PayoutItem.objects.get(pk=item.pk)


def test_what_nobody_knows_about_is_neither_on_its_way_nor_sent_with_the_next_run(unresolved):
    page = said(unresolved.member, "/statements/")

    assert "on its way" not in page.lower() and "did not pay you" not in page
    assert "nobody knows yet whether the payment arrived" in page


def test_a_payment_that_turned_out_to_have_arrived_is_not_called_unpaid(unresolved, theo):
    resolve_item(item=unresolved, paid=True, reference="MV-1", by=theo.actor, now=coop_now())

    for page in (said(unresolved.member, "/"), said(unresolved.member, "/statements/")):
        assert "not paid" not in page and "nobody knows" not in page
    assert "nobody knows" not in said(theo, f"/runs/{unresolved.run_id}/office/")


def test_a_payment_that_was_given_up_is_payable_again_and_no_longer_unknown(unresolved, theo):
    resolve_item(item=unresolved, paid=False, reference="MV-1", by=theo.actor, now=coop_now())

    for page in (said(unresolved.member, "/"), said(unresolved.member, "/statements/")):
        assert "the payment did not go through" in page and "nobody knows" not in page
    assert "to be mended by the member" not in said(theo, "/treasurer/payouts/")


# -- signs


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_amount_below_zero_has_a_minus_and_no_hyphen(language: str):
    with translation.override(language):
        assert "\u2212" in shown(-1234) and "-" not in shown(-1234)


def test_an_adjustment_says_in_words_whether_it_takes_away(awa, theo, run):
    run = money.approved(run)
    here = f"/treasurer/statements/{money.share_of(run, awa).pk}/adjust/"

    asked = browser(theo).post(here, {"euros": "-0.02", "reason": "Counted twice."}).content.decode()
    browser(theo).post(here, {"euros": "-0.02", "reason": "Counted twice.", "checked": "yes"})
    browser(theo).post(here, {"euros": "0.05", "reason": "Forgotten.", "checked": "yes"})

    page = said(theo, here)
    assert "€0.02 less" in asked
    assert "€0.02 less: Counted twice." in page and "€0.05 more: Forgotten." in page
