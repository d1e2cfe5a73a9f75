"""An order and the work on it, as clara and hanitra do it in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.work.actions import fund_project, update_due_consensus
from coop.work.models import Answer, Project, TimeEntry
from tests import make
from tests.journeys.conftest import Visitor, look

pytestmark = pytest.mark.journey
PASSWORD = "silk-worms-and-looms"
DIGITS = Path("script/demo_data/digits.csv")


def pay(project: Project) -> None:
    """What payouts does when the money is there."""
    assert project.quote
    fund_project(project=project, received=project.quote.escrow, by=PLATFORM, now=coop_now())


@pytest.mark.parametrize(
    "how", [{"script": True}, {"language": "fr", "phone": True, "script": False}], ids=["desk", "phone-fr-no-script"]
)
def test_clara_orders_digits_and_hanitra_labels_them(visitor: Visitor, how: dict[str, object]):
    make.user("clara", password=PASSWORD)
    make.member("hanitra", password=PASSWORD)
    seen = {key: value for key, value in how.items() if key != "script"}  # axe needs a script; the pages don't

    clara = visitor.logged_in("clara@example.org", PASSWORD, **how)
    clara.goto("/projects/new/")
    clara.locator("#id_legal_name").fill("Laboratoire d'histoire")
    clara.locator("#id_country").select_option("FR")
    clara.locator("#id_kind").select_option("research")
    clara.locator("form:has(#id_legal_name) button").click()
    clara.locator("#id_client").select_option(label="Laboratoire d'histoire")
    for name, value in {
        "title": "Handwritten digits", "purpose": "To read the registers of the silk workers' societies.", "final_client": "Municipal archive",
        "product": "A searchable index, free for all", "width": "8", "height": "8", "highest": "16", "question": "Which digit is this?",
        "options": "\n".join(f"{n}: {n}" for n in range(10)), "instructions": "Choose the digit you see.", "redundancy": "2", "seconds_per_answer": "5",
    }.items():  # fmt: skip
        clara.locator(f"#id_{name}").fill(value)
    clara.locator("input[name=end_use][value=culture_heritage]").check()
    clara.locator("input[name=media][value=pixels]").check()
    clara.locator("form:has(#id_title) button").click()
    clara.locator("#id_file").set_input_files(DIGITS)
    clara.locator("form:has(#id_file) button").click()
    clara.locator("form[action$='/quote/'] button").click()
    clara.locator("tfoot").wait_for()
    project = Project.objects.get()
    assert (project.status, project.items.count()) == ("quoted", 300)
    pay(project)

    hanitra = visitor.logged_in("hanitra@example.org", PASSWORD, **how)
    hanitra.goto("/work/")
    assert "Municipal archive" in hanitra.content() and "registers of the silk workers" in hanitra.content()
    hanitra.locator(f"form:has(input[value='{project.pk}']) button").click()
    for digit in (3, 8):
        hanitra.locator(".choices").wait_for()
        hanitra.wait_for_load_state()  # the keys are heard once the script runs
        if how["script"]:
            hanitra.keyboard.press(str(digit))
            expect(hanitra.locator(f"input[name=choice][value='{digit}']")).to_be_checked()
            with hanitra.expect_navigation():
                hanitra.keyboard.press("Enter")
        else:
            hanitra.locator(f"input[name=choice][value='{digit}']").check()
            with hanitra.expect_navigation():
                hanitra.locator("button[name=next]").click()
        hanitra.locator(".notice.done").wait_for()
    assert [answer.value["choice"] for answer in Answer.objects.order_by("pk")] == ["3", "8"]
    hanitra.locator("summary").first.click()
    hanitra.locator("input[name=choice][value='5']").check()
    hanitra.wait_for_timeout(2_200)  # no second is counted twice, so this answer takes more than one
    hanitra.locator("#id_declared_seconds").fill("0:01")
    hanitra.locator("button[name=stop]").click()
    hanitra.wait_for_url("**/work/")
    assert (
        TimeEntry.objects.filter(assignment__answers__value={"choice": "5"}).values_list("counted_seconds", flat=True)[
            0
        ]
        == 1
    )
    update_due_consensus(now=coop_now())

    watched = visitor.logged_in("clara@example.org", PASSWORD, **seen)
    for name, path in [
        ("projects", "/projects/"), ("client", "/projects/client/"), ("project-new", "/projects/new/"),
        ("project", f"/projects/{project.pk}/"), ("results", f"/projects/{project.pk}/results/"),
        ("gold", f"/projects/{project.pk}/gold/"),
    ]:  # fmt: skip
        watched.goto(path)
        look(watched, name)
    working = visitor.logged_in("hanitra@example.org", PASSWORD, **seen)
    for name, path in [("work", "/work/"), ("work-project", f"/work/projects/{project.pk}/"), ("time", "/work/time/")]:
        working.goto(path)
        look(working, name)
    working.goto("/work/")
    working.locator(f"form:has(input[value='{project.pk}']) button").click()
    working.locator(".choices").wait_for()
    look(working, "assignment")
    working.locator("button[name=look]").evaluate("button => button.closest('details').open = true")
    working.locator("#id_paused_seconds").fill("99999:00")
    working.locator("input[name=choice][value='5']").check()
    working.locator("button[name=stop]").click()
    working.locator(".error-summary").wait_for()
    look(working, "assignment-refused")
    working.goto("/work/")
    look(working, "work-in-hand")
