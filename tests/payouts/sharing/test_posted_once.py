"""Pay is posted once, at approval: attacks on what leaves, in which order, and on what a mistake can still change."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from coop.ground import invariants
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import in_force, pin
from payouts.actions.execution import reserve_run
from payouts.ledger import chart
from payouts.ledger.actions import balance, credit, debit, open_accounts, post
from payouts.models import Adjustment, NotPaid, PaidTime, PayoutItem, PayoutRun, Period, RevenueLine, RunVersion
from payouts.sharing import bundles
from payouts.sharing.approval import adjust_pay, approve_run, may_approve
from payouts.sharing.approvers import deadline
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs, draft_run
from tests import make, money
from tests.payouts.paying import ariary, paid_by

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MORE = Correction("task", 600)


@pytest.fixture
def awa():
    return make.member("awa", country="MG")


@pytest.fixture
def theo():
    return make.treasurer("theo")


@pytest.fixture
def period(awa):
    begun = money.first_period()
    money.worked(awa)
    return begun


def left(member):
    return balance(chart.payable(member.pseudonym.hex))


def refused(act, **what):
    with pytest.raises(Refused) as no:
        act(**what)
    return no.value.code


def second(period):
    return Period.objects.get(number=period.number + 1)


def upheld(run, member, theo, *, correction=MORE):
    share = money.share_of(run, member)
    now = run.objections_until - timedelta(seconds=2)
    objection = raise_objection(share=share, by=member.actor, reason="Ten minutes are missing.", now=now)
    answer_objection(objection=objection, by=theo.actor, answer="You are right.", correction=correction, now=now)
    return PayoutRun.objects.get(pk=run.pk)


# -- nothing leaves that was not approved -----------------------------------------------------------------------------


def test_an_unapproved_run_s_money_never_leaves_under_another_run_s_approval(period, awa, theo):
    ariary(theo)
    paid_by(awa, "mobile_money", operator="mvola", number="+261341234567")
    project = make.paid(items=30)
    for n in range(20):
        make.answer(awa, project, seconds=60, at=period.ends_at + DAY + timedelta(minutes=2 * n))
    first = money.run_of(period)
    close_due_periods(now=second(period).ends_at)
    advance_runs(now=second(period).ends_at)
    approve_run(run=first, by=theo.actor, now=second(period).ends_at)
    advance_runs(now=second(period).ends_at)
    late = PayoutRun.objects.get(period__number=2)

    reserve_run(run=first, now=second(period).ends_at)

    assert late.state == "computed" and money.share_of(late, awa).payable > 0
    assert sum(item.amount for item in PayoutItem.objects.all()) <= money.share_of(first, awa).payable
    assert balance(chart.reserved(awa.pseudonym.hex)) + left(awa) == money.share_of(first, awa).payable
    assert invariants.broken() == {}


def test_computing_posts_nothing_and_approval_posts_revenue_funds_and_pay_once(period, awa, theo):
    run = money.run_of(period)
    assert left(awa) == balance(chart.RESERVE) == balance(chart.REVENUE) == 0
    assert run.distribution is None and run.recognition is None

    run = approve_run(run=run, by=theo.actor, now=run.objections_until)
    approve_run(run=run, by=theo.actor, now=run.objections_until + DAY)

    assert left(awa) == money.share_of(run, awa).payable > 0
    assert balance(chart.RESERVE) > 0 and balance(chart.REVENUE) == 0
    posted = run.distribution.entries.order_by("leg").values_list("account__code", "amount")
    assert list(posted) == [(line["account"], line["amount"]) for line in run.current.postings]


@pytest.mark.breaks_the_books
def test_pay_in_the_books_without_an_approval_is_seen(period, awa):
    run = money.run_of(period)
    open_accounts(codes=[chart.payable(awa.pseudonym.hex)], now=coop_now())
    legs = [debit(chart.POOL, 500), credit(chart.payable(awa.pseudonym.hex), 500)]
    post(idem="stolen", kind="distribution", legs=legs, run=run.pk, by=PLATFORM, now=coop_now())

    assert "invariant_booked_without_approval" in invariants.broken()


@pytest.mark.breaks_the_books
def test_pay_in_the_books_of_no_run_at_all_is_seen(period, awa):
    open_accounts(codes=[chart.payable(awa.pseudonym.hex)], now=coop_now())
    legs = [debit(chart.POOL, 500), credit(chart.payable(awa.pseudonym.hex), 500)]
    post(idem="stolen", kind="distribution", legs=legs, by=PLATFORM, now=coop_now())

    assert "invariant_booked_without_approval" in invariants.broken()


@pytest.mark.parametrize("kind", ["gift", "returned", "distribution"])
def test_what_no_approved_run_gave_is_never_reserved(period, awa, theo, kind):
    ariary(theo)
    paid_by(awa, "mobile_money", operator="mvola", number="+261341234567")
    run = money.approved(money.run_of(period))

    with pytest.raises(invariants.InvariantBroken), transaction.atomic():
        legs = [debit(chart.POOL, 50_000), credit(chart.payable(awa.pseudonym.hex), 50_000)]
        post(idem="slipped in", kind=kind, legs=legs, by=PLATFORM, now=run.approved_at)
        reserve_run(run=run, now=run.approved_at)

    assert not PayoutItem.objects.exists() and balance(chart.reserved(awa.pseudonym.hex)) == 0


@pytest.mark.law
def test_a_run_has_no_posting_before_its_approval_by_law(period):
    run = money.run_of(period)
    legs = [debit(chart.POOL, 5), credit(chart.CASH_BANK, 5)]
    other = post(idem="other", kind="other", legs=legs, by=PLATFORM, now=coop_now())

    with pytest.raises(IntegrityError, match="run_posts_nothing_before_its_approval"):
        PayoutRun.objects.filter(pk=run.pk).update(distribution=other)


# -- in order, with a deadline and deputies ---------------------------------------------------------------------------


def test_the_second_run_waits_until_the_first_is_approved(period, theo):
    first = money.run_of(period)
    close_due_periods(now=second(period).ends_at)
    advance_runs(now=second(period).ends_at)
    late = PayoutRun.objects.get(period__number=2)
    assert late.state == "draft"
    assert refused(approve_run, run=late, by=theo.actor, now=second(period).ends_at + 30 * DAY) == "run_not_computed"

    approve_run(run=first, by=theo.actor, now=second(period).ends_at)
    advance_runs(now=second(period).ends_at)

    assert PayoutRun.objects.get(pk=late.pk).state == "computed"


@pytest.mark.law
def test_no_run_is_approved_before_the_one_of_an_earlier_period_by_law(period, theo):
    first, now = money.run_of(period), second(period).ends_at
    close_due_periods(now=now)
    book = pin(book=in_force(now), now=now)
    late = draft_run(period=second(period), now=now)
    assert late.rule_book == book or late.rule_book_id
    version = {"inputs": {}, "result": {}, "postings": [], "payable_total": 0, "made_at": now}
    hashes = dict.fromkeys(["inputs_sha256", "result_sha256", "bundle_sha256"], "0" * 64)
    made = RunVersion.objects.create(run=late, number=1, log_entry=first.current.log_entry, **version, **hashes)
    runs = PayoutRun.objects.filter(pk=late.pk)
    runs.update(state="frozen", frozen_at=now, frozen_inputs={}, frozen_sha256="0" * 64)
    runs.update(state="computed", computed_at=now, current=made, objections_until=now + 3 * DAY)

    assert refused(approve_run, run=late, by=theo.actor, now=now + 3 * DAY) == "earlier_run_open"
    with pytest.raises(IntegrityError, match="run_approved_in_order"):
        runs.update(state="approved", approved_at=now + 3 * DAY, approved_by=theo)


def test_any_treasurer_approves_and_after_the_deadline_a_steward_may(period, theo):
    vera = make.steward("vera")
    run = money.run_of(period)
    late = deadline(run)
    assert late == run.objections_until + 7 * DAY
    assert refused(approve_run, run=run, by=vera.actor, now=late - timedelta(seconds=1)) == "not_in_office"

    approved = approve_run(run=run, by=vera.actor, now=late)

    assert approved.approved_by == vera


def test_a_second_treasurer_is_a_deputy(period, theo):
    run = money.run_of(period)

    assert approve_run(run=run, by=make.treasurer("tova").actor, now=run.objections_until).state == "approved"


# -- an upheld objection changes the pay ------------------------------------------------------------------------------


def test_an_upheld_objection_makes_a_version_that_pays_the_missing_time(period, awa, theo):
    run = money.run_of(period)
    before, hashed = money.share_of(run, awa), run.bundle_sha256

    after = upheld(run, awa, theo)

    share = money.share_of(after, awa)
    assert (after.version, after.current.replaces.bundle_sha256) == (2, hashed)
    assert share.seconds == before.seconds + 600 and share.pk != before.pk
    assert bundles.bundle(after)["replaces"] == hashed
    assert after.objections_until > run.objections_until
    assert refused(approve_run, run=after, by=theo.actor, now=run.objections_until) == "objections_open"
    assert left(awa) == 0

    money.approved(after)

    assert left(awa) == share.payable
    assert RevenueLine.objects.filter(superseded_by=None).count() == 1
    assert invariants.broken() == {}


@pytest.mark.law
def test_no_objection_is_upheld_without_changing_anything_by_law(period, awa, theo):
    run = money.run_of(period)
    objection = raise_objection(share=money.share_of(run, awa), by=awa.actor, reason="Wrong.", now=run.computed_at)
    facts = {"answer": "Yes.", "answered_at": coop_now() + 90 * DAY, "answered_by": theo}

    with pytest.raises(IntegrityError, match="objection_upheld_changes_something"):
        type(objection).objects.update(upheld=True, **facts)


@pytest.mark.law
def test_time_is_paid_by_one_unsuperseded_version_only_by_law(period, awa, theo):
    run = upheld(money.run_of(period), awa, theo)
    live = PaidTime.objects.get(superseded_by=None)
    assert PaidTime.objects.exclude(superseded_by=None).get().superseded_by == run.current

    with pytest.raises(IntegrityError, match="paid_time_is_paid_once"):
        PaidTime.objects.create(share=live.share, entry=live.entry, kind=live.kind, seconds=live.seconds)


@pytest.mark.law
@pytest.mark.parametrize("rows", [PaidTime, RevenueLine])
def test_what_was_superseded_does_not_come_back_by_law(period, awa, theo, rows):
    upheld(money.run_of(period), awa, theo)

    with pytest.raises(IntegrityError, match="not allowed"):
        rows.objects.exclude(superseded_by=None).update(superseded_by=None)


@pytest.mark.law
@pytest.mark.parametrize("rows", [PaidTime, RevenueLine])
def test_nothing_approved_is_freed_to_be_paid_again_by_law(period, awa, theo, rows):
    run = money.approved(money.run_of(period))

    with pytest.raises(IntegrityError, match="superseded_by_what_replaces_it"):
        rows.objects.update(superseded_by=run.current)


@pytest.mark.law
def test_an_approved_run_has_no_further_version_by_law(period, awa, theo):
    run = money.approved(money.run_of(period))

    with pytest.raises(IntegrityError, match="run_version_before_the_approval"):
        another_version(run, replaces=run.current)


@pytest.mark.law
def test_a_version_replaces_the_one_before_it_of_its_own_run_by_law(period, awa, theo):
    first = money.approved(money.run_of(period))
    late = money.run_of(second(period))

    with pytest.raises(IntegrityError, match="run_version_replaces_its_own"), transaction.atomic():
        another_version(late, replaces=first.current)
    with pytest.raises(IntegrityError, match="run_version_replaces_its_own"):
        another_version(late, replaces=late.current, number=7)


def another_version(run, *, replaces, number=2):
    copied = {"inputs": run.inputs, "result": run.result, "postings": run.current.postings, "payable_total": 0}
    hashes = dict.fromkeys(["inputs_sha256", "result_sha256", "bundle_sha256"], "0" * 64)
    made = {"log_entry": run.current.log_entry, "made_at": coop_now()}
    return RunVersion.objects.create(run=run, number=number, replaces=replaces, **copied, **hashes, **made)


@pytest.mark.breaks_the_books
def test_a_version_reckoned_from_something_else_than_was_frozen_is_seen(period, awa, theo):
    run = money.run_of(period)
    run.inputs["owed"] = {awa.pseudonym.hex: 1_000_000}

    another_version(run, replaces=run.current)

    assert "invariant_version_not_of_what_was_frozen" in invariants.broken()


@pytest.mark.law
def test_an_approved_run_keeps_its_version_by_law(period, awa, theo):
    run = money.approved(upheld(money.run_of(period), awa, theo))

    with pytest.raises(IntegrityError, match="nothing changes any more"):
        PayoutRun.objects.filter(pk=run.pk).update(current=run.current.replaces)


def test_a_replaced_statement_takes_no_objection(period, awa, theo):
    run = money.run_of(period)
    old = money.share_of(run, awa)
    after = upheld(run, awa, theo)

    said = {"by": awa.actor, "reason": "Still.", "now": after.computed_at}
    assert refused(raise_objection, share=old, **said) == "statement_replaced"


# -- after approval: a signed line in the next run --------------------------------------------------------------------


def test_a_mistake_is_put_right_by_a_signed_line_in_the_next_run(period, awa, theo):
    hanitra, project = make.member("hanitra"), make.paid(items=4)
    money.worked(hanitra)
    run = money.approved(money.run_of(period))
    money.worked(awa, hanitra, project=project, at=period.ends_at + DAY)
    now = run.approved_at
    for member, amount in ((awa, 3), (hanitra, -2)):
        share = money.share_of(run, member)
        adjust_pay(share=share, amount=amount, reason="A typing mistake.", by=theo.actor, now=now)

    after = money.run_of(second(period))

    lines = {share.member: share for share in after.current.shares.all()}
    assert (lines[awa].adjustment, lines[hanitra].adjustment) == (3, -2)
    assert lines[awa].payable == lines[awa].amount + lines[awa].owed_paid + 3
    assert {one["reason"] for one in bundles.bundle(after)["inputs"]["adjustments"]} == {"A typing mistake."}
    assert set(Adjustment.objects.values_list("taken_in", flat=True)) == {after.pk}
    before = left(hanitra)
    money.approved(after)
    assert left(hanitra) - before == lines[hanitra].payable


def test_what_a_member_can_t_give_back_at_once_is_carried_until_it_is_settled(period, awa, theo):
    project = make.paid(items=4)
    run = money.approved(money.run_of(period))
    adjust_pay(
        share=money.share_of(run, awa), amount=-1_000_000, reason="A fortune.", by=theo.actor, now=run.approved_at
    )
    money.worked(awa, project=project, at=period.ends_at + DAY)

    after = money.run_of(second(period))

    share = money.share_of(after, awa)
    assert share.payable == 0 and share.adjustment == -share.amount - share.owed_paid < 0
    money.approved(after)
    third = money.run_of(Period.objects.get(number=3))
    assert third.inputs["adjustments_carried"] == {awa.pseudonym.hex: share.adjustment_left}
    assert third.inputs["adjustments"] == []


def test_an_adjustment_is_the_treasurer_s_of_an_approved_run_with_a_reason(period, awa, theo):
    run = money.run_of(period)
    share = money.share_of(run, awa)
    asked = {"share": share, "amount": 5, "reason": "A mistake.", "by": theo.actor, "now": run.objections_until}
    assert refused(adjust_pay, **asked) == "run_not_approved"
    money.approved(run)

    assert refused(adjust_pay, **asked | {"by": awa.actor}) == "not_in_office"
    assert refused(adjust_pay, **asked | {"reason": " "}) == "reason_missing"
    assert refused(adjust_pay, **asked | {"amount": 0}) == "amount_missing"
    assert adjust_pay(**asked) == adjust_pay(**asked)


@pytest.mark.law
def test_an_adjustment_is_taken_once_by_law(period, awa, theo):
    run = money.approved(money.run_of(period))
    adjust_pay(share=money.share_of(run, awa), amount=5, reason="Late.", by=theo.actor, now=run.approved_at)
    after = money.run_of(second(period))

    assert Adjustment.objects.get().taken_in == after
    with pytest.raises(IntegrityError, match="not allowed"):
        Adjustment.objects.update(taken_in=None)


@pytest.mark.breaks_the_books
def test_an_adjustment_that_is_called_settled_and_stands_in_no_run_is_seen(period, awa, theo):
    run = money.approved(money.run_of(period))
    adjust_pay(share=money.share_of(run, awa), amount=-500, reason="Too much.", by=theo.actor, now=run.approved_at)

    Adjustment.objects.update(taken_in=run)

    assert "invariant_adjustment_not_in_its_run" in invariants.broken()


def test_nobody_puts_their_own_pay_right_or_upholds_their_own_objection(period, theo):
    tova = make.treasurer("tova")
    money.worked(theo)
    run = money.run_of(period)
    mine, now = money.share_of(run, theo), run.objections_until - timedelta(seconds=2)
    objection = raise_objection(share=mine, by=theo.actor, reason="An hour is missing.", now=now)
    said = {"objection": objection, "answer": "I am right.", "correction": MORE, "now": now}
    assert refused(answer_objection, by=theo.actor, **said) == "concerns_you_alone"

    answer_objection(by=tova.actor, **said)

    run = money.approved(PayoutRun.objects.get())
    put_right = {"share": money.share_of(run, theo), "amount": 5, "reason": "A mistake.", "now": run.approved_at}
    assert refused(adjust_pay, by=theo.actor, **put_right) == "concerns_you_alone"
    assert adjust_pay(by=tova.actor, **put_right).made_by == tova


# -- no officer alone gives anybody more than the rules give -----------------------------------------------------------


def changed(period, awa, theo, how):
    """A computed run in which theo alone gave awa more."""
    if how == "objection":
        return upheld(money.run_of(period), awa, theo)
    run = money.approved(money.run_of(period))
    gift = {"share": money.share_of(run, awa), "amount": 5, "by": theo.actor, "now": run.approved_at}
    for reason in ("One mistake.", "Another mistake."):
        adjust_pay(reason=reason, **gift)
    money.worked(awa, project=make.paid(items=2), at=period.ends_at + DAY)
    return money.run_of(second(period))


@pytest.mark.parametrize("how", ["objection", "adjustment"])
def test_who_gave_somebody_more_does_not_approve_it_but_another_treasurer_or_a_steward(period, awa, theo, how):
    run = changed(period, awa, theo, how)
    over = run.objections_until
    assert not may_approve(run, theo, over)
    assert refused(approve_run, run=run, by=theo.actor, now=over) == "approved_by_somebody_else"

    vera = make.steward("vera")
    assert may_approve(run, vera, over)
    approve_run(run=run, by=vera.actor, now=over)

    assert PayoutRun.objects.get(pk=run.pk).approved_by == vera and invariants.broken() == {}


def test_whose_own_pay_was_changed_does_not_approve_it_either(period, theo):
    tova, _awa = make.treasurer("tova"), make.member("somebody whose pay was not changed")
    money.worked(theo)
    run = upheld(money.run_of(period), theo, tova)

    assert refused(approve_run, run=run, by=theo.actor, now=run.objections_until) == "approved_by_somebody_else"


@pytest.mark.law
@pytest.mark.parametrize("how", ["objection", "adjustment"])
def test_no_run_is_approved_by_who_changed_it_by_law(period, awa, theo, how):
    run = changed(period, awa, theo, how)

    with pytest.raises(IntegrityError, match="run_approved_by_somebody_else"):
        PayoutRun.objects.filter(pk=run.pk).update(state="approved", approved_at=run.objections_until, approved_by=theo)


@pytest.mark.parametrize("when", ["objection", "adjustment"])
def test_a_steward_stands_in_where_the_only_treasurer_is_concerned(period, theo, when):
    vera = make.steward("vera")
    money.worked(theo)
    run = money.run_of(period)
    if when == "objection":
        now = run.objections_until - timedelta(seconds=2)
        objection = raise_objection(share=money.share_of(run, theo), by=theo.actor, reason="Wrong.", now=now)
        answered = answer_objection(objection=objection, by=vera.actor, answer="Yes.", correction=MORE, now=now)
        assert answered.answered_by == vera
    else:
        run = money.approved(run)
        put_right = {"share": money.share_of(run, theo), "amount": 5, "reason": "A mistake.", "now": run.approved_at}
        assert adjust_pay(by=vera.actor, **put_right).made_by == vera


# -- old debts leave the pool to this period's work -------------------------------------------------------------------


def test_a_debt_never_eats_the_whole_pool(period, awa, theo):
    fortune = 650_000
    account = chart.owed(awa.pseudonym.hex)
    open_accounts(codes=[account], now=coop_now())
    legs = [debit(chart.SHORTFALL, fortune), credit(account, fortune)]
    post(idem="a sleeper", kind="shortfall", legs=legs, by=PLATFORM, now=coop_now())
    hanitra, project = make.member("hanitra"), make.paid(items=40)
    for n in range(30):
        make.answer(hanitra, project, seconds=30, at=coop_now() + timedelta(minutes=n + 1))

    run = money.run_of(period)

    pool = run.result["labour_pool"]
    assert run.result["owed_paid"] == pool * 2000 // 10_000 > 0
    assert money.share_of(run, hanitra).amount > 0


# -- everybody who was not paid is named, with the reason -------------------------------------------------------------


def test_who_was_not_paid_is_named_with_the_reason(period, awa, theo):
    run = money.approved(money.run_of(period))

    reserve_run(run=run, now=run.approved_at)

    unpaid = NotPaid.objects.get()
    assert (unpaid.member, unpaid.why, unpaid.amount) == (awa, "no_details", left(awa))


def test_who_has_a_statement_and_is_due_nothing_is_named_too(period, awa, theo):
    for days in range(2, 5):
        money.worked(awa, at=period.starts_at + days * DAY)  # enough to be sent
    first = money.approved(money.run_of(period))
    twice = {"share": money.share_of(first, awa), "amount": -1_000_000, "reason": "Paid twice."}
    adjust_pay(by=theo.actor, now=first.approved_at, **twice)
    money.worked(awa, project=make.paid(items=2), at=period.ends_at + DAY)
    ariary(theo, num=5_000)  # nothing is left over
    paid_by(awa, "mobile_money", operator="mvola", number="+261341234567")
    reserve_run(run=first, now=first.approved_at)
    run = money.approved(money.run_of(second(period)))
    assert (money.share_of(run, awa).payable, left(awa)) == (0, 0)

    reserve_run(run=run, now=run.approved_at)

    named = NotPaid.objects.get(run=run)
    assert (named.member, named.why, named.amount) == (awa, "nothing_due", 0)
