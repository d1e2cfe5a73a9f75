"""Reports, runs, statements and the treasury in a browser without JavaScript."""

import csv
import html
import io
import re

import pytest

from coop.members.models import Member
from payouts.actions.execution import reserve_run
from payouts.models import PayoutRun, Period
from payouts.sharing.approval import adjust_pay
from tests import make, money
from tests.frontend.test_governance_pages import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def awa():
    return make.member("awa")


@pytest.fixture
def theo():
    return make.treasurer()


@pytest.fixture
def run(awa):
    return money.ran(awa, *(make.member(country="MG") for _ in range(6)))


def text(page):
    assert page.status_code == 200, page.content.decode()[:2000]
    return page.content.decode()


def test_reports_before_anything_happened():
    money.first_period()

    assert "No period has been shared out yet." in text(browser().get("/reports/"))


def test_anybody_reads_the_report_and_the_run(run):
    reports = text(browser().get("/reports/"))
    page = text(browser().get(f"/runs/{run.pk}/"))

    assert f"/runs/{run.pk}/" in reports
    assert page.count('class="picture"') == 3
    assert page.count("The same figures as a table") == 3
    assert "Madagascar" in page or "Other countries" in page
    for hash_ in (run.inputs_sha256, run.result_sha256, run.bundle_sha256, run.rule_book_id):
        assert hash_ in page


def test_no_figure_is_shown_about_few_people(awa):
    run = money.ran(awa)

    page = text(browser().get(f"/runs/{run.pk}/"))

    assert "nothing is said about so few" in page
    assert "Senegal" not in page


def test_shares_and_bundle_can_be_downloaded(run):
    shares = list(csv.DictReader(io.StringIO(text(browser().get(f"/runs/{run.pk}/shares.csv")))))
    bundle = browser().get(f"/runs/{run.pk}/bundle/")

    assert sum(int(share["amount"]) for share in shares) == run.payable_total
    assert bundle.json()["run"] == str(run.pk)
    assert "attachment" in bundle["Content-Disposition"]


def test_a_member_reads_each_line_of_the_statement(awa, run):
    share = money.share_of(run, awa)
    client = browser(awa)

    assert f"/statements/{share.pk}/" in text(client.get("/statements/"))
    page = text(client.get(f"/statements/{share.pk}/"))
    assert "the founding" in page
    assert share.exact in page
    assert share.pseudonym in page
    assert "/rules/pay.hourly_floor/" in page


def test_the_movements_have_a_running_balance(awa, run):
    money.approved(run)

    rows = list(csv.DictReader(io.StringIO(text(browser(awa).get("/statements/account.csv")))))

    assert [int(row["balance"]) for row in rows] == [money.share_of(run, awa).payable]


def test_somebody_else_s_statement_does_not_exist(awa, run):
    here = f"/statements/{money.share_of(run, awa).pk}/"

    assert browser(make.member("hanitra")).get(here).status_code == 404
    assert browser(make.user("mallory")).get(here).status_code == 404
    assert browser().get(here).status_code == 302


def test_the_treasury_is_for_the_treasurer(awa, theo):
    assert browser(awa).get("/treasurer/").status_code == 404
    assert browser(make.user("mallory")).get("/treasurer/").status_code == 404
    page = text(browser(theo).get("/treasurer/"))
    assert "Every invariant of the books holds." in page
    assert 'href="/statements/"' in page


def test_the_treasurer_approves_a_run(run, theo, clock):
    client = browser(theo)
    assert "Objections until" in text(client.get("/treasurer/"))
    early = client.post(f"/runs/{run.pk}/approve/", follow=True)
    assert "Objections may be raised until" in text(early)

    clock.advance(days=40)
    assert re.search(r"Approve period\s*1", text(client.get("/treasurer/")))
    treasury = client.get("/treasurer/").content.decode()
    assert treasury.index("Members together") < treasury.index("Approve period")
    asked = text(client.post(f"/runs/{run.pk}/approve/"))
    assert "nothing is recorded yet" in asked and figures(run.payable_total) in asked and "Objections upheld" in asked
    client.post(f"/runs/{run.pk}/approve/", {"change": "yes"})
    assert PayoutRun.objects.get().state == "computed"
    done = client.post(f"/runs/{run.pk}/approve/", {"checked": "yes"}, follow=True)

    assert "is approved" in text(done)
    assert PayoutRun.objects.get().state == "approved"


