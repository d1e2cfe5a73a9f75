"""One command serves the co-operative, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from coop import environment
from coop.embedded import queue as message_queue
from coop.ground.roles import QUEUE_ROLE
from tests import database
from tests.serving import PATIENCE_SECONDS, Served
from tests.structure.source import ROOT


@pytest.fixture
def served(committed_db: str, tmp_path: Path) -> Iterator[Served]:
    """The co-operative, served and healthy; whatever is left of it is ended afterwards."""
    queue = f"queue_{database.WORKER}"
    database.drop(queue)
    database.cluster.create_database(queue, QUEUE_ROLE)
    message_queue.install(database.cluster.dsn(QUEUE_ROLE, queue))
    served = Served(committed_db, message_queue.url(str(database.cluster.socket), queue), tmp_path / "serve.log")
    try:
        served.wait_until(lambda: served.health()[0] == 200, "beat, queue, worker, database and web work together")
        yield served
    finally:
        served.end()
        database.drop(queue)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def test_a_task_goes_from_beat_through_the_queue_to_the_worker_and_all_stop_when_asked(served):
    status, said = served.health()
    assert (status, said["work"], said["database"]) == (200, "ok", "ok")
    assert len(served.members()) >= 6  # the command, web and its process, worker and its process, beat

    served.process.send_signal(signal.SIGTERM)

    assert served.process.wait(timeout=PATIENCE_SECONDS) == 0
    assert served.members() == {}
    assert "Warm shutdown" in served.log.read_text()


def test_when_one_dies_all_stop_and_the_command_says_which(served):
    os.kill(served.one("celery --quiet --app coop.celery worker"), signal.SIGKILL)

    assert served.process.wait(timeout=PATIENCE_SECONDS) == 1
    assert served.members() == {}
    assert "worker (exit -9)" in served.log.read_text()


def test_when_the_command_itself_is_killed_its_children_leave(served):
    served.process.kill()

    served.wait_until(lambda: not served.members(), "the children leave")


def test_a_taken_port_is_named_before_anything_starts(committed_db):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    assert refused.returncode == 1
    assert f"Port {port} of 127.0.0.1 is in use" in refused.stderr


def test_the_queues_address_survives_the_client_library():
    address, options = message_queue.transport("pgmq://canut_queue@%2FSome%2FWhere%2Fpg.sock/canut_queue")

    assert address.startswith("pgmq://")
    assert conninfo_to_dict(options["conn_string"]) == {
        "user": "canut_queue",
        "dbname": "canut_queue",
        "host": "/Some/Where/pg.sock",
    }
    assert environment.broker("BROKER_URL", "amqp://queue.example/")[0] == "amqp://queue.example/"
