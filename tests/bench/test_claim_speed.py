"""How fast work is handed out, beside the way it is usually written.

    .venv/bin/python -m pytest tests/bench/test_claim_speed.py -s

Half of a project is done. Finding the next item is compared with the usual query (the items this member hasn't had, fewer
answers than wanted, in order of id), in alternating rounds on the same database; the ratio of the medians is printed.
"""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Count, F

from coop.ground.clock import coop_now
from coop.work.actions import claim, submit
from coop.work.actions.claims import _next_open
from coop.work.models import Assignment, Item
from tests import make

ITEMS = 20_000
ROUNDS = 9
PAIRS = 40


def find_as_usual(member, project):
    """Ask the rows themselves, with no index made for the question."""
    items = (
        Item.objects.filter(project=project).exclude(assignments__member=member).annotate(taken=Count("assignments"))
    )
    return items.filter(taken__lt=F("target")).order_by("id").values_list("pk", "seq").first()


def test_finding_the_next_item_stays_quick_as_a_project_fills(committed_db):
    project, worked, fresh = make.live(items=ITEMS, redundancy=1), make.member(), make.member()
    now = coop_now()
    half = Item.objects.filter(seq__lte=ITEMS // 2)
    Assignment.objects.bulk_create(
        Assignment(
            item_id=item, project=project, member=worked, leased_at=now, lease_expires_at=now + timedelta(1),
        )
        for item in half.values_list("pk", flat=True)
    )  # fmt: skip
    Assignment.objects.update(
        state="submitted", submitted_at=now, measured_seconds=1, paused_seconds=0, declared_seconds=1
    )
    half.update(n_done=1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE work_item, work_assignment")
    ours, usual = [], []

    def timed(find, into):
        started = time.perf_counter()
        found = find()
        into.append(time.perf_counter() - started)
        return found

    for _ in range(ROUNDS):
        with transaction.atomic():
            mine = timed(lambda: _next_open(fresh, project, after=0), ours)
        theirs = timed(lambda: find_as_usual(fresh, project), usual)
        assert mine == theirs

    moment, each = coop_now(), []
    for _ in range(PAIRS):
        started = time.perf_counter()
        assignment = claim(by=fresh.actor, project=project, now=moment)
        submit(assignment=assignment, by=fresh.actor, value={"choice": "yes"}, now=moment + timedelta(seconds=5))
        each.append(time.perf_counter() - started)
        moment += timedelta(seconds=6)

    ratio = statistics.median(usual) / statistics.median(ours)
    print(
        f"\nfinding the next item: {statistics.median(ours) * 1000:.2f} ms; the usual query takes {ratio:.0f} x as long"
    )
    print(
        f"claim and submit, one process: p50 {statistics.median(each) * 1000:.1f} ms, slowest {max(each) * 1000:.1f} ms"
    )
    assert ratio > 5
