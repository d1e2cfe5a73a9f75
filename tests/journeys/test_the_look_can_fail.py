"""The checks of `look` find what is wrong (a test that can't fail is a defect)."""

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import PHONE, look

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(
    "wrong",
    [
        "<img src='data:,'>",
        "<input>",
        "<p style='color:#aaa'>pale</p>",
        "<div style='width:900px;background:red'>wide</div>",
        "<div style='overflow:auto' tabindex=0><p style='width:500px;text-align:end'>1.00</p></div>",
        "<div style='overflow:hidden'><button style='margin-left:330px'>Approve</button></div>",
        "<details><summary>more</summary><div style='overflow:auto' tabindex=0><p style='width:500px'>1.00</p></div></details>",
    ],
)
def test_what_is_wrong_on_a_page_is_found(chromium: Browser, wrong: str):
    page = chromium.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.set_content(f"<!doctype html><html lang=en><title>x</title><body><main><h1>x</h1>{wrong}</main>")

    with pytest.raises(AssertionError):
        look(page, "wrong")


def test_what_is_right_is_left_alone(chromium: Browser):
    page = chromium.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.set_content("<!doctype html><html lang=en><title>x</title><body><main><h1>x</h1></main>")

    look(page, "right")
