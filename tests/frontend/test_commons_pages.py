from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from coop.commons.actions import grant_access
from coop.commons.models import AccessEvent, AccessRequest, Dataset
from coop.ground.clock import coop_now
from tests import make

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def dataset():
    return make.dataset()


def form(**changes):
    until = (coop_now() + timedelta(days=100)).date().isoformat()
    return make.ASKED | {"until": until, "offer": "0"} | changes


def text(answer):
    return answer.content.decode()


def test_anyone_reads_what_the_commons_holds_and_on_what_terms(client: Client, dataset):
    assert dataset.title in text(client.get("/commons/"))
    page = text(client.get(f"/commons/datasets/{dataset.pk}/"))
    assert "the members, collectively" in page and "Never: No insurers." in page
    assert dataset.releases.get().manifest_sha256 in page
    policy = text(client.get(f"/commons/policies/{dataset.policy.pk}/"))
    assert dataset.policy.odrl_sha256 in policy and "Free of charge, if the stewards agree" in policy


def test_a_french_reader_reads_a_french_page(client: Client, dataset):
    client.post("/i18n/setlang/", {"language": "fr", "next": "/"})

    for path, said in (
        ("/commons/", "Ces données ne sont à personne, pas même à nous."),
        (f"/commons/datasets/{dataset.pk}/", "Demander l’accès"),
        ("/commons/register/", "Les refus aussi."),
    ):
        assert said in text(client.get(path))


def test_an_insurer_asks_on_the_page_and_reads_which_line_was_crossed(client: Client, dataset):
    client.force_login(make.user("agent"))

    page = client.post(
        f"/commons/datasets/{dataset.pk}/ask/", form(organisation="Sure & Sons", sector="insurance"), follow=True
    )

    assert page.redirect_chain and "No insurers" in text(page)
    assert "Sure &amp; Sons" in text(Client().get("/commons/register/?outcome=refused"))


def test_a_lab_asks_on_the_page_and_is_told_what_follows(client: Client, dataset):
    client.force_login(make.requester())

    page = client.post(f"/commons/datasets/{dataset.pk}/ask/", form(offer="12.50"), follow=True)

    assert "goes to the vote of the stewards" in text(page)
    assert AccessRequest.objects.get().offer == 1250
    assert "12.50" in text(page)


def test_a_form_that_is_not_sound_comes_back_with_what_was_written(client: Client, dataset):
    client.force_login(make.requester())

    page = client.post(
        f"/commons/datasets/{dataset.pk}/ask/", form(purpose_text="short", until="2020-01-01", organisation="Our Lab")
    )

    assert page.status_code == 422
    assert "error-summary" in text(page) and 'value="Our Lab"' in text(page)
    assert not AccessRequest.objects.exists()
    late = client.post(f"/commons/datasets/{dataset.pk}/ask/", form(until="2020-01-01"))
    assert late.status_code == 422 and "Give a day in the future." in text(late)


def test_asking_needs_an_account(client: Client, dataset):
    answer = client.get(f"/commons/datasets/{dataset.pk}/ask/")

    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_the_request_is_public_in_full_and_the_person_is_not(client: Client, dataset):
    request = make.access_request(dataset=dataset, by=make.user("clarissa"))

    page = text(client.get(f"/commons/requests/{request.pk}/"))

    assert request.purpose_text in page and request.recipients in page
    assert "clarissa" not in page.lower()
    assert "withdraw" not in page


def test_who_asked_takes_the_request_back_and_nobody_else_can(client: Client, dataset):
    request = make.access_request(dataset=dataset)
    address = f"/commons/requests/{request.pk}/withdraw/"
    mallory = Client()
    mallory.force_login(make.user("mallory"))
    client.force_login(request.asked_by)

    assert mallory.post(address).status_code == 404
    assert "It stays in the register" in text(client.post(address, follow=True))


def test_who_was_granted_access_fetches_the_files_and_it_shows(client: Client, dataset):
    request = make.access_request(dataset=dataset)
    grant = grant_access(request=request, decision=uuid4(), now=coop_now())
    client.force_login(request.asked_by)
    mallory = Client()
    mallory.force_login(make.user("mallory"))
    address = f"/commons/grants/{grant.pk}/files/labels.csv"

    assert "Your files" in text(client.get(f"/commons/requests/{request.pk}/"))
    link = client.post(address)["Location"]
    assert client.get(link).content.startswith(b"unit,")
    assert client.get(address).status_code == 405
    assert (mallory.post(address).status_code, mallory.get(link).status_code) == (404, 404)
    assert client.post(f"/commons/grants/{grant.pk}/files/settings.py").status_code == 404
    assert AccessEvent.objects.count() == 1
    page = text(mallory.get(f"/commons/requests/{request.pk}/"))
    assert "labels.csv" in page and "Your files" not in page


def test_files_with_an_unpaid_fee_stay_closed(client: Client, dataset):
    request = make.access_request(dataset=dataset, legal_form="firm", purpose="product_development", offer=5000)
    grant = grant_access(request=request, decision=uuid4(), now=coop_now())
    client.force_login(request.asked_by)

    page = client.post(f"/commons/grants/{grant.pk}/files/labels.csv", follow=True)

    assert "The release opens when the fee for the commons is paid." in text(page)
    assert not AccessEvent.objects.exists()


def test_a_steward_takes_delivered_work_in_and_for_others_the_page_does_not_exist(client: Client):
    project, steward = make.delivered(), make.steward()
    address = f"/commons/new/{project.pk}/"
    facts = {"title": "Digits", "summary": "Read by five.", "client_rights": "By contract.", "returns": "labels"}
    client.force_login(steward.user)
    awa = Client()
    awa.force_login(make.member("awa").user)

    assert address in text(client.get("/commons/")) and address not in text(awa.get("/commons/"))
    assert awa.post(address, facts).status_code == 404
    empty = client.post(address, {})
    assert empty.status_code == 422
    assert "in the commons, with its policy" in text(client.post(address, facts, follow=True))
    assert Dataset.objects.get().steward == steward


def test_too_few_makers_is_said_on_the_form(client: Client):
    project = make.delivered(people=4)
    client.force_login(make.steward().user)

    page = client.post(
        f"/commons/new/{project.pk}/", {"title": "x", "summary": "x", "client_rights": "x", "returns": "labels"}
    )

    assert page.status_code == 422 and "Only 4 people made this" in text(page)


@pytest.mark.parametrize(
    "address", ["/commons/datasets/{}/", "/commons/policies/{}/", "/commons/requests/{}/", "/commons/datasets/x/"]
)
def test_what_is_not_there_is_not_there(client: Client, address):
    assert client.get(address.format(NOBODY)).status_code == 404


def test_a_page_or_outcome_that_is_none_shows_the_register(client: Client):
    assert client.get("/commons/register/?page=x&outcome=y").status_code == 200
