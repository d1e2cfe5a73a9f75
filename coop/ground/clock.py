"""The one clock of the domain: the database's, with the sandbox offset."""

from datetime import datetime, timedelta
from typing import cast

from django.db import connection
from django.db.models import DateTimeField, Func


class CoopNow(Func):
    """`coop_now()` inside a query: clock_timestamp() plus the sandbox offset, a timestamptz."""

    function = "coop_now"
    template = "%(function)s()"
    output_field = DateTimeField()


def coop_now() -> datetime:
    """The moment by the co-operative's clock (timezone-aware). Hand it to actions as `now`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coop_now()")
        return cast(datetime, cursor.fetchone()[0])


def sandbox_offset() -> timedelta:
    """How far the sandbox has moved the co-operative's clock ahead of the wall; zero outside the sandbox."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ahead_by FROM sandbox_clock")
        return cast(timedelta, cursor.fetchone()[0])


def wall_now() -> datetime:
    """The database's own moment without the sandbox offset, for what ages by other people's clocks (a rail's keys, signatures)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cast(datetime, cursor.fetchone()[0])
