"""Clara orders by bank transfer, the treasurer confirms it, hanitra says where she is paid; without JavaScript."""

import pytest
from playwright.sync_api import expect

from coop.work.models import Project
from payouts.models import Order, RailDetails
from tests import make
from tests.journeys.conftest import Visitor, look

pytestmark = pytest.mark.journey
PASSWORD = "silk-worms-and-looms"


def test_a_bank_transfer_opens_the_work_when_the_treasurer_confirms_it(visitor: Visitor):
    clara, theo = make.requester(password=PASSWORD), make.treasurer("theo", password=PASSWORD)
    project = make.quoted(items=3)
    assert project.quote
    page = visitor.logged_in(clara.email, PASSWORD, script=False)

    page.goto(f"/projects/{project.pk}/")
    page.get_by_role("link", name="Order and pay").click()
    page.locator("input[name=method][value=bank_transfer]").check()
    page.get_by_role("button", name="Place the order", exact=True).click()
    expect(page.get_by_text("What to write on the transfer")).to_be_visible()
    order = Order.objects.get()

    treasury = visitor.logged_in(theo.user.email, PASSWORD, script=False)
    expect(treasury.get_by_text("1 thing waits for you")).to_be_visible()
    treasury.goto("/treasurer/transfers/")
    card = treasury.locator("article", has_text=order.reference)
    card.locator("input[name$=amount]").fill("1.00")
    card.locator("input[name$=reference]").fill("BANK-1")
    card.get_by_role("button").click()
    assert Project.objects.get(pk=project.pk).status == "quoted"  # a wrong amount is refused
    expect(treasury.locator(".error-summary, .notice.bad").first).to_be_visible()
    card = treasury.locator("article", has_text=order.reference)
    card.locator("input[name$=amount]").fill(f"{order.amount // 100}.{order.amount % 100:02d}")
    card.locator("input[name$=reference]").fill("BANK-1")
    card.get_by_role("button").click()
    treasury.get_by_text("Paid lately").wait_for()

    assert Project.objects.get(pk=project.pk).status == "live"


@pytest.mark.parametrize("how", [{"language": "en"}, {"language": "fr", "phone": True}], ids=["desk-en", "phone-fr"])
def test_the_pages_of_orders_and_rails_look_right(visitor: Visitor, how: dict[str, object]):
    clara, theo = make.requester(password=PASSWORD), make.treasurer("theo", password=PASSWORD)
    hanitra = make.member("hanitra", password=PASSWORD)
    project = make.quoted(items=3)
    page = visitor.logged_in(clara.email, PASSWORD, **how)
    page.goto(f"/projects/{project.pk}/order/")
    look(page, "order-new")
    page.locator("input[name=method][value=bank_transfer]").check()
    page.locator("form:has(input[name=method]) button").click()
    page.wait_for_url("**/orders/**")
    look(page, "order")

    page = visitor.logged_in(theo.user.email, PASSWORD, **how)
    for name, path in [
        ("treasury", "/treasurer/"),
        ("transfers", "/treasurer/transfers/"),
        ("inbox", "/treasurer/inbox/"),
        ("payouts", "/treasurer/payouts/"),
        ("rates", "/treasurer/rates/"),
    ]:
        page.goto(path)
        look(page, name)

    page = visitor.logged_in(hanitra.user.email, PASSWORD, **how)
    page.goto("/rail/")
    look(page, "rail")
    assert not RailDetails.objects.exists()
