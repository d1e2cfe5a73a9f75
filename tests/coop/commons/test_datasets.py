import csv
import hashlib
import io
import json

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction

from coop.audit.models import Entry
from coop.commons.actions import adopt_policy, publish_release
from coop.commons.files import Row, release_files
from coop.commons.models import Contribution, Contributor, Dataset, Release, ReleaseFile, UsePolicy
from coop.ground.canonical import fingerprint
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from tests import make

pytestmark = pytest.mark.django_db


def content(release):
    return {file.name: bytes(file.content) for file in release.files.all()}


def test_delivered_labels_become_a_dataset_with_a_policy_and_a_release():
    dataset = make.dataset()

    assert dataset.policy.version == 1
    release = dataset.releases.get()
    assert (release.version, release.units, release.contributors) == (1, 2, 5)
    rows = list(csv.DictReader(io.StringIO(content(release)["labels.csv"].decode())))
    assert [(row["unit"], row["label"], row["answers"]) for row in rows] == [("1", "yes", "5"), ("2", "yes", "5")]
    said = json.loads(content(release)["labels.json"])
    assert [unit["label"] for unit in said["units"]] == ["yes", "yes"]
    assert "payload" not in said["units"][0]


def test_the_hashes_of_a_release_can_be_checked_with_coreutils():
    release = make.dataset().releases.get()
    files = content(release)

    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    assert hashlib.sha256(files["SHA256SUMS"]).hexdigest() == release.manifest_sha256
    assert Entry.objects.get(kind="dataset.released").as_data()["payload"]["manifest_sha256"] == release.manifest_sha256


def test_the_items_are_part_of_a_release_only_where_they_returned_to_the_commons():
    release = make.dataset(returns="all").releases.get()

    assert json.loads(content(release)["labels.json"])["units"][0]["payload"] == {"text": "Sentence number 1."}


def test_the_creator_is_the_collective_and_nobody_is_named():
    dataset = make.dataset()
    text = b"".join(content(dataset.releases.get()).values()).decode()

    assert json.loads(content(dataset.releases.get())["labels.json"])["creator"].endswith("collectively")
    for person in Contributor.objects.select_related("member"):
        assert person.member.name not in text and str(person.member.pk) not in text and person.pseudonym.hex not in text


def test_contributions_stand_under_pseudonyms_of_this_dataset_alone():
    one, two = make.dataset(), make.dataset(title="Others")

    assert Contribution.objects.filter(dataset=one).count() == 10
    pseudonyms = [
        set(Contribution.objects.filter(dataset=each).values_list("pseudonym", flat=True)) for each in (one, two)
    ]
    assert not pseudonyms[0] & pseudonyms[1]
    assert {len(field) for field in Contribution.objects.values_list("month", flat=True)} == {7}


def test_opening_and_releasing_twice_changes_nothing():
    steward, project = make.steward(), make.delivered()

    one = make.dataset(by=steward, project=project)
    two = make.dataset(by=steward, project=project)
    publish_release(dataset=one, by=steward.actor, now=coop_now())

    assert one == two
    assert (Dataset.objects.count(), Release.objects.count(), UsePolicy.objects.count()) == (1, 1, 1)


def test_only_a_steward_takes_work_into_the_commons():
    project = make.delivered()

    for person in (make.member("awa"), make.treasurer()):
        with pytest.raises(Refused) as no:
            make.dataset(by=person, project=project)
        assert no.value.code == "not_in_office"


def test_work_that_is_not_delivered_is_not_shared():
    with pytest.raises(Refused) as no:
        make.dataset(project=make.live())

    assert no.value.code == "not_delivered"


def test_data_of_fewer_than_five_makers_is_not_released():
    with pytest.raises(Refused) as no, transaction.atomic():
        make.dataset(project=make.delivered(people=4))

    assert no.value.code == "too_few_contributors"
    assert not Dataset.objects.exists()


def test_what_a_dataset_must_say_is_named():
    steward, project = make.steward(), make.delivered()

    for field in ("title", "summary", "client_rights"):
        with pytest.raises(ValidationError) as wrong:
            make.dataset(by=steward, project=project, **{field: "  "})
        assert list(wrong.value.message_dict) == [field]


def test_another_policy_takes_the_place_of_the_first_which_stays_as_it_was():
    dataset = make.dataset()
    first = dataset.policy

    second = adopt_policy(dataset=dataset, odrl={**first.odrl, "permission": []}, decision=None, now=coop_now())
    again = adopt_policy(dataset=dataset, odrl=second.odrl, decision=None, now=coop_now())

    assert again == second == dataset.policy
    assert first.odrl_sha256 == fingerprint(UsePolicy.objects.get(pk=first.pk).odrl)
    assert second.odrl["uid"].endswith(":2")


def test_a_policy_speaks_plainly_in_every_language():
    policy = make.dataset().policy

    assert set(policy.texts) == {"en", "fr"}
    assert "Never: No insurers." in policy.sentences
    assert any(line.startswith("Free of charge, if the stewards agree:") for line in policy.sentences)


@pytest.mark.law
def test_what_was_published_is_never_edited():
    make.dataset()

    for model in (Dataset, UsePolicy, Release, ReleaseFile, Contribution):
        for statement in ("DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {} CASCADE"):
            denied = pytest.raises(ProgrammingError, match="permission denied")
            with denied, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement.format(model._meta.db_table))


def test_a_label_that_a_spreadsheet_would_run_is_disarmed():
    files = release_files(
        about={}, policy={}, terms=[], columns=["label"], rows=[Row(1, "a", ["=1+1"], 1000, 5)], whole=False
    )

    assert b"'=1+1" in files["labels.csv"]
    assert json.loads(files["labels.json"])["units"][0]["label"] == "=1+1"
