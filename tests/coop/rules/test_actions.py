from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.utils import translation

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, check_fit, head, in_force
from coop.rules.catalogue import CATALOGUE
from coop.rules.models import RuleVersion

pytestmark = pytest.mark.django_db
KEY = "pay.solidarity_share"


def amend(value, *, after=timedelta(days=1), decision=None, base=None):
    now = coop_now()
    return amend_rule(
        key=KEY,
        value=value,
        effective_from=now + after,
        decision=decision or uuid4(),
        supersedes=base or head(KEY),
        now=now,
    )


def test_the_founding_gives_every_rule_its_first_version():
    book = in_force(coop_now())

    assert {key: book[key] for key in CATALOGUE} == {key: rule.default for key, rule in CATALOGUE.items()}
    assert {book.version(key) for key in CATALOGUE} == {1}


def test_an_amended_rule_begins_at_its_moment_and_not_before():
    now = coop_now()

    version = amend(700)

    assert in_force(version.effective_from - timedelta(microseconds=1))[KEY] == CATALOGUE[KEY].default
    assert in_force(version.effective_from)[KEY] == 700
    assert in_force(now).hash != in_force(version.effective_from).hash


def test_a_stale_base_is_refused_by_name():
    base = head(KEY)
    amend(700)

    with pytest.raises(Refused) as no:
        amend(800, after=timedelta(days=2), base=base)

    assert no.value.code == "stale_base"


def test_the_same_decision_twice_changes_the_rule_once():
    base, decision = head(KEY), uuid4()

    first = amend(700, decision=decision, base=base)
    second = amend(700, decision=decision, base=base)

    assert first == second


@pytest.mark.parametrize("value", [3001, -1, "700", 7.5, True, None])
def test_a_value_out_of_bounds_is_refused_naming_the_field(value):
    with pytest.raises(Refused) as no:
        amend(value)

    assert (no.value.code, no.value.field) == ("value_not_allowed", "value")


def test_a_version_of_a_rule_is_never_edited():
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        RuleVersion.objects.filter(key=KEY).update(value=9999)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pay.hourly_cap", 800),
        ("order.hourly_rate", 899),
        ("procedure.parameter", {"num": 1, "den": 3}),
        ("procedure.parameter", {"num": 2, "den": 2}),
        ("procedure.parameter", {"quorum_num": 2, "quorum_den": 1}),
    ],
)
def test_a_value_that_does_not_fit_with_the_other_rules_is_refused(key, value):
    now = coop_now()
    if isinstance(value, dict):
        value = CATALOGUE[key].default | value

    with pytest.raises(Refused) as no:
        amend_rule(
            key=key,
            value=value,
            effective_from=now + timedelta(days=1),
            decision=uuid4(),
            supersedes=head(key),
            now=now,
        )

    assert no.value.code == "rules_conflict"


def test_the_funds_never_take_more_than_four_fifths():
    now = coop_now()
    for key, value in [("pay.commons_operations_share", 3500), ("pay.social_contributions_share", 3000)]:
        amend_rule(key=key, value=value, effective_from=now, decision=uuid4(), supersedes=head(key), now=now)

    with pytest.raises(Refused, match="8000"):
        amend(1001, after=timedelta(hours=1))


def test_rules_that_do_not_fit_are_told_in_money():
    with pytest.raises(Refused, match=r"The hourly cap \(€8\.00\) would be below the hourly floor \(€9\.00\)\."):
        check_fit(key="pay.hourly_cap", value=800, at=coop_now())
    with translation.override("fr"), pytest.raises(Refused, match="8,00\u00a0€"):
        check_fit(key="pay.hourly_cap", value=800, at=coop_now())
