"""The laws on every PostgreSQL that the system has, not only on the one that comes with the wheel."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coop.embedded.cluster import Cluster
from tests.structure.source import ROOT

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
ABSENT = pytest.param(None, marks=pytest.mark.skip(reason="no PostgreSQL of the system in /usr/lib/postgresql"))


@pytest.mark.parametrize("programs", SERVERS or [ABSENT], ids=lambda programs: programs and programs.parent.name)
def test_the_laws_hold_on_the_servers_of_the_system(programs, tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("PYTEST_")] + ["CANUT_TEST_KEEP"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PG_BIN", str(programs))
    monkeypatch.setenv("CANUT_TEST_PG", str(tmp_path / "pg"))
    cluster = Cluster(tmp_path / "pg")
    of_the_law = [str(path) for path in (ROOT / "tests").rglob("test_*.py") if "mark.law" in path.read_text("utf-8")]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-m", "law", "-p", "no:cacheprovider", *sorted(of_the_law)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stdout[-6000:]
        assert (cluster.data / "PG_VERSION").read_text().strip() == programs.parent.name
    finally:
        cluster.remove()
