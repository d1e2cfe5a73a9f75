"""How sure labels are is measured on items that nobody chose, whose truth nobody bends afterwards."""

from __future__ import annotations

from datetime import timedelta

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
    return_expired_leases,
    state_truths,
    submit,
    update_due_consensus,
)
from coop.work.calibration import FEWEST_GOLD
from coop.work.gold import drawn
from coop.work.models import Answer, Consensus, ConsensusRound, GoldDraw, GoldTruth, Item, Project
from coop.work.reading import gold_of, results, results_table
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


def draw(project, by, number=40):
    return draw_gold(project=project, number=number, by=by.actor, now=coop_now())


def state(project, by, number, *, wrong=0):
    """`number` of the truths that come next: the first `wrong` of them against what members said."""
    items = project.gold_draw.next_items(number)
    truths = [(item.external_id, NO if place < wrong else YES) for place, item in enumerate(items)]
    return state_truths(project=project, truths=truths, by=by.actor, now=coop_now())


def told(project) -> set[int | None]:
    return {item["confidence_permille"] for item in results(project)["items"]}


@pytest.mark.parametrize("number", [30, 40])
def test_nothing_is_told_before_all_truths_are_stated_that_were_asked_for(project, clara, clock, number):
    """Or she would stop where it looks best."""
    draw(project, clara, number)

    for stated in range(1, number):
        state(project, clara, 1)
        if stated in (29, 30, number - 1):
            update_due_consensus(now=clock.advance(minutes=5))
            before = results(project)
            assert (before["gold"], before["accuracy_permille"]) == (0, None) and told(project) <= {None}, stated
    state(project, clara, 1)
    update_due_consensus(now=clock.advance(minutes=5))
    after = results(project)

    assert (after["gold"], after["accuracy_permille"]["to"]) == (number, 1000)
    assert all(500 < one["confidence_permille"] <= 1000 * (1 - 3 / (number + 3)) for one in after["items"])
    assert {one.value["choice"] for one in Consensus.objects.newest_of(project)} == {"yes"}, "gold makes no label"


@pytest.mark.parametrize("number", [-1, 0, 1, 29, 41, 2**40])
def test_how_many_truths_are_stated_is_asked_from_thirty_to_all(project, clara, number):
    with pytest.raises(ValidationError) as wrong:
        draw(project, clara, number)

    assert list(wrong.value.message_dict) == ["number"] and not GoldDraw.objects.exists()


def test_how_many_truths_are_stated_does_not_change_once_items_are_drawn(project, clara):
    draw(project, clara, 35)

    for number in (30, 40):
        with pytest.raises(Refused) as refused:
            draw(project, clara, number)
        assert refused.value.code == "already_drawn"
    state(project, clara, 35)
    more = project.items.exclude(gold_truth__isnull=False).first()
    with pytest.raises(Refused) as refused:
        state_truths(project=project, truths=[(more.external_id, YES)], by=clara.actor, now=coop_now())
    assert refused.value.code == "not_in_the_order_drawn"
    with pytest.raises(DatabaseError), transaction.atomic():
        GoldDraw.objects.update(number=36)


@pytest.mark.law
def test_no_truth_is_stated_beyond_those_asked_for_by_law(project, clara):
    lot = draw(project, clara, 30)
    state(project, clara, 30)
    next_one = drawn(lot.seed, range(1, 41))[30]

    with pytest.raises(DatabaseError, match="another item was drawn"), transaction.atomic():
        GoldTruth.objects.create(
            draw=lot, place=31, item=project.items.get(seq=next_one), value=YES, by=clara, stated_at=coop_now()
        )


def test_nothing_is_drawn_and_no_seed_is_there_while_an_answer_can_come(clara, clock):
    """Or a friend would answer just the gold items right."""
    project = make.live(items=40, redundancy=1, client_=make.client(clara))
    member = make.member()

    while assignment := claim(by=member.actor, project=project, now=coop_now()):
        with pytest.raises(Refused) as refused:
            draw(project, clara)
        assert refused.value.code == "not_done"
        assert (gold_of(project, 40)["seed"], gold_of(project, 40)["next"]) == (None, [])
        submit(assignment=assignment, by=member.actor, value=YES, now=coop_now())
    update_due_consensus(now=clock.advance(minutes=5))

    assert len(draw(project, clara).next_items(40)) == 40


@pytest.mark.law
@pytest.mark.parametrize("status", ["quoted", "live", "paused", "cancelled"])
def test_nothing_is_drawn_while_an_answer_can_come_by_law(clara, status):
    project = make.quoted(items=40, client_=make.client(clara)) if status == "quoted" else make.live(items=40)
    moments = {"paused": {"paused_at": coop_now()}, "cancelled": {"cancelled_at": coop_now()}}.get(status, {})
    Project.objects.filter(pk=project.pk).exclude(status=status).update(status=status, **moments)

    with pytest.raises(DatabaseError, match="answers can still come"):
        GoldDraw.objects.create(project=project, seed="0" * 64, number=30, by=clara, drawn_at=coop_now())


