"""A statement explains each line: the rule and its vote, the numbers, where they come from, the exact share and the cent."""

import uuid
from datetime import timedelta

import pytest

from coop.ground.clock import coop_now
from coop.rules.actions import amend_rule, head
from payouts.models import MemberShare, Period
from payouts.sharing.approval import adjust_pay
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from payouts.sharing.periods import open_first_period
from payouts.sharing.statements import lines, statement_of
from tests import make, money
from tests.payouts.sharing.sentences import cents, reckoned

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def period():
    return open_first_period(now=coop_now() - DAY)


def statement(member, period):
    share = money.share_of(money.run_of(period), member)
    return share, said_of(share)


def underpaid(*people):
    """Each answers one more time than the one before, and every answer takes longer than was paid for."""
    project = make.paid(items=100, redundancy=1, seconds_per_answer=1)
    for n, member in enumerate(people):
        for minutes in range(10 + n):
            make.answer(member, project, seconds=8, at=coop_now() + timedelta(minutes=1 + minutes))


def said_of(share):
    return {line.key: line for line in lines(MemberShare.objects.get(pk=share.pk))}


def test_each_line_names_its_rule_and_its_sources(period):
    awa, project = make.member("awa"), make.paid()
    answer = make.answer(awa, project, seconds=60)

    share, said = statement(awa, period)

    entry = answer.assignment.time_entries.get()
    assert said["time.task"].sources == (f"time:{entry.pk}",)
    assert said["floor"].rules[0].key == "pay.hourly_floor"
    assert said["share"].exact == said["pay"].exact == share.exact
    assert said["payable"].amount == share.payable == said["pay"].amount
    assert said["payable"].sources == ()  # nothing is booked yet
    booked = money.approved(share.run)
    assert said_of(share)["payable"].sources == (f"ledger:transaction:{booked.distribution_id}",)
    assert "equal base" in said["share"].formula


def test_a_line_names_the_vote_behind_its_rule(period):
    awa, project, decision = make.member("awa"), make.paid(items=3), uuid.uuid4()
    amend_rule(
        key="pay.hourly_floor",
        value=950,
        effective_from=coop_now() + DAY,
        decision=decision,
        supersedes=head("pay.hourly_floor"),
        now=coop_now(),
    )
    make.answer(awa, project)

    _, before = statement(awa, period)
    make.answer(awa, project, at=period.ends_at + DAY)
    _, after = statement(awa, Period.objects.get(number=2))

    assert (before["floor"].rules[0].version, before["floor"].rules[0].decision) == (1, None)
    assert (after["floor"].rules[0].version, after["floor"].rules[0].decision) == (2, decision)
    assert after["floor"].rules[0].value == 950


def test_what_is_missing_to_the_floor_is_a_line(period):
    awa = make.member("awa")
    underpaid(awa)

    share, said = statement(awa, period)

    assert said["shortfall"].amount == share.shortfall > 0
    assert "floors" in said["share"].formula


def vote(**values):
    for key, value in values.items():
        rule = f"pay.{key}"
        now = coop_now() - 3 * DAY
        amend_rule(
            key=rule, value=value, effective_from=now, decision=uuid.uuid4(), supersedes=head(rule), now=now - DAY
        )


@pytest.mark.parametrize("strategy", ["clamped_weight/1", "clamped_equal/1"])
def test_the_sentence_of_a_share_is_true_under_either_strategy(strategy):
    vote(share_strategy=strategy, hourly_cap=0)
    period = open_first_period(now=coop_now() - DAY)
    awa, hanitra, project = make.member("awa"), make.member("hanitra"), make.paid(items=2, redundancy=1)
    make.answer(awa, project, seconds=10)
    make.answer(hanitra, project, seconds=40)

    factors = set()
    for member in (awa, hanitra):
        share, said = statement(member, period)
        before, *_ = said["share"].formula.partition(", the one factor")
        factors.add(before.rpartition(") × ")[2] if before != said["share"].formula else "1/1")

        assert reckoned(before) == cents(share.exact_share)
    assert len(factors) == 1


