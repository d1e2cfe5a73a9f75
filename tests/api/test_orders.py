"""Ordering and paying over HTTP."""

from __future__ import annotations

import pytest
from django.test import Client

from coop.ground.clock import coop_now
from payouts.models import InboxEvent, Order
from tests import make
from tests.api.test_tokens import bearer
from tests.script.stripe_standin.running import StandIn, on_stripe, standin  # noqa: F401

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture
def ask(client: Client):
    """ask(person, scope, "post", "/orders/…/", body)"""

    def asking(person, scope, verb, path, body=None, **more):
        more = {"content_type": "application/json"} | more if verb != "get" else more
        return getattr(client, verb)(f"{V1}{path}", body, **more, **bearer(person, scope))

    return asking


def order(ask, project, method="bank_transfer", **more):
    return ask(make.owner(project), "requester", "post", f"/projects/{project.pk}/order/", {"method": method}, **more)


def test_by_transfer_the_requester_is_told_what_to_write_and_the_treasurer_confirms(ask):
    project, theo = make.quoted(), make.treasurer()
    placed = order(ask, project)
    assert placed.status_code == 201 and placed.json()["bank"] and placed.json()["state"] == "awaiting_payment"
    here = f"/orders/{placed.json()['id']}/"

    said = {"amount": placed.json()["amount"], "reference": "FT-77"}
    paid = ask(theo.user, "treasurer", "post", f"{here}confirm-transfer/", said)

    assert (paid.status_code, paid.json()["state"]) == (200, "paid")
    assert ask(make.owner(project), "requester", "get", here).json()["state"] == "paid"


def test_a_wrong_amount_is_a_409_that_names_both(ask):
    placed = order(ask, make.quoted()).json()

    no = ask(
        make.treasurer().user,
        "treasurer",
        "post",
        f"/orders/{placed['id']}/confirm-transfer/",
        {"amount": placed["amount"] - 1, "reference": "FT-1"},
    )

    assert (no.status_code, no.json()["code"], no.json()["errors"][0]["field"]) == (409, "wrong_amount", "amount")
    assert str(placed["amount"])[:-2] in no.json()["detail"]


def test_by_card_there_is_one_page_whatever_the_key(ask, on_stripe: StandIn):  # noqa: F811
    project = make.quoted()

    first = order(ask, project, "checkout", headers={"Idempotency-Key": "a"})
    again = order(ask, project, "checkout", headers={"Idempotency-Key": "a"})
    other = order(ask, project, "checkout", headers={"Idempotency-Key": "b"})

    assert {r.json()["payment_url"] for r in (first, again, other)} == {first.json()["payment_url"]}
    assert first.json()["payment_url"].startswith(on_stripe.server.url)
    assert Order.objects.count() == 1


def test_a_cancelled_order_is_cancelled_and_a_bad_method_named(ask):
    project = make.quoted()
    placed = order(ask, project).json()

    done = ask(make.owner(project), "requester", "post", f"/orders/{placed['id']}/cancel/")

    assert done.json()["state"] == "cancelled"
    bad = order(ask, project, "barter")
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "method")


def test_for_mallory_other_peoples_orders_do_not_exist(ask):
    project = make.quoted()
    placed = order(ask, project).json()
    mallory, here = make.user("mallory"), f"/orders/{placed['id']}/"

    assert ask(mallory, "requester", "get", here).status_code == 404
    assert ask(mallory, "requester", "post", f"{here}cancel/").status_code == 404
    assert (
        ask(mallory, "requester", "post", f"/projects/{project.pk}/order/", {"method": "checkout"}).status_code == 404
    )
    assert ask(mallory, "requester", "get", "/orders/").json()["results"] == []
    said = {"amount": placed["amount"], "reference": "x"}
    assert ask(mallory, "treasurer", "post", f"{here}confirm-transfer/", said).status_code == 403
    assert ask(make.member("awa").user, "treasurer", "post", f"{here}confirm-refund/", said).status_code == 403
    assert Order.objects.get().state == "awaiting_payment"


def test_the_treasurer_sees_orders_and_poisoned_events(ask):
    order(ask, make.quoted())
    theo = make.treasurer()
    now = coop_now()
    event = InboxEvent.objects.create(
        account="platform", event_id="evt_1", type="x", about="y", payload=b"{}", source="webhook",
        next_try_at=now, said_at=now, received_at=now,
    )  # fmt: skip
    InboxEvent.objects.update(state="poison", trouble="wrong_amount")

    assert len(ask(theo.user, "treasurer", "get", "/orders/?state=awaiting_payment").json()["results"]) == 1
    assert [e["id"] for e in ask(theo.user, "treasurer", "get", "/inbox/").json()["results"]] == [event.pk]
    assert ask(theo.user, "treasurer", "post", f"/inbox/{event.pk}/replay/").json()["state"] == "new"
    assert ask(make.user("mallory"), "treasurer", "get", "/inbox/").status_code == 403