def test_nobody_else_approves_a_run(awa, theo, run, clock):
    clock.advance(days=40)

    assert browser(awa).post(f"/runs/{run.pk}/approve/").status_code == 404
    assert PayoutRun.objects.get().state == "computed"


def test_an_objection_is_raised_and_answered_on_the_pages(awa, theo, run):
    here = f"/statements/{money.share_of(run, awa).pk}/"

    assert browser(awa).post(here, {"reason": " "}).status_code == 422
    assert "waits for an answer" in text(browser(awa).post(here, {"reason": "An hour is missing."}, follow=True))
    assert browser(make.member("hanitra")).post(here, {"reason": "Mine."}).status_code == 404

    treasury = text(browser(theo).get("/treasurer/"))
    address = re.search(r"/treasurer/objections/[^/]+/", treasury).group(0)
    assert "An hour is missing." in treasury
    assert browser(awa).post(address, {"answer": "No."}).status_code == 404
    assert browser(theo).post(address, {"answer": ""}).status_code == 422
    rejected = {"decision": "reject", "answer": "It is paid next time."}
    assert browser(theo).post(address, {"answer": "It is paid next time."}).status_code == 422
    assert browser(theo).post(address, rejected | {"minutes": "10"}).status_code == 422
    asked = text(browser(theo).post(address, rejected))
    assert "Rejected: the run stays" in asked and "waits for an answer" in text(browser(awa).get(here))
    browser(theo).post(address, rejected | {"checked": "yes"})
    assert "Theo (treasurer) answered:" in text(browser(awa).get(here))
    assert "It was rejected" in text(browser(awa).get(here))
    assert "was rejected" in text(browser(awa).get("/notices/"))

    assert "It is paid next time." in text(browser(awa).get(here))


def test_an_objection_is_upheld_on_the_page_and_every_version_stays_readable(awa, theo, run):
    old = money.share_of(run, awa)
    browser(awa).post(f"/statements/{old.pk}/", {"reason": "Ten minutes are missing."})
    address = re.search(r"/treasurer/objections/[^/]+/", text(browser(theo).get("/treasurer/"))).group(0)

    unsaid = browser(theo).post(address, {"decision": "uphold", "answer": "You are right.", "minutes": "10"})
    for half in (
        {"minutes": "0"},
        {"minutes": "0", "kind": "task"},
        {"minutes": "-10", "kind": "task"},
        {"kind": "task"},
    ):
        assert browser(theo).post(address, {"decision": "uphold", "answer": "You are right."} | half).status_code == 422
    assert money.share_of(run, awa).pk == old.pk
    browser(theo).post(
        address, {"decision": "uphold", "answer": "You are right.", "minutes": "10", "kind": "task", "checked": "yes"}
    )

    assert unsaid.status_code == 422 and "Say which kind of time, and how much." in unsaid.content.decode()
    share = money.share_of(run, awa)
    assert share.seconds == old.seconds + 600
    assert "You are right." in text(browser(awa).get(f"/statements/{share.pk}/"))
    assert f"/statements/{share.pk}/" in text(browser(awa).get(f"/statements/{old.pk}/"))
    assert text(browser(awa).get("/statements/")).count("/statements/" + str(old.pk)) == 0
    page = text(browser().get(f"/runs/{run.pk}/"))
    assert f"/runs/{run.pk}/versions/1/bundle/" in page
    for number in (1, 2):
        assert browser().get(f"/runs/{run.pk}/versions/{number}/bundle/").json()["version"] == number


