"""What is said beside the address and the body is looked at as it will be read: cookies, who asks, the charset of all of it."""

from __future__ import annotations

import time
from base64 import b64encode
from html import unescape
from io import BytesIO

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client
from django.test.client import RequestFactory

from coop.wsgi import application
from tests.coop.doors.test_safe_methods import cast
from tests.coop.doors.test_unkeepable import addresses

__all__ = ["addresses", "cast"]
pytestmark = pytest.mark.django_db

PLACES = ["/", "/log/", "/accounts/login/", "/api/v1/me/", "/_allauth/browser/v1/auth/session", "/identity/o/api/token"]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def basic(said: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(said).decode()}


def served(address: str, content_type: str) -> str:
    """The status that the application itself answers, as a web server calls it."""
    statuses: list[str] = []
    path, _question, query = address.partition("?")
    environ = RequestFactory()._base_environ(PATH_INFO=path, QUERY_STRING=query, CONTENT_TYPE=content_type)
    environ["wsgi.input"] = BytesIO()
    request_started.disconnect(close_old_connections)  # the test's own is open
    try:
        list(application(environ, lambda status, _headers: statuses.append(status)))
    finally:
        request_started.connect(close_old_connections)
    return statuses[0]


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "messages", "x"])
def test_a_cookie_that_cannot_be_kept_is_refused_everywhere(visitor, addresses, name):
    taken = []

    for address in addresses:
        answer = visitor.get(address, headers={"Cookie": f'{name}="aaaaaaaaaaaa\\000"'})
        if answer.status_code != 400:
            taken.append((address, answer.status_code))

    assert len(addresses) > 150 and not taken


@pytest.mark.parametrize("said", [b"a\0:b", b"a:\0b", b"\0:\0"])
@pytest.mark.parametrize("address", PLACES)
def test_who_asks_is_looked_at_as_it_is_decoded(visitor, address, said):
    answer = visitor.post(address, {"grant_type": "client_credentials", "token": "x"}, headers=basic(said))

    assert answer.status_code == 400


@pytest.mark.parametrize("said", ["Basic ====", "Basic a", "Basic \xe9", "basic YQA6Yg==", "BASIC  YQA6Yg", "Basic"])
@pytest.mark.parametrize("address", ["/identity/o/api/token", "/identity/o/api/revoke", "/identity/o/api/device/code"])
def test_no_way_of_saying_who_asks_makes_it_fail(visitor, address, said):
    for form in ({"grant_type": "client_credentials"}, {"grant_type": "refresh_token", "refresh_token": "x"}):
        assert visitor.post(address, form, headers={"Authorization": said}).status_code < 500


@pytest.mark.parametrize("header", ["X-Session-Token", "Authorization", "Idempotency-Key", "X-Email-Verification-Key"])
def test_a_header_that_cannot_be_kept_is_refused(visitor, header):
    for address in PLACES:
        answer = visitor.get(address, headers={header: "Bearer a\0"})
        assert answer.status_code == 400, address


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "latin-1", "utf-16", '"UTF-7"', "nonsense"])
@pytest.mark.parametrize("query", ["subject=+AAA-", "subject=%5Cx00", "a=b"])
def test_what_is_said_in_another_charset_is_refused_everywhere(visitor, charset, query):
    for address in PLACES:
        said = f"text/plain; charset={charset}"
        answer = visitor.generic("GET", f"{address}?{query}", CONTENT_TYPE=said)
        assert answer.status_code == 400, address


@pytest.mark.parametrize(
    "charset", ["hex", "zip", "rot13", "punycode", "undefined", "idna", "utf-7", "a\0b", "x" * 9000]
)
@pytest.mark.parametrize("address", ["/?a=b", "/api/v1/?a=b", "/_allauth/app/v1/config?a=b", "/?a=\\"])
def test_no_charset_makes_the_server_fail_before_anything_is_asked(address, charset):
    assert served(address, f"text/plain; charset={charset}").startswith("400 ")


@pytest.mark.parametrize(
    "parameter", ["charset*=hex''x", "charset*=nonsense''x", "charset*=utf-7''+AAA-", "charset*0=hex"]
)
def test_no_parameter_of_the_content_type_makes_it_fail(parameter):
    assert served("/?a=b", f"text/plain; {parameter}").startswith("400 ")


