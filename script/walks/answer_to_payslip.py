"""The journey that script/walk follows, and what it prints of it. Run by that script, in the tree it names."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.conftest import _books_are_right, django_db_setup, quick_passwords, template

__all__ = ["_books_are_right", "django_db_setup", "quick_passwords", "template"]  # the tree's own test database

TREE = Path(os.environ["WALK_TREE"])
OURS = ("coop/", "payouts/", "governance/", "api/", "frontend/")
SHARED_GROUND = re.compile(
    r"coop/(ground|audit|rules|members|embedded)/"
    r"|coop/(canonical|clock|errors|money|roles|texts|settings|environment|celery)\.py"
    r"|(.*/)?(apps|tasks)\.py$|.*/migrations/"
)
"""Said in words by script/walk --help. Never made wider: the number would no longer be compared with an earlier one."""

DAY = timedelta(days=1)


def at(place: str, default: str) -> Any:
    """The module of the tree that has this part of the journey."""
    return import_module(os.environ.get(f"WALK_{place}", default))


@contextmanager
def footprints() -> Iterator[list[str]]:
    """The files of the tree whose functions are entered meanwhile, in the order of first entry."""
    found: list[str] = []
    seen: set[object] = set()

    def entered(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event != "call" or code in seen:
            return
        seen.add(code)
        if code.co_flags & CO_OPTIMIZED and code.co_filename.startswith(f"{TREE}/"):
            file = code.co_filename.removeprefix(f"{TREE}/")
            if file.startswith(OURS) and file not in found:
                found.append(file)

    sys.setprofile(entered)
    try:
        yield found
    finally:
        sys.setprofile(None)


def told(files: list[str]) -> Iterator[str]:
    """What is printed: each file with its lines, then the totals."""
    counted = [file for file in files if not SHARED_GROUND.match(file)]
    lengths = [len((TREE / file).read_text().splitlines()) for file in counted]
    for place, (file, lines) in enumerate(zip(counted, lengths, strict=True), start=1):
        yield f"{place:3}  {file:<48} {lines:5}"
    yield f"{len(counted)} files, {sum(lengths)} lines; {len(files) - len(counted)} files of shared ground left out"


@pytest.mark.django_db
def test_from_an_answer_to_a_line_of_a_payslip() -> None:
    from coop.work import actions as work  # noqa: PLC0415 (once the tree's database is there)
    from payouts.models import MemberShare  # noqa: PLC0415
    from tests import make  # noqa: PLC0415

    clock = import_module("coop.ground.clock" if (TREE / "coop" / "ground").exists() else "coop.clock")
    periods = at("PERIODS", "payouts.sharing.periods")
    runs = at("RUNS", "payouts.sharing.runs")
    statements = at("STATEMENTS", "payouts.sharing.statements")
    now = clock.coop_now()
    period = periods.open_first_period(now=now - DAY)
    project = make.paid(items=2, redundancy=1)
    members = [make.member(name) for name in ("hanitra", "awa")]
    actors = [
        getattr(member, "actor", member) for member in members
    ]  # before there were actors, members acted themselves
    claims = [(by, work.claim(by=by, project=project, now=clock.coop_now())) for by in actors]

    with footprints() as files:
        for by, claimed in claims:
            work.submit(assignment=claimed, by=by, value={"choice": "yes"}, now=clock.coop_now())
        work.update_due_consensus(now=clock.coop_now())
        periods.close_due_periods(now=period.ends_at)
        runs.advance_runs(now=period.ends_at)
        sentences = [line for share in MemberShare.objects.all() for line in statements.lines(share)]

    assert len({line.key for line in sentences}) >= 5
    sys.stdout.write("\n" + "\n".join(told(files)) + "\n")