def test_the_page_of_a_replaced_statement_claims_nothing_and_leads_to_its_own_bundle(awa, theo, run):
    for _ in range(2):
        old = money.share_of(run, awa)
        browser(awa).post(f"/statements/{old.pk}/", {"reason": "Ten minutes are missing."})
        address = re.search(r"/treasurer/objections/[^/]+/", text(browser(theo).get("/treasurer/"))).group(0)
        browser(theo).post(
            address, {"decision": "uphold", "answer": "Yes.", "minutes": "10", "kind": "task", "checked": "yes"}
        )
    approved = money.approved(PayoutRun.objects.get())
    reserve_run(run=approved, now=approved.approved_at)
    new = money.share_of(run, awa)

    pages = {share: text(browser(awa).get(f"/statements/{share.pk}/")) for share in (old, new)}

    for claim in ("You are to receive", "stays owed to you", "did not pay you", "of the ledger", "Paying"):
        assert claim not in pages[old]
    assert old.shortfall and new.shortfall
    for claim in ("You are to receive", "stays owed to you", "did not pay you", "of the ledger"):
        assert claim in pages[new]
    assert "nothing of this version was booked" in pages[old] and "nothing of this version" not in pages[new]
    for share, page in pages.items():
        links = re.findall(r'href="(/runs/[^"]+/bundle/)"', page)
        bundles = [browser().get(link).json() for link in links]
        assert [bundle["version"] for bundle in bundles] == [share.version.number]
        mine = [one for one in bundles[0]["result"]["members"] if one["member"] == share.pseudonym]
        assert [one["exact"] for one in mine] == [share.exact]


def test_debts_and_adjustments_are_not_told_as_pay_for_the_time(awa, theo, run):
    approved = money.approved(run)
    share = money.share_of(approved, awa)
    adjust_pay(share=share, amount=3, reason="Late.", by=theo.actor, now=approved.approved_at)
    period = Period.objects.get(number=2)
    money.worked(awa, at=period.starts_at + money.DAY)
    share = money.share_of(money.run_of(period), awa)

    page = html.unescape(text(browser(awa).get(f"/statements/{share.pk}/")))

    said = re.search(
        r"You worked 20 s\. You are to receive €0\.\d\d = €0\.(\d\d) for this time.* \+ €0\.03 by which", page
    )
    assert int(said[1]) == share.amount


def test_a_line_that_is_carried_names_the_statement_that_left_it(awa, theo, run):
    approved = money.approved(run)
    share = money.share_of(approved, awa)
    adjust_pay(share=share, amount=100_000, reason="Late.", by=theo.actor, now=approved.approved_at)
    left = money.share_of(money.run_of(Period.objects.get(number=2)), awa)
    share = money.share_of(money.run_of(Period.objects.get(number=3)), awa)

    page = text(browser(awa).get(f"/statements/{share.pk}/"))

    assert f'statement <code class="hash">{left.pk}</code>' in page


def test_a_mistake_is_put_right_from_the_office_page(awa, theo, run):
    share = money.share_of(run, awa)
    here = f"/treasurer/statements/{share.pk}/adjust/"
    assert browser(theo).get(here).status_code == 404
    run = money.approved(run)
    assert here in text(browser(theo).get(f"/runs/{run.pk}/office/"))
    assert browser(awa).get(here).status_code == browser(awa).get(f"/runs/{run.pk}/office/").status_code == 404

    assert browser(theo).post(here, {"euros": "0", "reason": "Nothing."}).status_code == 422
    done = text(browser(theo).post(here, {"euros": "-0.02", "reason": "Counted twice.", "checked": "yes"}, follow=True))

    assert "stands in the next run" in done
    assert "Counted twice." in text(browser(theo).get(here))
    assert [one.amount for one in awa.adjustments.all()] == [-2]


def test_who_was_not_paid_is_named_to_the_office_and_told_on_the_statement(awa, theo, run):
    run = money.approved(run)
    reserve_run(run=run, now=run.approved_at)

    assert "has not said where to be paid" in text(browser(theo).get(f"/runs/{run.pk}/office/"))
    page = text(browser(awa).get(f"/statements/{money.share_of(run, awa).pk}/"))
    assert "did not pay you €" in page and "you have not said where to be paid" in page


def test_a_steward_sees_the_treasury_only_while_a_run_waits_after_its_deadline(run, clock):
    vera = make.steward("vera")
    assert browser(vera).get("/treasurer/").status_code == 404
    assert browser(vera).post(f"/runs/{run.pk}/approve/", {"checked": "yes"}, follow=True).status_code == 200
    assert PayoutRun.objects.get().state == "computed"

    clock.advance(days=60)

    assert "Approve" in text(browser(vera).get("/treasurer/"))
    browser(vera).post(f"/runs/{run.pk}/approve/", {"checked": "yes"})
    assert PayoutRun.objects.get().state == "approved"


