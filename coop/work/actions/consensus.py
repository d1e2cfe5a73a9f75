"""Bringing answers together, after they are committed; and noticing that a project is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from coop.audit.actions import record
from coop.ground.actor import PLATFORM
from coop.ground.canonical import fingerprint
from coop.notices.actions import tell
from coop.rules.actions import in_force, pin
from coop.rules.book import RuleBook
from coop.work.kinds import KINDS
from coop.work.kinds._kind import Consensus as Reckoned
from coop.work.kinds._kind import Said, Verdict
from coop.work.models import Answer, Consensus, ConsensusRound, GoldDraw, GoldTruth, Project
from coop.work.occasions import project_delivered

Status = Project.Status


@transaction.atomic
def finish_if_done(*, project: Project, now: datetime) -> bool:
    """Call a project done when every item has all its answers. Whether it is done now. Doing it twice changes nothing."""
    locked = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    now = locked.not_before(now)
    if locked.status not in (Status.LIVE, Status.PAUSED):
        return locked.status == Status.DONE
    if locked.items.filter(open=True).exists() or locked.items.unfinished().exists():  # the first by its small index
        return False
    locked.status, locked.done_at, locked.paused_at, locked.open_items = Status.DONE, now, None, 0
    locked.save(update_fields=["status", "done_at", "paused_at", "open_items"])
    record(
        kind="project.done",
        subject=f"project:{locked.pk}",
        payload={"answers": locked.answers.billable().count()},
        by=PLATFORM,
        now=now,
    )
    tell(occasion=project_delivered.OCCASION, of=locked, now=now)
    return True


@transaction.atomic
def reckon_consensus(*, project: Project, now: datetime) -> ConsensusRound | None:
    """Reckon what the answers of the project say together, by the strategy in force.

    None where nothing has changed since the last round, where it is too early for another, or where another is running.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('canut.consensus ' || %s, 0))", [str(project.pk)]
        )
        if not cursor.fetchone()[0]:
            return None
    project.refresh_from_db()
    last = project.consensus_rounds.order_by("-number").first()
    now = (last or project).not_before(now)
    book = in_force(now)
    if not _is_due(project, last, book, now):
        return None
    draw = GoldDraw.objects.filter(project=project).first()
    gold = draw.truths_if_stated() if draw else {}
    rows = list(
        Answer.objects.that_make_labels_of(project)
        .order_by("item_id", "assignment_id", "-revision")
        .distinct("item_id", "assignment_id")
        .values_list("item_id", "assignment_id", "assignment__member_id", "value")
    )
    said = [Said(str(item), str(member), value) for item, _assignment, member, value in rows]
    strategy = book.choice("work.consensus")
    truths = {str(item): value for item, value in gold.items()}
    found = KINDS[project.task_type].consensus(strategy, project.template, said, truths)
    pin(book=book, now=now)
    this = ConsensusRound.objects.create(
        project=project,
        number=last.number + 1 if last else 1,
        strategy=strategy,
        rule_book=book.hash,
        answers=len(rows),
        inputs_sha256=fingerprint(
            [[str(assignment), value] for _item, assignment, _member, value in rows]
            + [["gold", item, value] for item, value in truths.items()]
        ),
        reckoned_at=now,
        **_measured(found),
    )
    _write_what_changed(this, found.verdicts)
    return this


def _write_what_changed(this: ConsensusRound, verdicts: Mapping[str, Verdict]) -> None:
    """The verdicts of this round that differ from the newest before it."""
    before = {
        one.item_id: Verdict(one.value, one.support, one.confidence, one.answers)
        for one in Consensus.objects.newest_of(this.project).order_by()
    }
    Consensus.objects.bulk_create(
        (
            Consensus(
                item_id=int(item),
                round=this,
                value=verdict.value,
                support=verdict.support,
                confidence=verdict.confidence,
                answers=verdict.answers,
            )
            for item, verdict in verdicts.items()
            if before.get(int(item)) != verdict
        ),
        batch_size=2000,
    )


def _measured(found: Reckoned) -> dict[str, int | None]:
    """What a round records of how far people agree and how often labels are right."""
    return {
        "agreement_num": found.agreement.numerator if found.agreement is not None else None,
        "agreement_den": found.agreement.denominator if found.agreement is not None else None,
        "alpha_permille": _permille(found.alpha),
        "gold": found.gold,
        "accuracy_from_permille": found.accuracy[0] if found.accuracy else None,
        "accuracy_to_permille": found.accuracy[1] if found.accuracy else None,
    }


def _permille(alpha: Fraction | None) -> int | None:
    return None if alpha is None else alpha.numerator * 1000 // alpha.denominator


def _is_due(project: Project, last: ConsensusRound | None, book: RuleBook, now: datetime) -> bool:
    finished = project.status == Status.DONE
    early = last and now < last.reckoned_at + timedelta(seconds=book.whole("work.consensus_seconds"))
    if early and not finished:
        return False
    answers = Answer.objects.that_make_labels_of(project).count()
    if last is None:
        return answers > 0
    if project.done_at and last.reckoned_at < project.done_at:
        return True
    if not early and _last_truths().filter(draw__project=project, stated_at__gte=last.reckoned_at).exists():
        return True
    return answers != last.answers or (not finished and last.strategy != book.choice("work.consensus"))


def _last_truths() -> QuerySet[GoldTruth]:
    """Those with which all gold items of a project are stated; the ones before tell nothing yet."""
    return GoldTruth.objects.filter(place=F("draw__number"))


def update_due_consensus(*, now: datetime) -> int:
    """Finish what is done and reckon what is due, project by project. How many rounds were reckoned."""
    rounds = 0
    reckoned = ConsensusRound.objects.filter(project=OuterRef("pk"), reckoned_at__gte=OuterRef("done_at"))
    since = ConsensusRound.objects.filter(project=OuterRef("draw__project"), reckoned_at__gt=OuterRef("stated_at"))
    measured = _last_truths().filter(~Exists(since), draw__project=OuterRef("pk"))
    due = Q(status__in=[Status.LIVE, Status.PAUSED]) | Q(status=Status.DONE) & (~Exists(reckoned) | Exists(measured))
    for project in Project.objects.filter(due).order_by("live_at"):
        finish_if_done(project=project, now=now)
        rounds += reckon_consensus(project=project, now=now) is not None
    return rounds
