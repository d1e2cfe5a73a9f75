"""Periods and their runs, told by workers whose moments cross."""

from datetime import timedelta

from coop.ground.clock import coop_now
from coop.members.models import Member
from payouts.actions.batch_files import download_batch_file, take_answer
from payouts.actions.execution import advance_payout_items
from payouts.actions.inbox import advance_inbox
from payouts.models import BatchFile, InboxEvent, MemberShare, PayoutItem
from payouts.sharing.approval import approve_run
from payouts.sharing.objections import answer_objection, raise_objection
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs, compute_run, draft_run, freeze_run
from tests import make, money
from tests.crossed.crossing import BLINK, reread, story
from tests.payouts.paying import approved_run, ariary, on_connect, on_mvola


@story
def a_period_is_shared_out(crossing):
    hanitra, theo = make.member("hanitra"), make.treasurer()
    period = money.first_period()
    money.worked(hanitra)
    crossing.step(close_due_periods, period, due=period.ends_at + BLINK)
    run = crossing.step(draft_run, period, period=period)
    crossing.step(freeze_run, run, run=run)
    crossing.step(compute_run, run, run=run)
    objection = crossing.step(
        raise_objection, run, share=MemberShare.objects.get(run=run), by=hanitra.actor, reason="My seconds are missing."
    )
    crossing.step(answer_objection, objection, objection=objection, by=theo.actor, answer="They come next time.")
    crossing.step(approve_run, run, run=run, by=theo.actor, due=reread(run).objections_until)


def sweep(crossing, run, times=3, hours=0):
    """So many rounds, each with a moment before the last one on record, and wall time that goes back by a blink."""
    wall = coop_now() + timedelta(hours=hours)
    for n in range(times):
        crossing.step(advance_payout_items, run, wall=wall - n * BLINK)


@story
def a_run_is_paid_by_stripe(crossing):
    on_connect(crossing.account, 1000)
    run = approved_run()
    sweep(crossing, run, times=4)
    crossing.step(advance_runs, run)


@story
def a_run_is_paid_by_mobile_money_and_one_payment_fails(crossing):
    theo = make.treasurer("theo")
    ariary(theo)
    for number in (1, 2):
        on_mvola(1000 * number, number=f"+26134000000{number}")
    run = approved_run(theo)
    sweep(crossing, run)
    file = BatchFile.objects.get()
    crossing.step(download_batch_file, file, file=file, by=theo.actor)
    paid, failed = PayoutItem.objects.order_by("amount")
    answer = f"reference;status;transaction_id;reason\n{paid.key};paid;M1;\n{failed.key};failed;;wallet closed"
    crossing.step(take_answer, file, file=file, content=answer.encode(), by=theo.actor)
    sweep(crossing, run)
    crossing.step(advance_runs, run)


def treasurer(name: str = "theo") -> Member:
    """One who has been in office since yesterday, so also by a clock that was read early."""
    return make.treasurer(name, admitted_at=coop_now() - timedelta(days=1))


def event_said(type: str, about: str) -> InboxEvent:
    """An event of Stripe's that came just now, to be handled for an hour already."""
    now = coop_now()
    facts = {"account": "platform", "payload": b"{}", "source": "webhook", "said_at": now, "received_at": now}
    return InboxEvent.objects.create(
        event_id=f"evt_{type}_{about}", type=type, about=about, next_try_at=now - timedelta(hours=1), **facts
    )


@story
def a_message_of_a_rail_is_handled(crossing):
    event = event_said("charge.succeeded", "ch_1")
    crossing.step(advance_inbox, event)
