"""The message queue in a database of the embedded cluster: its address, its tables, and what kombu needs to know of it."""

from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from coop.ground.roles import QUEUE_ROLE

# A task that runs longer than this is delivered a second time: tasks are short, and doing one twice changes nothing.
VISIBLE_AGAIN_AFTER_SECONDS = 60


def url(socket: str, database: str) -> str:
    """The address of a message queue. Its socket stands where a host would: celery takes a query for its own options."""
    return f"pgmq://{QUEUE_ROLE}@{quote(socket, safe='')}/{database}"


def transport(url: str) -> tuple[str, dict[str, Any]]:
    """The broker address and transport options that kombu needs for `pgmq://role@host/database`, a database prepared by `install`."""
    return "pgmq://postgresql/", {
        # In keywords and values: the client library mistakes the socket of a URL for "localhost".
        "conn_string": make_conninfo("", **conninfo_to_dict("postgresql://" + url.removeprefix("pgmq://"))),
        "init_extension": False,
        "use_notify": True,
        "notify_throttle_interval_ms": 0,
        "wait_time_seconds": 0,
        "polling_interval": 1,
        "visibility_timeout": VISIBLE_AGAIN_AFTER_SECONDS,
        "pool_size": 4,
    }


def install(dsn: str) -> None:
    """Make the tables and functions of the message queue in its database, once."""
    import pgmq  # noqa: PLC0415 (slow to import, and needed once)

    with psycopg.connect(dsn) as queue:
        queue.execute("SELECT pg_advisory_xact_lock(1)")
        there = queue.execute("SELECT to_regnamespace('pgmq') IS NOT NULL").fetchone()
        if there != (True,):
            pgmq.install_pgmq_from_sql(conn=queue)
            # The one queue, with the notification that wakes a worker: see transport.py.
            queue.execute("SELECT pgmq.create('celery')")
            queue.execute("SELECT pgmq.enable_notify_insert('celery', 0)")
