"""Who approves a run when pay was changed in it: nobody stops everybody's pay by changing that of whoever could approve it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from coop.audit.models import Entry
from coop.ground.errors import Refused
from coop.members.models import Office
from payouts.models import PayoutRun, Period
from payouts.reading import runs_to_approve
from payouts.sharing.approval import adjust_pay, approve_run
from payouts.sharing.approvers import deadline
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from tests import make, money

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def theo():
    return make.treasurer("theo")


@pytest.fixture
def vera():
    return make.steward("vera")


@pytest.fixture
def awa():
    return make.member("awa")


def refused(run, by, *, now=None):
    with pytest.raises(Refused) as no, transaction.atomic():
        approve_run(run=run, by=by.actor, now=now or run.objections_until)
    return no.value.code


def upheld(run, member, by):
    """The run after an objection of this member was upheld."""
    objection = raise_objection(
        share=money.share_of(run, member), by=member.actor, reason="Time is missing.", now=run.computed_at
    )
    correction = Correction("task", 60)
    answer_objection(objection=objection, by=by.actor, answer="Yes.", correction=correction, now=run.computed_at)
    return PayoutRun.objects.get(pk=run.pk)


def adjusted(by, *people):
    """The second run, in which this officer changed the pay of all these people by a cent."""
    first = money.approved(money.ran(by, *people))
    for member in people:
        adjust_pay(
            share=money.share_of(first, member), amount=1, reason="Rounding.", by=by.actor, now=first.approved_at
        )
    return money.run_of(Period.objects.get(number=2))


def test_one_treasurer_can_t_stop_all_pay_by_a_cent_for_every_other_officer(theo, vera, awa):
    tova, zoe = make.treasurer("tova"), make.member("zoe")
    run = adjusted(theo, tova, vera)

    for officer in (theo, tova, vera):
        assert refused(run, officer, now=deadline(run) + DAY) == "approved_by_somebody_else"
    assert runs_to_approve(awa, run.objections_until) == [run] == runs_to_approve(zoe, run.objections_until)

    approved = approve_run(run=run, by=awa.actor, now=run.objections_until)

    assert (approved.state, approved.approved_by) == ("approved", awa)
    assert Entry.objects.filter(kind="run.approved").last().as_data()["by"] == "member"


def test_any_member_is_told_calmly_and_approves_on_the_page_or_by_a_program(theo, vera, awa, clock, client):
    run = upheld(money.ran(theo, vera, awa), vera, theo)
    clock.advance(days=50)
    here = f"/runs/{run.pk}/"

    client.force_login(awa.user)
    assert here in client.get("/").content.decode()
    assert "Nobody in office is left" in client.get(here).content.decode()
    assert client.post(f"/api/v1/runs/{run.pk}/approve/").json()["state"] == "approved"
    assert here not in client.get("/").content.decode()

    client.force_login(make.user("mallory"))
    assert client.post(f"/runs/{run.pk}/approve/").status_code == 404


def test_two_honest_officers_don_t_stop_each_other(theo, vera, awa):
    run = upheld(money.ran(theo, vera, awa), vera, theo)

    assert refused(run, theo) == refused(run, vera) == "approved_by_somebody_else"

    assert approve_run(run=run, by=awa.actor, now=run.objections_until).approved_by == awa


def test_a_member_approves_only_where_nobody_in_office_may(theo, vera, awa):
    bob = make.member("bob")
    run = upheld(money.ran(theo, awa, bob), awa, theo)  # vera may

    for now in (run.objections_until, deadline(run) + DAY):
        assert refused(run, bob, now=now) == "not_in_office"
        assert runs_to_approve(bob, now) == []


def test_a_member_waits_for_a_steward_who_becomes_the_deputy(vera, awa, theo):
    run = money.ran(awa)
    Office.objects.filter(member=theo).update(ends_at=run.computed_at)

    assert refused(run, awa) == refused(run, vera) == "not_in_office"

    assert approve_run(run=run, by=vera.actor, now=deadline(run)).approved_by == vera


def test_where_nobody_is_in_office_a_member_approves(theo, awa):
    run = money.ran(awa)
    Office.objects.update(ends_at=run.computed_at)

    assert approve_run(run=run, by=awa.actor, now=run.objections_until).approved_by == awa


def test_a_member_whose_pay_was_changed_leaves_it_to_one_whose_was_not(theo, awa):
    bob = make.member("bob")
    run = upheld(money.ran(theo, awa, bob), awa, theo)

    assert refused(run, awa) == refused(run, theo) == "approved_by_somebody_else"

    assert approve_run(run=run, by=bob.actor, now=run.objections_until).approved_by == bob


def test_where_everybody_s_pay_was_changed_somebody_approves_who_changed_none(theo, vera, awa):
    run = adjusted(theo, vera, awa)

    assert refused(run, theo, now=deadline(run) + DAY) == "approved_by_somebody_else"
    assert runs_to_approve(vera, run.objections_until) == [run] == runs_to_approve(awa, run.objections_until)

    assert approve_run(run=run, by=vera.actor, now=run.objections_until).approved_by == vera


def test_who_has_left_approves_nothing(theo, awa):
    gone = make.member("gone")
    run = upheld(money.ran(theo, awa, gone), awa, theo)
    type(gone).objects.filter(pk=gone.pk).update(ended_at=run.computed_at)

    gone.refresh_from_db()
    assert refused(run, gone) == "not_a_member"


@pytest.mark.law
def test_by_law_no_member_approves_while_somebody_in_office_may(theo, vera, awa):
    bob = make.member("bob")
    run = upheld(money.ran(theo, awa, bob), awa, theo)

    with pytest.raises(IntegrityError, match="run_approved_by_somebody_else"):
        PayoutRun.objects.filter(pk=run.pk).update(state="approved", approved_at=run.objections_until, approved_by=bob)


@pytest.mark.law
def test_by_law_whoever_changed_pay_never_approves(theo, awa):
    run = adjusted(theo, awa)

    with pytest.raises(IntegrityError, match="run_approved_by_somebody_else"):
        PayoutRun.objects.filter(pk=run.pk).update(state="approved", approved_at=run.objections_until, approved_by=theo)
