"""The embedded PostgreSQL after every kind of death."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from coop.embedded import cluster as embedded
from coop.embedded.cluster import Cluster
from coop.ground.roles import APP_ROLE, OWNER_ROLE, QUEUE_ROLE
from tests.structure.source import ROOT

START = "import sys; from pathlib import Path; from coop.embedded.cluster import Cluster; Cluster(Path(sys.argv[1])).start()"
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of this test's own, that isn't started."""
    cluster = Cluster(tmp_path / "pg")
    yield cluster
    cluster.remove()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running cluster that the tests of this file may fill but not hurt."""
    cluster = Cluster(tmp_path_factory.mktemp("served") / "pg")
    cluster.start()
    yield cluster
    cluster.remove()


def start_elsewhere(folder: Path) -> subprocess.Popen[str]:
    """Another process that starts the cluster."""
    return subprocess.Popen(
        [sys.executable, "-c", START, str(folder)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def server(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def put_pid_file(cluster: Cluster, text: str) -> None:
    (cluster.data / "postmaster.pid").write_text(text)
    shutil.chown(cluster.data / "postmaster.pid", cluster.data.stat().st_uid)


def remember(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn("postgres", "postgres")) as connection:
        connection.execute("CREATE TABLE remembered AS SELECT generate_series(1, 1000)")


def remembers(cluster: Cluster) -> bool:
    with psycopg.connect(cluster.dsn("postgres", "postgres")) as connection:
        return connection.execute("SELECT count(*) FROM remembered").fetchone() == (1000,)


def test_what_was_committed_survives_the_kill_of_the_server(cluster):
    cluster.start()
    remember(cluster)

    os.kill(server(cluster), signal.SIGKILL)
    cluster.start()

    assert remembers(cluster)


def test_a_pid_file_naming_somebody_elses_process_is_seen_through(cluster):
    cluster.start()
    remember(cluster)
    cluster.stop()
    bystander = subprocess.Popen(["sleep", "60"])
    put_pid_file(cluster, f"{bystander.pid}\n{cluster.data}\n1\n5432\n{cluster.socket}\n\n  1234567  0\nready\n")

    try:
        cluster.start()

        assert remembers(cluster)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_an_empty_pid_file_is_no_obstacle(cluster):
    cluster.start()
    cluster.stop()
    put_pid_file(cluster, "")

    cluster.start()

    assert cluster.running()


def test_eight_processes_may_start_it_at_once(cluster, tmp_path):
    starters = [start_elsewhere(tmp_path / "pg") for _ in range(8)]

    assert [starter.communicate(timeout=120)[1] for starter in starters] == [""] * 8
    assert cluster.running()


def test_a_half_made_cluster_is_made_anew(cluster, tmp_path):
    starter = start_elsewhere(tmp_path / "pg")
    draft = cluster.data.with_name("pg.init")
    deadline = time.monotonic() + 30
    while not (draft / "base").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate()
    assert draft.exists() and not cluster.data.exists()

    cluster.start()

    assert cluster.running()


def test_a_server_whose_folder_was_deleted_gives_way_to_a_new_one(cluster):
    cluster.start()
    orphan = server(cluster)
    shutil.rmtree(cluster.data)

    cluster.start()
    remember(cluster)

    assert server(cluster) != orphan
    assert remembers(cluster)


def test_a_long_path_with_spaces_is_served_from_a_short_socket(tmp_path):
    cluster = Cluster(tmp_path / ("deep " * 10) / ("deeper " * 8) / "pg")
    try:
        cluster.start()

        assert len(str(cluster.socket)) < 80
        assert cluster.running()
    finally:
        cluster.remove()


@pytest.mark.skipif(not AS_ROOT, reason="only root hands the server to a system user")
def test_for_root_the_server_lives_where_its_user_can_reach_it(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "var" / "pg")
    try:
        cluster.start()

        assert cluster.data.is_relative_to(embedded.SHARED_HOME)
        assert cluster.data.stat().st_uid not in (0, closed.stat().st_uid)
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        cluster.remove()


def test_the_app_works_with_what_the_owner_makes_and_makes_nothing_itself(served):
    served.create_database("coop", OWNER_ROLE)
    with psycopg.connect(served.dsn(OWNER_ROLE, "coop")) as owner:
        owner.execute("CREATE TABLE member (id bigserial, name citext, EXCLUDE USING gist (id WITH =))")

    with psycopg.connect(served.dsn(APP_ROLE, "coop"), autocommit=True) as app:
        app.execute("INSERT INTO member (name) VALUES ('Awa')")
        assert app.execute("SELECT count(*) FROM member WHERE name = 'awa'").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE secret ()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("TRUNCATE member")


def test_nobody_enters_a_database_that_is_not_theirs(served):
    served.create_database("coop", OWNER_ROLE)
    served.create_database("queue", QUEUE_ROLE)

    for role, database in [(QUEUE_ROLE, "coop"), (APP_ROLE, "queue")]:
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(served.dsn(role, database))


def test_making_a_database_again_changes_nothing(served):
    assert served.create_database("fresh", OWNER_ROLE)
    assert not served.create_database("fresh", OWNER_ROLE)


def test_only_the_machine_and_only_a_private_folder_lead_to_it(served):
    with psycopg.connect(served.dsn("postgres", "postgres")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SELECT 'a' < 'B', upper('é')").fetchone() == (False, "É")
    assert served.socket.stat().st_mode & 0o777 == 0o700


def test_without_being_asked_nothing_is_started(tmp_path):
    assert embedded.ensure({"CANUT_PG_DATA": str(tmp_path / "pg")}) == {}
    assert not (tmp_path / "pg").exists()


def test_being_asked_gives_the_addresses_of_both_databases(tmp_path):
    env = {"CANUT_EMBEDDED": "1", "CANUT_PG_DATA": str(tmp_path / "pg")}
    try:
        urls = embedded.ensure(env)

        assert embedded.ensure(env) == urls
        for name in ["DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"]:
            psycopg.connect(urls[name].replace("pgmq://", "postgresql://")).close()
    finally:
        embedded.home(env).remove()
