"""The production broker: tasks go from beat to the worker over a real RabbitMQ, where one is installed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import PATIENCE_SECONDS, Served, free_port

SERVERS = sorted(Path("/usr/lib/rabbitmq/lib").glob("*/sbin/rabbitmq-server"))

pytestmark = pytest.mark.skipif(
    not SERVERS or sys.platform != "linux", reason="no RabbitMQ here (Debian: apt install rabbitmq-server)"
)


@pytest.fixture
def rabbitmq(tmp_path: Path) -> Iterator[str]:
    """The address of a RabbitMQ of this test's own, on free ports, with its data in a folder that goes away."""
    port, names = free_port(), str(free_port())
    (tmp_path / "plugins").write_text("[].")
    env = os.environ | {
        "HOME": str(tmp_path),
        "ERL_EPMD_PORT": names,
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"canut-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(tmp_path / "data"),
        "RABBITMQ_LOG_BASE": str(tmp_path / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(tmp_path / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(tmp_path / "none"),
        "RABBITMQ_CONF_ENV_FILE": str(tmp_path / "none"),
    }
    with (tmp_path / "rabbitmq.log").open("w") as log:
        # Erlang's name service first, as our child: the server would leave a daemon behind.
        register = subprocess.Popen(["epmd"], env=env, stdout=log, stderr=log)
        server = subprocess.Popen([SERVERS[-1]], env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None and time.monotonic() < deadline, (tmp_path / "rabbitmq.log").read_text()
            time.sleep(0.2)
        yield f"amqp://guest:guest@127.0.0.1:{port}//"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        register.kill()
        register.wait()


def test_over_rabbitmq_beat_worker_and_web_work_together(rabbitmq, committed_db, tmp_path):
    served = Served(committed_db, rabbitmq, tmp_path / "serve.log")
    try:
        served.wait_until(lambda: served.health()[0] == 200, "beat, RabbitMQ, worker, database and web work together")
        served.process.send_signal(signal.SIGTERM)

        assert served.process.wait(timeout=PATIENCE_SECONDS) == 0
        assert served.members() == {}
    finally:
        served.end()