def test_who_was_not_paid_is_told_on_the_home_page_and_over_their_statements(awa, theo, run):
    run = money.approved(run)
    assert "not paid:" not in text(browser(awa).get("/"))
    reserve_run(run=run, now=run.approved_at)

    assert "not paid: you have not said where to be paid" in text(browser(awa).get("/"))
    assert "you have not said where to be paid" in text(browser(awa).get("/statements/"))
    assert "not paid:" not in text(browser(theo).get("/"))


def test_a_treasurer_s_own_pay_is_put_right_by_a_steward_on_the_pages(theo):
    vera, period = make.steward("vera"), money.first_period()
    money.worked(theo)
    run = money.run_of(period)
    mine = money.share_of(run, theo)
    browser(theo).post(f"/statements/{mine.pk}/", {"reason": "Ten minutes are missing."})
    assert "Ten minutes are missing." in text(browser(vera).get("/treasurer/"))
    address = re.search(r"/treasurer/objections/[^/]+/", text(browser(vera).get("/treasurer/"))).group(0)
    own = browser(theo).post(
        address, {"decision": "uphold", "answer": "Yes.", "minutes": "10", "kind": "task", "checked": "yes"}
    )
    assert own.status_code == 422 and "somebody else decides" in own.content.decode()
    browser(vera).post(
        address, {"decision": "uphold", "answer": "Yes.", "minutes": "10", "kind": "task", "checked": "yes"}
    )

    run = money.approved(PayoutRun.objects.get())

    here = f"/treasurer/statements/{money.share_of(run, theo).pk}/adjust/"
    assert browser(theo).get(here).status_code == 404
    assert f"/runs/{run.pk}/office/" in text(browser(vera).get(f"/runs/{run.pk}/"))
    page = text(browser(vera).get(f"/runs/{run.pk}/office/"))
    assert here in page and "not said where to be paid" not in page and "Nobody is left out" not in page
    browser(vera).post(here, {"euros": "0.02", "reason": "Counted too little.", "checked": "yes"})
    assert [one.made_by for one in theo.adjustments.all()] == [vera]


def test_who_puts_a_mistake_right_reads_nobody_s_pay_and_only_their_own_sums(theo, awa):
    vera, tova, period = make.steward("vera"), make.treasurer("tova"), money.first_period()
    money.worked(theo, awa)
    run = money.approved(money.run_of(period))
    here = {who: f"/treasurer/statements/{money.share_of(run, who).pk}/adjust/" for who in (theo, awa)}
    put_right(tova, here[theo], "7.77", "An hour was lost.")
    put_right(vera, here[theo], "0.02", "Counted too little.")

    by_vera = text(browser(vera).get(here[theo])) + text(browser(vera).get(f"/runs/{run.pk}/office/"))
    by_tova = text(browser(tova).get(here[theo])) + text(browser(tova).get(here[awa]))

    assert all(told in by_vera for told in ("Theo", "An hour was lost.", "0.02", "Counted too little."))
    assert all(told in by_tova for told in ("Theo", "Awa", "An hour was lost.", "7.77", "Counted too little."))
    assert "7.77" not in by_vera and "0.02" not in by_tova
    paid = {figures(money.share_of(run, who).payable) for who in (theo, awa)}
    assert not [amount for amount in paid if amount in by_vera + by_tova]


def put_right(officer: Member, here: str, euros: str, reason: str) -> None:
    browser(officer).post(here, {"euros": euros, "reason": reason, "checked": "yes"})


def figures(cents: int) -> str:
    """An amount as pages show it, without its sign."""
    return f"{cents // 100}.{cents % 100:02}"


def test_anybody_reads_a_run_that_waits_for_its_approval(run, clock):
    clock.advance(days=60)

    for reader in (browser(), browser(make.user("mallory"))):
        page = reader.get(f"/runs/{run.pk}/")
        assert page.status_code == 200 and "Approve" not in text(page)


@pytest.mark.parametrize(("amount", "shown"), [(45, "+€0.45"), (-7, "−€0.07")])
def test_a_member_reads_how_much_of_their_pay_is_put_right_and_why(awa, theo, run, amount, shown):
    approved = money.approved(run)
    share = money.share_of(approved, awa)
    adjust_pay(share=share, amount=amount, reason="Counted wrong.", by=theo.actor, now=approved.approved_at)

    for place in (f"/statements/{share.pk}/", "/statements/"):
        page = text(browser(awa).get(place))
        assert shown in page and "Counted wrong." in page and "in the next run" in page