@pytest.mark.law
@pytest.mark.parametrize("number", [0, 29, 41])
def test_as_many_are_drawn_as_there_are_and_as_tell_something_by_law(project, clara, number):
    with pytest.raises(DatabaseError, match="gold_draw_"):
        GoldDraw.objects.create(project=project, seed="0" * 64, number=number, by=clara, drawn_at=coop_now())


@pytest.fixture
def late(clara, clock):
    """A project that is done, and what a friend of clara's still holds of it, long expired."""
    project, friend, member = (
        make.live(items=40, redundancy=1, client_=make.client(clara)),
        make.member(),
        make.member(),
    )
    held = claim(by=friend.actor, project=project, now=coop_now())
    return_expired_leases(now=clock.advance(days=30))
    while assignment := claim(by=member.actor, project=project, now=coop_now()):
        submit(assignment=assignment, by=member.actor, value=YES, now=coop_now())
    update_due_consensus(now=coop_now())
    project.refresh_from_db()
    held.refresh_from_db()
    assert (project.status, held.state) == ("done", "expired")
    return project, friend, held


def test_an_answer_that_comes_after_the_draw_is_paid_and_makes_no_label(late, clara, clock):
    project, friend, held = late
    before = results(project)["items"]
    draw(project, clara)

    answer = submit(assignment=held, by=friend.actor, value=NO, now=coop_now())
    reckon_consensus(project=project, now=clock.advance(minutes=5))
    state(project, clara, 40)
    update_due_consensus(now=clock.advance(minutes=5))

    after = results(project)
    assert (after["answers"], after["gold"], after["accuracy_permille"]["to"]) == (40, 40, 1000)
    assert [(one["value"], one["counts"]) for one in after["items"]] == [
        (one["value"], one["counts"]) for one in before
    ]
    assert answer.submitted_at > project.gold_draw.drawn_at and held.time_entries.exists()


def test_late_answers_before_the_draw_are_heard_though_their_clock_was_ahead(late, clara, clock):
    project, friend, held = late
    submit(assignment=held, by=friend.actor, value=NO, now=coop_now() + timedelta(seconds=30))

    draw(project, clara)

    assert Answer.objects.that_make_labels_of(project).count() == 41


@pytest.mark.law
def test_no_answer_is_slipped_in_before_the_draw_by_law(late, clara):
    project, _friend, held = late
    lot = draw(project, clara)

    with pytest.raises(DatabaseError, match="gold_hears_no_late_answer"):
        Answer.objects.create(
            assignment=held, item=held.item, project=project, value=NO, fills_slot=False, submitted_at=lot.drawn_at
        )


def test_errors_that_all_share_show_in_the_confidence_though_everybody_agrees(project, clara, clock):
    draw(project, clara)

    state(project, clara, 40, wrong=14)
    update_due_consensus(now=clock.advance(minutes=5))

    (sure,) = told(project)
    assert abs(sure - 650) < 30
    assert results(project)["agreement"] == {"num": 1, "den": 1}
    assert [one.value for one in Consensus.objects.newest_of(project)] == [YES] * 40, "gold measures and makes no label"


def test_what_was_measured_after_delivery_is_reckoned_once_by_the_sweep(project, clara, clock):
    draw(project, clara, 30)
    state(project, clara, 30)

    assert project.status == "done"
    assert update_due_consensus(now=clock.advance(minutes=5)) == 1
    assert update_due_consensus(now=clock.advance(minutes=5)) == 0


def test_an_item_of_which_one_is_not_sure_can_not_be_left_out(project, clara):
    draw(project, clara)
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
    draw(project, clara)
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
    first = draw(project, clara)

    second = draw(project, clara)

    order = [item.seq for item in first.next_items(40)]
    assert first == second and order == drawn(first.seed, range(1, 41)) and sorted(order) == list(range(1, 41))
    assert order != sorted(order)
    logged = Entry.objects.get(kind="project.gold_drawn")
    assert first.seed.encode() not in bytes(logged.canonical), (
        "members who read the log don't learn which items are gold"
    )


