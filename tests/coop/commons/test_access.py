from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction

from coop.audit.models import Entry
from coop.commons.actions import (
    fetch_file,
    grant_access,
    refuse_access,
    request_access,
    settle_fee,
    withdraw_request,
)
from coop.commons.models import AccessEvent, AccessRequest, ReleaseFile
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, head
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset():
    return make.dataset()


def granted(dataset, **stated):
    return grant_access(request=make.access_request(dataset=dataset, **stated), decision=uuid4(), now=coop_now())


def red_lines(lines):
    """What the assembly decides on the red lines."""
    now, key = coop_now(), "commons.red_lines"
    amend_rule(key=key, value=lines, effective_from=now, decision=uuid4(), supersedes=head(key), now=now)


def entries(kind):
    return [entry.as_data() for entry in Entry.objects.filter(kind=kind)]


def test_an_insurer_is_refused_at_once_and_the_red_line_is_named(dataset):
    request = make.access_request(
        dataset=dataset, organisation="Sure & Sons", legal_form="firm", sector="insurance", purpose="insurance_pricing"
    )

    assert (request.outcome, request.refused_for) == ("refused", "insurance")
    assert request.refused_because == "No insurers"
    assert entries("access.refused")[0]["payload"] == {"reason": "insurance", "decision": None}


def test_a_research_lab_waits_for_people(dataset):
    request = make.access_request(dataset=dataset)

    assert request.outcome == ""
    assert request.screening["verdict"] == "people"


def test_an_insurer_behind_a_laboratory_is_an_insurer(dataset):
    request = make.access_request(dataset=dataset, recipient_sectors=["insurance"])

    assert request.refused_for == "insurance"


def test_a_red_line_drawn_after_the_policy_was_adopted_holds_too(dataset):
    red_lines(["insurance"])
    lenient = make.dataset(title="Under one line")
    red_lines(["insurance", "military"])

    assert make.access_request(dataset=lenient, sector="defence").refused_for == "military"


UNSOUND = [
    ("organisation", " "),
    ("legal_form", "empire"),
    ("country", "France"),
    ("sector", ""),
    ("purpose", "good"),
    ("purpose_text", "short"),
    ("actions", []),
    ("actions", ["steal"]),
    ("recipients", ""),
    ("recipient_sectors", ["unheard of"]),
    ("environment", "moon"),
    ("until", datetime(2020, 1, 1, tzinfo=UTC).date()),
    ("offer", -1),
]


def test_an_unsound_request_is_answered_with_the_field(dataset):
    for field, value in UNSOUND:
        with pytest.raises(ValidationError) as wrong:
            make.access_request(dataset=dataset, **{field: value})
        assert list(wrong.value.message_dict) == [field], (field, value)

    assert not AccessRequest.objects.exists()


@pytest.mark.law
def test_what_is_stated_is_hashed_into_the_log_and_never_edited(dataset):
    request = make.access_request(dataset=dataset)

    assert entries("access.requested")[0]["by"] == request.asked_by.actor.stands_as
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        AccessRequest.objects.update(purpose_text="Something harmless, really.")