def test_too_many_parameters_are_refused_whatever_charset_is_named():
    assert served("/?" + "&" * 2000, "text/plain; charset=utf-8").startswith("400 ")
    assert served("/?" + "&" * 2000, "text/plain").startswith("400 ")


def test_utf_8_may_be_named_in_any_way(visitor):
    for said in ("text/plain; charset=utf-8", "text/plain; charset=UTF-8", 'text/plain; charset="utf8"', "text/plain"):
        assert served("/rules/?x=%C3%A9", said).startswith("200 ")
        assert visitor.generic("GET", "/rules/?x=%C3%A9", CONTENT_TYPE=said).status_code == 200


def test_the_refusal_says_what_and_where(visitor):
    cookie = visitor.get("/log/", headers={"Cookie": 'sessionid="a\\000"'})
    program = visitor.get("/api/v1/rules/", headers={"Cookie": 'sessionid="a\\000"'}).json()
    headless = visitor.get("/_allauth/app/v1/config", headers=basic(b"a\0:b")).json()
    token = visitor.post("/identity/o/api/token", {"token": "x"}, headers=basic(b"a\0:b")).json()
    charset = visitor.generic("GET", "/api/v1/rules/?x=1", CONTENT_TYPE="text/plain; charset=utf-7").json()

    assert "A text can’t hold" in unescape(cookie.content.decode()).replace("'", "’")
    assert cookie.headers["Content-Security-Policy"] and cookie.headers["X-Frame-Options"]
    assert program["errors"] == [{"field": "the cookie sessionid", "reason": "A text can't hold the character NUL."}]
    assert headless["errors"][0]["param"] == "Authorization"
    assert token == {"error": "invalid_request", "error_description": "unreadable: Authorization"}
    assert charset["errors"] == [{"field": "Content-Type", "reason": "Say this in UTF-8: no other charset is read."}]


@pytest.mark.parametrize(
    "field", ["é", "\N{RIGHT SINGLE QUOTATION MARK}", '"', "\\", "a\x00b", "\x7f", "\N{GRINNING FACE}"]
)
def test_the_token_endpoint_describes_an_error_in_the_characters_of_its_protocol(visitor, field):
    allowed = {*range(0x20, 0x22), *range(0x23, 0x5C), *range(0x5D, 0x7F)}  # RFC 6749, 5.2

    for language in ("en", "fr"):
        told = visitor.post("/identity/o/api/token", {field: "\x00"}, headers={"Accept-Language": language}).json()
        place = visitor.get("/identity/o/api/%00", headers={"Accept-Language": language}).json()
        assert told["error"] == place["error"] == "invalid_request"
        assert {ord(c) for c in told["error_description"] + place["error_description"]} <= allowed


@pytest.mark.parametrize("body", [b"&" * 2_400_000, b"a&" * 1_200_000, b"a=%C3&" * 400_000])
def test_a_form_of_too_many_fields_costs_nothing_to_refuse(visitor, body):
    before = time.process_time()

    answer = visitor.post("/accounts/login/", body, content_type=FORM)

    assert answer.status_code == 400
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    "body", [b"x=%C3", b"x=\xc3", b"x=\xe9&y=1", b"%C3=x", b"x=\xc3\xa9%A9", b"x=%C3\xa9", b"x=%EF%BF%BD&y=%ED%A0%80"]
)
def test_bytes_that_are_no_utf_8_are_refused_in_forms_and_addresses(visitor, body):
    form = visitor.post("/accounts/login/", body, content_type=FORM)
    query = visitor.generic("GET", "/log/", QUERY_STRING=body.decode("latin-1"))

    assert form.status_code == query.status_code == 400
    assert "not text in UTF-8" in form.content.decode() and "not text in UTF-8" in query.content.decode()


def test_the_replacement_character_itself_can_be_said(visitor):
    assert visitor.get("/rules/?x=%EF%BF%BD").status_code == 200


@pytest.mark.parametrize(
    "accept", ["a/b; x*=nonsense''y", "a/b; x*=hex''y", "a/b; x*=undefined''y", "/", ";", "a/b; q=x"]
)
def test_nothing_that_is_accepted_makes_it_fail(visitor, accept):
    for address in PLACES:
        assert visitor.get(address, headers={"Accept": accept}).status_code < 500, address
