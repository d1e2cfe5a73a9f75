"""Where background tasks queue: RabbitMQ in production, the same PostgreSQL when embedded."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# RabbitMQ, RabbitMQ by TLS, our PostgreSQL, and for tests this process itself.
SCHEMES = ("amqp", "amqps", "pgmq", "memory")
# A task that runs longer than this is delivered a second time: tasks are short, and doing one twice changes nothing.
VISIBLE_AGAIN_AFTER_SECONDS = 60


def transport(url: str) -> tuple[str, dict[str, Any]]:
    """The broker address and transport options that kombu needs for BROKER_URL.

    `pgmq://role:password@host/database` (or a socket's folder, percent-encoded, for the host) is a database prepared
    by `coop.embedded.install_queue`; anything else is kombu's own address, `amqp://…` for RabbitMQ.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES or (not rest and scheme != "memory"):
        raise ImproperlyConfigured(
            "BROKER_URL is not an address of a message broker: it takes amqp://user:password@host/."
        )
    if scheme != "pgmq":
        return url, {"confirm_publish": True} if scheme.startswith("amqp") else {}
    return "pgmq://postgresql/", {
        # In keywords and values: the client library mistakes the socket of a URL for "localhost".
        "conn_string": make_conninfo("", **conninfo_to_dict("postgresql://" + rest)),
        "init_extension": False,
        "use_notify": True,
        "notify_throttle_interval_ms": 0,
        "wait_time_seconds": 0,
        "polling_interval": 1,
        "visibility_timeout": VISIBLE_AGAIN_AFTER_SECONDS,
        "pool_size": 4,
    }
