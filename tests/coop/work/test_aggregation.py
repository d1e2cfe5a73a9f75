"""The labels that several answers say together: what they may never do, on crowds whose truth is known."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop.work.aggregation import METHODS, aggregate, crowd, majority

ROWS = st.lists(
    st.tuples(st.sampled_from("ijkl"), st.sampled_from("vwxyz"), st.sampled_from("abc")), min_size=1, max_size=40
)


def simulated(
    items: int,
    answers: int,
    workers: dict[str, Callable[[random.Random, str], str]],
    *,
    labels: str = "abcd",
    seed: int = 1,
) -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    """Answers of such workers, `answers` for each item, and the truth. A worker makes a label of the true one."""
    lot = random.Random(seed)
    truth = {f"i{n:04}": lot.choice(labels) for n in range(items)}
    return [
        (item, name, workers[name](lot, true))
        for item, true in truth.items()
        for name in lot.sample(sorted(workers), answers)
    ], truth


def right(share: float, labels: str = "abcd") -> Callable[[random.Random, str], str]:
    return lambda lot, true: true if lot.random() < share else lot.choice(labels)


def by_counting(rows: list[tuple[str, str, str]], truth: dict[str, str]) -> float:
    """How many labels counting heads makes wrong; where heads are tied, the mean over those that stand equal."""
    shares = majority(answers := crowd(rows, sorted(set(truth.values()))))
    best = (shares == shares.max(axis=1, keepdims=True)).astype(float)
    right = best / best.sum(axis=1, keepdims=True)
    return sum(1 - right[n, answers.labels.index(truth[item])] for n, item in enumerate(answers.items))


def wrong(rows: list[tuple[str, str, str]], truth: dict[str, str], method: str) -> int:
    labels = aggregate(crowd(rows, sorted(set(truth.values()))), METHODS[method]).labels
    return sum(labels[item].label != true for item, true in truth.items() if item in labels)


@given(ROWS, st.randoms(), st.sampled_from(list(METHODS)))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_answers_and_the_names_of_people_change_nothing(rows, lot, method):
    shuffled = lot.sample(rows, len(rows))
    renamed = [(item, {"v": "z1", "z": "v1"}.get(worker, worker), label) for item, worker, label in shuffled]

    as_it_is = aggregate(crowd(rows, "abc"), METHODS[method]).labels

    assert aggregate(crowd(shuffled, "abc"), METHODS[method]).labels == as_it_is
    assert {item: one.label for item, one in aggregate(crowd(renamed, "abc"), METHODS[method]).labels.items()} == {
        item: one.label for item, one in as_it_is.items()
    }


@given(ROWS, st.sampled_from(list(METHODS)))
@settings(max_examples=60, deadline=None)
def test_posteriors_are_shares_and_what_everybody_says_is_the_label(rows, method):
    posterior = METHODS[method](crowd(rows, "abc"))

    assert np.allclose(posterior.sum(axis=1), 1) and (posterior >= 0).all()
    unanimous = [(item, worker, "b") for item, worker, _label in rows]
    assert {one.label for one in aggregate(crowd(unanimous, "abc"), METHODS[method]).labels.values()} == {"b"}


@pytest.mark.parametrize("method", METHODS)
def test_an_item_with_one_answer_has_that_answer_and_claims_nothing(method):
    rows, _truth = simulated(300, 1, {"w": right(0.97)})
    answered = {item: label for item, _worker, label in rows}

    labels = aggregate(crowd(rows, "abcd"), METHODS[method]).labels

    assert {item: one.label for item, one in labels.items()} == answered
    assert {(one.support, one.confidence) for one in labels.values()} == {(None, None)}


def test_from_two_answers_on_an_item_is_modelled():
    labels = aggregate(crowd([("i", "v", "a"), ("i", "w", "a"), ("j", "v", "a")], "ab")).labels

    assert labels["i"].support is not None and labels["j"].support is None


def test_one_who_answers_a_b_c_a_is_not_overruled_by_what_is_frequent():
    labels = aggregate(crowd([("1", "w", "a"), ("2", "w", "b"), ("3", "w", "c"), ("4", "w", "a")], "abc")).labels

    assert [labels[item].label for item in "1234"] == ["a", "b", "c", "a"]


@pytest.mark.parametrize("method", METHODS)
def test_a_single_answer_stands_even_of_one_who_always_contradicts_the_others(method):
    """The model would turn it round; but then the requester would be delivered a label that nobody gave."""
    turned = {"a": "b", "b": "a"}
    rows = [(f"i{n:02}", who, "ab"[n % 2]) for n in range(40) for who in ("u", "v", "x", "y")]
    rows += [(f"i{n:02}", "w", turned["ab"[n % 2]]) for n in range(40)]

    lone = aggregate(crowd([*rows, ("lone", "w", "b")], "ab"), METHODS[method]).labels["lone"]

    assert (lone.label, lone.support, lone.confidence) == ("b", None, None)


CROWDS = {
    "careful": {f"careful{n}": right(0.9) for n in range(20)},
    "hasty": {f"careful{n}": right(0.9) for n in range(10)} | {f"hasty{n}": lambda lot, true: "a" for n in range(10)},
    "random": {f"careful{n}": right(0.85) for n in range(12)} | {f"lazy{n}": right(0.0) for n in range(8)},
    "biased": {f"careful{n}": right(0.85) for n in range(12)}
    | {f"biased{n}": lambda lot, true: "a" if true in "ab" else true for n in range(8)},
}


@pytest.mark.parametrize("kind", CROWDS)
@pytest.mark.parametrize("answers", [2, 3, 5])
def test_nobody_does_better_by_counting_heads(kind, answers):
    rows, truth = simulated(400, answers, CROWDS[kind])

    by_heads = wrong(rows, truth, "majority")

    assert wrong(rows, truth, "dawid_skene") <= by_heads + (by_heads + 1) ** 0.5


@pytest.mark.parametrize(("labels", "often"), [("ab", (95, 5)), ("abcd", (80, 10, 5, 5))])
@pytest.mark.parametrize("answers", [2, 3, 5])
@pytest.mark.parametrize("method", ["mace", "dawid_skene"])
def test_a_rare_label_said_once_does_not_overrule_the_others(labels, often, answers, method):
    """With all classes held to be equally frequent, a rare label weighed so much that it won against two."""
    heads, ours, names = 0.0, 0, [f"w{n}" for n in range(40)]
    for seed in (4, 5, 6):
        lot = random.Random(seed)
        truth = {f"i{n:04}": lot.choices(labels, often)[0] for n in range(800)}
        rows = [(i, w, right(0.8, labels)(lot, t)) for i, t in truth.items() for w in lot.sample(names, answers)]
        heads, ours = heads + by_counting(rows, truth), ours + wrong(rows, truth, method)

    assert ours / 3 <= heads / 3 + (heads / 3) ** 0.5


@pytest.mark.parametrize("often", [70, 80, 90, 95, 99])
@pytest.mark.parametrize("answers", [2, 3, 5, 10])
def test_unequal_classes_make_nothing_worse_than_counting_heads_whoever_answers(often, answers):
    """Held equal, or told apart by a gate, classes of 95 and 5 % made 36 % errors where heads made 10."""
    heads, ours, names = 0.0, 0, [f"w{n}" for n in range(20)]
    for seed in (1, 2, 3):
        lot = random.Random(seed)
        truth = {f"i{n:04}": lot.choices("ab", (often, 100 - often))[0] for n in range(600)}
        rows = [(i, w, right(0.6, "ab")(lot, t)) for i, t in truth.items() for w in lot.sample(names, answers)]
        heads, ours = heads + by_counting(rows, truth), ours + wrong(rows, truth, "dawid_skene")

    assert ours / 3 <= heads / 3 + (heads / 3 * (1 - heads / 1800)) ** 0.5


@pytest.mark.parametrize("method", METHODS)
def test_labels_that_nobody_gave_are_possible_and_no_infinity(method):
    """A template has more options than people chose; none of them is impossible before it is chosen."""
    rows, _truth = simulated(50, 3, {f"w{n}": right(0.8, "ab") for n in range(5)}, labels="ab")

    with np.errstate(divide="raise", invalid="raise"):
        posterior = METHODS[method](crowd(rows, "abyz"))

    assert np.isfinite(posterior).all()
    assert method == "majority" or (posterior > 0).all()


def test_those_who_press_one_button_are_seen_through():
    rows, truth = simulated(400, 5, CROWDS["hasty"])

    assert 3 * wrong(rows, truth, "dawid_skene") < wrong(rows, truth, "majority")


def test_without_thirty_gold_items_nothing_is_said_about_confidence():
    rows, truth = simulated(100, 3, CROWDS["careful"])
    gold = dict(sorted(truth.items())[:29])

    few = aggregate(crowd(rows, "abcd"), gold=gold)
    enough = aggregate(crowd(rows, "abcd"), gold=dict(sorted(truth.items())[:30]))

    assert few.accuracy is None and {one.confidence for one in few.labels.values()} == {None}
    assert enough.accuracy is not None and None not in {one.confidence for one in enough.labels.values()}


def test_an_unknown_label_is_an_error_and_no_answers_are_no_labels():
    with pytest.raises(ValueError, match="unknown label 'z'"):
        crowd([("i", "w", "z")], "ab")
    assert aggregate(crowd([], "ab")).labels == {}


def test_a_gold_label_that_nobody_could_give_is_an_error_and_hides_none():
    rows, truth = simulated(100, 3, CROWDS["careful"])

    with pytest.raises(ValueError, match="unknown label 'z'"):
        aggregate(crowd(rows, "abcd"), gold={**truth, "i0000": "z"})


@pytest.mark.parametrize("method", METHODS)
def test_who_says_the_same_twice_is_heard_once(method):
    rows = [("i", "v", "b")] * 5 + [("i", "w", "a"), ("i", "x", "a"), ("j", "v", "b"), ("j", "v", "b")]

    labels = aggregate(crowd(rows, "abc"), METHODS[method]).labels

    assert (labels["i"].label, labels["i"].answers) == ("a", 3)
    assert (labels["j"].label, labels["j"].answers, labels["j"].support) == ("b", 1, None)


def test_many_people_and_many_labels_need_no_more_room_than_their_answers():
    lot, names = random.Random(1), [f"l{n}" for n in range(300)]
    rows = [(f"i{n // 3}", f"w{lot.randrange(1000)}", lot.choice(names)) for n in range(3000)]
    tracemalloc.start()

    aggregate(crowd(rows, names))

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000_000
