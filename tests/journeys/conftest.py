"""A real browser for the journeys: Playwright with the chromium that is there (CHROME, else the system's)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1200, "height": 800}
OUT_OF_SIGHT = """() => {
  const closed = [...document.querySelectorAll("details:not([open])")];
  closed.forEach((one) => { one.open = true; });
  const wide = document.documentElement.clientWidth, found = [];
  for (const one of document.querySelectorAll("body *")) {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!(says || one.matches("button, input, select, textarea, a, .badge")) || one.closest(".skip, .hidden")) continue;
    if (box.width < 2 || box.height < 2 || style.visibility === "hidden") continue;
    const inner = document.createRange();
    inner.selectNodeContents(one);
    const right = Math.max(box.right, says ? inner.getBoundingClientRect().right : 0);
    if (right > wide + 1 || box.left < -1)
      found.push(`${one.tagName} ${(one.textContent || one.value || "").trim().slice(0, 40)}: ${Math.round(box.left)} to ${Math.round(right)}`);
  }
  closed.forEach((one) => { one.open = false; });
  return found;
}"""
"""What a reader would have to scroll sideways for, also in a box of its own and in what unfolds: any word and any control."""
SCREENSHOTS = os.environ.get("CANUT_SCREENSHOTS", "")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, or a skip that says what is missing."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROME") or next((found for name in names if (found := shutil.which(name))), None)
    if not path or not Path(path).exists():
        pytest.skip(
            "there is no chromium here: install it (Debian: apt install chromium) or name one with CHROME=/path"
        )
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "true"  # Playwright keeps an event loop in this thread; the ORM is only used between its calls
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Visitor:
    """Somebody at a browser. `script=False` is a browser without JavaScript; a phone is 360 wide."""

    browser: Browser
    site: str
    contexts: list[BrowserContext] = field(default_factory=list)

    def comes(self, *, language: str = "en", phone: bool = False, script: bool = True) -> Page:
        """A fresh page."""
        context = self.browser.new_context(
            base_url=self.site,
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
            java_script_enabled=script,
            device_scale_factor=1,
        )
        context.set_default_timeout(40_000)
        self.contexts.append(context)
        return context.new_page()

    def logged_in(self, email: str, password: str, **how: Any) -> Page:
        """A fresh page of a person who has logged in through the form."""
        page = self.comes(**how)
        page.goto("/accounts/login/")
        page.locator("#id_login").fill(email)
        page.locator("#id_password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page


@pytest.fixture
def visitor(chromium: Browser, site: str) -> Iterator[Visitor]:
    """Opens pages of the site in the browser; all are closed after the test."""
    someone = Visitor(chromium, site)
    yield someone
    for context in someone.contexts:
        context.close()


def look(page: Page, name: str) -> None:
    """What must hold for every page: nothing is beside the screen, axe finds nothing wrong. Keeps a picture if asked to."""
    language, width = page.locator("html").get_attribute("lang"), (page.viewport_size or {})["width"]
    if SCREENSHOTS:
        Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{language}-{width}.png", full_page=True)
    sticks_out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sticks_out <= 0, f"{name}: {sticks_out}px stick out at {width}px"
    beside = page.evaluate(OUT_OF_SIGHT)
    assert not beside, f"{name} ({language}): beside the screen at {width}px: {beside[:5]}"
    found = Axe().run(page)
    wrong = [
        (violation["id"], violation["help"], [node["html"][:160] for node in violation["nodes"][:3]])
        for violation in found.response["violations"]
    ]
    assert not wrong, f"{name} ({language}, {width}px): {wrong}"
