"""Somebody walks through the pages: from every address of ours that needs nothing more, by every link that there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, URLPattern, resolve

from frontend.urls import urlpatterns

ENOUGH = 60
"""Pages of one kind that are opened."""


class Links(HTMLParser):
    """Where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (target := dict(attrs).get("href")):
            self.found.append(target)


def walked(browser: Client, *, of_a_kind: int = ENOUGH, among: tuple[str, ...] = ("/",)) -> Iterator[tuple[str, str]]:
    """(address, page) of every page of ours that links lead to: so many of one kind, and whose addresses begin so."""
    waiting = [
        f"/{page.pattern}"
        for family in urlpatterns
        for page in family.url_patterns
        if isinstance(page, URLPattern) and "<" not in str(page.pattern)
    ]
    known = set(waiting)
    opened: Counter[str] = Counter()
    while waiting:
        here = waiting.pop(0)
        if opened[_kind(here)] >= of_a_kind or not here.startswith(among):
            continue
        opened[_kind(here)] += 1
        answer = browser.get(here)
        if answer.status_code in (301, 302):
            found = [answer["Location"]]
        elif answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            page = answer.content.decode()
            yield here, page
            links = Links()
            links.feed(page)
            found = links.found
        else:
            continue
        for link in found:
            parts = urlsplit(urljoin(here, link))
            there = f"{parts.path}?{parts.query}" if parts.query else parts.path
            if not parts.netloc and there not in known and _is_ours(parts.path):
                known.add(there)
                waiting.append(there)


def _kind(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).route
    except Resolver404:
        return ""


def _is_ours(path: str) -> bool:
    return path.startswith("/") and not path.startswith(("/static/", "/api/", "/accounts/logout"))
