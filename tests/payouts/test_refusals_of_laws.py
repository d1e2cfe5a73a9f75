"""The database says no in the same words as the action, at both doors; what nobody foresaw stays a bug."""

import threading
import time

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client

from coop.ground.clock import coop_now
from coop.ground.laws import REFUSALS, laws_refuse, refused_by
from coop.models import Heartbeat
from payouts.actions import orders, payments, refunds
from payouts.models import Order, Refund
from tests import make
from tests.api.test_tokens import bearer


@pytest.mark.django_db
def test_every_law_of_the_map_is_one_of_the_database():
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind = 'i'
               UNION SELECT tgname FROM pg_trigger
               UNION SELECT (regexp_matches(prosrc, 'CONSTRAINT = ''(\\w+)''', 'g'))[1] FROM pg_proc
                     WHERE pronamespace = 'public'::regnamespace"""
        )
        laws = {name for (name,) in cursor.fetchall()}

    assert not REFUSALS.keys() - laws


@pytest.mark.parametrize("law", sorted(REFUSALS))
def test_every_refusal_has_a_code_and_a_sentence(law):
    refused = refused_by(law)

    assert refused.code.replace("_", "").isalpha() and str(refused)[0].isupper() and str(refused).endswith(".")


@pytest.mark.django_db
def test_a_law_without_an_entry_is_broken_by_a_bug_alone():
    with pytest.raises(IntegrityError, match="heartbeat_names_its_part"), transaction.atomic(), laws_refuse():
        Heartbeat.objects.create(part="", beat_at=coop_now())


def transfers_awaited(number: int) -> list[Order]:
    placed = []
    for project in [make.quoted() for _ in range(number)]:
        order = orders.place_order(
            project=project, method="bank_transfer", by=make.owner(project).actor, now=coop_now()
        )
        placed.append(order)
    return placed


def while_done(act, ask):
    """What `ask` answers if it comes when `act` is done, and the transaction isn't over yet."""
    answers = []

    def asking():
        try:
            answers.append(ask())
        finally:
            connections.close_all()

    with transaction.atomic():
        act()
        late = threading.Thread(target=asking)
        late.start()
        with connection.cursor() as cursor:
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            deadline = time.monotonic() + 30
            cursor.execute(waits)
            while cursor.fetchone()[0] == 0:
                assert late.is_alive() and time.monotonic() < deadline
                time.sleep(0.02)
                cursor.execute(waits)
    late.join()
    return answers[0]


def while_confirmed(first: Order, theo, ask):
    """What `ask` answers if it comes while the first order is confirmed by FT-1."""
    return while_done(
        lambda: payments.confirm_transfer(
            order=first, amount=first.amount, reference="FT-1", by=theo.actor, now=coop_now()
        ),
        ask,
    )


def test_one_transfer_confirmed_for_two_orders_at_once_is_refused_in_the_actions_words_by_the_api(committed_db):
    theo = make.treasurer()
    first, second = transfers_awaited(2)
    who = bearer(theo.user, "treasurer")
    body = {"amount": second.amount, "reference": "FT-1"}
    here = f"/api/v1/orders/{second.pk}/confirm-transfer/"

    at_once = while_confirmed(first, theo, lambda: Client().post(here, body, content_type="application/json", **who))
    later = Client().post(here, body, content_type="application/json", **who)

    assert (at_once.status_code, at_once.json()["code"]) == (409, "reference_used")
    assert at_once.json() | {"request_id": ""} == later.json() | {"request_id": ""}


def test_and_on_the_page_at_the_field_at_fault(committed_db):
    theo = make.treasurer()
    first, second = transfers_awaited(2)
    treasury = Client()
    treasury.force_login(theo.user)
    body = {"amount": str(second.amount / 100), "reference": "FT-1"}

    at_once = while_confirmed(first, theo, lambda: treasury.post(f"/treasurer/transfers/{second.pk}/confirm/", body))

    assert at_once.status_code == 422
    assert "A transfer with this reference already paid another order." in at_once.content.decode()
    assert Order.objects.get(pk=second.pk).payment == ""


def test_one_transfer_that_gives_back_two_orders_at_once_is_refused_at_both_doors(committed_db):
    theo = make.treasurer()
    owed = transfers_awaited(3)
    for n, order in enumerate(owed):
        payments.confirm_transfer(order=order, amount=order.amount, reference=f"IN{n}", by=theo.actor, now=coop_now())
        orders.cancel_order(order=order, by=make.owner(order.project).actor, now=coop_now())
    treasury, body = Client(), {"reference": "OUT-1"}
    treasury.force_login(theo.user)
    page, here = f"/treasurer/transfers/{owed[1].pk}/refund/", f"/api/v1/orders/{owed[2].pk}/confirm-refund/"

    shown = while_done(
        lambda: refunds.confirm_refund(order=owed[0], reference="OUT-1", by=theo.actor, now=coop_now()),
        lambda: treasury.post(page, body),
    )
    told = Client().post(here, body, content_type="application/json", **bearer(theo.user, "treasurer"))

    assert shown.status_code == 422
    assert "A transfer with this reference already gave back another order." in shown.content.decode()
    assert (told.status_code, told.json()["code"]) == (409, "reference_used")
    assert Refund.objects.filter(refunded_at=None).count() == 2
