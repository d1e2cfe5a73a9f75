"""Signing up, logging in, applying and tokens, on the pages."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Token
from django.test import Client

from coop.members.models import Application
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "silk-worms-and-looms"


def log_in(client: Client, email: str, password: str = PASSWORD):
    return client.post("/accounts/login/", {"login": email, "password": password})


def log_in_surely(client: Client, email: str):
    """Log in and give the password again, as sensitive pages ask."""
    log_in(client, email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def apply_with(client: Client, **changed: object):
    said = {
        "name": "Rado",
        "college": "producer",
        "country": "MG",
        "languages": ["mg"],
        "engagement": "unknown",
        "statement": "I label.",
    }
    return client.post("/apply/", said | changed)


def test_a_person_signs_up_confirms_the_address_and_is_logged_in(client: Client, mailoutbox):
    client.post("/accounts/signup/", {"email": "rado@example.org", "password1": PASSWORD})
    assert client.get("/account/").status_code == 302  # not before the address is confirmed
    link = re.search(r"http://\S+/accounts/confirm-email/\S+", mailoutbox[0].body)
    assert link, mailoutbox[0].body

    client.get(link[0])
    client.post(link[0])

    assert EmailAddress.objects.get(email="rado@example.org").verified
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("no-address", PASSWORD, "id_email"),
        ("rado@example.org", "short", "id_password1"),
        ("rado@example.org", "password123", "id_password1"),
    ],
)
def test_a_bad_sign_up_names_the_field(client: Client, email: str, password: str, field: str):
    page = client.post("/accounts/signup/", {"email": email, "password1": password}).content.decode()

    assert f'<a href="#{field}">' in page and f'id="{field}_error"' in page


def test_signing_up_with_a_known_address_tells_a_stranger_nothing(client: Client, mailoutbox):
    make.user("hanitra", password=PASSWORD)

    known = client.post("/accounts/signup/", {"email": "hanitra@example.org", "password1": PASSWORD})
    fresh = Client().post("/accounts/signup/", {"email": "rado@example.org", "password1": PASSWORD})

    assert (known.status_code, known.url) == (fresh.status_code, fresh.url)


def test_a_wrong_password_is_refused_and_guessing_is_slowed(client: Client):
    make.user("hanitra", password=PASSWORD)

    answers = [log_in(client, "hanitra@example.org", f"guess-{n}") for n in range(12)]

    assert all("Log out" not in answer.content.decode() for answer in answers)
    assert "Too many" in answers[-1].content.decode()
    assert client.get("/account/").status_code == 302


def test_a_forgotten_password_is_set_anew_by_mail(client: Client, mailoutbox):
    make.user("hanitra", password=PASSWORD)
    client.post("/accounts/password/reset/", {"email": "hanitra@example.org"})
    link = re.search(r"http://\S+/accounts/password/reset/key/\S+", mailoutbox[0].body)
    assert link

    form = client.get(link[0])
    client.post(form.url, {"password1": "warp-and-weft-42", "password2": "warp-and-weft-42"})

    log_in(client, "hanitra@example.org", "warp-and-weft-42")
    assert client.get("/account/").status_code == 200
    assert client.get(link[0]).status_code in (200, 302)
    assert "password1" not in client.get(link[0], follow=True).content.decode()  # the link is spent


def test_an_applicant_asks_once_and_the_members_see_it(client: Client):
    client.force_login(make.user("rado"))

    assert apply_with(client).status_code == 302
    again = apply_with(client)

    assert again.status_code == 422 and "waiting for its vote" in again.content.decode()
    awa = Client()
    awa.force_login(make.member("awa").user)
    assert "I label." in awa.get("/applications/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("college", "boss"),
        ("country", "Madagascar"),
        ("languages", ["xx"]),
        ("engagement", "slave"),
        ("statement", "x" * 4001),
    ],
)
def test_a_bad_application_names_the_field_and_keeps_what_was_written(client: Client, field: str, value: object):
    client.force_login(make.user("rado"))

    page = apply_with(client, **{field: value})

    assert page.status_code == 422 and f'id="id_{field}_error"' in page.content.decode()
    assert 'value="Rado"' in page.content.decode() or field == "name"
    assert not Application.objects.exists()


def test_an_application_can_be_taken_back_by_its_applicant_alone(client: Client):
    client.force_login(make.user("rado"))
    apply_with(client)
    application = Application.objects.get()
    mallory = Client()
    mallory.force_login(make.user("mallory"))

    assert mallory.post(f"/apply/{application.pk}/withdraw/").status_code == 404
    client.post(f"/apply/{application.pk}/withdraw/")

    application.refresh_from_db()
    assert application.outcome == "withdrawn"


def test_a_member_changes_what_the_membership_says(client: Client):
    hanitra = make.member("hanitra")
    client.force_login(hanitra.user)

    client.post(
        "/account/membership/",
        {"name": "Hanitra R.", "country": "FR", "languages": ["fr", "mg"], "engagement": "employee"},
    )

    hanitra.refresh_from_db()
    assert (hanitra.name, hanitra.country, hanitra.engagement) == ("Hanitra R.", "FR", "employee")
    assert hanitra.college == "producer"


def test_mallory_finds_no_member_pages(client: Client):
    client.force_login(make.user("mallory"))

    assert client.get("/applications/").status_code == 404
    assert client.get("/account/membership/").status_code == 404


def test_a_token_is_shown_once_works_and_is_revoked(client: Client):
    make.user("clara", password=PASSWORD)
    log_in_surely(client, "clara@example.org")

    said = {"label": "export", "scopes": ["requester"], "days": 30}
    page = client.post("/account/tokens/", said, follow=True).content.decode()
    value = re.search(r"canut_[\w-]+", page)
    assert value
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {value[0]}"}

    assert value[0] not in client.get("/account/tokens/").content.decode()
    assert Client().get("/api/v1/me/", **bearer).json()["scopes"] == ["requester"]
    token = Token.objects.get(user__email="clara@example.org")
    assert token.data
    mallory = Client()
    mallory.force_login(make.user("mallory"))
    assert mallory.post(f"/account/tokens/{token.data['personal']}/revoke/").status_code == 404
    client.post(f"/account/tokens/{token.data['personal']}/revoke/")
    assert Client().get("/api/v1/me/", **bearer).status_code == 401


def test_reloading_the_page_of_a_new_token_makes_no_second_one_and_shows_none(client: Client):
    make.user("clara", password=PASSWORD)
    log_in_surely(client, "clara@example.org")

    answer = client.post("/account/tokens/", {"label": "export", "scopes": ["requester"], "days": 30})
    shown = client.get(answer["Location"]).content.decode()
    again = client.get(answer["Location"]).content.decode()

    assert answer.status_code == 302 and "canut_" not in answer["Location"] and not answer.content
    assert "canut_" in shown and "canut_" not in again
    assert Token.objects.count() == 1


def test_the_value_of_a_token_lies_nowhere_but_with_its_person(client: Client):
    make.user("clara", password=PASSWORD)
    log_in_surely(client, "clara@example.org")

    answer = client.post("/account/tokens/", {"label": "export", "scopes": ["requester"], "days": 30})
    cookie = answer.cookies["new-token"]
    mallory = Client()
    make.user("mallory", password=PASSWORD)
    log_in_surely(mallory, "mallory@example.org")
    mallory.cookies["new-token"] = cookie.value

    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/account/tokens/"
    assert not any("canut_" in str(value) for value in client.session.values())
    assert "canut_" not in mallory.get("/account/tokens/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("label", ""), ("scopes", ["everything"]), ("scopes", []), ("days", 0), ("days", "x")]
)
def test_a_bad_token_form_names_the_field(client: Client, field: str, value: object):
    make.user("clara", password=PASSWORD)
    log_in_surely(client, "clara@example.org")

    page = client.post("/account/tokens/", {"label": "x", "scopes": ["work"], "days": 1} | {field: value})

    assert page.status_code == 422 and f'id="id_{field}_error"' in page.content.decode()
    assert not Token.objects.exists()


def test_making_a_token_asks_for_the_password_again(client: Client):
    make.user("clara", password=PASSWORD)
    log_in(client, "clara@example.org")

    page = client.get("/account/tokens/")

    assert page.status_code == 302 and "/accounts/reauthenticate/" in page.url
