"""The stage: the processes that run during the story, and the HTTP through which everything happens."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent.parent


class StepFailed(Exception):
    """A step of the story did not go as told; the message says what was seen."""


@dataclass
class Caller:
    """Somebody who speaks to the API with a bearer token of their own (or none: the public)."""

    base: str
    token: str | None = None
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.headers["Accept-Language"] = "en"
        if self.token:
            self.session.headers["Authorization"] = f"Bearer {self.token}"

    def ask(self, method: str, path: str, *, expect: tuple[int, ...] = (200, 201, 202, 204), **how: Any) -> Any:
        """The answer to a request, decoded where it is JSON. StepFailed when the status is not one of `expect`."""
        answer = self.session.request(method, self.base + path, timeout=60, **how)
        if answer.status_code not in expect:
            raise StepFailed(f"{method} {path} answered {answer.status_code}: {answer.text[:600]}")
        if "json" in answer.headers.get("Content-Type", ""):
            return answer.json()
        return answer.content

    def get(self, path: str, **how: Any) -> Any:
        return self.ask("GET", path, **how)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **how: Any) -> Any:
        """POST JSON; `key` is the Idempotency-Key of a request that buys, claims or pays."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", path, json={} if body is None else body, headers=headers, **how)

    def put(self, path: str, body: Any, **how: Any) -> Any:
        return self.ask("PUT", path, json=body, **how)

    def all(self, path: str) -> list[Any]:
        """Every row of a list, page after page."""
        rows: list[Any] = []
        following: str | None = path
        while following:
            page = self.get(following)
            if isinstance(page, list):
                return page
            rows += page["results"]
            following = (page.get("next") or "").removeprefix(self.base) or None
        return rows


def wait_until(what: str, seen: Callable[[], Any], *, seconds: float = 90) -> Any:
    """Ask again until `seen` answers something true: beat and worker do the work. StepFailed after `seconds`."""
    end = time.monotonic() + seconds
    pause = 0.1
    while True:
        answer = seen()
        if answer:
            return answer
        if time.monotonic() > end:
            raise StepFailed(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.5)


def _die_with_parent() -> None:
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Stage:
    """Starts processes with their output in `var/`, and stops them all at the end, the newest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, name: str, *command: str) -> None:
        """Start a process of the stage; its output goes to `{name}.log`."""
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 (no threads here)
        )
        self.running.append((name, process))

    def check(self) -> None:
        """StepFailed when a process of the stage has ended."""
        for name, process in self.running:
            if process.poll() is not None:
                tail = (self.folder / f"{name}.log").read_text(errors="replace")[-1500:]
                raise StepFailed(f"{name} ended with {process.returncode}:\n{tail}")

    def stop(self) -> None:
        """End every process: politely, then for certain."""
        for _name, process in reversed(self.running):
            if process.poll() is None:
                process.terminate()
        for _name, process in reversed(self.running):
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.running.clear()


def manage(*arguments: str, **environment: str) -> str:
    """Run a management command; its output. StepFailed with what it said when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        check=False,
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise StepFailed(f"manage.py {' '.join(arguments)}: {done.stderr[-1500:] or done.stdout[-1500:]}")
    return done.stdout


def as_json(text: str) -> Any:
    """The JSON that a command printed. StepFailed when it is none."""
    try:
        return json.loads(text)
    except ValueError as wrong:
        raise StepFailed(f"not JSON: {text[:300]}") from wrong
