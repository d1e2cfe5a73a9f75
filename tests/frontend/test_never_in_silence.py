"""What is sent to a form that is not drawn any more is refused aloud, and what was written is not lost."""

from __future__ import annotations

import ast
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from coop.ground.clock import coop_now
from frontend.views import money as pages_of_money
from frontend.views import treasury
from payouts import troubles
from payouts.actions.orders import place_order
from payouts.models import PayoutItem
from tests import make, money, votes
from tests.frontend.test_money_pages import awa, run, theo  # noqa: F401
from tests.frontend.test_order_pages import logged_in, sent_to_operator, text  # noqa: F401
from tests.structure.source import files, nodes, where

pytestmark = pytest.mark.django_db
ALOUD = "This was not taken"


def sent(person: Client, path: str, said: dict[str, object]) -> str:
    """The page that refuses it."""
    page = person.post(path, said, follow=True)
    assert page.status_code == 422 and ALOUD in text(page)
    return text(page)


def test_a_transfer_that_another_treasurer_confirmed_in_the_meantime():
    treasurer = logged_in(make.treasurer().user)
    project = make.quoted()
    order = place_order(project=project, method="bank_transfer", by=make.owner(project).actor, now=coop_now())
    said = {"amount": f"{order.amount / 100:.2f}", "reference": "SIM-1"}
    treasurer.post(f"/treasurer/transfers/{order.pk}/confirm/", said)

    page = sent(treasurer, f"/treasurer/transfers/{order.pk}/confirm/", said | {"reference": "SIM-2"})

    assert "SIM-2" in page and "is paid already" in page


def test_an_objection_that_comes_just_after_the_window(awa, run, monkeypatch):  # noqa: F811
    late = run.objections_until + timedelta(minutes=1)
    for page in (pages_of_money, treasury):
        monkeypatch.setattr(page, "coop_now", lambda: late)

    page = sent(logged_in(awa.user), f"/statements/{money.share_of(run, awa).pk}/", {"reason": "An hour is missing."})

    assert "An hour is missing." in page


def test_an_objection_that_was_answered_in_the_meantime(awa, theo, run):  # noqa: F811
    logged_in(awa.user).post(f"/statements/{money.share_of(run, awa).pk}/", {"reason": "An hour is missing."})
    treasurer = logged_in(theo.user)
    found = re.search(r"/treasurer/objections/[^/]+/", text(treasurer.get("/treasurer/")))
    assert found
    answer = {"decision": "reject", "checked": "1", "answer": "It is paid."}
    treasurer.post(found.group(), answer)

    assert "It came late." in sent(treasurer, found.group(), answer | {"answer": "It came late."})


def test_a_payment_that_was_resolved_in_the_meantime(sent_to_operator):  # noqa: F811
    treasurer, (hanitra, _rado), _file = sent_to_operator
    item = PayoutItem.objects.get(member=hanitra)
    why = troubles.kept(troubles.UNLIKE, "po_1, po_2")
    PayoutItem.objects.filter(pk=item.pk).update(state="held", trouble=why, ended_at=coop_now())
    person, path = logged_in(treasurer.user), f"/treasurer/items/{item.pk}/resolve/"
    person.post(path, {"outcome": "paid", "reference": "MV-9"})

    assert "MV-8" in sent(person, path, {"outcome": "not_paid", "reference": "MV-8"})


def test_an_answer_to_a_file_that_nobody_took(sent_to_operator):  # noqa: F811
    treasurer, _members, file = sent_to_operator
    person, path = logged_in(treasurer.user), f"/treasurer/files/{file.pk}/answer/"

    assert "never downloaded" in sent(person, path, {"file": SimpleUploadedFile("b.csv", b"reference;status")})


def test_where_no_rail_reaches_any_more():
    said = {"rail": "mobile_money", "operator": "mvola", "number": "+261341234567"}

    sent(logged_in(make.member(country="JP").user), "/rail/", said)


def test_a_member_who_applies():
    said = {"name": "A", "college": "producer", "country": "MG", "languages": ["mg"], "engagement": "unknown"}

    sent(logged_in(make.member().user), "/apply/", said)


def test_every_page_that_keeps_wrong_forms_by_their_rows_hands_them_to_its_template():
    keeping = [
        (path, node)
        for path in files("frontend/views")
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef) and "wrong" in {argument.arg for argument in node.args.args}
    ]

    assert len(keeping) >= 3
    assert not [where(path, node) for path, node in keeping if "'wrong': wrong" not in ast.unparse(node)]


@pytest.mark.parametrize("path", ["/ballots/00000000-0000-4000-8000-000000000000/vote/", "/treasurer/inbox/1/replay/"])
def test_an_address_that_only_takes_forms_says_so_to_who_opens_it(path):
    before = "http://testserver/proposals/"

    page = logged_in(make.treasurer().user).get(path, HTTP_REFERER=before)

    assert page.status_code == 405 and page["Allow"] == "POST"
    assert "only takes what a form sends" in text(page) and 'href="/proposals/"' in text(page)


def test_a_proposal_that_is_submitted_is_not_said_to_be_somebody_else_s(clock):
    hanitra = make.member("hanitra")
    ballot = votes.open_vote(clock=clock, by=hanitra)

    page = logged_in(hanitra.user).post(f"/proposals/{ballot.proposal_id}/edit/", {"title": "Again"}, follow=True)

    assert page.status_code == 200 and "A submitted proposal is not edited." in text(page)
