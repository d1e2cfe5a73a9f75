"""A member objects to their own statement while the window is open, and the run waits for the answer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from coop.ground.errors import Refused
from coop.members.models import Member
from payouts.models import Objection
from payouts.sharing.approval import approve_run
from payouts.sharing.objections import answer_objection, raise_objection
from tests import make, money

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def awa():
    return make.member("awa")


@pytest.fixture
def run(awa):
    return money.ran(awa)


def objecting(run, by, *, reason="An hour is missing.", now=None):
    share = money.share_of(run, Member.objects.get(name="Awa"))
    return raise_objection(share=share, by=by.actor, reason=reason, now=now or run.computed_at)


def refused(act, *args, **more):
    with pytest.raises(Refused) as no:
        act(*args, **more)
    return no.value.code


def test_a_run_is_not_approved_before_the_objection_is_answered(run, awa):
    theo = make.treasurer()
    objection = objecting(run, awa)
    assert refused(approve_run, run=run, by=theo.actor, now=run.objections_until) == "objections_unanswered"

    answer_objection(
        objection=objection, by=theo.actor, answer="It is paid in the next period.", now=run.objections_until
    )

    assert approve_run(run=run, by=theo.actor, now=run.objections_until).state == "approved"


def test_the_same_objection_again_changes_nothing(run, awa):
    assert objecting(run, awa) == objecting(run, awa)
    assert refused(objecting, run, awa, reason="Something else.") == "objection_open"


def test_nobody_objects_in_another_s_name_without_a_reason_or_too_late(run, awa):
    assert refused(objecting, run, make.member("hanitra")) == "not_yours"
    assert refused(objecting, run, awa, reason="  ") == "reason_missing"
    assert refused(objecting, run, awa, now=run.objections_until) == "objections_closed"
    assert objecting(run, awa, now=run.objections_until - SECOND).pk


@pytest.mark.law
def test_only_a_treasurer_answers_and_once(run, awa):
    theo, objection = make.treasurer(), objecting(run, awa)
    now = run.objections_until

    assert refused(answer_objection, objection=objection, by=awa.actor, answer="Yes.", now=now) == "not_in_office"
    assert refused(answer_objection, objection=objection, by=theo.actor, answer=" ", now=now) == "answer_missing"
    answered = answer_objection(objection=objection, by=theo.actor, answer="Yes.", now=now)
    assert answer_objection(objection=objection, by=theo.actor, answer="Yes.", now=now) == answered
    assert refused(answer_objection, objection=objection, by=theo.actor, answer="No.", now=now) == "objection_answered"
    with pytest.raises(IntegrityError, match="not allowed"):
        Objection.objects.update(answer="No.")
