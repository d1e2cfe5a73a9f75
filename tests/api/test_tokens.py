from datetime import timedelta

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from django.utils import timezone

from coop.doors.actions import make_personal_token, revoke_personal_token
from coop.ground.errors import Refused
from coop.members.models import User
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.places")]


def bearer(person: User, *scopes: str) -> dict[str, str]:
    _token, value = make_personal_token(by=person.actor, label="test", scopes=scopes, days=1)
    return {"HTTP_AUTHORIZATION": f"Bearer {value}"}


def test_a_token_does_what_its_scope_says(client: Client):
    hanitra = make.member("hanitra")

    answer = client.get("/api/work/", **bearer(hanitra.user, "work"))

    assert answer.status_code == 200 and answer.json() == {"name": "Hanitra"}


def test_a_token_without_the_scope_is_forbidden_and_told_which_it_needs(client: Client):
    hanitra = make.member("hanitra")

    answer = client.get("/api/work/", **bearer(hanitra.user, "vote"))

    assert answer.status_code == 403
    assert answer.json()["code"] == "insufficient_scope"
    assert 'scope="work"' in answer["WWW-Authenticate"]


def test_mallory_with_every_scope_is_still_no_member_and_no_treasurer(client: Client):
    mallory = make.user("mallory")

    work = client.get("/api/work/", **bearer(mallory, "work"))
    treasury = client.get("/api/treasurer/", **bearer(mallory, "treasurer"))

    assert work.status_code == 403 and work.json()["code"] == "not_a_member"
    assert treasury.status_code == 403 and treasury.json()["code"] == "not_a_member"


def test_an_office_is_needed_and_its_term_must_run(client: Client, clock):
    theo, awa = make.treasurer("theo"), make.member("awa")
    theos, awas = bearer(theo.user, "treasurer"), bearer(awa.user, "treasurer")

    assert client.get("/api/treasurer/", **theos).status_code == 200
    assert client.get("/api/treasurer/", **awas).json()["code"] == "not_in_office"
    clock.advance(days=366)
    assert client.get("/api/treasurer/", **theos).json()["code"] == "not_in_office"


@pytest.mark.parametrize("header", ["Bearer nope", "Bearer ", "bearer x y"])
def test_a_bad_token_is_401_even_where_everybody_may_read(client: Client, header: str):
    answer = client.get("/api/v1/", HTTP_AUTHORIZATION=header)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="canut", error="invalid_token"'
    assert answer.json()["code"] == "invalid_token"


def test_nobody_is_asked_who_they_are(client: Client):
    answer = client.get("/api/work/")

    assert answer.status_code == 401 and answer["WWW-Authenticate"] == 'Bearer realm="canut"'


def test_a_token_ends_with_its_day_its_revocation_and_its_person(client: Client):
    hanitra = make.member("hanitra")
    expired, revoked, orphaned = (bearer(hanitra.user, "work") for _ in range(3))
    tokens = list(Token.objects.filter(user=hanitra.user).order_by("pk"))
    Token.objects.filter(pk=tokens[0].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    revoke_personal_token(by=hanitra.user.actor, token=tokens[1])

    assert client.get("/api/work/", **expired).status_code == 401
    assert client.get("/api/work/", **revoked).status_code == 401
    assert client.get("/api/work/", **orphaned).status_code == 200
    User.objects.filter(pk=hanitra.user_id).update(is_active=False)
    assert client.get("/api/work/", **orphaned).status_code == 401


def test_only_its_person_revokes_a_token():
    hanitra, mallory = make.member("hanitra"), make.user("mallory")
    token, _value = make_personal_token(by=hanitra.user.actor, label="mine", scopes=["work"], days=1)

    revoke_personal_token(by=mallory.actor, token=token)

    assert Token.objects.filter(pk=token.pk).exists()


def test_the_value_of_a_token_is_not_stored():
    token, value = make_personal_token(by=make.user().actor, label="x", scopes=["work"], days=1)

    assert value not in str(vars(token)) and len(value) > 40


@pytest.mark.parametrize(
    ("scopes", "days", "code"),
    [
        (["work", "everything"], 1, "unknown_scope"),
        ([], 1, "no_scope"),
        (["work"], 0, "bad_expiry"),
        (["work"], 10_000, "bad_expiry"),
    ],
)
def test_a_token_that_cannot_be_is_refused_by_name(scopes: list[str], days: int, code: str):
    with pytest.raises(Refused) as refused:
        make_personal_token(by=make.user().actor, label="x", scopes=scopes, days=days)

    assert refused.value.code == code
