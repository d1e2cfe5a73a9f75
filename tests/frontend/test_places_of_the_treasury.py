"""Whoever has to act in the treasury is told on the first page and in the menu, and every link they are shown answers."""

import re

import pytest

from coop.ground.clock import coop_now
from payouts import troubles
from payouts.actions.execution import reserve_run
from payouts.actions.orders import place_order
from payouts.models import InboxEvent, Objection, PayoutItem, PayoutRun
from payouts.sharing.approval import may_approve
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from tests import make, money
from tests.frontend.test_governance_pages import browser
from tests.payouts.paying import approved_run, on_connect
from tests.script.stripe_standin.running import account, on_stripe, standin, stripe_client  # noqa: F401

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="(/[^"#]*)"')
MENU = re.compile(r'<nav aria-label="Main">.*?</nav>', re.S)


@pytest.fixture
def theo():
    return make.treasurer()


@pytest.fixture
def vera():
    return make.steward("vera")


def text(page) -> str:
    assert page.status_code == 200, page.content.decode()[:2000]
    return page.content.decode()


def walk(person) -> dict[str, str]:
    """Every page of our own that this person reaches by links from the first one, and what it says; a dead end fails."""
    client, seen, ahead = browser(person), {}, [("/", "")]
    while ahead:
        here, found_on = ahead.pop()
        if here in seen or here.startswith(("/static/", "/api/", "/accounts/")):
            continue
        answer = client.get(here)
        assert answer.status_code in (200, 302), f"{found_on} leads to {here}, which answers {answer.status_code}"
        html = answer["Content-Type"].startswith("text/html") and not answer.streaming
        seen[here] = answer.content.decode() if html else ""
        ahead += [(link.replace("&amp;", "&"), here) for link in LINK.findall(seen[here])]
    return seen


def objected(member, run):
    share = money.share_of(run, member)
    return raise_objection(share=share, by=member.actor, reason="An hour is missing.", now=coop_now())


def upheld_by(officer, objection):
    return answer_objection(
        objection=objection,
        by=officer.actor,
        answer="It is.",
        correction=Correction("task", 600),
        now=coop_now(),
    )


@pytest.fixture
def a_run(theo, clock):
    """A computed run with the pay of awa and of theo, at the moment it was computed."""
    period, awa = money.first_period(), make.member("awa")
    money.worked(awa, theo)
    run = money.run_of(period)
    run.awa = awa
    clock.advance(seconds=int((run.computed_at - coop_now()).total_seconds()) + 2)
    return run


def over(run, clock, *, days=0):
    """Later than the objection window."""
    clock.advance(days=days, seconds=int((run.objections_until - coop_now()).total_seconds()) + 2)


def situations(kind, run, theo, clock):
    """What makes the treasury a steward's for a while."""
    if kind == "the treasurer objects":
        objected(theo, run)
    elif kind == "past the deadline":
        over(run, clock, days=60)
    else:
        upheld_by(theo, objected(run.awa, run))
        over(PayoutRun.objects.get(), clock)


