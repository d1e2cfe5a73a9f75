"""People read words: no code of ours, no name that programs use and no English sentence stands on a French page."""

from __future__ import annotations

import ast
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from coop.doors.actions import make_personal_token
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import begin_office
from coop.rules.actions import head
from frontend.kinds import PARTS
from governance.models import Proposal
from payouts import troubles
from payouts.actions.execution import advance_payout_items
from payouts.actions.orders import place_order
from payouts.actions.payments import confirm_transfer
from payouts.actions.rail_details import set_rail_details
from payouts.models import BatchFile, InboxEvent, PayoutItem
from payouts.sharing.objections import raise_objection
from tests import make, money, votes
from tests.frontend.test_order_pages import logged_in
from tests.frontend.walk import walked
from tests.payouts.paying import approved_run, ariary, on_mvola
from tests.structure.source import ROOT, nodes

pytestmark = pytest.mark.django_db
SEALED = ("/log/",)
"""Pages that show what was sealed, letter for letter."""
FOR_PROGRAMS = {"/rules/": ("code",), "/projects/": ("code",)}
"""{beginning of the address: what there is said to be a name for programs}: of a rule, and of the columns of a file."""
MESSAGES = [
    (troubles.FORBIDDEN, "paid_twice"),
    (troubles.FORBIDDEN, "wrong_amount"),
    (troubles.FORBIDDEN, "payout_item_reference_pays_once"),
    (troubles.UNKNOWN_TO_US, "cs_test_2"),
    (troubles.MISSHAPEN, "KeyError"),
]
CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|\b[a-z_]+:[a-z_0-9]\S*|\bcanut\.\w+")


class Read(HTMLParser):
    """What a person reads in a page. Left out: hashes and commands, which are copied and not read."""

    def __init__(self, copied: tuple[str, ...]) -> None:
        super().__init__()
        self.copied = ("script", "style", "pre", "textarea", *copied)
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        copied = tag in self.copied or "hash" in (said.get("class") or "").split()
        if self.inside or copied:
            self.inside += [] if tag in ("input", "br", "img", "meta", "link", "hr") else [tag]
        else:
            self.found += [said[name] or "" for name in ("title", "aria-label", "alt") if name in said]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def codes_in(page: str, copied: tuple[str, ...] = ()) -> set[str]:
    reader = Read(copied)
    reader.feed(page)
    return {found for text in reader.found for found in CODE.findall(unescape(text))}


def message(number: int, why: str) -> None:
    """A message of the payment provider that could not be handled."""
    now = coop_now()
    came = InboxEvent.objects.create(
        account="platform", event_id=f"evt_{number}", type="checkout.session.completed", about=f"cs_test_{number}",
        payload=b"{}", source="webhook", next_try_at=now, said_at=now, received_at=now,
    )  # fmt: skip
    InboxEvent.objects.filter(pk=came.pk).update(state="poison", trouble=why)


def answered(theo: Client, file: BatchFile, *said: str) -> None:
    """The operator's answer to a file, about its payments by their amount; what came back is told later."""
    theo.post(f"/treasurer/files/{file.pk}/download/")
    keys = [item.key for item in PayoutItem.objects.order_by("amount")]
    rows = "".join(f"{key};{one}\n" for key, one in zip(keys, said, strict=False))
    content = f"reference;status;transaction_id;reason\n{rows}x;gone;;\n".encode()
    theo.post(f"/treasurer/files/{file.pk}/answer/", {"file": SimpleUploadedFile("a.csv", content)})


def french(**people: Any) -> dict[str, Client]:
    """Their browsers, which ask for French."""
    found = {name: Client(headers={"Accept-Language": "fr"}) for name in people}
    for name, person in people.items():
        if person:
            found[name].force_login(person)
    return found


def shown(cast: dict[str, Client], *among: str) -> str:
    """The codes on all pages that they come to, a line each."""
    found = {
        f"{who} {address.split('?')[0]}: {code}"
        for who, browser in cast.items()
        for address, page in walked(browser, of_a_kind=8, among=among or ("/",))
        if not address.startswith(SEALED)
        for code in codes_in(page, next((skip for one, skip in FOR_PROGRAMS.items() if address.startswith(one)), ()))
    }
    return "\n".join(sorted(found))


