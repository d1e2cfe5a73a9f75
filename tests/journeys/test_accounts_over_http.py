"""The whole life of an account over real HTTP: the headless API, the second step, OAuth, tokens."""

import re
import time
from urllib.parse import unquote

import pytest
import requests
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests import make

pytestmark = pytest.mark.journey
PASSWORD = "silk-worms-and-looms"


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


class Person:
    """Somebody with the app: a session token is kept from answer to answer."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.token = ""

    def ask(self, method: str, path: str, **data: str) -> requests.Response:
        answer = requests.request(
            method,
            f"{self.site}/_allauth/app/v1/{path}",
            json=data or None,
            headers={"X-Session-Token": self.token} if self.token else {},
            timeout=20,
        )
        if answer.headers["Content-Type"].startswith("application/json"):
            self.token = answer.json().get("meta", {}).get("session_token") or self.token
        return answer

    def me(self) -> requests.Response:
        return requests.get(f"{self.site}/api/v1/me/", headers={"X-Session-Token": self.token}, timeout=20)


def test_an_account_from_sign_up_to_the_second_step(site: str, mailoutbox):
    rado = Person(site)
    assert rado.ask("GET", "config").status_code == 200
    assert rado.ask("POST", "auth/signup", email="rado@example.org", password="x").status_code == 400

    waiting = rado.ask("POST", "auth/signup", email="rado@example.org", password=PASSWORD)
    assert waiting.status_code == 401 and any(flow["id"] == "verify_email" for flow in waiting.json()["data"]["flows"])
    assert rado.me().status_code == 401  # half a session is none
    key = re.search(r"/accounts/confirm-email/([^/\s]+)/", mailoutbox[0].body)
    assert key
    assert rado.ask("POST", "auth/email/verify", key=unquote(key[1])).status_code == 200
    assert rado.me().json()["email"] == "rado@example.org"

    secret = rado.ask("GET", "account/authenticators/totp").json()["meta"]["secret"]
    if rado.ask("POST", "account/authenticators/totp", code=code_for(secret)).status_code == 401:
        assert rado.ask("POST", "auth/reauthenticate", password=PASSWORD).status_code == 200
        assert rado.ask("POST", "account/authenticators/totp", code=code_for(secret)).status_code == 200
    codes = rado.ask("GET", "account/authenticators/recovery-codes").json()["data"]["unused_codes"]
    assert len(codes) == 10

    assert rado.ask("DELETE", "auth/session").status_code == 401
    assert rado.me().status_code == 401

    rado.token = ""
    wanted = rado.ask("POST", "auth/login", email="rado@example.org", password=PASSWORD)
    assert wanted.status_code == 401 and any(
        flow["id"] == "mfa_authenticate" and flow.get("is_pending") for flow in wanted.json()["data"]["flows"]
    )
    assert rado.me().status_code == 401
    assert rado.ask("POST", "auth/2fa/authenticate", code="000000").status_code == 400
    assert rado.ask("POST", "auth/2fa/authenticate", code=codes[0]).status_code == 200
    assert rado.me().status_code == 200

    again = Person(site)
    again.ask("POST", "auth/login", email="rado@example.org", password=PASSWORD)
    assert again.ask("POST", "auth/2fa/authenticate", code=codes[0]).status_code == 400  # a recovery code is spent


def test_guessing_a_password_is_slowed_down(site: str):
    make.user("hanitra", password=PASSWORD)
    mallory = Person(site)

    answers = [mallory.ask("POST", "auth/login", email="hanitra@example.org", password=f"guess-{n}") for n in range(12)]

    assert {answer.status_code for answer in answers[:5]} == {400}
    assert answers[-1].status_code == 429 or answers[-1].json()["errors"][0]["code"] == "too_many_login_attempts"


def test_a_program_with_its_own_credentials_is_nobody(site: str):
    """Client credentials carry no person: such a token opens nothing that belongs to people."""
    client = OAuthClient(
        id="lab", name="lab", type="confidential", grant_types="client_credentials", scopes="requester"
    )
    client.set_secret("s3cret-s3cret-s3cret")
    client.save()

    granted = requests.post(
        f"{site}/identity/o/api/token",
        data={"grant_type": "client_credentials", "scope": "requester"},
        auth=("lab", "s3cret-s3cret-s3cret"),
        timeout=20,
    )
    assert granted.status_code == 200, granted.text
    me = requests.get(
        f"{site}/api/v1/me/", headers={"Authorization": f"Bearer {granted.json()['access_token']}"}, timeout=20
    )

    assert me.status_code == 401 and me.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_descriptions_are_served_here(site: str):
    assert requests.get(f"{site}/_allauth/openapi.json", timeout=20).json()["openapi"].startswith("3.")
    assert requests.get(f"{site}/.well-known/openid-configuration", timeout=20).json()["token_endpoint"]
    docs = requests.get(f"{site}/api/docs/", timeout=20).text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', docs)
    for address in re.findall(r'(?:src|href)="([^"]+)"', docs):
        assert requests.get(site + address, timeout=20).status_code == 200, address
