"""A member labels by keyboard, on a phone, in a browser without JavaScript."""

import pytest
from playwright.sync_api import expect

from coop.work.models import Assignment
from tests import make
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.journey
PASSWORD = "silk-worms-and-looms"


def test_hanitra_labels_by_keyboard_without_javascript(visitor: Visitor):
    hanitra = make.member("hanitra", password=PASSWORD)
    make.live(items=2)
    page = visitor.logged_in(hanitra.user.email, PASSWORD, phone=True, script=False)
    page.goto("/work/")

    page.get_by_role("button", name="Give me an item of any project").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for name in ("Hand in and take the next", "Hand in and stop"):
        page.wait_for_url("**/work/assignments/**")
        page.wait_for_timeout(1_200)  # no second is counted twice, so each answer takes more than one
        page.get_by_role("radio").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")  # the second answer
        page.get_by_role("button", name=name).focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.goto("/work/time/")

    answers = [assignment.answers.get().value for assignment in Assignment.objects.all()]
    assert answers == [{"choice": "no"}, {"choice": "no"}]
    expect(page.locator("tbody tr")).to_have_count(2)
