"""How members are paid, and what the treasurer does about it, over HTTP."""

from __future__ import annotations

import pytest

from coop.ground.clock import coop_now
from payouts import rails
from payouts.actions.execution import advance_payout_items, reserve_run
from payouts.models import BatchFile, PayoutItem, RailDetails
from tests import make
from tests.api.test_orders import ask  # noqa: F401
from tests.payouts.paying import approved_run, ariary, on_mvola

pytestmark = pytest.mark.django_db
MVOLA = {"rail": "mobile_money", "operator": "mvola", "number": "+261 34 12 345 67"}


def test_a_member_says_how_to_be_paid_and_sees_it_masked(ask):  # noqa: F811
    hanitra = make.member("hanitra").user
    assert ask(hanitra, "pay", "get", "/rail/").status_code == 404

    put = ask(hanitra, "pay", "put", "/rail/", MVOLA)

    assert put.status_code == 200 and put.json()["masked"] == "MVola +261…567"
    assert ask(hanitra, "pay", "get", "/rail/").json() == put.json()
    assert "12345" not in put.content.decode()


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"number": "+33612345678"}, 409, "number"),
        ({"operator": "wave_sn"}, 409, "operator"),
        ({"rail": "stripe", "account": "acct_123456"}, 409, "rail"),
        ({"rail": "carrier pigeon"}, 409, "rail"),
        ({"number": "x" * 61}, 400, "number"),
    ],
)
def test_what_cannot_be_paid_to_is_named_by_field(ask, changed, status, field):  # noqa: F811
    no = ask(make.member("hanitra").user, "pay", "put", "/rail/", MVOLA | changed)

    assert (no.status_code, no.json()["errors"][0]["field"]) == (status, field)
    assert not RailDetails.objects.exists()


def test_sign_up_says_which_rails_reach_a_country(ask):  # noqa: F811
    choices = ask(make.member("hanitra").user, "pay", "get", "/rail/choices/").json()

    (mobile,) = choices["rails"]
    assert (mobile["rail"], mobile["on"]) == ("mobile_money", True)
    assert mobile["fields_asked"][0]["choices"] == ["mvola", "orange_mg", "airtel_mg"]


@pytest.fixture
def run_with_file():
    theo = make.treasurer()
    ariary(theo)
    members = [on_mvola(1000, "hanitra"), on_mvola(2000, "rado", "+261340000002")]
    run = approved_run(theo)
    for _ in range(2):
        advance_payout_items(now=coop_now(), wall=coop_now())
    return run, theo, members


def test_the_treasurer_takes_the_file_and_brings_the_answer(ask, run_with_file):  # noqa: F811
    run, theo, (hanitra, rado) = run_with_file
    here = f"/runs/{run.pk}/files/"
    listed = ask(theo.user, "treasurer", "get", here).json()["results"]
    assert ask(theo.user, "treasurer", "get", f"{here}{listed[0]['id']}/").status_code == 404
    assert (
        ask(theo.user, "treasurer", "post", f"{here}{listed[0]['id']}/download/")
        .json()["url"]
        .endswith(f"{here}{listed[0]['id']}/")
    )
    content = ask(theo.user, "treasurer", "get", f"{here}{listed[0]['id']}/")
    assert content["Content-Type"] == "text/csv" and content.content.decode().count("\r\n") == 3
    keys = [line.split(";")[0] for line in content.content.decode().splitlines()[1:]]

    answer = f"reference;status;transaction_id;reason\n{keys[0]};paid;M1;\n{keys[1]};lost;;\n"
    done = ask(
        theo.user, "treasurer", "post", f"{here}{listed[0]['id']}/confirm/", answer.encode(), content_type="text/csv"
    )

    assert (done.status_code, done.json()["paid"]) == (200, 1)
    assert [(b["line"], "none of" in b["reason"]) for b in done.json()["bad"]] == [(3, True)]
    mine = [ask(m.user, "pay", "get", "/payments/").json()["results"] for m in (hanitra, rado)]
    assert sorted(payment["state"] for payments in mine for payment in payments) == ["paid", "submitting"]


def test_the_treasurer_gives_up_what_waits_for_a_rail_that_is_off(ask, monkeypatch):  # noqa: F811
    theo = make.treasurer()
    ariary(theo)
    on_mvola(1000)
    run = reserve_run(run=approved_run(theo), now=coop_now())
    item = PayoutItem.objects.get()
    there = f"/items/{item.pk}/resolve/"
    assert ask(theo.user, "treasurer", "post", there, {"paid": False}).json()["code"] == "item_not_unresolved"
    monkeypatch.setattr(type(rails.RAILS["mobile_money"]), "is_on", lambda _rail: False)
    listed = ask(theo.user, "treasurer", "get", f"/runs/{run.pk}/items/").json()["results"]
    assert listed[0]["trouble"].startswith("The rail is switched off")

    done = ask(theo.user, "treasurer", "post", there, {"paid": False, "reference": "off"})

    assert (done.status_code, done.json()["state"], done.json()["reserved"]) == (200, "held", False)


def test_files_and_items_are_the_treasurers_alone(ask, run_with_file):  # noqa: F811
    run, _theo, (hanitra, _rado) = run_with_file
    file, mallory = BatchFile.objects.get(), make.user("mallory")
    paths = [f"/runs/{run.pk}/files/", f"/runs/{run.pk}/files/{file.pk}/", f"/runs/{run.pk}/items/"]

    for person in (hanitra.user, mallory):
        assert [ask(person, "treasurer", "get", path).status_code for path in paths] == [403, 403, 403]
    item = PayoutItem.objects.get(member=hanitra)
    assert ask(mallory, "treasurer", "post", f"/items/{item.pk}/resolve/", {"paid": True}).status_code == 403
    assert ask(mallory, "pay", "get", "/payments/").status_code == 403
    assert ask(mallory, "pay", "put", "/rail/", MVOLA).status_code == 403


def test_an_answer_to_another_runs_file_does_not_exist(ask, run_with_file):  # noqa: F811
    _run, theo, _members = run_with_file
    other = approved_run(theo)

    assert (
        ask(theo.user, "treasurer", "get", f"/runs/{other.pk}/files/{BatchFile.objects.get().pk}/").status_code == 404
    )


def test_rates_are_public_and_recorded_by_the_treasurer(ask, client):  # noqa: F811
    theo = make.treasurer()
    said = {"currency": "XOF", "num": 655_957, "den": 1000, "source": "fixed parity"}

    assert ask(theo.user, "treasurer", "post", "/rates/", said).status_code == 201
    assert client.get("/api/v1/rates/").json()["results"][0]["num"] == 655_957
    assert ask(make.member("awa").user, "treasurer", "post", "/rates/", said).status_code == 403
    assert ask(theo.user, "treasurer", "post", "/rates/", said | {"currency": "ABC"}).status_code == 400
