"""What nobody can keep is refused at the door, by the place where it stands: at every address there is, whoever asks."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, get_resolver

from tests.coop.doors.test_safe_methods import SOMEBODY_ELSES, cast, filled
from tests.structure.source import files

__all__ = ["cast"]
pytestmark = pytest.mark.django_db

NUL, LARGE = "%00", str(2**63)
OF_ALLAUTH = (
    *("next", "code", "state", "client_id", "redirect_uri", "scope", "response_type", "user_code", "email", "login"),
    *("key", "token", "id_token_hint", "process", "provider", "language"),
)
"""Names that django-allauth looks for in an address; ours are found in the source."""


def asked_for() -> set[str]:
    """Every parameter of an address that the doors, or what they stand on, look for."""
    found = {"page", "size", "cursor", "limit", "format", *OF_ALLAUTH}
    for path in files("api", "frontend", "coop/doors"):
        found |= set(re.findall(r"(?:GET|query_params)(?:\.get(?:list)?\(|\[)\"(\w+)\"", path.read_text()))
        found |= set(re.findall(r"(?:query|request)\.get\(\"(\w+)\"", path.read_text()))
    return found


def every_route(resolver: URLResolver, before: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for part in resolver.url_patterns:
        route = before + str(part.pattern)
        found += every_route(part, route) if isinstance(part, URLResolver) else [(route, part)]
    return found


def address_of(route: str, pattern: URLPattern) -> str:
    """An address of the route: of something that is there, if it is ours; django-allauth's get a plausible one."""
    if "(?P" not in route and not route.startswith(SOMEBODY_ELSES):
        return "/" + filled(route, pattern)[0]
    return "/" + re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "x1", route).translate({ord(c): None for c in "^$\\"})


@pytest.fixture
def addresses(cast, settings) -> list[str]:
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = False
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_CLASSES": []}
    return [address_of(route, pattern) for route, pattern in every_route(get_resolver())]


def failing(clients, ask, addresses) -> list[str]:
    return [
        f"{name}: {address} {answer.status_code}"
        for name, client in clients
        for address in addresses
        if (answer := ask(client, address)).status_code not in (400, 404) and answer.status_code != 503
    ]


def test_an_address_that_cannot_be_kept_is_refused_everywhere(cast, addresses):
    every = [(name, cast[name]) for name in ("a visitor", "theo")]
    assert len(addresses) > 150

    for bad in (f"subject={NUL}", "x=a%ED%A0%80"):
        assert not failing(every, lambda client, address, bad=bad: client.get(f"{address}?{bad}"), addresses)


def test_a_form_that_cannot_be_kept_is_refused_everywhere_that_takes_one(cast, addresses):
    client, bad = cast["theo"], []

    for address in addresses:
        for body in (b"x=%00", b"code=a%ED%A0%80"):
            answer = client.post(address, body, content_type="application/x-www-form-urlencoded")
            taken = answer.status_code == 500 if address.startswith("/api/") else answer.status_code not in (400, 405)
            if taken:  # the API reads no forms
                bad.append((address, answer.status_code))

    assert not bad


def test_the_refusal_names_the_field_in_the_form_of_who_asks(client):
    page = client.get("/log/?subject=%00")
    program = client.get("/api/v1/rules/?q=%00").json()
    headless = client.post("/_allauth/app/v1/auth/login", b'{"email": "a\\u0000"}', content_type="application/json")
    token = client.post("/identity/o/api/token", {"grant_type": "refresh_token", "refresh_token": "\x00"})
    files = client.post("/accounts/login/", {"login": "a\x00@b.example"})
    path = client.get("/api/v1/%00/")

    assert page.status_code == 400 and "A text can't hold the character NUL." in unescape(page.content.decode())
    assert program["status"] == 400
    assert program["errors"] == [{"field": "q", "reason": "A text can't hold the character NUL."}]
    assert headless.status_code == 400 and headless.json()["errors"][0]["param"] == "email"
    assert token.status_code == 400
    assert token.json() == {"error": "invalid_request", "error_description": "unreadable: refresh_token"}
    assert files.status_code == 400 and "A text" in unescape(files.content.decode())
    assert path.status_code == 400
    assert path.json()["errors"] == [{"field": "the address", "reason": "A text can't hold the character NUL."}]


@pytest.mark.parametrize("address", ["/webhooks/stripe/", "/_allauth/app/v1/auth/login", "/api/v1/projects/"])
def test_who_reads_no_forms_is_sent_one_in_vain(client, address):
    assert client.post(address, {"x": "a form"}).status_code in (400, 401, 415)


@pytest.mark.parametrize("address", ["account/phone", "auth/phone/verify", "auth/phone/verify/resend"])
@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete"])
def test_nobody_is_asked_for_a_telephone(client, address, verb):
    answer = getattr(client, verb)(f"/_allauth/app/v1/{address}", content_type="application/json")

    assert answer.status_code == 404


def test_no_number_in_an_address_is_too_large_for_it(cast, addresses):
    client, names = cast["theo"], sorted(asked_for())
    assert {"subject", "page", "size", "state", "rule", "cursor"} <= set(names)

    for value in (LARGE, "-1"):
        query = "&".join(f"{name}={value}" for name in names)
        crashed = [address for address in addresses if client.get(f"{address}?{query}").status_code == 500]
        assert not crashed


@pytest.mark.parametrize("query", ["x=%F0%9F%98%80", "x=%C3%A9&y", "x=a+b%0A", "x=%25", "x=%zz"])
def test_what_can_be_kept_is_let_in(client, query):
    assert client.get(f"/rules/?{query}").status_code == 200
