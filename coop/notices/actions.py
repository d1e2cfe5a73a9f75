"""Telling people, reading, and choosing what is mailed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.canonical import canonical_json
from coop.ground.errors import Refused
from coop.members.actors import user_behind
from coop.members.models import User
from coop.notices.models import Letter, MailChoice, Notice
from coop.notices.occasion import Occasion, occasions

Row = TypeVar("Row")
Mailed = Notice.Mailed


def tell(*, occasion: Occasion[Row], of: Row, now: datetime) -> None:
    """Write a notice for everybody whom the occasion concerns, in the transaction of the event; telling twice changes nothing.

    TransactionManagementError outside of one: the notice would stay where the event is rolled back, or the other way round.
    TypeError where the facts hold what has no canonical form.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("what happened and its notices are written together: open one")
    facts, about, people = occasion.facts(of), occasion.about(of), set(occasion.audience(of))
    canonical_json(facts)
    chosen = MailChoice.objects.filter(kind=occasion.name, user__in=people).values_list("user", flat=True)
    gathering = set() if occasion.always_mailed else set(chosen)

    def mailed(person: UUID) -> str:
        return Mailed.AT_ONCE if occasion.always_mailed else Mailed.GATHERED if person in gathering else ""

    Notice.objects.bulk_create(
        [
            Notice(user_id=person, kind=occasion.name, about=about, facts=facts, told_at=now, mailed=mailed(person))
            for person in sorted(people)
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def mark_read(*, notices: Collection[UUID], by: Actor, now: datetime) -> int:
    """The reader says that these were read; how many were new. Of others' nothing is touched, and twice changes nothing."""
    mine = Notice.objects.of(user_behind(by)).unread().filter(pk__in=notices)
    rows = list(mine.select_for_update().order_by("pk"))
    for row in rows:
        now = row.not_before(now)
        row.read_at = now
    return Notice.objects.bulk_update(rows, ["read_at"])


def choosable() -> frozenset[str]:
    """The kinds of which a person chooses whether they are mailed; the others always are."""
    return frozenset(name for name, occasion in occasions().items() if occasion.always_mailed is None)


@transaction.atomic
def choose_mails(*, kinds: Collection[str], by: Actor, now: datetime) -> None:
    """Have these kinds mailed from now on, and no others that can be chosen. The same again changes nothing. Refused `unknown_notice`."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_behind(by).pk)
    now = user.not_before(now)
    if unknown := sorted(set(kinds) - choosable()):
        raise Refused(
            _("“%(kind)s” is nothing that you can choose to be mailed.") % {"kind": unknown[0]},
            code="unknown_notice",
            field="kinds",
        )
    kept = MailChoice.objects.filter(user=user)
    kept.exclude(kind__in=kinds).delete()
    MailChoice.objects.bulk_create(
        [MailChoice(user=user, kind=kind, chosen_at=now) for kind in sorted(set(kinds))], ignore_conflicts=True
    )


@transaction.atomic
def send_again(*, by: Actor, now: datetime) -> int:
    """Their reader asks for the letters that may not have arrived once more: only they know. How many are tried again."""
    failed = Letter.objects.failed().filter(user=user_behind(by))
    letters = list(failed.select_for_update().order_by("pk"))
    for letter in letters:
        now = letter.not_before(now)
        letter.state, letter.tries, letter.next_try_at, letter.ended_at = Letter.State.WAITING, 0, None, None
    return Letter.objects.bulk_update(letters, ["state", "tries", "next_try_at", "ended_at"])
