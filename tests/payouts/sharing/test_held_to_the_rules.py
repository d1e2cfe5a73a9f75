"""Attacks on what corrects, delays and approves pay: by an officer and a friend, and by whoever writes into the database as we do."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from coop.audit.actions import record
from coop.ground import invariants
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.work.actions import freeze_time
from coop.work.models import TimeEntry
from payouts.ledger.models import Transaction
from payouts.models import Adjustment, MemberShare, Objection, PaidTime, PayoutRun, Period, RevenueLine, RunVersion
from payouts.reading import shares_to_adjust
from payouts.sharing import versions
from payouts.sharing.approval import adjust_pay, approve_run
from payouts.sharing.approvers import deadline, is_late
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from tests import make, money

pytestmark = pytest.mark.django_db
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def theo():
    return make.treasurer("theo")


@pytest.fixture
def awa():
    return make.member("awa")


@pytest.fixture
def bob():
    return make.member("bob")


@pytest.fixture
def run(theo, awa, bob):
    return money.ran(theo, awa, bob)


def refused(act, **what):
    with pytest.raises(Refused) as no, transaction.atomic():
        act(**what)
    return no.value.code


def objecting(run, member, *, now, reason="Time is missing."):
    return raise_objection(share=money.share_of(run, member), by=member.actor, reason=reason, now=now)


def upheld(run, member, by, *, seconds=1, now):
    """The run after an objection of this member was upheld."""
    objection = objecting(run, member, now=now)
    correction = Correction("task", seconds)
    answer_objection(objection=objection, by=by.actor, answer="Yes.", correction=correction, now=now)
    return PayoutRun.objects.get(pk=run.pk)


# -- no delay without end ---------------------------------------------------------------------------------------------


def test_forty_objections_don_t_put_off_the_deadline(run, theo, bob):
    end = deadline(run)
    assert end == run.computed_at + 10 * DAY

    upholding = 0
    while upholding < 40 and run.objections_until < end:
        run = upheld(run, bob, theo, now=run.objections_until - SECOND)
        upholding += 1
    while upholding < 40:
        run = upheld(run, bob, theo, now=end - DAY)
        upholding += 1

    assert (run.version, run.objections_until, deadline(run)) == (41, end, end)
    assert is_late(run, end) and refused(objecting, run=run, member=bob, now=end) == "objections_closed"
    assert approve_run(run=run, by=make.steward("vera").actor, now=end).approved_at == end


@pytest.mark.parametrize("after", [SECOND, DAY, 9 * DAY])
def test_nothing_is_upheld_of_which_the_others_would_not_hear_for_a_day(run, theo, awa, bob, after):
    last, before = deadline(run) - DAY, money.share_of(run, awa).amount
    objection = objecting(run, bob, now=run.computed_at)
    said = {"objection": objection, "by": theo.actor, "answer": "Yes.", "now": last + after}

    assert refused(answer_objection, correction=Correction("task", 700 * 3600), **said) == "too_late_to_uphold"

    answer_objection(**said)
    run = approve_run(run=run, by=theo.actor, now=deadline(run) + 9 * DAY)
    assert (run.version, money.share_of(run, awa).amount) == (1, before)


def test_what_is_upheld_at_the_last_moment_leaves_a_day_to_object(run, theo, awa, bob):
    last = deadline(run) - DAY
    objection = objecting(run, bob, now=run.computed_at)
    answer_objection(objection=objection, by=theo.actor, answer="Yes.", correction=Correction("task", 9000), now=last)
    run.refresh_from_db()
    tova = make.treasurer("tova")
    assert refused(approve_run, run=run, by=tova.actor, now=last + DAY - SECOND) == "objections_open"

    objecting(run, awa, now=last + DAY - SECOND)

    assert refused(approve_run, run=run, by=tova.actor, now=last + DAY) == "objections_unanswered"


def test_a_treasurer_who_lets_the_time_pass_keeps_no_mistake_from_being_put_right(run, theo, bob):
    vera = make.steward("vera")
    end = deadline(run)
    objection = objecting(run, bob, now=run.computed_at)
    answer_objection(objection=objection, by=vera.actor, answer="Too late: it is adjusted.", now=end)
    run = approve_run(run=run, by=vera.actor, now=end)
    share = money.share_of(run, bob)

    assert share in shares_to_adjust(vera, end)
    assert adjust_pay(share=share, amount=5, reason="As bob said.", by=vera.actor, now=end).made_by == vera


def test_a_steward_adjusts_nobody_s_pay_of_a_run_that_was_approved_in_time(run, theo, bob):
    vera, run = make.steward("vera"), money.approved(run)
    share = money.share_of(run, bob)

    assert share not in shares_to_adjust(vera, coop_now() + 60 * DAY)
    gift = {"share": share, "amount": 5, "reason": "A gift."}
    assert refused(adjust_pay, by=vera.actor, now=deadline(run) + DAY, **gift) == "not_in_office"


@pytest.mark.law
def test_no_version_is_put_in_place_in_the_last_day_by_law(run):
    late = deadline(run) - DAY + SECOND
    version = copied(run, made_at=late)

    with pytest.raises(IntegrityError, match="run_window_as_voted"):
        PayoutRun.objects.filter(pk=run.pk).update(current=version, objections_until=deadline(run))


# -- an objection corrects no more than there can be, and takes nothing -----------------------------------------------


def test_nobody_worked_longer_than_the_period_however_often_it_is_said(run, theo, bob):
    length = int((run.period.ends_at - run.period.starts_at).total_seconds())
    counted = money.share_of(run, bob).seconds
    run = upheld(run, bob, theo, seconds=length - counted - 1, now=run.computed_at)

    objection = objecting(run, bob, now=run.computed_at)
    said = {"objection": objection, "by": theo.actor, "answer": "Yes.", "now": run.computed_at}
    for kind in TimeEntry.Kind.values:
        too_much = refused(answer_objection, correction=Correction(kind, 2), **said)
        assert too_much == "correction_longer_than_the_period"
    answer_objection(correction=Correction("task", 1), **said)

    assert money.share_of(PayoutRun.objects.get(), bob).seconds == length


def test_an_objection_is_never_upheld_by_taking_time_away(run, theo, awa):
    objection = objecting(run, awa, now=run.computed_at)
    said = {"objection": objection, "by": theo.actor, "answer": "There is too much.", "now": run.computed_at}

    for seconds in (-1, -money.share_of(run, awa).seconds):
        assert refused(answer_objection, correction=Correction("task", seconds), **said) == "correction_takes_away"
    assert refused(answer_objection, correction=Correction("task", 0), **said) == "correction_missing"
    assert refused(answer_objection, correction=Correction("", 5), **said) == "correction_missing"

    assert RunVersion.objects.count() == 1


@pytest.mark.law
def test_an_objection_is_never_upheld_by_taking_time_away_by_law(run, theo, awa):
    objection = objecting(run, awa, now=run.computed_at)
    answered = {"answer": "Yes.", "answered_at": run.computed_at, "answered_by": theo, "led_to": run.current}

    with pytest.raises(IntegrityError, match="objection_adds_a_month_at_most"):
        Objection.objects.filter(pk=objection.pk).update(upheld=True, kind="task", seconds=-1, **answered)


# -- an officer's own objection ---------------------------------------------------------------------------------------


def test_the_only_officer_s_own_objection_stops_no_run(theo, bob):
    run = money.ran(theo, bob)
    objection = objecting(run, theo, now=run.computed_at)
    said = {"objection": objection, "by": theo.actor, "answer": "I was wrong.", "now": run.computed_at}
    assert refused(answer_objection, correction=Correction("task", 5), **said) == "concerns_you_alone"

    assert answer_objection(**said).upheld is False

    assert approve_run(run=run, by=theo.actor, now=run.objections_until).state == "approved"


@pytest.mark.law
def test_nobody_upholds_their_own_objection_by_law(run, theo):
    objection = objecting(run, theo, now=run.computed_at)
    answered = {"answer": "Yes.", "answered_at": run.computed_at, "answered_by": theo, "led_to": run.current}

    with pytest.raises(IntegrityError, match="objection_upheld_by_somebody_else"):
        Objection.objects.filter(pk=objection.pk).update(upheld=True, kind="task", seconds=5, **answered)


@pytest.mark.law
def test_nobody_adjusts_their_own_pay_by_law(run, theo):
    money.approved(run)

    with pytest.raises(IntegrityError, match="adjustment_made_by_somebody_else"):
        Adjustment.objects.create(member=theo, run=run, amount=5, reason="Mine.", made_by=theo, made_at=coop_now())


# -- the same adjustment is one ---------------------------------------------------------------------------------------


def test_the_same_adjustment_is_the_same_after_a_run_has_taken_it(run, theo, awa):
    money.approved(run)
    second = Period.objects.get(number=2)
    gift = {"share": money.share_of(run, awa), "amount": 500, "reason": "Late.", "by": theo.actor}
    once = adjust_pay(now=coop_now(), **gift)
    money.run_of(second)

    again = adjust_pay(now=coop_now(), **gift)

    assert again == once and again.taken_in is not None and Adjustment.objects.count() == 1


@pytest.mark.law
def test_the_same_adjustment_is_one_by_law(run, theo, awa):
    money.approved(run)
    same = {"member": awa, "run": run, "amount": 5, "reason": "Late.", "made_by": theo, "made_at": coop_now()}
    Adjustment.objects.create(**same)

    with pytest.raises(IntegrityError, match="adjustment_is_made_once"):
        Adjustment.objects.create(**same)


# -- the window and the moment of computing are those that were voted -------------------------------------------------


@pytest.mark.law
@pytest.mark.parametrize("change", ["back", "to the start", "forward", "away", "computed earlier", "computed later"])
def test_the_window_moves_only_with_the_version_by_law(run, change):
    moved = {
        "back": {"objections_until": run.objections_until - SECOND},
        "to the start": {"objections_until": run.computed_at},
        "forward": {"objections_until": run.objections_until + DAY},
        "away": {"objections_until": None},
        "computed earlier": {"computed_at": run.computed_at - 9 * DAY},
        "computed later": {"computed_at": run.computed_at + DAY},
    }[change]

    with pytest.raises(IntegrityError, match=r"run_window_as_voted|run_computed_has_its_version"):
        PayoutRun.objects.filter(pk=run.pk).update(**moved)


@pytest.mark.law
def test_a_later_version_doesn_t_shorten_the_window_by_law(run):
    earlier = run.computed_at - DAY
    version = copied(run, made_at=earlier)

    with pytest.raises(IntegrityError, match="run_window_as_voted"):
        PayoutRun.objects.filter(pk=run.pk).update(current=version, objections_until=earlier + 3 * DAY)


@pytest.mark.law
def test_no_run_is_approved_while_an_objection_waits_by_law(run, theo, awa):
    objecting(run, awa, now=run.computed_at)

    with pytest.raises(IntegrityError, match="run_approved_with_every_objection_answered"):
        PayoutRun.objects.filter(pk=run.pk).update(state="approved", approved_at=run.objections_until, approved_by=theo)


# -- nothing is approved but what was reckoned ------------------------------------------------------------------------


def copied(run, *, change=None, without=None, **other):
    """A version written by hand, like the current one but for `other`; and its lines, each changed by `change(line)`."""
    before = run.current
    columns = ["inputs", "inputs_sha256", "result", "result_sha256", "payable_total", "postings", "bundle_sha256"]
    facts = {name: getattr(before, name) for name in [*columns, "log_entry", "made_at"]}
    version = RunVersion.objects.create(run=run, number=before.number + 1, replaces=before, **facts | other)
    shares = {}
    for rows in (before.revenue.all(), before.shares.all(), PaidTime.objects.filter(share__version=before)):
        for line in list(rows):
            if not isinstance(line, MemberShare):
                type(line).objects.filter(pk=line.pk).update(superseded_by=version)
            if isinstance(line, without or ()):
                continue
            columns = [one for one in line._meta.concrete_fields if not one.primary_key and not one.generated]
            facts = {one.attname: getattr(line, one.attname) for one in columns}
            facts |= {"version_id": version.pk} if "version_id" in facts else {"share_id": shares[line.share_id]}
            fresh = type(line)(**facts)
            if change:
                change(fresh)
            fresh.save(force_insert=True)
            if isinstance(line, MemberShare):
                shares[line.pk] = fresh.pk
    return version


def put_in_place(run, version):
    PayoutRun.objects.filter(pk=run.pk).update(current=version)
    return PayoutRun.objects.get(pk=run.pk)


def is_refused(run, by, code="version_altered"):
    """Whether its approval is refused by this name, and nothing is booked."""
    assert refused(approve_run, run=run, by=by.actor, now=max(run.objections_until, deadline(run))) == code
    run.refresh_from_db()
    return run.state == "computed" and not Transaction.objects.filter(run=run.pk).exists()


def test_pay_that_was_moved_from_one_member_to_another_is_not_approved(run, theo, awa, bob):
    moved = money.share_of(run, awa).amount
    change = {awa.pseudonym.hex: -moved, bob.pseudonym.hex: moved}
    result = {**run.result, "members": [dict(one) for one in run.result["members"]]}
    for one in result["members"]:
        one["amount"] += change.get(one["member"], 0)
        one["payable"] += change.get(one["member"], 0)
    of = {f"member:{key}:payable": amount for key, amount in change.items()}
    postings = [line | {"amount": line["amount"] - of.get(line["account"], 0)} for line in run.current.postings]

    def give(line):
        if isinstance(line, MemberShare) and line.pseudonym in change:
            line.amount, line.cap, line.floor = line.amount + change[line.pseudonym], None, 0

    false = put_in_place(run, copied(run, change=give, result=result, postings=[p for p in postings if p["amount"]]))

    assert invariants.broken() == {} and is_refused(false, theo)


def test_a_line_of_a_member_that_says_otherwise_than_the_bundle_is_not_approved(run, theo, awa):
    def lend(line):
        if getattr(line, "pseudonym", "") == awa.pseudonym.hex:
            line.adjustment_left = 900_000  # the next run would pay it

    assert is_refused(put_in_place(run, copied(run, change=lend)), theo)


def test_what_stands_in_a_version_that_is_not_the_current_one_is_not_approved(run, theo):
    copied(run)  # its statements would be the live ones

    assert is_refused(run, theo)


@pytest.mark.parametrize("column", ["result_sha256", "bundle_sha256", "inputs_sha256"])
def test_a_hash_that_is_not_of_the_version_is_not_approved(theo, awa, column, monkeypatch):
    reckon = versions.reckon

    def false(**what):
        made = reckon(**what)
        setattr(made.version, column, "0" * 64)
        return made

    monkeypatch.setattr(versions, "reckon", false)
    run = money.ran(awa)
    monkeypatch.undo()

    assert is_refused(run, theo)


@pytest.mark.parametrize("said", ["hash", "run", "kind", "moment"])
def test_a_version_that_the_log_doesn_t_have_is_not_approved(theo, awa, said, monkeypatch):
    def otherwise(**what):
        if said == "hash":
            what["payload"] = {**what["payload"], "bundle_sha256": "0" * 64}
        elif said == "moment":
            what["now"] -= DAY
        else:
            what |= {"run": {"subject": "run:another"}, "kind": {"kind": "run.frozen"}}[said]
        return record(**what)

    monkeypatch.setattr(versions, "record", otherwise)
    run = money.ran(awa)
    monkeypatch.undo()

    assert is_refused(run, theo)


def test_nobody_s_time_is_slipped_into_a_version_that_pays_nothing_for_it(theo, awa, bob):
    run = money.ran(awa)
    later = make.answer(bob, make.paid(items=1), seconds=20, at=run.period.ends_at + DAY)
    zeros = dict.fromkeys(["weight", "floor", "owed_paid", "amount", "shortfall", "owed_left"], 0)
    whose = {"run": run, "version": run.current, "member": bob, "pseudonym": bob.pseudonym.hex}
    share = MemberShare.objects.create(seconds=20, cap=0, exact="0/1", **whose, **zeros)
    entry = TimeEntry.objects.get(member=bob)
    freeze_time(entries=TimeEntry.objects.of(bob))
    PaidTime.objects.create(share=share, entry=entry, kind="task", seconds=20)
    assert later.pk and invariants.broken() == {}

    assert is_refused(run, theo)


@pytest.mark.breaks_the_books
def test_a_version_with_time_that_no_objection_gave_is_not_approved(run, theo, awa):
    gift = {"objection": "0" * 32, "member": awa.pseudonym.hex, "kind": "task", "seconds": 600}
    version = versions.make_version(run=run, inputs={**run.inputs, "corrections": [gift]}, now=run.computed_at)
    put_in_place(run, version)

    assert is_refused(PayoutRun.objects.get(), theo, code="inputs_altered")


def test_no_objection_is_upheld_on_a_version_that_was_not_reckoned(run, theo, awa, bob):
    objection = objecting(run, bob, now=run.computed_at)
    put_in_place(run, copied(run))

    said = {"objection": objection, "by": theo.actor, "answer": "Yes.", "now": run.computed_at}
    assert refused(answer_objection, correction=Correction("task", 5), **said) == "version_altered"


def test_revenue_that_was_freed_to_be_booked_again_is_not_approved(run, theo):
    assert is_refused(put_in_place(run, copied(run, without=RevenueLine)), theo)
