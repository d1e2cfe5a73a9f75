"""Who loses an office, or leaves, while an act of theirs waits for a row: the act comes wholly before the end, or not at all."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from coop.audit.models import Entry
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import end_membership
from coop.members.actors import must_hold
from coop.members.models import Member, Office, OfficeKind
from coop.talk.actions import open_thread
from coop.talk.actions import post as say
from coop.talk.models import Post
from governance.actions.drafting import draft_proposal
from governance.actions.voting import cast_vote
from governance.operations.resolution import Resolution
from payouts.actions.inbox import replay_event
from payouts.actions.orders import cancel_order, place_order
from payouts.actions.payments import confirm_transfer
from payouts.actions.refunds import confirm_refund
from payouts.models import InboxEvent, Order
from tests import make, votes

pytestmark = [pytest.mark.at_once, pytest.mark.usefixtures("committed_db")]
A_WHILE = 0.4  # seconds in which whoever does not wait is done


def ordered():
    project = make.quoted()
    return place_order(project=project, method="bank_transfer", by=make.owner(project).actor, now=coop_now())


@contextmanager
def other_hands(count=2):
    """Threads with connections of their own, closed at the end."""

    def closing(action, *args):
        try:
            return action(*args)
        except Refused as no:
            return no.code
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        yield lambda action, *args: pool.submit(closing, action, *args)


def leave(member):
    return end_membership(member=member, by=member.actor, now=coop_now())


def revoke(member):
    """The assembly ends a term: whatever will do it writes this."""
    Office.objects.filter(member=member).update(ends_at=coop_now())
    return coop_now()


@pytest.mark.parametrize("end", [leave, revoke])
def test_an_office_does_not_end_while_an_act_of_it_waits_for_its_row(end):
    order, theo = ordered(), make.treasurer()

    with other_hands() as do:
        with transaction.atomic():
            Order.objects.select_for_update().get(pk=order.pk)
            confirming = do(
                lambda: confirm_transfer(
                    order=order, amount=order.amount, reference="R1", by=theo.actor, now=coop_now()
                )
            )
            time.sleep(A_WHILE)
            ending = do(end, theo)
            time.sleep(A_WHILE)
            ended_first = ending.done()
        confirmed, _ended = confirming.result(), ending.result()

    assert not ended_first
    assert isinstance(confirmed, Order) and confirmed.paid_at
    if end is leave:
        assert Member.objects.get(pk=theo.pk).ended_at >= confirmed.paid_at
        assert [entry.kind for entry in Entry.objects.order_by("recorded_at")][-1] == "member.left"


@pytest.mark.parametrize("end", [leave, revoke])
def test_an_act_that_comes_while_the_office_ends_waits_and_is_refused_however_early_its_clock_was_read(end):
    order, theo = ordered(), make.treasurer()
    early = coop_now()

    with other_hands() as do:
        with transaction.atomic():
            end(theo)
            confirming = do(
                lambda: confirm_transfer(order=order, amount=order.amount, reference="R1", by=theo.actor, now=early)
            )
            time.sleep(A_WHILE)
            waited = not confirming.done()
        answer = confirming.result()

    assert waited and answer == "not_in_office"
    assert Order.objects.get(pk=order.pk).paid_at is None


def test_who_leaves_says_nothing_more_proposes_nothing_and_does_not_vote(clock):
    awa = make.member("awa")
    ballot = votes.open_vote(clock=clock, by=awa)
    thread, early = open_thread(subject="a thread", now=coop_now()), coop_now()
    still_there = Member.objects.get(pk=awa.pk).actor  # as the request of before knows her
    leave(awa)

    for action in (
        lambda: say(thread=thread, body="One more thing", by=still_there, now=early),
        lambda: draft_proposal(language="en", texts=votes.text(), changes=(Resolution(),), by=still_there, now=early),
        lambda: cast_vote(ballot=ballot, choice=votes.YES, by=still_there, now=early),
    ):
        with pytest.raises(Refused) as no:
            action()
        assert no.value.code == "not_a_member"

    assert not Post.objects.exists()


def test_officers_who_act_and_leave_at_once_never_wait_for_each_other_in_a_circle():
    orders, officers = [ordered() for _n in range(3)], [make.treasurer(f"theo{n}") for n in range(3)]
    start = threading.Barrier(6, timeout=60)

    def confirm(order, officer):
        start.wait()
        return confirm_transfer(
            order=order, amount=order.amount, reference=order.reference, by=officer.actor, now=coop_now()
        )

    def go(officer):
        start.wait()
        return leave(officer)

    with other_hands(6) as do:
        acts = [do(confirm, *pair) for pair in zip(orders, officers, strict=True)]
        ends = [do(go, officer) for officer in officers]
        answers = [act.result() for act in acts]

    assert all(isinstance(end.result(), Member) for end in ends)
    for officer, answer in zip(officers, answers, strict=True):
        ended = Member.objects.get(pk=officer.pk).ended_at
        assert answer == "not_in_office" or answer.paid_at <= ended


def confirm_payment(theo):
    order = ordered()
    return order, lambda: confirm_transfer(
        order=order, amount=order.amount, reference="R1", by=theo.actor, now=coop_now()
    )


def give_back(theo):
    order, confirm = confirm_payment(theo)
    confirm()
    cancel_order(order=order, by=make.owner(order.project).actor, now=coop_now())
    return order, lambda: confirm_refund(order=order, reference="B1", by=theo.actor, now=coop_now())


def replay(theo):
    event = InboxEvent.objects.create(
        account="platform",
        event_id="evt_1",
        type="x",
        about="pi_1",
        payload=b"{}",
        source="poll",
        next_try_at=coop_now(),
        said_at=coop_now(),
        received_at=coop_now(),
    )
    InboxEvent.objects.update(state="poison", trouble="gone")
    return event, lambda: replay_event(event=event, by=theo.actor, now=coop_now())


@pytest.mark.parametrize("duty", [confirm_payment, give_back, replay])
def test_a_term_that_runs_out_while_an_act_of_it_waits_is_over_when_it_comes(duty):
    theo = make.treasurer()
    row, act = duty(theo)
    end = coop_now() + timedelta(seconds=2 * A_WHILE)
    Office.objects.filter(member=theo).update(ends_at=end)

    with other_hands() as do:
        with transaction.atomic():
            before = type(row).objects.select_for_update().get(pk=row.pk)
            acting = do(act)
            time.sleep(A_WHILE)
            asked_in_time = coop_now() < end and not acting.done()
            time.sleep(2 * A_WHILE)
        answer = acting.result()

    assert asked_in_time and answer == "not_in_office"
    row.refresh_from_db()
    assert row.state == before.state


def test_an_office_is_asked_within_a_transaction():
    theo = make.treasurer()

    with pytest.raises(transaction.TransactionManagementError):
        must_hold(theo.actor, OfficeKind.TREASURER, now=coop_now())


def test_a_term_that_has_run_out_is_over_whatever_moment_is_named():
    theo = make.treasurer()
    early = coop_now()
    Office.objects.filter(member=theo).update(ends_at=early + timedelta(microseconds=1))

    with transaction.atomic(), pytest.raises(Refused):
        must_hold(theo.actor, OfficeKind.TREASURER, now=early)
