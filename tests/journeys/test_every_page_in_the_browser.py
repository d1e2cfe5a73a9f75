"""Every page family is looked at in French and on a phone: nothing sticks out, and axe finds nothing wrong."""

import pytest

from tests import make
from tests.journeys.conftest import Visitor, look

pytestmark = pytest.mark.journey
PASSWORD = "silk-worms-and-looms"


@pytest.mark.parametrize("how", [{"language": "en"}, {"language": "fr", "phone": True}], ids=["desk-en", "phone-fr"])
def test_the_pages_of_a_visitor(visitor: Visitor, how: dict[str, object]):
    page = visitor.comes(**how)

    for name, path in [
        ("home", "/"),
        ("signup", "/accounts/signup/"),
        ("login", "/accounts/login/"),
        ("reset", "/accounts/password/reset/"),
        ("rules", "/rules/"),
        ("rule", "/rules/pay.hourly_floor/"),
        ("rule-table", "/rules/pay.kind_weights/"),
        ("nothing", "/nowhere/"),
    ]:
        page.goto(path)
        look(page, name)


@pytest.mark.parametrize("how", [{"language": "en"}, {"language": "fr", "phone": True}], ids=["desk-en", "phone-fr"])
def test_the_pages_of_a_person(visitor: Visitor, how: dict[str, object]):
    make.user("clara", password=PASSWORD)
    page = visitor.logged_in("clara@example.org", PASSWORD, **how)

    for name, path in [
        ("home-requester", "/"),
        ("account", "/account/"),
        ("apply", "/apply/"),
        ("email", "/accounts/email/"),
        ("mfa", "/accounts/2fa/"),
    ]:
        page.goto(path)
        look(page, name)
    page.locator("form:has(#id_name) button").click() if page.url.endswith("/apply/") else page.goto("/apply/")
    page.locator("form:has(#id_name) button").click()
    page.goto("/account/tokens/")
    look(page, "reauthenticate")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/tokens/")
    page.locator("#id_label").fill("export")
    page.locator("input[value=requester]").check()
    page.locator("form:has(#id_label) button").click()
    page.locator("#token").wait_for()
    look(page, "tokens")
