"""Payments to members and what a rail is asked for, told by workers whose moments cross."""

from django.test import override_settings

from payouts.actions.batch_files import download_batch_file, take_answer
from payouts.actions.execution import reserve_run
from payouts.actions.inbox import advance_inbox
from payouts.actions.items import resolve_item
from payouts.actions.rail_details import set_rail_details
from payouts.models import Attempt, BatchFile, PayoutItem, PayoutRun
from payouts.sharing.runs import advance_runs
from tests.crossed.crossing import Crossing, reread, story
from tests.crossed.stories_of_money import event_said, sweep, treasurer
from tests.payouts.paying import approved_run, ariary, on_connect, on_mvola

State = PayoutItem.State
TRANSFERS = "/v1/transfers"


def asked_in_vain(crossing: Crossing, amount: int = 1000) -> PayoutItem:
    """A payment that was asked for, and the line was cut before Stripe heard of it."""
    on_connect(crossing.account, amount)
    run = approved_run()
    crossing.stripe.ask("faults", kind="drop_before", path=TRANSFERS)
    sweep(crossing, run, times=1)
    return PayoutItem.objects.get(run=run)


def done_by_hand(crossing: Crossing, item: PayoutItem, amount: int) -> str:
    """Somebody makes a transfer by hand that says it is this payment; its reference."""
    made = crossing.stripe.client().v1.transfers.create(
        {
            "amount": amount,
            "currency": "eur",
            "destination": item.details.opened()["account"],
            "metadata": {"item": str(item.pk)},
            "transfer_group": item.group,
        }
    )
    return made.id


def comes_back(crossing: Crossing, reference: str) -> None:
    crossing.stripe.client().v1.transfers.reversals.create(reference, {})


def closes(crossing: Crossing, run: PayoutRun) -> None:
    """The run, all of whose payments have ended, is settled and closed."""
    sweep(crossing, run, hours=22)
    crossing.step(advance_runs, run)
    assert reread(run).state == PayoutRun.State.CLOSED


@story
def a_payment_that_stripe_never_heard_of_is_asked_for_under_another_key(crossing):
    item = asked_in_vain(crossing)
    sweep(crossing, item.run, hours=21)
    assert reread(item).attempt.epoch == 2
    closes(crossing, item.run)


@story
def a_payment_whose_answer_was_lost_is_found(crossing):
    on_connect(crossing.account, 1000)
    run = approved_run()
    crossing.stripe.ask("faults", kind="drop_after", path=TRANSFERS)
    sweep(crossing, run, times=1)
    sweep(crossing, run, hours=21)
    crossing.step(advance_runs, run)
    assert reread(run).state == PayoutRun.State.CLOSED


@story
def a_payment_waits_until_there_is_money(crossing):
    on_connect(crossing.account, 50_000_000)
    run = approved_run()
    sweep(crossing, run, times=2)
    crossing.stripe.ask("balance", amount=50_000_000)
    sweep(crossing, run, hours=1)
    assert PayoutItem.objects.get().state == State.PAID


@story
def a_payment_that_stripe_refuses_is_given_back_and_its_run_closes(crossing):
    member = on_connect(crossing.account, 1000)
    account = member.rail_details.get().opened()["account"]
    crossing.stripe.ask("accounts", account=account, transfers="inactive")
    run = approved_run()
    sweep(crossing, run)
    assert Attempt.objects.get().state == Attempt.State.DROPPED
    assert reread(run).state == PayoutRun.State.SETTLED_WITH_HOLDS
    crossing.step(advance_runs, run)
    assert reread(run).state == PayoutRun.State.CLOSED


def held(crossing: Crossing) -> tuple[PayoutItem, str]:
    """A payment that was not what was found, in a run that is settled and can't be closed; and what was found."""
    item = asked_in_vain(crossing)
    reference = done_by_hand(crossing, item, amount=999)
    sweep(crossing, item.run, hours=21)
    crossing.step(advance_runs, item.run)
    assert reread(item).state == State.HELD
    assert reread(item.run).state == PayoutRun.State.SETTLED_WITH_HOLDS
    return item, reference


