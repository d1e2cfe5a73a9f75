"""A fund is one line and one rule: what takes a share is told by data, and everybody who shows or checks it follows."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from django.test import Client

from coop.ground.clock import coop_now
from coop.rules.actions import record_founding_rules
from coop.rules.catalogue import CATALOGUE, levies
from coop.rules.catalogue.rule import InvalidValue
from coop.rules.conflicts import check_together
from payouts import funds
from payouts.funds import Fund
from payouts.ledger.actions import balance
from payouts.sharing import bundles
from payouts.sharing.statements import lines
from tests import make
from tests.money import approved, first_period, run_of, share_of
from tests.verify.conftest import TOOL


def climate(monkeypatch, *, share=250):
    """A fund that this co-operative has and ours has not: one line in funds.py and one rule."""
    rule = replace(CATALOGUE["pay.solidarity_share"], key="pay.climate_share", default=share, levy="climate")
    fund = Fund("climate", "fund:climate", rule.key, "Climate fund of the test")
    monkeypatch.setitem(CATALOGUE, rule.key, rule)
    monkeypatch.setattr(funds, "FUNDS", (*funds.FUNDS, fund))
    return fund


def verified(bundle, tmp_path):
    file = tmp_path / "run.json"
    file.write_text(json.dumps(bundle))
    return subprocess.run([sys.executable, TOOL, "run", file], capture_output=True, text=True, check=False)


@pytest.mark.structure
def test_every_fund_has_its_rule_and_every_levy_its_fund():
    assert {fund.key: fund.rule for fund in funds.FUNDS} == {rule.levy: rule.key for rule in levies()}
    assert len({fund.account for fund in (*funds.FUNDS, funds.COMMONS)}) == len(funds.FUNDS) + 1
    named = [(fund.key, f"fund:{fund.key}", f"pay.{fund.key}_share") for fund in funds.FUNDS]
    assert [(fund.key, fund.account, fund.rule) for fund in funds.FUNDS] == named, (
        "canut-verify knows a levy by its name"
    )
    others = [key for key in CATALOGUE if re.fullmatch(r"pay\..+_share", key) and not CATALOGUE[key].levy]
    assert others == ["pay.equal_base_share", "pay.debt_share"]


@pytest.mark.django_db
def test_a_new_fund_is_in_quote_run_books_report_statement_bundle_and_canut_verify(monkeypatch, tmp_path):
    fund = climate(monkeypatch)
    record_founding_rules(now=coop_now())
    awa, period = make.member("awa"), first_period()
    project = make.paid(items=1, redundancy=1)
    make.answer(awa, project)

    run = approved(run_of(period))

    assert project.quote.lines.get(key="levy.climate").share == 250
    taken = next(levy for levy in run.result["levies"] if levy["line"] == "climate")
    assert taken["amount"] == run.result["distributable"] * 250 // 10_000 == balance(fund.account) > 0
    assert fund.title in Client().get("/reports/").content.decode()
    page = Client().get(f"/runs/{run.pk}/").content.decode()
    assert fund.title in page
    assert "/rules/pay.climate_share/" in page
    assert taken in Client().get(f"/api/v1/runs/{run.pk}/").json()["levies"]
    assert next(line for line in lines(share_of(run, awa)) if line.key == "payable").amount > 0
    assert verified(bundles.bundle(run), tmp_path).returncode == 0


@pytest.mark.django_db
def test_an_old_run_keeps_the_funds_it_was_frozen_with(monkeypatch):
    awa, period = make.member("awa"), first_period()
    make.answer(awa, make.paid(items=1, redundancy=1))
    run = approved(run_of(period))

    climate(monkeypatch)

    assert [fund["key"] for fund in run.inputs["funds"]] == [levy["line"] for levy in run.result["levies"]]
    assert "climate" not in [levy["line"] for levy in run.result["levies"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda funds: funds.pop(), "no fund takes the share"),
        (lambda funds: funds.append(funds[0]), "is there 2 times"),
        (lambda funds: funds[0].update(account="member:" + "ab" * 16 + ":payable"), "is not the account of the fund"),
        (lambda funds: funds[0].update(account="fund:elsewhere"), "ledger: fund:elsewhere"),
    ],
)
def test_canut_verify_sees_a_fund_left_out_doubled_or_sent_elsewhere(tmp_path, spoil, said):
    period = first_period()
    make.answer(make.member("awa"), make.paid(items=1, redundancy=1))
    bundle = bundles.bundle(run_of(period))

    spoil(bundle["inputs"]["funds"])

    answer = verified(bundle, tmp_path)
    assert answer.returncode == 1
    assert said in answer.stdout


def test_a_new_levy_counts_towards_the_most_that_may_be_taken_before_labour(monkeypatch):
    values = {key: rule.default for key, rule in CATALOGUE.items()}
    check_together(values)
    climate(monkeypatch, share=7500)

    with pytest.raises(InvalidValue, match="would add up"):
        check_together(values | {"pay.climate_share": 7500})
