from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from coop.ground.clock import coop_now

pytestmark = pytest.mark.django_db


def test_the_clock_of_the_co_operative_is_the_databases_clock():
    assert abs(coop_now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_sandbox_clock_moves_forward(clock):
    before = coop_now()

    clock.advance(days=7)

    assert timedelta(days=7) <= coop_now() - before < timedelta(days=7, minutes=1)


def test_the_application_role_can_not_move_the_clock():
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE sandbox_clock SET ahead_by = '1 day'")


def test_the_clock_never_goes_backwards(clock):
    with pytest.raises(Exception, match="sandbox_clock_is_never_late"):
        clock.advance(days=-1)


def test_outside_a_sandbox_the_clock_does_not_move(clock):
    clock._execute("UPDATE sandbox_clock SET sandbox = false")
    try:
        with pytest.raises(Exception, match="sandbox_clock_moves_only_in_sandbox"):
            clock.advance(days=1)
    finally:
        clock._execute("UPDATE sandbox_clock SET sandbox = true")
