"""A question whose answer stays true: what it rests on is held until the transaction ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction


def held_for_share(question: str, values: Sequence[Any]) -> bool:
    """Whether the SELECT … FOR SHARE finds a row; what it found can't be changed by others before the transaction ends.

    It waits for who is changing it now, and sees what they wrote (READ COMMITTED looks at the row again). Many may hold it at once.
    TransactionManagementError outside of a transaction, where it would be let go before the answer is used.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("what is asked here is held to the end of a transaction: open one")
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchone() is not None
