"""The databases of the suite, as a pytest plugin that is loaded before Django.

A second cluster in var/test-pg holds one template: migrated by the owner, with the founding rules and accounts. Tests run on clones of it,
as the role canut_app. Django's own test runner would make and flush one database as one role, which the co-operative's rights forbid.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from coop.embedded.cluster import Cluster
from coop.ground.roles import APP_ROLE, OWNER_ROLE

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
SUITE = f"suite_{WORKER}"
SOURCES = [
    path
    for area in ("coop", "payouts", "governance", "api", "frontend")
    for path in sorted((ROOT / area).rglob("migrations/*.py"))
]
FOUNDING = [
    *sorted((ROOT / "coop" / "rules" / "catalogue").glob("*.py")),
    ROOT / "coop" / "embedded" / "cluster.py",
    ROOT / "coop" / "ground" / "roles.py",
    ROOT / "payouts" / "ledger" / "actions.py",
    ROOT / "tests" / "conftest.py",
]

cluster = Cluster(Path(os.environ.get("CANUT_TEST_PG") or ROOT / "var" / "test-pg"))

os.environ["CANUT_SANDBOX"] = "1"
os.environ["DATABASE_URL"] = cluster.dsn(APP_ROLE, SUITE)
os.environ["DATABASE_OWNER_URL"] = cluster.dsn(OWNER_ROLE, SUITE)
os.environ["BROKER_URL"] = "memory://"
os.environ["CANUT_EMAIL_BACKEND"] = "django.core.mail.backends.locmem.EmailBackend"
os.environ["CANUT_HOSTS"] = "127.0.0.1,localhost,testserver"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coop.settings")


def fingerprint() -> str:
    """What the template is made from: another migration, catalogue or founding makes another template."""
    digest = hashlib.sha256()
    for path in [*SOURCES, *FOUNDING]:
        if path.exists():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def superuser() -> Iterator[psycopg.Connection]:
    """A connection that may make and drop databases."""
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        yield connection


def drop(name: str) -> None:
    """Drop the database, ending who is still connected to it."""
    with superuser() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def clone(template: str, name: str) -> None:
    """A fresh copy of the template (file copy: tens of milliseconds)."""
    drop(name)
    with superuser() as admin:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY wal_log")
        admin.execute(copy.format(sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER_ROLE)))
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), sql.Identifier(APP_ROLE))
        )


def pytest_configure(config: pytest.Config) -> None:
    """Start the cluster once, in the process that starts the suite; it is stopped by the same process."""
    if not hasattr(config, "workerinput"):
        config.stash[STARTED_HERE] = not cluster.running()
        cluster.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster if this process started it (unless CANUT_TEST_KEEP=1 asks to keep it warm)."""
    if config.stash.get(STARTED_HERE, False) and os.environ.get("CANUT_TEST_KEEP") != "1":
        cluster.stop()


STARTED_HERE = pytest.StashKey[bool]()
