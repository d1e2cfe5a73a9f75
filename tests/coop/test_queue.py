"""Publishing tasks: many threads at once, and a broker that is away."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.db import transaction

from coop.embedded import queue as message_queue
from coop.ground.roles import QUEUE_ROLE
from coop.tasks import beat_heart
from tests import database
from tests.structure.source import ROOT

PUBLISH = """
import threading, django
django.setup()
from coop.tasks import beat_heart
failures = []
def publish():
    for _ in range(25):
        try:
            beat_heart.delay()
        except Exception as failure:
            failures.append(repr(failure))
threads = [threading.Thread(target=publish) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(failures), failures[:1])
"""


@pytest.fixture
def queue() -> Iterator[str]:
    """A queue database as the embedded mode makes it."""
    name = f"queue_of_{database.WORKER}"
    database.drop(name)
    database.cluster.create_database(name, QUEUE_ROLE)
    message_queue.install(database.cluster.dsn(QUEUE_ROLE, name))
    yield name
    database.drop(name)


def test_threads_that_publish_at_once_lose_no_message(queue):
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH],
        cwd=ROOT,
        env={**os.environ, "BROKER_URL": message_queue.url(str(database.cluster.socket), queue)},
        capture_output=True,
        text=True,
        check=True,
    )

    with psycopg.connect(database.cluster.dsn(QUEUE_ROLE, queue)) as reader:
        waiting = reader.execute("SELECT count(*) FROM pgmq.q_celery").fetchone()
    assert (done.stdout.strip(), waiting) == ("0 []", (200,))


def test_what_is_committed_stays_good_when_the_broker_is_away(committed_db, monkeypatch, caplog):
    def away(*args: object, **kwargs: object) -> None:
        raise OSError("the broker is away")

    monkeypatch.setattr(beat_heart, "delay", away)

    with transaction.atomic():
        beat_heart.delay_on_commit()

    assert "the broker is away" in caplog.text