def test_no_code_is_shown_to_who_works_decides_orders_and_looks_on(clock):
    theo, awa, clara = make.treasurer(), make.member("awa"), make.requester("clara")
    begin_office(member=awa, kind="steward", term_days=365, decision=None, now=awa.admitted_at)
    votes.decide(votes.raise_solidarity(), clock=clock, by=awa)
    votes.open_vote(votes.set_rule("pay.kind_weights", {**head("pay.kind_weights").value, "pilot": 900}), clock=clock)
    data = make.dataset(by=awa)
    make.access_request(dataset=data)
    make.access_request(dataset=data, sector="insurance")
    run = money.ran(awa, theo, *(make.member(country="MG") for _ in range(5)))
    raise_objection(share=money.share_of(run, awa), by=awa.actor, reason="Une heure manque.", now=coop_now())
    for paid in (False, True):
        project = make.quoted()
        order = place_order(project=project, method="bank_transfer", by=clara.actor, now=coop_now())
        if paid:
            confirm_transfer(order=order, amount=order.amount, reference="R1", by=theo.actor, now=coop_now())
    make_personal_token(by=clara.actor, label="export", scopes=["requester", "pay"], days=9)

    codes = shown(french(theo=theo.user, awa=awa.user, clara=clara, visitor=None))

    assert not codes


def test_no_code_is_shown_to_who_pays_and_is_paid():
    theo = make.treasurer()
    ariary(theo)
    members = [on_mvola(1000 * n, f"member{n}", f"+26134000000{n}") for n in range(1, 4)]
    approved_run(theo)
    for _n in range(2):
        advance_payout_items(now=coop_now(), wall=coop_now())
    answered(logged_in(theo.user), BatchFile.objects.get(), "paid;M1;", "failed;;wallet closed")
    for number, (code, particular) in enumerate(MESSAGES):
        message(number, troubles.kept(code, particular))

    codes = shown(
        french(theo=theo.user, paid=members[0].user, failed=members[1].user, sent=members[2].user),
        "/treasurer/",
        "/rail/",
    )

    assert not codes


@pytest.mark.structure
def test_a_message_that_may_be_refused_has_the_refusal_in_words():
    asked = {
        node.value.value
        for name in ("checkouts", "payments", "items", "execution")
        for node in nodes(ROOT / f"payouts/actions/{name}.py")
        if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant)
    }

    assert "paid_twice" in asked and asked <= set(troubles.NOES)


@pytest.mark.parametrize(
    "change_set",
    [
        [],
        [{"op": "unknown"}],
        [{"op": "appoint"}],
        [{"op": "resolution", "more": 1}],
        [{"op": "admit", "application": 1}],
    ],
)
def test_a_draft_that_cannot_be_read_says_so_in_french(change_set):
    awa = make.member("awa")
    draft = votes.draft(by=awa)
    Proposal.objects.filter(pk=draft.pk).update(change_set=change_set)

    page = french(awa=awa.user)["awa"].get(f"/proposals/{draft.pk}/").content.decode()

    why = re.search(r"Ce changement ne peut pas être lu : ([^<]+)", page)
    assert why and not re.search(r"\b(this|is|a list|needed|missing|known)\b", why[1]) and not codes_in(page)


def test_an_operator_is_named_as_people_call_it():
    hanitra = make.member("hanitra")
    said = {"rail": "mobile_money", "details": {"operator": "wave_sn", "number": "+221781112233"}}

    with pytest.raises(Refused) as no:
        set_rail_details(member=hanitra, **said, by=hanitra.actor, now=coop_now())

    assert "MVola" in str(no.value) and not CODE.search(str(no.value))


def test_an_answer_stands_in_the_results_as_it_was_shown():
    options = [{"key": "yes_polite", "label": "Oui, poli"}, {"key": "no", "label": "Non"}]

    assert PARTS["choice"].in_words({"options": options}, {"choice": "yes_polite"}) == "Oui, poli"
    assert PARTS["choice"].counts_in_words({"options": options}, {"yes_polite": 2}) == [("Oui, poli", 2)]


def test_a_request_that_cannot_be_kept_is_refused_without_the_names_of_fields():
    page = french(visitor=None)["visitor"].get("/", {"legal_name": "\x00"})

    assert page.status_code == 400 and "NUL" in page.content.decode() and not codes_in(page.content.decode())
