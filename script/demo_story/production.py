"""Setting the stage: a cluster, the schema, the founding, the stand-in for Stripe, web + worker + beat; then the acts, one by one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from coop.embedded import cluster as embedded
from script.demo_story.cast import MEMBERS, PASSWORD, REQUESTER_KEYS
from script.demo_story.stage import ROOT, Caller, Stage, StepFailed, as_json, manage, wait_until

WEBHOOK_SECRET = "whsec_sandbox_only"
MEMBER_SCOPES = "member work vote pay"
OFFICE_SCOPES = {"treasurer": "treasurer", "steward": "commons"}
SCOPES = {
    **{
        person.key: " ".join([MEMBER_SCOPES, *(OFFICE_SCOPES[office] for office in person.offices)])
        for person in MEMBERS
    },
    **dict.fromkeys(REQUESTER_KEYS, "requester commons"),
}


class Production:
    """One demonstration: its folder, its port, its callers and what it found out."""

    def __init__(self, *, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.base = f"http://127.0.0.1:{port}"
        self.stand_in = f"http://127.0.0.1:{port + 1}"
        self.stage = Stage(folder)
        self.figures: list[tuple[str, str, str]] = []
        self.callers: dict[str, Caller] = {}
        self.kept: dict[str, Any] = {}
        self.opened = time.monotonic()
        os.environ |= {
            "CANUT_SANDBOX": "1",
            "CANUT_EMBEDDED": "1",
            "CANUT_PG_DATA": str(folder / "pg"),
            "CANUT_SITE_URL": self.base,
            "CANUT_NAME": "Canut (simulated)",
            "STRIPE_KEY": "sk_test_sandbox",
            "STRIPE_API_BASE": self.stand_in,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "DJANGO_SETTINGS_MODULE": "coop.settings",
        }
        for given in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"):
            os.environ.pop(given, None)

    # -- the stage

    def told(self) -> bool:
        """Whether the whole story happened in this folder's co-operative already."""
        return (self.folder / "told.json").exists()

    def clear(self) -> None:
        """Forget the co-operative of an earlier or interrupted demonstration."""
        embedded.home(os.environ).remove()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def open(self) -> None:
        """Start everything that has to run. StepFailed where something doesn't."""
        self._say("PostgreSQL, roles, schema")
        manage("pg", "start")
        manage("migrate", "--database", "owner", "--verbosity", "0")
        manage("clock", "sandbox")
        if not self.told():
            self._say("the founding (manage.py found)")
            manage("found", "--file", str(self._founders()))
        self._say("the stand-in for Stripe, web + worker + beat")
        self.stage.start(
            "stripe",
            *(sys.executable, "-m", "script.stripe_standin", "--port", str(self.port + 1)),
            *("--data", str(self.folder / "stripe.sqlite3"), "--fee-bp", "140", "--fee-fixed", "25"),
            *("--webhook", f"{self.base}/webhooks/stripe/", "--webhook-secret", WEBHOOK_SECRET),
        )
        self.stage.start("serve", sys.executable, "manage.py", "serve", "--port", str(self.port))
        public = Caller(self.base)
        wait_until("the site answers and tasks run", lambda: self._answers(public), seconds=180)

    def close(self) -> None:
        """Stop what was started, the database last."""
        self.stage.stop()
        subprocess.run([sys.executable, "manage.py", "pg", "stop"], cwd=ROOT, capture_output=True, check=False)

    def _answers(self, public: Caller) -> bool:
        self.stage.check()
        try:
            public.get("/health/")
        except (OSError, StepFailed):
            return False
        return True

    def _founders(self) -> Path:
        people = [
            {
                "email": person.email,
                "name": person.name,
                "college": "producer",
                "country": person.country,
                "languages": list(person.languages),
                "engagement": "worker_member",
                "offices": list(person.offices),
                "simulated": True,
            }
            for person in MEMBERS
        ]
        path = self.folder / "founders.json"
        path.write_text(json.dumps({"name": "Canut (simulated)", "members": people}, indent=1))
        return path

    # -- the story

    def tell(self, steps: Sequence[tuple[str, Callable[[Production], None]]]) -> str | None:
        """Tell every act in order; the title of the step that failed, or None."""
        failed = None
        for title, act in steps:
            if failed:
                self.figures.append((title, "not reached", ""))
                continue
            started = time.monotonic()
            self._say(title)
            try:
                act(self)
            except StepFailed as wrong:
                failed = title
                self._say(f"FAILED: {wrong}")
            else:
                self._say(f"{time.monotonic() - started:6.1f} s", ends_line=True)
        if not failed:
            (self.folder / "told.json").write_text(json.dumps(self.figures))
        return failed

    def caller(self, key: str) -> Caller:
        """The caller with this person's own token."""
        return self.callers[key]

    @property
    def public(self) -> Caller:
        """Anybody, without an account."""
        return self.callers.setdefault("", Caller(self.base))

    def found_out(self, what: str, value: object, source: str) -> None:
        """A figure read back from the API, for the table at the end."""
        self.figures.append((what, str(value), source))

    def advance(self, **by: int) -> None:
        """Move the co-operative's clock forward, as its owner may in a sandbox."""
        with psycopg.connect(self._owner(), autocommit=True) as owner:
            owner.execute("UPDATE sandbox_clock SET ahead_by = ahead_by + %s", [timedelta(**by)])

    def now(self) -> datetime:
        """The moment by the co-operative's clock."""
        with psycopg.connect(self._owner(), autocommit=True) as owner:
            moment: datetime = owner.execute("SELECT coop_now()").fetchone()[0]
        return moment

    def _owner(self) -> str:
        return embedded.urls(embedded.home(os.environ))["DATABASE_OWNER_URL"]

    def log_the_cast_in(self) -> None:
        """Give everybody of the cast a password and a personal token."""
        cast = [
            {"email": f"{key}@canut.example", "name": name, "password": PASSWORD, "scopes": SCOPES[key].split()}
            for key, name in ({person.key: person.name for person in MEMBERS} | REQUESTER_KEYS).items()
        ]
        path = self.folder / "cast.json"
        path.write_text(json.dumps(cast))
        tokens = as_json(manage("sandbox_cast", str(path)))
        self.callers |= {email.split("@")[0]: Caller(self.base, token) for email, token in tokens.items()}

    # -- what is printed

    def _say(self, text: str, *, ends_line: bool = False) -> None:
        if ends_line:
            print(f"{'':>10}{text}", flush=True)
        else:
            print(f"{time.monotonic() - self.opened:6.1f} s  {text}", flush=True)

    def print_figures(self, failed: str | None, *, seconds: float) -> None:
        """The table of what really happened, and the step that failed."""
        wide = max((len(what) for what, _value, _source in self.figures), default=20)
        print("\nWhat happened, read back from the API:\n")
        for what, value, source in self.figures:
            print(f"  {what:<{wide}}  {value}" + (f"   [{source}]" if source else ""))
        print(f"\n  {len(MEMBERS)} simulated members, simulated money; {seconds:.0f} s in all.")
        if failed:
            print(f"  FAILED at the step: {failed}")

    def print_addresses(self, failed: str | None) -> None:
        """Where to go now, and as whom."""
        print(f"\n  The story stopped at: {failed}" if failed else "")
        print(f"\n  The site: {self.base}/    the stand-in for Stripe: {self.stand_in}/")
        print(f"  Log in (everybody's password is {PASSWORD}):")
        for role, key in (
            ("member", "hanitra"),
            ("member and steward", "awa"),
            ("requester", "clara"),
            ("treasurer", "theo"),
        ):
            print(f"    {role:<20} {key}@canut.example")
        print("  Ctrl-C stops everything.", flush=True)
