"""The commons and the log, as anybody sees them; a request for data, from the form to the refusal and to the files."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from coop.audit.actions import seal_log
from coop.audit.models import Entry
from coop.commons.actions import grant_access
from coop.ground.clock import coop_now
from tests import make
from tests.journeys.conftest import Visitor, look

pytestmark = pytest.mark.journey
PASSWORD = "silk-worms-and-looms"


@pytest.mark.parametrize("how", [{"language": "en"}, {"language": "fr", "phone": True}], ids=["desk-en", "phone-fr"])
def test_the_commons_and_the_log_are_open_to_all(visitor: Visitor, how: dict[str, object]):
    dataset = make.dataset()
    refused = make.access_request(dataset=dataset, organisation="Sure & Sons", sector="insurance")
    waiting = make.access_request(dataset=dataset)
    seal_log(now=coop_now())
    entry = Entry.objects.filter(kind="access.refused").get()
    page = visitor.comes(**how)

    for name, path in [
        ("commons", "/commons/"),
        ("dataset", f"/commons/datasets/{dataset.pk}/"),
        ("policy", f"/commons/policies/{dataset.policy.pk}/"),
        ("register", "/commons/register/"),
        ("request-refused", f"/commons/requests/{refused.pk}/"),
        ("request-waiting", f"/commons/requests/{waiting.pk}/"),
        ("log", "/log/"),
        ("log-entry", f"/log/{entry.uuid}/"),
    ]:
        page.goto(path)
        look(page, name)


@pytest.mark.parametrize("how", [{"language": "en", "script": False}, {"language": "fr", "phone": True}], ids=str)
def test_somebody_asks_for_data_is_refused_asks_again_and_fetches_it(visitor: Visitor, how: dict[str, object]):
    dataset = make.dataset()
    nadia = make.user("nadia", password=PASSWORD)
    page = visitor.logged_in("nadia@example.org", PASSWORD, **how)

    page.goto(f"/commons/datasets/{dataset.pk}/")
    page.locator("a.button").click()
    if how.get("script", True):
        look(page, "ask")
    for sector in ("insurance", "research_education"):
        page.goto(f"/commons/datasets/{dataset.pk}/ask/")
        page.locator("#id_organisation").fill("Laboratory of Scripts")
        page.locator("#id_legal_form").select_option("public_body")
        page.locator("#id_country").select_option("SN")
        page.locator("#id_sector").select_option(sector)
        page.locator("#id_purpose").select_option("academic_research")
        page.locator("#id_purpose_text").fill("To study how people of many countries write their digits.")
        page.locator("input[name=actions][value=use]").check()
        page.locator("#id_recipients").fill("Ourselves.")
        page.locator("#id_environment").select_option("download")
        page.locator("#id_offer").fill("0")
        page.locator("#id_until").fill((coop_now() + timedelta(days=90)).date().isoformat())
        page.locator("main form button").last.click()
        page.wait_for_url("**/commons/requests/**")
        expect(page.locator(".badge.bad")).to_have_count(1 if sector == "insurance" else 0)

    request = dataset.requests.get(outcome="", asked_by=nadia)
    grant_access(request=request, decision=uuid4(), now=coop_now())
    page.reload()
    if how.get("script", True):
        look(page, "request-granted")
    with page.expect_download() as download:
        page.get_by_role("button", name="labels.csv").click()

    assert download.value.path().read_text().startswith("unit,")
