"""Consensus after commit, and projects that are done."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from coop.audit.models import Entry
from coop.ground.clock import coop_now
from coop.rules.actions import amend_rule, head
from coop.work.actions import claim, reckon_consensus, submit, update_due_consensus
from coop.work.models import Consensus, ConsensusRound, Project
from coop.work.reading import results, results_table
from tests import make

pytestmark = pytest.mark.django_db


def work_through(project, *choices):
    """One member per argument; each says the same about every item."""
    for choice in choices:
        member = make.member()
        while assignment := claim(by=member.actor, project=project, now=coop_now()):
            submit(assignment=assignment, by=member.actor, value={"choice": choice}, now=coop_now())


def test_a_project_is_done_when_every_item_has_its_answers_and_its_consensus_is_there():
    project = make.live(items=3, redundancy=3)
    work_through(project, "yes", "yes")
    update_due_consensus(now=coop_now())
    assert Project.objects.get(pk=project.pk).status == "live"

    work_through(project, "no")
    update_due_consensus(now=coop_now())

    project.refresh_from_db()
    last = project.consensus_rounds.order_by("-number")[0]
    newest = Consensus.objects.newest_of(project)
    assert project.status == "done"
    assert [one.value for one in newest] == [{"choice": "yes"}] * 3
    assert [one.item.seq for one in newest] == [1, 2, 3]
    assert last.answers == 9
    assert (last.agreement_num, last.agreement_den) == (1, 3)
    assert Entry.objects.filter(kind="project.done").count() == 1


def test_nothing_new_is_not_reckoned_again():
    project = make.live(items=1, redundancy=1)
    work_through(project, "yes")

    assert update_due_consensus(now=coop_now()) == 1
    assert update_due_consensus(now=coop_now()) == 0
    assert ConsensusRound.objects.count() == 1


def test_a_live_project_is_reckoned_no_more_often_than_the_rule_says(clock):
    project = make.live(items=3, redundancy=3)
    work_through(project, "yes")
    assert reckon_consensus(project=project, now=coop_now())
    work_through(project, "no")

    early = reckon_consensus(project=project, now=coop_now())
    clock.advance(seconds=61)

    assert early is None
    assert reckon_consensus(project=project, now=coop_now()).number == 2


def test_the_voted_strategy_reckons_and_a_change_reckons_again(clock):
    project = make.live(items=2, redundancy=3)
    work_through(project, "yes", "no")
    first = reckon_consensus(project=project, now=coop_now())
    now = clock.advance(minutes=5)
    amend_rule(
        key="work.consensus",
        value="majority/2",
        effective_from=now,
        decision=uuid4(),
        supersedes=head("work.consensus"),
        now=now,
    )

    second = reckon_consensus(project=project, now=coop_now())

    assert (first.strategy, second.strategy) == ("dawid_skene/2", "majority/2")
    assert first.inputs_sha256 == second.inputs_sha256
    assert first.rule_book != second.rule_book
    assert Consensus.objects.newest_of(project)[0].support == 500


def test_a_verdict_is_written_only_where_it_changed_and_never_edited(clock):
    project = make.live(items=2, redundancy=3)
    work_through(project, "yes")
    reckon_consensus(project=project, now=coop_now())
    member = make.member()
    assignment = claim(by=member.actor, project=project, now=coop_now())
    submit(assignment=assignment, by=member.actor, value={"choice": "yes"}, now=coop_now())
    clock.advance(seconds=61)

    second = reckon_consensus(project=project, now=coop_now())

    assert {one.item_id for one in second.verdicts.all()} >= {assignment.item_id}
    with pytest.raises(DatabaseError), transaction.atomic():
        Consensus.objects.update(support=1)


def test_fifty_items_with_one_answer_each_are_delivered_as_answered():
    """48 right answers of 50 were once delivered as 16 right labels at 85 %: of five classes, none may be put in place of another."""
    options = [{"key": key, "label": key} for key in ("sport", "science", "art", "trade", "law")]
    project = make.live(items=50, redundancy=1, template={**make.QUESTION, "options": options})
    members = [make.member() for _member in range(3)]
    said = {}
    for number in range(50):
        member = members[number % 3]
        assignment = claim(by=member.actor, project=project, now=coop_now())
        said[assignment.item_id] = {"choice": options[number * number % 5]["key"]}
        submit(assignment=assignment, by=member.actor, value=said[assignment.item_id], now=coop_now())

    update_due_consensus(now=coop_now())

    delivered = Consensus.objects.newest_of(project)
    assert {one.item_id: one.value for one in delivered} == said
    assert {(one.support, one.confidence) for one in delivered} == {(None, None)}


def test_a_label_stands_beside_the_answers_it_was_made_of_and_no_later_ones(clock):
    project = make.live(items=1, redundancy=5)
    work_through(project, "yes", "yes")
    reckon_consensus(project=project, now=coop_now())
    clock.advance(seconds=5)
    work_through(project, "no", "no", "no")

    (seen,), table = results(project)["items"], results_table(project).decode()
    reckon_consensus(project=project, now=clock.advance(minutes=5))
    (later,) = results(project)["items"]

    assert (seen["value"], seen["answers"], seen["counts"]) == ({"choice": "yes"}, 2, {"yes": 2})
    assert ",2,2,0" in table, "the file says the same"
    assert (later["value"], later["answers"], later["counts"]) == ({"choice": "no"}, 5, {"no": 3, "yes": 2})
