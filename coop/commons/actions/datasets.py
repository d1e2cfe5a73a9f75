"""Bringing delivered work into the commons: the dataset, its policy, its releases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from coop.audit.actions import record
from coop.commons import files, plain, screen
from coop.commons.models import Contribution, Contributor, Dataset, Release, ReleaseFile, UsePolicy
from coop.ground.actor import PLATFORM, Actor
from coop.ground.canonical import fingerprint, instant, sha256_hex
from coop.ground.errors import Refused
from coop.ground.laws import check_stated
from coop.members.actors import must_hold
from coop.members.models import OfficeKind
from coop.rules.actions import in_force
from coop.work.kinds import KINDS
from coop.work.models import Answer, Consensus, Project
from coop.work.reading import measured

STATED = ("title", "summary", "client_rights", "returns", "personal_data", "origin")
"""What a steward states about a dataset."""


@transaction.atomic
def open_dataset(
    *,
    project: Project,
    title: str,
    summary: str,
    client_rights: str,
    returns: str,
    personal_data: bool,
    by: Actor,
    now: datetime,
    origin: str = Dataset.Origin.CLIENT_COMMISSIONED,
) -> Dataset:
    """Take what a delivered project returns into the commons, with the default policy and a first release.

    A steward does it, and says by what right. Doing it twice gives the same dataset. ValidationError names each unsound field.
    Refused `not_in_office`, `not_delivered`, `no_labels`, `too_few_contributors`.
    """
    steward = must_hold(by, OfficeKind.STEWARD, now=now)
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    now = project.not_before(now)
    if known := Dataset.objects.filter(project=project).first():
        return known
    if project.status != Project.Status.DONE:
        raise Refused(_("This work is not delivered yet."), code="not_delivered", field="project")
    dataset = Dataset(
        project=project,
        title=title.strip(),
        summary=summary.strip(),
        client_rights=client_rights.strip(),
        returns=returns,
        personal_data=personal_data,
        origin=origin,
        steward=steward.member,
        opened_at=now,
    )
    check_stated(dataset, STATED)
    dataset.save(force_insert=True)
    opened = {"project": str(project.pk), "returns": dataset.returns, "origin": dataset.origin}
    _record(dataset, "opened", opened, steward, now)
    _note_contributions(dataset)
    lines = in_force(now).words("commons.red_lines")
    odrl = screen.default_policy(target=f"urn:canut:dataset:{dataset.pk}", red_lines=lines)
    adopt_policy(dataset=dataset, odrl=odrl, decision=None, now=now)
    publish_release(dataset=dataset, by=by, now=now)
    return dataset


@transaction.atomic
def adopt_policy(*, dataset: Dataset, odrl: Mapping[str, Any], decision: UUID | None, now: datetime) -> UsePolicy:
    """Give the dataset a policy; it is never edited, a later one takes its place. The same policy again changes nothing."""
    _lock(dataset)
    last = dataset.policies.order_by("-version").first()
    now = (last or dataset).not_before(now)
    if last is not None and last.odrl == {**odrl, "uid": last.odrl["uid"]}:
        return last
    version = last.version + 1 if last else 1
    content = {**odrl, "uid": f"urn:canut:policy:{dataset.pk}:{version}"}
    policy = UsePolicy.objects.create(
        dataset=dataset,
        version=version,
        odrl=content,
        odrl_sha256=fingerprint(content),
        texts=_in_every_language(content),
        decision=decision,
        adopted_at=now,
    )
    record(
        kind="policy.adopted",
        subject=f"dataset:{dataset.pk}",
        payload={"policy": str(policy.pk), "odrl_sha256": policy.odrl_sha256, "version": version},
        by=PLATFORM,
        now=now,
    )
    return policy


@transaction.atomic
def publish_release(*, dataset: Dataset, by: Actor, now: datetime) -> Release:
    """Freeze the labels as they stand into files with their hashes. Where nothing changed since the last release, that one.

    Refused `not_in_office`, `no_labels`, `too_few_contributors`.
    """
    steward = must_hold(by, OfficeKind.STEWARD, now=now)
    _lock(dataset)
    last = dataset.releases.order_by("-version").first()
    now = (last or dataset).not_before(now)
    rows = _rows(dataset)
    if not rows:
        raise Refused(_("There are no labels yet."), code="no_labels")
    contributors = dataset.contributors.count()
    least = in_force(now).whole("commons.minimum_contributors")
    if contributors < least:
        raise Refused(
            _("Only %(contributors)d people made this; with fewer than %(least)d a release would tell who.")
            % {"contributors": contributors, "least": least},
            code="too_few_contributors",
        )
    policy = dataset.policy
    round_ = dataset.project.consensus_rounds.order_by("-number")[0].number
    if last is not None and (last.consensus_round, last.policy_id) == (round_, policy.pk):
        return last
    version = last.version + 1 if last else 1
    about = _about(dataset, version=version, contributors=contributors, now=now)
    content = _files(dataset, policy, about=about, rows=rows)
    release = Release.objects.create(
        dataset=dataset,
        policy=policy,
        version=version,
        units=len(rows),
        contributors=contributors,
        consensus_round=round_,
        manifest_sha256=sha256_hex(content[files.SUMS]),
        released_at=now,
    )
    ReleaseFile.objects.bulk_create(
        ReleaseFile(release=release, name=name, content=data, sha256=sha256_hex(data))
        for name, data in sorted(content.items())
    )
    released = {"version": version, "units": len(rows), "manifest_sha256": release.manifest_sha256}
    _record(dataset, "released", released, steward, now)
    return release


def _files(dataset: Dataset, policy: UsePolicy, *, about: dict[str, Any], rows: list[files.Row]) -> dict[str, bytes]:
    with override("en"):
        return files.release_files(
            about=about,
            policy=policy.odrl,
            terms=policy.texts["en"],
            columns=KINDS[dataset.project.task_type].release_columns(),
            rows=rows,
            whole=dataset.returns == Dataset.Returns.ALL,
        )


def _about(dataset: Dataset, *, version: int, contributors: int, now: datetime) -> dict[str, Any]:
    told = measured(dataset.project.consensus_rounds.order_by("-number").first())
    return told | {
        "format": "canut-release/1",
        "dataset": str(dataset.pk),
        "title": dataset.title,
        "summary": dataset.summary,
        "version": version,
        "creator": f"the members of {settings.COOP_NAME}, collectively",
        "contributors": contributors,
        "client_rights": dataset.client_rights,
        "policy_sha256": dataset.policy.odrl_sha256,
        "released_at": instant(now),
    }


def _rows(dataset: Dataset) -> list[files.Row]:
    kind = KINDS[dataset.project.task_type]
    verdicts = Consensus.objects.newest_of(dataset.project).select_related("item")
    return [
        files.Row(
            unit=verdict.item.seq,
            payload_sha256=verdict.item.payload_sha256,
            said=kind.release_cells(verdict.value),
            confidence=verdict.confidence,
            answers=verdict.answers,
            payload=verdict.item.payload,
        )
        for verdict in verdicts
    ]


def _note_contributions(dataset: Dataset) -> None:
    """Every answer of the project, under a pseudonym of this dataset, in its month."""
    answers = (
        Answer.objects.filter(project=dataset.project)
        .order_by("assignment_id", "-revision")
        .distinct("assignment_id")
        .values_list("assignment__member_id", "item__seq", "value", "submitted_at")
    )
    given = sorted(answers, key=lambda answer: answer[1])
    people = {
        member: Contributor.objects.create(dataset=dataset, member_id=member).pseudonym
        for member in {member for member, _seq, _value, _moment in given}
    }
    Contribution.objects.bulk_create(
        (
            Contribution(
                dataset=dataset,
                pseudonym=people[member],
                unit=str(seq),
                payload_sha256=fingerprint(value),
                month=moment.strftime("%Y-%m"),
            )
            for member, seq, value, moment in given
        ),
        batch_size=2000,
    )


def _in_every_language(odrl: Mapping[str, Any]) -> dict[str, list[str]]:
    texts = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            texts[code] = plain.sentences(odrl)
    return texts


def _lock(dataset: Dataset) -> None:
    """One change of a dataset at a time (advisory lock: the row itself is never updated, so nobody may lock it)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('canut.dataset ' || %s, 0))", [str(dataset.pk)])


def _record(dataset: Dataset, verb: str, payload: dict[str, Any], by: Actor, now: datetime) -> None:
    record(kind=f"dataset.{verb}", subject=f"dataset:{dataset.pk}", payload=payload, by=by, now=now)
