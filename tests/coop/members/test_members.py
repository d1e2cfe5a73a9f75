from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import admit, apply, begin_office, end_membership
from coop.members.models import Member
from tests import make

pytestmark = pytest.mark.django_db
FACTS = {"college": "producer", "country": "VE", "languages": ["es"], "engagement": "unknown"}


@pytest.mark.law
def test_a_person_has_one_live_membership():
    hanitra = make.member("hanitra")

    with pytest.raises(IntegrityError, match="member_one_live_membership_per_person"), transaction.atomic():
        Member.objects.create(user=hanitra.user, name="Hanitra", admitted_at=coop_now(), **FACTS)


def test_an_applicant_becomes_a_member_by_a_decision_and_only_once():
    luis, decision, now = make.user("luis"), uuid4(), coop_now()
    application = apply(by=luis.actor, name="Luis", statement="", now=now, **FACTS)

    member = admit(application=application, decision=decision, now=now)

    assert admit(application=application, decision=decision, now=now) == member
    with pytest.raises(Refused) as no:
        admit(application=application, decision=uuid4(), now=now)
    assert no.value.code == "application_closed"


def test_a_membership_is_half_open():
    awa = make.member("awa")
    left = awa.admitted_at + timedelta(days=10)

    end_membership(member=awa, by=awa.actor, now=left)

    assert awa in Member.objects.on(awa.admitted_at)
    assert awa not in Member.objects.on(left)


def test_nobody_ends_the_membership_of_another():
    with pytest.raises(Refused) as no:
        end_membership(member=make.member("awa"), by=make.member("hanitra").actor, now=coop_now())

    assert no.value.code == "not_yours"


@pytest.mark.law
def test_terms_of_one_office_do_not_overlap():
    theo = make.treasurer()

    with pytest.raises(IntegrityError, match="office_terms_of_a_member_do_not_overlap"), transaction.atomic():
        begin_office(member=theo, kind="treasurer", term_days=10, decision=None, now=coop_now())
