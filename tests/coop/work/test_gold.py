"""How sure labels are is measured on items that nobody chose, whose truth nobody bends afterwards."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from coop.audit.models import Entry
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.work.actions import (
    claim,
    draw_gold,
    reckon_consensus,
    state_truths,
    submit,
    update_due_consensus,
)
from coop.work.calibration import FEWEST_GOLD
from coop.work.gold import drawn
from coop.work.models import Consensus, ConsensusRound, GoldDraw, GoldTruth, Item
from coop.work.reading import results
from tests import make

pytestmark = pytest.mark.django_db
YES, NO = {"choice": "yes"}, {"choice": "no"}


@pytest.fixture
def clara():
    return make.requester()


@pytest.fixture
def project(clara):
    """Forty items, each answered "yes" by two members: everybody agrees."""
    project = make.live(items=40, redundancy=2, client_=make.client(clara))
    for member in (make.member(), make.member()):
        while assignment := claim(by=member.actor, project=project, now=coop_now()):
            submit(assignment=assignment, by=member.actor, value=YES, now=coop_now())
    update_due_consensus(now=coop_now())
    project.refresh_from_db()
    return project


def state(project, by, number, *, wrong=0):
    """`number` of the truths that come next: the first `wrong` of them against what members said."""
    items = project.gold_draw.next_items(number)
    truths = [(item.external_id, NO if place < wrong else YES) for place, item in enumerate(items)]
    return state_truths(project=project, truths=truths, by=by.actor, now=coop_now())


def told(project) -> set[int | None]:
    return {item["confidence_permille"] for item in results(project)["items"]}


def test_with_29_truths_nothing_is_told_and_with_30_it_is(project, clara, clock):
    draw_gold(project=project, by=clara.actor, now=coop_now())

    state(project, clara, 29)
    update_due_consensus(now=clock.advance(minutes=5))
    before = results(project)
    state(project, clara, 1)
    update_due_consensus(now=clock.advance(minutes=5))
    after = results(project)

    assert (before["accuracy_permille"], {one["confidence_permille"] for one in before["items"]}) == (None, {None})
    assert (after["gold"], after["accuracy_permille"]) == (30, {"from": 884, "to": 1000})
    assert all(500 < one["confidence_permille"] <= 1000 * (1 - 3 / 33) for one in after["items"])
    assert [one["value"] for one in after["items"]] == [one["value"] for one in before["items"]]


def test_errors_that_all_share_show_in_the_confidence_though_everybody_agrees(project, clara, clock):
    draw_gold(project=project, by=clara.actor, now=coop_now())

    state(project, clara, 40, wrong=14)
    update_due_consensus(now=clock.advance(minutes=5))

    (sure,) = told(project)
    assert abs(sure - 650) < 30
    assert results(project)["agreement"] == {"num": 1, "den": 1}
    assert [one.value for one in Consensus.objects.newest_of(project)] == [YES] * 40, "gold measures and makes no label"


def test_what_was_measured_after_delivery_is_reckoned_once_by_the_sweep(project, clara, clock):
    draw_gold(project=project, by=clara.actor, now=coop_now())
    state(project, clara, 30)

    assert project.status == "done"
    assert update_due_consensus(now=clock.advance(minutes=5)) == 1
    assert update_due_consensus(now=clock.advance(minutes=5)) == 0


def test_the_thirtieth_truth_while_work_goes_on_waits_for_the_next_round(clara, clock):
    project = make.live(items=40, redundancy=1, client_=make.client(clara))
    member = make.member()
    submit(
        assignment=claim(by=member.actor, project=project, now=coop_now()), by=member.actor, value=YES, now=coop_now()
    )
    reckon_consensus(project=project, now=coop_now())
    draw_gold(project=project, by=clara.actor, now=coop_now())

    state(project, clara, 35)

    assert reckon_consensus(project=project, now=coop_now()) is None
    assert reckon_consensus(project=project, now=clock.advance(minutes=5)) is not None
    assert results(project)["gold"] <= 1 and results(project)["accuracy_permille"] is None, (
        "unanswered items tell nothing"
    )


def test_an_item_of_which_one_is_not_sure_can_not_be_left_out(project, clara):
    draw_gold(project=project, by=clara.actor, now=coop_now())
    first, second, third = project.gold_draw.next_items(3)

    for chosen in ([second], [first, third], [second, first]):
        with pytest.raises(Refused) as refused:
            truths = [(item.external_id, YES) for item in chosen]
            state_truths(project=project, truths=truths, by=clara.actor, now=coop_now())
        assert refused.value.code == "not_in_the_order_drawn"
    with pytest.raises(DatabaseError, match="another item was drawn"), transaction.atomic():
        GoldTruth.objects.create(
            draw=project.gold_draw, place=2, item=second, value=YES, by=clara, stated_at=coop_now()
        )
    elsewhere = Item.objects.filter(project=make.live(items=1)).get()
    with pytest.raises(DatabaseError, match="another item was drawn"), transaction.atomic():
        GoldTruth.objects.create(
            draw=project.gold_draw, place=1, item=elsewhere, value=YES, by=clara, stated_at=coop_now()
        )


def test_what_was_stated_stays_and_the_same_again_changes_nothing(project, clara):
    draw_gold(project=project, by=clara.actor, now=coop_now())
    (item,) = project.gold_draw.next_items(1)

    again = [
        state_truths(project=project, truths=[(item.external_id, YES)], by=clara.actor, now=coop_now())
        for _n in range(2)
    ]

    assert again == [1, 1] and GoldTruth.objects.count() == 1
    with pytest.raises(Refused) as refused:
        state_truths(project=project, truths=[(item.external_id, NO)], by=clara.actor, now=coop_now())
    assert refused.value.code == "truth_stands"
    for rows in (GoldTruth.objects.all(), GoldDraw.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        GoldTruth.objects.update(value=NO)
    with pytest.raises(DatabaseError), transaction.atomic():
        GoldDraw.objects.update(seed="0" * 64)


def test_there_is_one_lot_and_whoever_has_the_seed_can_draw_it_again(project, clara):
    first = draw_gold(project=project, by=clara.actor, now=coop_now())

    second = draw_gold(project=project, by=clara.actor, now=coop_now())

    order = [item.seq for item in first.next_items(40)]
    assert first == second and order == drawn(first.seed, range(1, 41)) and sorted(order) == list(range(1, 41))
    assert order != sorted(order)
    logged = Entry.objects.get(kind="project.gold_drawn")
    assert first.seed.encode() not in bytes(logged.canonical), (
        "members who read the log don't learn which items are gold"
    )


def test_items_are_drawn_when_they_can_no_longer_be_chosen_and_are_enough(clara):
    client = make.client(clara)
    unpaid, small = make.quoted(items=40, client_=client), make.live(items=29, client_=client)

    for project, code in ((unpaid, "not_paid"), (small, "too_few_items")):
        with pytest.raises(Refused) as refused:
            draw_gold(project=project, by=clara.actor, now=coop_now())
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        state_truths(project=small, truths=[("1", YES)], by=clara.actor, now=coop_now())
    assert refused.value.code == "not_drawn"


@pytest.mark.parametrize("value", [{"choice": "perhaps"}, {}, {"choice": "yes", "sure": True}, None, "yes"])
def test_a_truth_is_an_answer_that_a_member_could_give(project, clara, value):
    draw_gold(project=project, by=clara.actor, now=coop_now())
    (item,) = project.gold_draw.next_items(1)

    with pytest.raises(ValidationError):
        state_truths(project=project, truths=[(item.external_id, value)], by=clara.actor, now=coop_now())


def test_an_item_twice_in_one_statement_is_refused(project, clara):
    draw_gold(project=project, by=clara.actor, now=coop_now())
    (item,) = project.gold_draw.next_items(1)

    with pytest.raises(ValidationError):
        truths = [(item.external_id, YES), (item.external_id, NO)]
        state_truths(project=project, truths=truths, by=clara.actor, now=coop_now())


def test_nobody_else_draws_or_states(project, clara):
    mallory = make.requester("mallory")
    with pytest.raises(Refused):
        draw_gold(project=project, by=mallory.actor, now=coop_now())
    draw_gold(project=project, by=clara.actor, now=coop_now())
    (item,) = project.gold_draw.next_items(1)

    with pytest.raises(Refused):
        state_truths(project=project, truths=[(item.external_id, YES)], by=mallory.actor, now=coop_now())


@pytest.mark.law
def test_the_database_keeps_a_figure_that_was_not_measured_from_being_confidence(project):
    last = project.consensus_rounds.get()
    copied = {field.attname: getattr(last, field.attname) for field in ConsensusRound._meta.concrete_fields}

    def another(number, **more):
        return ConsensusRound.objects.create(**{**copied, "id": None, "number": number, **more})

    item = project.items.first()
    too_few = another(2, gold=29)
    with pytest.raises(DatabaseError, match="without thirty gold items"), transaction.atomic():
        Consensus.objects.create(item=item, round=too_few, value=YES, confidence=900, answers=2)
    Consensus.objects.create(item=item, round=another(3, gold=30), value=YES, confidence=900, answers=2)
    with pytest.raises(DatabaseError, match="accuracy_was_measured"), transaction.atomic():
        another(4, gold=29, accuracy_from_permille=900, accuracy_to_permille=990)


@pytest.mark.law
@pytest.mark.parametrize(
    ("place", "chosen"), [(1, 1), (2, 0), (1, -1)], ids=["a later item", "a later place", "the last"]
)
def test_no_truth_is_stated_of_an_item_that_one_chose_by_law(project, clara, place, chosen):
    draw = draw_gold(project=project, by=clara.actor, now=coop_now())
    item = draw.next_items(40)[chosen]

    with pytest.raises(DatabaseError, match="another item was drawn"):
        GoldTruth.objects.create(draw=draw, place=place, item=item, value=YES, by=clara, stated_at=coop_now())


def test_the_database_draws_as_we_do(project, clara):
    draw = draw_gold(project=project, by=clara.actor, now=coop_now())

    state(project, clara, 40)

    assert draw.truths.count() == 40


def test_the_number_of_gold_items_below_which_nothing_is_told_is_one_number():
    law = (settings.BASE_DIR / "coop" / "work" / "laws" / "gold.sql").read_text(encoding="utf-8")

    assert f") < {FEWEST_GOLD} THEN" in law