KINDS = ["the treasurer objects", "past the deadline", "changed by the only treasurer"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_steward_who_must_act_is_told_and_meets_no_dead_end(a_run, theo, vera, clock, kind):
    before = text(browser(vera).get("/"))
    assert "/treasurer/" not in before
    situations(kind, a_run, theo, clock)

    pages = walk(vera)

    assert "/treasurer/" in MENU.search(pages["/"]).group(0)
    assert re.search(r"1\s+thing waits for you", pages["/"])
    assert not {page for page in pages if page.startswith("/treasurer/") and page != "/treasurer/"}


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_steward_has_acted_nothing_is_hers_and_she_stands_on_a_page(a_run, theo, vera, clock, kind):
    situations(kind, a_run, theo, clock)
    page = text(browser(vera).get("/treasurer/"))
    if kind == "the treasurer objects":
        address = re.search(r"/treasurer/objections/[^/]+/", page).group(0)
        after = browser(vera).post(
            address,
            {"decision": "reject", "answer": "It is counted in the next period.", "checked": "yes"},
            follow=True,
        )
    else:
        after = browser(vera).post(f"/runs/{a_run.pk}/approve/", {"checked": "yes"}, follow=True)

    assert "recorded" in text(after) or "is approved" in text(after)
    pages = walk(vera)
    assert "/treasurer/" not in MENU.search(pages["/"]).group(0)
    assert "thing waits" not in pages["/"]


def test_the_office_page_of_a_run_is_for_whoever_has_something_to_do_there(a_run, theo, vera, clock):
    here = f"/runs/{a_run.pk}/office/"
    assert browser(vera).get(here).status_code == 404
    money.approved(a_run)

    page = text(browser(vera).get(here))

    assert "/treasurer/statements/" in page and "not paid" not in page
    assert f'<p class="crumbs"><a href="/runs/{a_run.pk}/">' in page
    assert 'href="/treasurer/"' not in page
    assert "not paid" in text(browser(theo).get(here))


def test_a_run_is_not_offered_for_approval_while_an_objection_waits(a_run, theo, clock):
    objection = objected(a_run.awa, a_run)
    over(a_run, clock)
    assert not may_approve(a_run, theo, coop_now())
    assert "/approve/" not in text(browser(theo).get("/treasurer/")) + text(browser(theo).get(f"/runs/{a_run.pk}/"))
    assert "objection waits for an answer" in text(browser(theo).get("/treasurer/"))

    answer_objection(objection=objection, by=theo.actor, answer="No.", now=coop_now())

    assert may_approve(a_run, theo, coop_now())
    assert "/approve/" in text(browser(theo).get("/treasurer/"))


def told(person) -> int:
    """How many things of the treasury wait, says the first page."""
    found = re.search(r"(\d+)\s+things? waits? for you", text(browser(person).get("/")))
    return int(found.group(1)) if found else 0


def test_an_objection_is_counted_for_whoever_answers_it(a_run, theo):
    assert told(theo) == 0

    objected(a_run.awa, a_run)

    assert told(theo) == 1


def test_everything_that_waits_for_the_treasurer_is_counted_and_named_by_its_place(
    theo,
    on_stripe,  # noqa: F811
    account,  # noqa: F811
    settings,
):
    for name in ("hanitra", "rado"):
        on_connect(account, 1000, name)
    reserve_run(run=approved_run(theo), now=coop_now())
    assert told(theo) == 0
    settings.STRIPE_KEY = ""
    assert told(theo) == 2  # they wait for a rail that is off
    one = PayoutItem.objects.filter(pk=PayoutItem.objects.first().pk)
    one.update(state="submitting")
    one.update(state="held", trouble=troubles.kept(troubles.UNLIKE, "po_1"), ended_at=coop_now())
    assert told(theo) == 2  # of these one is held
    project = make.quoted()
    place_order(project=project, method="bank_transfer", by=make.owner(project).actor, now=coop_now())
    now = coop_now()
    InboxEvent.objects.create(
        account="platform", event_id="evt_1", type="charge.succeeded", about="ch_1", payload=b"{}", source="webhook",
        next_try_at=now, said_at=now, received_at=now,
    )  # fmt: skip
    InboxEvent.objects.update(state="poison", trouble="wrong_amount: 1")

    page = text(browser(theo).get("/treasurer/"))

    assert told(theo) == 4
    places = re.findall(r'href="(/treasurer/[a-z]+/)">.*?</a>\s*(?:<span class="badge warm">(\d+))?', page, re.S)
    assert dict(places) == {
        "/treasurer/transfers/": "1",
        "/treasurer/payouts/": "2",
        "/treasurer/inbox/": "1",
        "/treasurer/rates/": "",
    }


def test_a_treasurer_s_own_objection_and_a_run_left_to_others_are_not_counted_as_theirs(a_run, theo, vera, clock):
    objected(theo, a_run)
    assert told(theo) == 0

    upheld_by(make.treasurer("tiana"), Objection.objects.get())
    over(PayoutRun.objects.get(), clock)

    assert told(theo) == 0


def test_the_only_officer_is_told_of_their_own_objection_and_may_reject_it(a_run, theo):
    objection = objected(theo, a_run)
    assert told(theo) == 1
    address = f"/treasurer/objections/{objection.pk}/"
    assert address in text(browser(theo).get("/treasurer/"))

    browser(theo).post(address, {"decision": "reject", "answer": "It stands in the next period.", "checked": "yes"})

    objection.refresh_from_db()
    assert (objection.upheld, told(theo)) == (False, 0)


def test_the_only_steward_without_a_treasurer_is_told_of_their_own_objection_after_the_deadline(clock):
    period, vera = money.first_period(), make.steward("vera")
    money.worked(vera)
    run = money.run_of(period)
    clock.advance(seconds=int((run.computed_at - coop_now()).total_seconds()) + 2)
    objection = objected(vera, run)
    assert told(vera) == 0
    over(run, clock, days=60)
    assert told(vera) == 1

    address = re.search(r"/treasurer/objections/[^/]+/", text(browser(vera).get("/treasurer/"))).group(0)
    browser(vera).post(address, {"decision": "reject", "answer": "It stands in the next period.", "checked": "yes"})

    objection.refresh_from_db()
    assert objection.upheld is False


def test_nobody_else_is_shown_the_treasury(a_run, theo, clock):
    objected(theo, a_run)

    for person in (a_run.awa, make.user("mallory")):
        assert "/treasurer/" not in text(browser(person).get("/"))
        assert browser(person).get("/treasurer/").status_code == 404
    assert not any(page.startswith("/treasurer/") for page in walk(a_run.awa))