def test_too_few_items_are_not_drawn_and_no_truth_is_stated_before_the_draw(clara):
    small = make.delivered(items=29, people=1, client_=make.client(clara))

    for act, code in (
        (lambda: draw(small, clara, 29), "too_few_items"),
        (lambda: state_truths(project=small, truths=[("s1", YES)], by=clara.actor, now=coop_now()), "not_drawn"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == code


def test_labels_of_gold_items_are_shown_in_no_form_until_all_are_stated(project, clara, clock):
    before = results(project)
    draw(project, clara, 30)
    gold = {item.external_id for item in project.gold_draw.next_items(30)}

    for stated in (1, 28):
        open_, lines = results(project), results_table(project).decode().splitlines()[1:]
        shown = {item["external_id"] for item in open_["items"]}
        assert shown == {item["external_id"] for item in before["items"]} - gold and open_["withheld"] == 30
        assert {line.split(",")[0] for line in lines} == shown
        state(project, clara, stated)
        update_due_consensus(now=clock.advance(minutes=5))
    state(project, clara, 1)

    assert results(project)["withheld"] == 0 and len(results(project)["items"]) == 40
    assert len(results_table(project).decode().splitlines()) == 41


def test_whoever_reads_a_measured_figure_reads_on_what_it_rests(project, clara, clock):
    assert results(project)["accuracy_rests_on"] is None
    draw(project, clara, 30)

    state(project, clara, 30)
    update_due_consensus(now=clock.advance(minutes=5))

    assert "the requester can have read the labels before" in results(project)["accuracy_rests_on"]


@pytest.mark.parametrize("value", [{"choice": "perhaps"}, {}, {"choice": "yes", "sure": True}, None, "yes"])
def test_a_truth_is_an_answer_that_a_member_could_give(project, clara, value):
    draw(project, clara)
    (item,) = project.gold_draw.next_items(1)

    with pytest.raises(ValidationError):
        state_truths(project=project, truths=[(item.external_id, value)], by=clara.actor, now=coop_now())


def test_an_item_twice_in_one_statement_is_refused(project, clara):
    draw(project, clara)
    (item,) = project.gold_draw.next_items(1)

    with pytest.raises(ValidationError):
        truths = [(item.external_id, YES), (item.external_id, NO)]
        state_truths(project=project, truths=truths, by=clara.actor, now=coop_now())


def test_nobody_else_draws_or_states(project, clara):
    mallory = make.requester("mallory")
    with pytest.raises(Refused):
        draw(project, mallory)
    draw(project, clara)
    (item,) = project.gold_draw.next_items(1)

    with pytest.raises(Refused):
        state_truths(project=project, truths=[(item.external_id, YES)], by=mallory.actor, now=coop_now())


@pytest.mark.law
def test_the_database_keeps_a_figure_that_was_not_measured_from_being_confidence(project, clara):
    last = project.consensus_rounds.get()
    copied = {field.attname: getattr(last, field.attname) for field in ConsensusRound._meta.concrete_fields}
    item = project.items.first()

    def another(number, **more):
        return ConsensusRound.objects.create(**{**copied, "id": None, "number": number, **more})

    def refused(match, **more):
        with pytest.raises(DatabaseError, match=match), transaction.atomic():
            another(9, **more)

    refused("before all of them were stated", gold=30)
    draw(project, clara, 35)
    state(project, clara, 34)
    refused("before all of them were stated", gold=34)
    refused("before all of them were stated", gold=35, accuracy_from_permille=900, accuracy_to_permille=990)
    with pytest.raises(DatabaseError, match="consensus_confidence_was_measured"), transaction.atomic():
        Consensus.objects.create(item=item, round=another(2), value=YES, confidence=900, answers=2)
    state(project, clara, 1)
    refused("accuracy_was_measured", gold=29, accuracy_from_permille=900, accuracy_to_permille=990)
    refused("before all of them were stated", gold=36)
    refused("before all of them were stated", gold=35, answers=79)
    with pytest.raises(DatabaseError, match="consensus_confidence_was_measured"), transaction.atomic():
        Consensus.objects.create(item=item, round=another(3, gold=29), value=YES, confidence=900, answers=2)
    Consensus.objects.create(item=item, round=another(4, gold=35), value=YES, confidence=900, answers=2)


@pytest.mark.law
@pytest.mark.parametrize(
    ("place", "chosen"), [(1, 1), (2, 0), (1, -1)], ids=["a later item", "a later place", "the last"]
)
def test_no_truth_is_stated_of_an_item_that_one_chose_by_law(project, clara, place, chosen):
    lot = draw(project, clara)
    item = lot.next_items(40)[chosen]

    with pytest.raises(DatabaseError, match="another item was drawn"):
        GoldTruth.objects.create(draw=lot, place=place, item=item, value=YES, by=clara, stated_at=coop_now())


def test_the_database_draws_as_we_do(project, clara):
    lot = draw(project, clara)

    state(project, clara, 40)

    assert lot.truths.count() == 40


def test_the_number_of_gold_items_below_which_nothing_is_told_is_one_number():
    law = (settings.BASE_DIR / "coop" / "work" / "laws" / "gold.sql").read_text(encoding="utf-8")

    assert f"gold >= {FEWEST_GOLD} " in law
