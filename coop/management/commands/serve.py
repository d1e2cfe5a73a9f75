"""`manage.py serve`: web, worker and beat together; when one dies, all stop warmly.

The kernel tells the children when this process dies, however it dies (PDEATHSIG, Linux), so nothing is left behind.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

WARM_STOP_SECONDS = 30
PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = "Serve the co-operative: web, worker and beat in one command."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--web", type=int, default=2, metavar="N", help="processes that answer pages")
        parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes that run tasks")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if not _is_free(host, port):
            raise CommandError(f"Port {port} of {host} is in use: stop what listens there, or choose --port.")
        cluster, ours = None, False
        if settings.EMBEDDED:
            from coop.embedded import cluster as embedded  # noqa: PLC0415 (a server of one's own needs none of it)

            cluster = embedded.home(os.environ)
            ours = not cluster.running()
            embedded.ensure(os.environ)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        try:
            family = Family(_commands(host, port, options["web"], options["workers"]))
            family.run(on_ready=lambda: self._announce(host, port), ready=lambda: _answers(host, port))
        finally:
            if cluster and ours:
                cluster.stop()
        if family.died:
            raise CommandError(f"Stopped because {family.died} ended by itself; its last lines above may say why.")

    def _announce(self, host: str, port: int) -> None:
        self.stdout.write(f"Serving on http://{host}:{port}/ (Ctrl-C stops)")
        self.stdout.flush()


class Family:
    """Child processes that live and stop together."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.asked_to_stop = 0
        self.died = ""
        self._parent = os.getpid()
        self._commands = commands
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, *, on_ready: Callable[[], None], ready: Callable[[], bool]) -> None:
        """Start every child and wait until one ends or this process is told to stop; then stop the others warmly."""
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, self._ask)
        for name, command in self._commands.items():
            # A group of its own: Ctrl-C reaches this process only, which then stops the children in order.
            self._children[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                cwd=settings.BASE_DIR,
                preexec_fn=self._die_with_parent,  # noqa: PLW1509 (this process has one thread)
            )
        announced = False
        while not self.asked_to_stop and not self._ended():
            if not announced and ready():
                announced = True
                on_ready()
            time.sleep(0.1)
        if not self.asked_to_stop:
            self.died = ", ".join(f"{name} (exit {self._children[name].returncode})" for name in self._ended())
        self._stop()

    def _ask(self, *_: object) -> None:
        self.asked_to_stop += 1

    def _ended(self) -> list[str]:
        return [name for name, child in self._children.items() if child.poll() is not None]

    def _die_with_parent(self) -> None:
        os.setpgid(0, 0)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != self._parent:
                os._exit(1)

    def _stop(self) -> None:
        """SIGTERM to each, time to finish what it does, then SIGKILL to whatever is left of its group."""
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + WARM_STOP_SECONDS
        while len(self._ended()) < len(self._children) and time.monotonic() < deadline and self.asked_to_stop < 2:
            time.sleep(0.05)
        for child in self._children.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _commands(host: str, port: int, web: int, workers: int) -> dict[str, list[str]]:
    python = sys.executable
    celery = [python, "-m", "celery", "--quiet", "--app", "coop.celery"]
    return {
        "web": [
            *(python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
            *("--workers", str(web), "--blocking-threads", "4", "--log-level", "warning", "coop.wsgi:application"),
        ],
        "worker": [
            *(*celery, "worker", "--concurrency", str(workers), "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        # What is due is a sweep over rows, so beat has nothing to remember between two lives.
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler", "--pidfile="],
    }


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=0.2).close()
    except OSError:
        return False
    return True
