"""A running `manage.py serve`, watched from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

from coop.ground.roles import APP_ROLE
from tests import database
from tests.structure.source import ROOT

PATIENCE_SECONDS = 240  # seconds on an idle machine, minutes on a crowded one


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Served:
    """A running `manage.py serve` with the processes it started, known by a mark in their environment."""

    def __init__(self, name: str, broker_url: str, log: Path) -> None:
        self.mark = f"CANUT_TEST_MARK={uuid.uuid4()}"
        self.port = free_port()
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port), "--web", "1", "--workers", "1"],
                cwd=ROOT,
                stdout=output,
                stderr=output,
                env={
                    **os.environ,
                    "DATABASE_URL": database.cluster.dsn(APP_ROLE, name),
                    "BROKER_URL": broker_url,
                    **dict([self.mark.split("=")]),
                },
            )

    def members(self) -> dict[int, str]:
        """Every living process of this command, by pid, with its command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (entry / "environ").read_bytes():
                    found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue  # it ended while we looked
        return found

    def one(self, part: str) -> int:
        """The pid of the first process whose command line names `part`."""
        return min(pid for pid, command in self.members().items() if part in command)

    def health(self) -> tuple[int, dict[str, object]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)
        except OSError:
            return 0, {}

    def end(self) -> None:
        """Kill whatever is left."""
        for pid in self.members():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_SECONDS} s\n{self.log.read_text()}"
            time.sleep(0.1)
