"""As whom people act: narrowed by the action, never by who calls it."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import end_membership
from coop.members.actors import Officer, member_behind, must_hold, user_behind
from coop.members.models import OfficeKind
from tests import make

pytestmark = pytest.mark.django_db
TREASURER, STEWARD = OfficeKind.TREASURER, OfficeKind.STEWARD


def test_an_officer_stands_in_the_log_as_the_office():
    theo = make.treasurer()

    acting = must_hold(theo.actor, TREASURER, now=coop_now())

    assert acting == Officer(theo, TREASURER) and acting.stands_as == "office:treasurer"


def test_who_stands_as_somebody_has_no_pseudonym_in_common_with_pay():
    awa = make.member("awa")

    stood = {awa.actor.stands_as.split(":")[1], awa.user.actor.stands_as.split(":")[1]}

    assert len(stood) == 2 and awa.pseudonym.hex not in stood


@pytest.mark.parametrize(
    "actor",
    [
        lambda: make.member("awa").actor,
        lambda: make.steward().actor,
        lambda: make.treasurer().user.actor,  # the account alone has no office
        lambda: PLATFORM,
    ],
)
def test_who_does_not_hold_the_office_is_refused_under_one_name(actor):
    with pytest.raises(Refused) as no:
        must_hold(actor(), TREASURER, now=coop_now())

    assert no.value.code == "not_in_office"


def test_the_refusal_names_the_office_in_the_readers_language():
    awa = make.member("awa").actor

    with override("fr"), pytest.raises(Refused) as no:
        must_hold(awa, STEWARD, now=coop_now())

    assert str(no.value) == "Ceci est réservé à qui exerce la charge\N{NO-BREAK SPACE}: intendant."


def test_an_office_ends_with_its_term_and_with_the_membership():
    theo, gone = make.treasurer(), make.treasurer("gone")
    end_membership(member=gone, by=gone.actor, now=coop_now())

    for actor, now in [(theo.actor, coop_now() + timedelta(days=366)), (gone.actor, coop_now())]:
        with pytest.raises(Refused):
            must_hold(actor, TREASURER, now=now)


def test_a_person_acts_as_the_member_while_the_membership_runs():
    awa, clara = make.member("awa"), make.requester()
    left = coop_now() + timedelta(days=1)

    assert awa.user.actor_on(coop_now()) == awa.actor
    assert clara.actor_on(coop_now()) == clara.actor
    end_membership(member=awa, by=awa.actor, now=left)
    assert awa.user.actor_on(left) == awa.user.actor


def test_an_account_is_no_member_and_the_platform_is_nobody():
    with pytest.raises(Refused) as no:
        member_behind(make.user().actor)
    assert no.value.code == "not_a_member"

    with pytest.raises(TypeError):
        user_behind(PLATFORM)
