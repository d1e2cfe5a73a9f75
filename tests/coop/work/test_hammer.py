"""Many members at once, on a database of their own, with the sweeper running: the counters must come out right."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

from django.db import connection, connections

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, head, in_force
from coop.work.actions import account_of, cancel_project, claim, release, return_expired_leases, submit
from coop.work.models import Assignment, Item, Project, TimeEntry
from tests import make

MEMBERS = 10
ITEMS = 40
LONGEST = 120  # seconds of the wall, on a busy machine; some eight on a quiet one
FASTER = 1500  # so that leases of five minutes run out within the test

WRONG = {
    "items given out more often than wanted": "SELECT count(*) FROM work_item WHERE n_active + n_done > target",
    "items twice in the hands of one member": """
        SELECT count(*) FROM (SELECT 1 FROM work_assignment GROUP BY item_id, member_id HAVING count(*) > 1) twice""",
    "counters of leases that don't match": """
        SELECT count(*) FROM work_item i
        WHERE n_active <> (SELECT count(*) FROM work_assignment a WHERE a.item_id = i.id AND a.state = 'leased')""",
    "counters of answers that don't match": """
        SELECT count(*) FROM work_item i WHERE n_done <> (SELECT count(*) FROM work_answer a WHERE a.item_id = i.id AND a.fills_slot)""",
    "submitted work without its answer": """
        SELECT count(*) FROM work_assignment s WHERE state = 'submitted'
        AND (SELECT count(*) FROM work_answer a WHERE a.assignment_id = s.id) <> 1""",
    "submitted work without its time": """
        SELECT count(*) FROM work_assignment s WHERE state = 'submitted'
        AND NOT EXISTS (SELECT 1 FROM work_timeentry t WHERE t.assignment_id = s.id)""",
}


def in_threads(*work: Callable[[], None]) -> None:
    """Each in a thread with connections of its own; the first error is raised here."""

    def run(one: Callable[[], None]) -> None:
        try:
            one()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(run, one) for one in work]:
            done.result()


def test_many_members_at_once_with_abandoned_work_and_the_sweeper_running(committed_db):
    now = coop_now()
    amend_rule(
        key="work.lease_seconds",
        value=300,
        effective_from=now,
        decision=uuid4(),
        supersedes=head("work.lease_seconds"),
        now=now,
    )
    project = make.live(items=ITEMS, redundancy=3)
    members = [make.member() for _ in range(MEMBERS)]
    began, base = time.monotonic(), coop_now()
    finished = threading.Event()

    def moment():
        return base + timedelta(seconds=(time.monotonic() - began) * FASTER)

    def ended() -> bool:
        return finished.is_set() or time.monotonic() - began > LONGEST

    def works(member, lot):
        abandoned = []
        while not ended():
            try:
                assignment = claim(by=member.actor, project=project, now=moment())
            except Refused as no:
                assert no.code == "live_leases"
                time.sleep(0.02)
                continue
            if assignment is None:
                time.sleep(0.05)
            elif lot.random() < 0.1:
                abandoned.append(assignment)
            elif lot.random() < 0.05:
                release(assignment=assignment, by=member.actor, now=moment())
            else:
                submit(
                    assignment=assignment,
                    by=member.actor,
                    value={"choice": lot.choice(["yes", "no"])},
                    now=moment(),
                    declared_seconds=1,
                )
            if abandoned and lot.random() < 0.2:
                submit(
                    assignment=abandoned.pop(),
                    by=member.actor,
                    value={"choice": "yes"},
                    now=moment(),
                    declared_seconds=1,
                )

    def sweeps():
        while not ended():
            return_expired_leases(now=moment())
            if not Item.objects.unfinished().exists():
                finished.set()
            time.sleep(0.05)

    def until_the_end(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            finished.set()

    crowd = [lambda m=member, n=n: works(m, random.Random(n)) for n, member in enumerate(members)]
    in_threads(*[lambda work=work: until_the_end(work) for work in (sweeps, *crowd)])

    wrong = {}
    with connection.cursor() as cursor:
        for what, count in WRONG.items():
            cursor.execute(count)
            wrong[what] = cursor.fetchone()[0]
    assert wrong == dict.fromkeys(WRONG, 0)
    assert Item.objects.filter(n_done=3).count() == ITEMS, f"not everything was done in {LONGEST} s"
    assert Assignment.objects.filter(state="expired").exists() or Assignment.objects.filter(state="released").exists()
    assert TimeEntry.objects.seconds() >= 3 * ITEMS


def test_an_order_is_either_cancelled_or_begun_and_never_both(committed_db):
    projects = [make.live(items=1, redundancy=1) for _ in range(12)]
    hanitra = make.member("hanitra")
    gate = threading.Barrier(2)

    def cancels():
        for project in projects:
            clara = make.owner(project)
            gate.wait(20)
            try:
                cancel_project(project=project, by=clara.actor, now=coop_now())
            except Refused as no:
                assert no.code == "work_began"

    def claims():
        for project in projects:
            gate.wait(20)
            try:
                assignment = claim(by=hanitra.actor, project=project, now=coop_now())
            except Refused as no:
                assert no.code == "project_not_live"
            else:
                if assignment:
                    submit(assignment=assignment, by=hanitra.actor, value={"choice": "yes"}, now=coop_now())

    in_threads(cancels, claims)

    begun = set(Assignment.objects.values_list("project_id", flat=True))
    cancelled = set(Project.objects.filter(status="cancelled").values_list("pk", flat=True))
    assert not begun & cancelled
    assert begun | cancelled == {project.pk for project in projects}


def test_eight_who_hand_in_at_once_pass_no_limit_of_their_project_together(committed_db):
    """Each alone fits; the guard sits on the project, so near it they wait for each other."""
    members, quick, now = [make.member() for _ in range(8)], make.member(), coop_now()
    project = make.live(items=200, seconds_per_answer=1)
    for _ in range(20):  # leaves some room, which fits each of them and not all
        hers = claim(by=quick.actor, project=project, now=now)
        submit(assignment=hers, by=quick.actor, value={"choice": "no"}, now=now, declared_seconds=0)
    taken = [claim(by=member.actor, project=project, now=now) for member in members]
    gate = threading.Barrier(len(taken))

    def hands_in(assignment, member):
        gate.wait(60)
        submit(
            assignment=assignment,
            by=member.actor,
            value={"choice": "yes"},
            now=now + timedelta(minutes=5),
            declared_seconds=60,
        )

    in_threads(*[lambda pair=pair: hands_in(*pair) for pair in zip(taken, members, strict=True)])

    account = account_of(project, in_force(coop_now()))
    billed = account.labour * account.delivered // account.answers
    assert account.delivered == 28
    assert account.counted == TimeEntry.objects.seconds()
    assert account.counted * account.hourly_floor <= 2 * billed * 3600
    assert account.counted + account.held == 8 * 60