def corrected(share, *, seconds):
    """An objection to the statement is upheld: the statement that replaces it."""
    now = share.run.computed_at + timedelta(seconds=5)
    raised = raise_objection(share=share, by=share.member.actor, reason="Miscounted.", now=now)
    officer = make.treasurer(f"who answers {raised.pk}")
    correction = Correction("task", seconds)
    answer_objection(objection=raised, by=officer.actor, answer="Yes.", correction=correction, now=now)
    return money.share_of(share.run, share.member), raised


def sources(said):
    return {source for line in said.values() for source in line.sources}


def test_a_statement_that_was_replaced_says_that_nothing_of_it_was_booked(period):
    awa = make.member("awa")
    underpaid(awa)
    old = money.share_of(money.run_of(period), awa)
    new, objection = corrected(old, seconds=600)

    booked = money.approved(new.run)

    old, new = MemberShare.objects.get(pk=old.pk), MemberShare.objects.get(pk=new.pk)
    before, after = said_of(old), said_of(new)
    in_the_books = {f"ledger:transaction:{booked.distribution_id}", f"ledger:member:{awa.pseudonym.hex}:owed"}
    assert before["shortfall"].amount and after["shortfall"].amount
    assert not in_the_books & sources(before)
    assert in_the_books <= sources(after)
    assert "nothing of this version was booked" in before["payable"].title
    assert "owed to you" not in before["shortfall"].title and "owed to you" in after["shortfall"].title
    assert "You would have received" in statement_of(old).lead()
    assert "You are to receive" in statement_of(new).lead()
    assert f"corrected.{objection.pk}" in after.keys() - before.keys()


def test_nothing_stands_in_the_books_before_the_approval(period):
    awa = make.member("awa")
    underpaid(awa)

    _, said = statement(awa, period)

    assert said["shortfall"].amount
    assert not {source for source in sources(said) if source.startswith("ledger:")}


def test_what_is_carried_comes_from_the_statement_that_holds_and_not_from_one_that_was_replaced(period):
    awa, hanitra, project = make.member("awa"), make.member("hanitra"), make.paid(items=9)
    money.worked(awa, hanitra, project=project)
    first = money.approved(money.run_of(period))
    for member, amount in ((awa, -100_000), (hanitra, 100_000)):
        by = make.treasurer(f"who adjusts {member.pk}").actor
        share = money.share_of(first, member)
        adjust_pay(share=share, amount=amount, reason="Late.", by=by, now=first.approved_at)
    period = Period.objects.get(number=2)
    money.worked(awa, hanitra, project=project, at=period.starts_at + DAY)
    replaced = money.share_of(money.run_of(period), awa)
    held, _ = corrected(replaced, seconds=900)
    of_hanitra = money.share_of(held.run, hanitra)

    shares = {member: statement(member, Period.objects.get(number=3)) for member in (awa, hanitra)}

    for member, before in ((awa, held), (hanitra, of_hanitra)):
        carried = shares[member][1]["carried"]
        assert carried.sources == (f"statement:{before.pk}",)
        assert carried.amount == before.adjustment_left != 0


def test_each_line_is_of_the_member_whose_statement_it_is(period):
    underpaid(*(make.member(name) for name in ("awa", "hanitra", "moussa")))
    run = money.run_of(period)

    for share in run.shares.all():
        said = said_of(share)
        assert (said["pay"].amount, said["floor"].amount) == (share.amount, share.floor)
        assert (said["payable"].amount, said["shortfall"].amount) == (share.payable, share.shortfall)
        assert said["pay"].exact == share.exact
        assert sources({"time": said["time.task"]}) == {f"time:{paid.entry_id}" for paid in share.time.all()}
    assert len({share.amount for share in run.shares.all()}) > 1
