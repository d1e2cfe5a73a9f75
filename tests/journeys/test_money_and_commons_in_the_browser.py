"""The treasurer approves a run; reports, statements, the register and the log look right."""

import pytest
from playwright.sync_api import expect

from payouts.models import PayoutRun
from tests import make, money
from tests.journeys.conftest import Visitor, look

pytestmark = pytest.mark.journey
PASSWORD = "silk-worms-and-looms"
HOW = pytest.mark.parametrize(
    "how", [{"language": "en"}, {"language": "fr", "phone": True}], ids=["desk-en", "phone-fr"]
)


def test_theo_approves_a_payout_run_without_javascript(visitor: Visitor, clock):
    theo = make.treasurer("theo", password=PASSWORD)
    run = money.ran(make.member("awa"), *(make.member(country="MG") for _ in range(5)))
    clock.advance(days=40)
    page = visitor.logged_in(theo.user.email, PASSWORD, script=False)

    page.get_by_role("link", name="Open the treasury").click()
    page.get_by_role("button", name="Approve period 1").click()
    page.get_by_role("button", name="Approve").click()

    assert PayoutRun.objects.get(pk=run.pk).state != "computed"
    expect(page.get_by_text("is approved")).to_be_visible()


@HOW
def test_the_pages_of_money_look_right(visitor: Visitor, how: dict[str, object]):
    awa = make.member("awa", password=PASSWORD)
    theo = make.treasurer("theo", password=PASSWORD)
    run = money.ran(awa, *(make.member(country="MG") for _ in range(6)))
    share = money.share_of(run, awa)
    page = visitor.logged_in(awa.user.email, PASSWORD, **how)

    for name, path in [
        ("reports", "/reports/"),
        ("run", f"/runs/{run.pk}/"),
        ("statements", "/statements/"),
        ("statement", f"/statements/{share.pk}/"),
    ]:
        page.goto(path)
        look(page, name)
    page = visitor.logged_in(theo.user.email, PASSWORD, **how)
    for name, path in [("home-treasurer", "/"), ("treasury", "/treasurer/")]:
        page.goto(path)
        look(page, name)


@HOW
def test_the_pages_of_the_commons_and_the_log_look_right(visitor: Visitor, how: dict[str, object]):
    steward = make.steward("awa", password=PASSWORD)
    dataset = make.dataset(by=steward)
    granted = make.access_request(dataset=dataset)
    refused = make.access_request(
        dataset=dataset, organisation="Insura", sector="insurance", legal_form="firm", purpose="insurance_pricing"
    )
    page = visitor.logged_in(steward.user.email, PASSWORD, **how)

    for name, path in [
        ("commons", "/commons/"),
        ("register", "/commons/register/"),
        ("dataset", f"/commons/datasets/{dataset.pk}/"),
        ("ask", f"/commons/datasets/{dataset.pk}/ask/"),
        ("request", f"/commons/requests/{granted.pk}/"),
        ("request-refused", f"/commons/requests/{refused.pk}/"),
        ("log", "/log/"),
    ]:
        page.goto(path)
        look(page, name)
