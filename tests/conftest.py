"""Fixtures of the suite: a database per worker, a database of one's own, the clock."""

import fcntl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import translation
from hypothesis import settings
from psycopg import sql
from psycopg.pq import TransactionStatus
from pytest_django import DjangoDbBlocker

from tests import database

# A busy machine is not a wrong answer: no deadlines. The same examples everywhere.
settings.register_profile("canut", deadline=None, derandomize=True)
settings.load_profile("canut")

FOUNDED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def _found() -> None:
    """The founding values that every test stands on. (People are made by each test.)"""
    from coop.rules.actions import record_founding_rules
    from payouts.ledger.actions import open_founding_accounts

    record_founding_rules(now=FOUNDED_AT)
    open_founding_accounts(now=FOUNDED_AT)


def point_at(name: str) -> None:
    """Let Django's connections speak to the database `name` from now on."""
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--repeats", type=int, default=1, help="how often each test of many workers at once is run")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A race is not lost every time: what is marked `at_once` can be repeated."""
    repeats = metafunc.config.getoption("--repeats")
    if repeats > 1 and metafunc.definition.get_closest_marker("at_once"):
        metafunc.fixturenames.append("repeat")
        metafunc.parametrize("repeat", range(repeats))


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Guessing passwords is made slow on purpose; the tests need not be."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def template(django_db_blocker: DjangoDbBlocker) -> str:
    """The name of the migrated and founded template database, made once for the same migrations and catalogue."""
    name = f"template_{database.fingerprint()}"
    with open(database.cluster.data.with_name("template.lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with database.superuser() as admin:
            there = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not there:
            making = f"making_{database.fingerprint()}"
            database.drop(making)
            database.cluster.create_database(making, database.OWNER_ROLE)
            with django_db_blocker.unblock():
                point_at(making)
                call_command("migrate", database="owner", verbosity=0)
                with connections["owner"].cursor() as cursor:
                    cursor.execute("UPDATE sandbox_clock SET sandbox = true")
                _found()
                point_at(database.SUITE)
            with database.superuser() as admin:
                admin.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
                )
    return name


@pytest.fixture(scope="session")
def django_db_setup(template: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The suite's database is a clone of the template; pytest-django only wraps each test in a transaction."""
    database.clone(template, database.SUITE)
    with django_db_blocker.unblock():
        point_at(database.SUITE)
    yield
    with django_db_blocker.unblock():
        for alias in connections:
            connections[alias].close()
    database.drop(database.SUITE)


@pytest.fixture
def committed_db(
    request: pytest.FixtureRequest, template: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """A database of this test's own, with real commits, dropped afterwards; the value is its name."""
    name = f"own_{database.WORKER}"
    database.clone(template, name)
    with django_db_blocker.unblock():
        point_at(name)
        yield name
        if "breaks_the_books" not in request.keywords:
            _insist_on_the_invariants()
        point_at(database.SUITE)
    database.drop(name)


class Clock:
    """Moves the co-operative's clock through the owner's role, as the sandbox does."""

    def __init__(self) -> None:
        self.moved = False

    def _execute(self, statement: str, *params: object) -> None:
        with psycopg.connect(
            database.cluster.dsn(database.OWNER_ROLE, str(connection.settings_dict["NAME"])), autocommit=True
        ) as owner:
            owner.execute(statement, params)

    def advance(self, *, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0) -> datetime:
        """Move forward; the moment it is then."""
        from coop.ground.clock import coop_now

        self.moved = True
        ahead = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._execute("UPDATE sandbox_clock SET ahead_by = ahead_by + %s", ahead)
        return coop_now()

    def reset(self) -> None:
        """Back to the wall's time."""
        if self.moved:
            self._execute("UPDATE sandbox_clock SET ahead_by = '0'")


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The co-operative's clock, set back after the test."""
    clock = Clock()
    yield clock
    clock.reset()


@pytest.fixture
def check_deferred() -> object:
    """Ask the deferred constraints now, as a commit would."""
    return connection.check_constraints


@pytest.fixture
def site(committed_db: str) -> Iterator[str]:
    """The whole site served over HTTP from a database of this test's own; the value is its address."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    from coop.wsgi import application

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.daemon_threads = True
    server.set_app(application)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test in a database: no view of what must never be seen shows anything."""
    if "db" not in request.fixturenames and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("db")  # set up before us, so rolled back after us
    yield
    if "breaks_the_books" not in request.keywords:
        _insist_on_the_invariants()


def _insist_on_the_invariants() -> None:
    from coop.ground import invariants

    raw = connection.connection
    if raw is not None and not raw.closed and raw.info.transaction_status is not TransactionStatus.INERROR:
        assert invariants.broken() == {}


@pytest.fixture(autouse=True)
def no_language_stays_behind():
    """A request in French leaves its thread in French; the next test begins without a language, as a process does."""
    yield
    translation.deactivate()