def test_a_grant_gives_one_release_for_the_time_asked_for(dataset):
    until = (coop_now() + timedelta(days=40)).date()

    grant = granted(dataset, until=until)

    assert grant.release == dataset.releases.get()
    assert grant.ends_at == datetime.combine(until + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    assert grant.is_open_on(coop_now())
    assert not grant.is_open_on(grant.ends_at)


def test_no_grant_lasts_longer_than_the_rule_allows(dataset):
    grant = granted(dataset, until=(coop_now() + timedelta(days=5000)).date())

    assert grant.ends_at - grant.starts_at == timedelta(days=365)


def test_granting_twice_by_one_decision_grants_once(dataset):
    request, decision = make.access_request(dataset=dataset), uuid4()

    one = grant_access(request=request, decision=decision, now=coop_now())
    two = grant_access(request=request, decision=decision, now=coop_now())

    assert one == two
    assert len(entries("access.granted")) == 1


@pytest.mark.law
def test_what_is_decided_stays_decided(dataset):
    request = make.access_request(dataset=dataset)
    refuse_access(request=request, reason="vote", decision=uuid4(), now=coop_now())

    with pytest.raises(Refused) as no:
        grant_access(request=request, decision=uuid4(), now=coop_now())
    assert no.value.code == "request_closed"
    with pytest.raises(IntegrityError, match="stays so"), transaction.atomic():
        AccessRequest.objects.filter(pk=request.pk).update(outcome="granted", refused_for="", decision=uuid4())


@pytest.mark.law
def test_the_database_states_the_laws_of_a_request(dataset):
    make.access_request(dataset=dataset)
    laws = [
        ({"outcome": "refused", "decided_at": coop_now()}, "access_request_refused_names_why"),
        ({"outcome": "granted", "decided_at": coop_now()}, "access_request_granted_only_by_a_decision"),
        ({"decided_at": coop_now()}, "access_request_decided_has_its_moment"),
    ]

    for values, law in laws:
        with pytest.raises(IntegrityError, match=law), transaction.atomic():
            AccessRequest.objects.update(**values)


def test_a_file_is_fetched_by_who_asked_and_everyone_sees_that_it_was(dataset):
    grant = granted(dataset)
    clara = grant.request.asked_by

    event = fetch_file(grant=grant, name="labels.csv", by=clara.actor, now=coop_now())

    assert event.content().startswith(b"unit,")
    assert AccessEvent.objects.get().file == "labels.csv"
    with pytest.raises(ReleaseFile.DoesNotExist):
        fetch_file(grant=grant, name="../settings.py", by=clara.actor, now=coop_now())
    with pytest.raises(Refused) as no:
        fetch_file(grant=grant, name="labels.csv", by=make.user("mallory").actor, now=coop_now())
    assert no.value.code == "not_yours"


def test_a_release_with_a_fee_opens_when_the_fee_is_paid(dataset):
    grant = granted(dataset, offer=5000, legal_form="firm", purpose="product_development")

    with pytest.raises(Refused) as no:
        fetch_file(grant=grant, name="labels.csv", by=grant.request.asked_by.actor, now=coop_now())
    assert no.value.code == "fee_not_paid"

    grant = settle_fee(grant=grant, by=PLATFORM, now=coop_now())
    assert fetch_file(grant=grant, name="labels.csv", by=grant.request.asked_by.actor, now=coop_now())


def test_a_grant_that_is_over_opens_nothing(dataset):
    grant = granted(dataset)

    with pytest.raises(Refused) as no:
        fetch_file(grant=grant, name="labels.csv", by=grant.request.asked_by.actor, now=grant.ends_at)

    assert no.value.code == "grant_over"


def test_who_asked_may_take_the_request_back_and_it_stays_in_the_register(dataset):
    request = make.access_request(dataset=dataset)

    with pytest.raises(Refused) as no:
        withdraw_request(request=request, by=make.user("mallory").actor, now=coop_now())
    assert no.value.code == "not_yours"

    withdraw_request(request=request, by=request.asked_by.actor, now=coop_now())
    again = withdraw_request(request=request, by=request.asked_by.actor, now=coop_now())
    assert (again.outcome, again.refused_for) == ("refused", "withdrawn")


def test_nothing_can_be_asked_of_a_dataset_without_a_release(dataset, monkeypatch):
    monkeypatch.setattr(type(dataset.releases), "exists", lambda self: False)

    with pytest.raises(Refused) as no:
        request_access(dataset=dataset, by=make.requester().actor, now=coop_now())

    assert no.value.code == "nothing_released"


@pytest.mark.law
def test_what_was_fetched_is_not_forgotten(dataset):
    grant = granted(dataset)
    fetch_file(grant=grant, name="labels.csv", by=grant.request.asked_by.actor, now=coop_now())

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM commons_accessevent")
