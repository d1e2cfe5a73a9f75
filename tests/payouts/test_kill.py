"""The kill test: the worker is killed while its transfer is under way; then everything restarts.

Real processes throughout: the stand-in, the worker (`manage.py send_payouts`, what beat does), SIGKILL. The stand-in holds the
transfer, before or after its effect, until the death of the worker is confirmed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from payouts.ledger import chart
from payouts.ledger.actions import balance
from payouts.models import PayoutItem, PayoutRun
from script.stripe_standin.wire import API_VERSION
from tests import database
from tests.payouts.paying import approved_run, on_connect

ROOT = Path(__file__).resolve().parents[2]
AMOUNTS = (1234, 2345, 3456)
PATIENCE = 120  # seconds; a busy machine is not a wrong answer


class Processes:
    """What the test starts, and nothing it leaves behind."""

    def __init__(self, data: Path, database_name: str) -> None:
        self.data, self.started = data, list[subprocess.Popen[str]]()
        self.url, self.port = "", 0
        self.environment = os.environ | {
            "DATABASE_URL": database.cluster.dsn(database.APP_ROLE, database_name),
            "STRIPE_KEY": "sk_test_canut",
            "PYTHONUNBUFFERED": "1",
        }

    def _start(self, *command: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        self.started.append(process)
        return process

    def standin(self) -> subprocess.Popen[str]:
        """The stand-in for Stripe, on the same port and file as before if it ran before."""
        process = self._start("-m", "script.stripe_standin", "--port", str(self.port), "--data", str(self.data))
        assert process.stdout is not None
        self.url = process.stdout.readline().split(" on ")[1].split(" ")[0]
        self.port = int(self.url.rpartition(":")[2])
        self.environment["STRIPE_API_BASE"] = self.url
        return process

    def worker(self, rounds: int = 1) -> subprocess.Popen[str]:
        """What beat does with approved runs, in a process of its own."""
        return self._start("-W", "ignore", "manage.py", "send_payouts", "--rounds", str(rounds))

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait(PATIENCE)
            if process.stdout is not None:
                process.stdout.close()

    def client(self) -> stripe.StripeClient:
        return stripe.StripeClient(
            "sk_test_canut",
            stripe_version=API_VERSION,
            base_addresses={"api": self.url},
            http_client=stripe.RequestsClient(timeout=60),
        )

    def ask(self, what: str = "", **asked: Any) -> Any:
        body = json.dumps(asked).encode() if what else None
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/_sandbox/{what}", body), timeout=60) as answer:
            return json.load(answer)

    def account(self) -> str:
        return self.client().v1.accounts.create({"country": "FR", "type": "express"}).id

    def transfers(self) -> list[int]:
        return sorted(t.amount for t in self.client().v1.transfers.list({"limit": 100}).data)


def until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


@pytest.fixture
def processes(committed_db: str, tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path / "stripe.sqlite3", committed_db)
    yield started
    started.end()


@pytest.fixture
def under_way(processes: Processes) -> Callable[[str], tuple[Any, Any]]:
    """(the run, the stand-in) once a worker was killed while the stand-in held its transfer."""

    def arrange(held: str) -> tuple[Any, Any]:
        standin = processes.standin()
        processes.ask("balance", amount=sum(AMOUNTS), currency="eur")
        members = [on_connect(processes.account, amount) for amount in AMOUNTS]
        run = approved_run()
        processes.ask("faults", kind=held)
        worker = processes.worker()
        until(lambda: processes.ask()["held"])

        worker.send_signal(signal.SIGKILL)

        assert worker.wait(PATIENCE) == -signal.SIGKILL
        [note] = processes.ask()["held"]
        item = PayoutItem.objects.get(state="submitting")
        assert item.attempt.key == note["key"], "the key was written before the call"
        return run, (standin, members)

    return arrange


def settled(run: PayoutRun) -> bool:
    return PayoutRun.objects.filter(pk=run.pk, settled_at__isnull=False).exists()


def all_are_paid_once(processes: Processes, run: PayoutRun, members: list[Any]) -> None:
    run.refresh_from_db()
    assert run.state == PayoutRun.State.SETTLED
    assert processes.transfers() == sorted(AMOUNTS)
    assert set(run.items.values_list("state", flat=True)) == {"paid"}
    for member in members:
        assert balance(chart.payable(member.pseudonym.hex)) == balance(chart.reserved(member.pseudonym.hex)) == 0
    assert balance(chart.CASH_STRIPE) == -sum(AMOUNTS)


@pytest.mark.parametrize("held", ["hold", "hold_after"])
def test_killed_while_paying_nobody_is_paid_twice_and_nobody_is_forgotten(processes, under_way, held):
    """The transfer takes its effect after the worker's death; then stand-in and worker are started again."""
    run, (standin, members) = under_way(held)
    assert processes.ask("release")["released"] == 1
    until(lambda: len(processes.transfers()) == 1)
    standin.terminate()
    assert standin.wait(PATIENCE) == 0

    processes.standin()
    processes.worker(rounds=300), processes.worker(rounds=300)

    until(lambda: settled(run))
    all_are_paid_once(processes, run, members)


def test_killed_together_with_the_rail_nobody_is_forgotten(processes, under_way):
    """The stand-in dies too, with the request unanswered and without effect."""
    run, (standin, members) = under_way("hold")
    standin.kill()
    standin.wait(PATIENCE)

    processes.standin()
    assert processes.transfers() == []
    processes.worker(rounds=300)

    until(lambda: settled(run))
    all_are_paid_once(processes, run, members)


def test_a_new_worker_that_starts_while_the_old_request_is_still_held_waits_for_it(processes, under_way):
    run, (_standin, members) = under_way("hold")
    processes.worker(rounds=300)
    until(lambda: PayoutItem.objects.filter(run=run, state="paid").count() == len(AMOUNTS) - 1)
    assert PayoutItem.objects.get(state="submitting").attempt.epoch == 1
    assert len(processes.transfers()) == len(AMOUNTS) - 1

    processes.ask("release")

    until(lambda: settled(run))
    all_are_paid_once(processes, run, members)
