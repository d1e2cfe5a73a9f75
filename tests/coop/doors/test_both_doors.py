"""What a page refuses, the API refuses, at the same field; and the other way round."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from coop.doors.actions import make_personal_token
from coop.doors.scopes import SCOPES
from coop.ground.clock import coop_now
from coop.members.models import User
from payouts.actions.orders import place_order
from tests import make, money

pytestmark = pytest.mark.django_db

LONG = "x" * 30_000


@dataclass
class Paper:
    """One form of the house, as it lies at both doors."""

    by: User
    page: str
    api: str
    good: dict[str, Any]
    method: str = "post"
    other_on_page: dict[str, Any] = field(default_factory=dict)
    """What a page asks in another way than a program."""
    named_on_page: dict[str, str] = field(default_factory=dict)
    """{name at the API: name on the page}"""


def application() -> Paper:
    good = {"name": "M", "college": "producer", "country": "FR", "languages": ["fr"], "engagement": "unknown"}
    return Paper(make.user("mallory"), "/apply/", "/applications/", good)


def membership() -> Paper:
    good = {"name": "Awa", "country": "SN", "languages": ["fr"], "engagement": "unknown"}
    return Paper(make.member("awa").user, "/account/membership/", "/me/", good, method="patch")


def organisation() -> Paper:
    good = {"legal_name": "Lab", "country": "FR", "kind": "research", "contact": "lab@example.org"}
    return Paper(make.requester(), "/projects/client/", "/clients/", good)


def order() -> Paper:
    client = make.client()
    good = {
        "client": str(client.pk), "title": "T", "purpose": "P", "final_client": "L", "end_use": ["research"], "product": "A",
        "instructions": "Read.", "redundancy": 3, "seconds_per_answer": 10, "template": make.QUESTION, "task_type": "choice",
    }  # fmt: skip
    asked = {"media": "text", "question": "Is it?", "options": "yes: Yes\nno: No"}
    return Paper(make.requester(), "/projects/new/", "/projects/", good, other_on_page=asked)


def request() -> Paper:
    dataset = make.dataset()
    good = make.ASKED | {"dataset": str(dataset.pk), "until": (coop_now() + timedelta(days=200)).date().isoformat()}
    return Paper(make.requester(), f"/commons/datasets/{dataset.pk}/ask/", "/access-requests/", good)


def dataset() -> Paper:
    project = make.delivered()
    good = {
        "title": "D",
        "summary": "S",
        "client_rights": "By contract.",
        "returns": "labels",
        "project": str(project.pk),
    }
    return Paper(make.steward().user, f"/commons/new/{project.pk}/", "/datasets/", good)


def objection() -> Paper:
    awa = make.member("awa")
    share = money.share_of(money.ran(awa), awa)
    return Paper(awa.user, f"/statements/{share.pk}/", f"/statements/{share.pk}/objections/", {"reason": "Too little."})


def rate() -> Paper:
    good = {"currency": "MGA", "num": 4913, "den": 1, "source": "the central bank"}
    return Paper(make.treasurer().user, "/treasurer/rates/", "/rates/", good)


def transfer() -> Paper:
    project = make.quoted()
    placed = place_order(project=project, method="bank_transfer", by=make.owner(project).actor, now=coop_now())
    good = {"amount": placed.amount, "reference": "FT-1"}
    here = f"/treasurer/transfers/{placed.pk}/confirm/"
    return Paper(make.treasurer().user, here, f"/orders/{placed.pk}/confirm-transfer/", good)


def proposal() -> Paper:
    good = {"title": "T", "text": "Because.", "language": "en", "change_set": [{"op": "resolution"}]}
    here = "/proposals/new/?kind=resolution"
    named = {"text": "body"}
    return Paper(
        make.member("awa").user, here, "/proposals/", good, other_on_page={"body": "Because."}, named_on_page=named
    )


BAD: list[tuple[Any, dict[str, Any]]] = [
    *((application, bad) for bad in [
        {"name": ""}, {"name": LONG}, {"country": "XX"}, {"country": "fr"}, {"languages": ["tlh"]}, {"languages": []},
        {"college": "king"}, {"engagement": "slave"}, {"statement": LONG},
    ]),
    *((membership, bad) for bad in [{"name": LONG}, {"country": "ZZ"}, {"languages": ["qq", "fr"]}, {"engagement": "?"}]),
    *((organisation, bad) for bad in [
        {"legal_name": LONG}, {"country": "XX"}, {"kind": "spy"}, {"contact": "nobody"}, {"vat_id": LONG}, {"beneficial_client": LONG},
        {"subcontract_chain": ["Agency"]},
    ]),
    *((order, bad) for bad in [
        {"title": LONG}, {"title": ""}, {"purpose": LONG}, {"final_client": ""}, {"end_use": []}, {"end_use": ["fun"]}, {"product": LONG},
        {"instructions": LONG}, {"redundancy": 10}, {"redundancy": 0}, {"seconds_per_answer": 36_001}, {"languages": ["tlh"]},
        {"disclosure": LONG}, {"end_use": ["military"]}, {"sold_as_automated": True},
    ]),
    *((request, bad) for bad in [
        {"organisation": LONG}, {"legal_form": "x"}, {"country": "XX"}, {"sector": "x"}, {"purpose": "x"}, {"purpose_text": "Short."},
        {"actions": []}, {"actions": ["steal"]}, {"recipients": ""}, {"until": "never"}, {"until": "2020-01-01"}, {"offer": 10**13},
    ]),
    *((dataset, bad) for bad in [{"title": LONG}, {"summary": ""}, {"client_rights": LONG}, {"returns": "nothing"}]),
    *((objection, bad) for bad in [{"reason": ""}, {"reason": LONG}]),
    *((rate, bad) for bad in [{"currency": "XYZ"}, {"currency": "EUR"}, {"num": 0}, {"num": 2**53}, {"den": 0}, {"source": LONG}]),
    *((transfer, bad) for bad in [{"reference": ""}, {"reference": LONG}, {"amount": 1}]),
    *((proposal, bad) for bad in [{"title": LONG}, {"text": ""}, {"text": LONG}, {"language": "tlh"}]),
]  # fmt: skip


def at_the_page(paper: Paper, data: dict[str, Any]) -> set[str]:
    """The fields that the page names."""
    client = Client()
    client.force_login(paper.by)
    typed = paper.other_on_page | {paper.named_on_page.get(name, name): value for name, value in data.items()}
    for cents in {"offer", "amount"} & set(typed):
        typed[cents] = f"{typed[cents] // 100}.{typed[cents] % 100:02d}"
    answer = client.post(
        paper.page, {name: value for name, value in typed.items() if value is not None and name != "template"}
    )
    assert answer.status_code in (302, 422), answer.status_code
    if answer.status_code == 302:
        return set()
    forms = [answer.context.get("form"), *(form for _row, form in answer.context.get("waiting") or () if form.is_bound)]
    back = {page: api for api, page in paper.named_on_page.items()}
    return {back.get(name, name) for form in forms if form is not None for name in form.errors}


def at_the_api(paper: Paper, data: dict[str, Any]) -> set[str]:
    """The fields that the API names."""
    _token, value = make_personal_token(by=paper.by.actor, label="x", scopes=list(SCOPES), days=1)
    ask = getattr(Client(), paper.method)
    answer = ask(
        f"/api/v1{paper.api}", data, content_type="application/json", headers={"Authorization": f"Bearer {value}"}
    )
    assert answer.status_code in (200, 201, 400, 409), answer.content
    if answer.status_code < 300:
        return set()
    return {error["field"].split(".")[0] for error in answer.json()["errors"]} or {"__all__"}


@pytest.mark.parametrize(("make_paper", "bad"), BAD, ids=lambda part: getattr(part, "__name__", None) or f"{part}"[:40])
def test_both_doors_refuse_the_same_at_the_same_field(make_paper, bad):
    paper = make_paper()
    data = paper.good | bad

    page, api = at_the_page(paper, data), at_the_api(paper, data)

    assert page == api and page


@pytest.mark.parametrize(
    "make_paper", [application, membership, organisation, order, request, dataset, objection, rate, transfer, proposal]
)
@pytest.mark.parametrize("door", [at_the_page, at_the_api])
def test_both_doors_take_what_is_right(make_paper, door):
    paper = make_paper()

    assert door(paper, paper.good) == set()