@story
def the_treasurer_finds_that_a_held_payment_was_made_and_it_comes_back(crossing):
    item, reference = held(crossing)
    said = {"item": item, "paid": True, "reference": reference, "by": treasurer().actor}
    crossing.step(resolve_item, item, **said)
    crossing.step(resolve_item, item, **said)
    crossing.step(advance_runs, item.run)
    comes_back(crossing, reference)
    event = event_said("transfer.reversed", reference)
    crossing.step(advance_inbox, event)
    assert reread(item).state == State.RETURNED and reread(item.run).state == PayoutRun.State.CLOSED


@story
def the_treasurer_finds_that_a_held_payment_was_not_made(crossing):
    item, _reference = held(crossing)
    crossing.step(resolve_item, item, item=item, paid=False, reference="999 are not 1000", by=treasurer().actor)
    assert reread(item).attempt.state == Attempt.State.DROPPED
    crossing.step(advance_runs, item.run)
    assert reread(item.run).state == PayoutRun.State.CLOSED


@story
def the_treasurer_gives_up_a_payment_whose_rail_was_switched_off(crossing):
    on_connect(crossing.account, 1000)
    run = approved_run()
    crossing.step(reserve_run, run, run=run)
    with override_settings(STRIPE_KEY=""):
        sweep(crossing, run, times=1)
        item = PayoutItem.objects.get(run=run)
        crossing.step(resolve_item, item, item=item, paid=False, reference="off", by=treasurer().actor)
    assert reread(item).attempt.state == Attempt.State.DROPPED
    closes(crossing, run)


@story
def a_payment_comes_back_before_it_is_seen_to_stand(crossing):
    on_connect(crossing.account, 1000)
    run = approved_run()
    crossing.stripe.ask("faults", kind="500_before", method="GET", path=TRANSFERS)
    sweep(crossing, run, times=1)
    item = PayoutItem.objects.get(state=State.SENT)
    comes_back(crossing, item.reference)
    closes(crossing, run)
    assert reread(item).state == State.RETURNED


@story
def a_payment_comes_back_before_anybody_looks_and_an_event_says_so(crossing):
    on_connect(crossing.account, 1000)
    run = approved_run()
    crossing.stripe.ask("faults", kind="500_before", method="GET", path=TRANSFERS)
    sweep(crossing, run, times=1)
    item = PayoutItem.objects.get(state=State.SENT)
    comes_back(crossing, item.reference)
    event = event_said("transfer.reversed", item.reference)
    crossing.step(advance_inbox, event)
    closes(crossing, run)


@story
def a_file_is_answered_again_after_its_run_is_settled(crossing):
    theo = treasurer("theo")
    ariary(theo)
    on_mvola(1000)
    run = approved_run(theo)
    sweep(crossing, run)
    file, item = BatchFile.objects.get(), PayoutItem.objects.get()
    for _time in range(2):
        crossing.step(download_batch_file, file, file=file, by=theo.actor)
    for reference in ("M1", "M1 "):
        answer = f"reference;status;transaction_id;reason\n{item.key};paid;{reference};"
        crossing.step(take_answer, file, file=file, content=answer.encode(), by=theo.actor)
        sweep(crossing, run, times=1)
    crossing.step(advance_runs, run)


def moves(crossing: Crossing, member, number: str) -> None:
    """The member is paid by mobile money, at this number, from now on."""
    details, member.country = {"operator": "mvola", "number": number}, "MG"
    said = {"member": member, "rail": "mobile_money", "details": details, "by": member.actor}
    crossing.step(set_rail_details, member.rail_details.current().get(), **said)


@story
def a_payment_cannot_follow_its_member_to_another_rail(crossing):
    member, run = on_connect(crossing.account, 1000), approved_run()
    crossing.step(reserve_run, run, run=run)
    moves(crossing, member, "+261341234567")
    sweep(crossing, run)
    assert PayoutItem.objects.get().state == State.HELD


@story
def a_file_is_withdrawn_and_written_anew(crossing):
    theo = treasurer()
    ariary(theo)
    member, _other, run = on_mvola(1000), on_mvola(1000, "awa"), approved_run(theo)
    sweep(crossing, run)
    moves(crossing, member, "+261347654321")
    sweep(crossing, run)
    file = BatchFile.objects.in_use().get()
    assert "347654321" not in file.content().decode() and (file.rows, BatchFile.objects.count()) == (1, 2)
    crossing.step(download_batch_file, file, file=file, by=theo.actor)
