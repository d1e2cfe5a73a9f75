"""The outbox: gathering what is to be mailed into letters, and sending each at most once.

1. What is to be mailed is a mark on the notice itself, written with it.
2. A letter is committed as “being sent” before the mail server is asked, and no transaction is open meanwhile.
3. A definite no is tried again after a pause, or given up. Where nobody knows, it is not sent a second time by itself.

`now` is the co-operative's clock, `wall` wall time, by which tries are counted: a sandbox that jumps ahead loses no letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from coop.notices.carrier import Handed, hand_over
from coop.notices.models import Letter, MailChoice, Notice
from coop.notices.occasion import occasions
from coop.notices.pauses import pause_after

CHUNK = 20
"""How many letters one round sends: a round must end before its task is given to another worker."""

State, Trouble = Letter.State, Letter.Trouble
TROUBLES = {
    Handed.UNREACHABLE: Trouble.UNREACHABLE,
    Handed.NOT_NOW: Trouble.NOT_NOW,
    Handed.REFUSED: Trouble.REFUSED,
    Handed.BROKEN_OFF: Trouble.BROKEN_OFF,
    Handed.TAKEN: "",
}


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to."""

    sent: int
    reached: bool = True
    """Whether the mail server could be reached, or nothing was asked of it."""


def advance_letters(*, now: datetime, wall: datetime) -> Round:
    """One round: what was lost is called so, what is due is written, what is written is sent."""
    for letter in Letter.objects.lost(wall)[:CHUNK]:
        call_lost(letter=letter, now=now)
    for user in Notice.objects.due(now).values_list("user", flat=True).distinct()[:CHUNK]:
        write_letter(user=user, now=now)
    sent = 0
    for letter in Letter.objects.due(wall)[:CHUNK]:
        handed = send_letter(letter=letter, now=now, wall=wall)
        sent += handed is Handed.TAKEN
        if handed is Handed.UNREACHABLE:  # the others would wait for nothing, and lose a try
            return Round(sent, reached=False)
    return Round(sent)


@transaction.atomic
def write_letter(*, user: UUID, now: datetime) -> Letter | None:
    """Gather what is to be mailed to this person into one letter, if one is due. None where another worker does it, or none is.

    What was read meanwhile, or is no longer chosen, stays on the page alone; what is always mailed is.
    """
    waiting = list(Notice.objects.to_mail().filter(user=user).select_for_update(skip_locked=True).order_by("told_at"))
    for notice in waiting:
        now = notice.not_before(now)
    chosen = set(MailChoice.objects.filter(user=user).values_list("kind", flat=True))
    wanted = {notice.pk for notice in waiting if _is_wanted(notice, chosen)}
    Notice.objects.filter(pk__in={notice.pk for notice in waiting} - wanted).update(mailed="")
    if not Notice.objects.due(now).filter(pk__in=wanted).exists():
        return None
    letter = Letter.objects.create(user_id=user, written_at=now)
    Notice.objects.filter(pk__in=wanted).update(letter=letter)
    return letter


def _is_wanted(notice: Notice, chosen: set[str]) -> bool:
    if notice.kind not in occasions():
        return False
    return notice.mailed == Notice.Mailed.AT_ONCE or (notice.kind in chosen and notice.read_at is None)


def send_letter(*, letter: Letter, now: datetime, wall: datetime) -> Handed | None:
    """Send one letter that is due; None where another worker does it, or nobody wants it any more. Call it with no transaction open."""
    begun = _begin(letter, now, wall)
    if begun is None:
        return None
    mail, tried_at = begun
    handed = hand_over(mail)
    _settle(letter, handed, tried_at, now, wall)
    return handed


@transaction.atomic
def _begin(letter: Letter, now: datetime, wall: datetime) -> tuple[EmailMessage, datetime] | None:
    """Write down that the letter is being sent, before it is; the mail, and which try it is."""
    locked = Letter.objects.due(wall).select_for_update(skip_locked=True, of=("self",)).filter(pk=letter.pk).first()
    if locked is None:
        return None
    now = locked.not_before(now)
    wall = locked.wall_not_before(wall)
    carried = list(locked.notices.filter(kind__in=occasions()).order_by("told_at", "pk"))
    if not carried or not locked.user.is_active:
        locked.state, locked.ended_at = State.DROPPED, now
        locked.save(update_fields=["state", "ended_at"])
        return None
    locked.state, locked.tries, locked.tried_at = State.SENDING, locked.tries + 1, wall
    locked.save(update_fields=["state", "tries", "tried_at"])
    return compose(letter=locked, carried=carried), wall


@transaction.atomic
def _settle(letter: Letter, handed: Handed, tried_at: datetime, now: datetime, wall: datetime) -> None:
    """Write down what came of the try that began at `tried_at`.

    One that was called lost meanwhile may still turn out to have arrived; of a later try it says nothing else.
    """
    locked = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    arrived = handed is Handed.TAKEN and locked.state in (State.SENDING, State.UNKNOWN)
    if not arrived and (locked.state != State.SENDING or locked.tried_at != tried_at):
        return
    now = locked.not_before(now)
    wall = locked.wall_not_before(wall)
    again = pause_after(locked.tries) if handed in (Handed.UNREACHABLE, Handed.NOT_NOW) else None
    locked.trouble, locked.ended_at = TROUBLES[handed], now
    if handed is Handed.TAKEN:
        locked.state = State.SENT
    elif handed is Handed.BROKEN_OFF:
        locked.state = State.UNKNOWN
    elif again is None:
        locked.state = State.GIVEN_UP
    else:
        locked.state, locked.next_try_at, locked.ended_at = State.WAITING, wall + again, None
    locked.save(update_fields=["state", "trouble", "next_try_at", "ended_at"])


@transaction.atomic
def call_lost(*, letter: Letter, now: datetime) -> None:
    """The worker that made this try never came back: nobody knows whether the letter arrived."""
    trying = Letter.objects.filter(pk=letter.pk, state=State.SENDING, tried_at=letter.tried_at)
    locked = trying.select_for_update(skip_locked=True).first()
    if locked is None:
        return
    now = locked.not_before(now)
    locked.state, locked.trouble, locked.ended_at = State.UNKNOWN, Trouble.BROKEN_OFF, now
    locked.save(update_fields=["state", "trouble", "ended_at"])


def compose(*, letter: Letter, carried: list[Notice]) -> EmailMessage:
    """The mail, in its reader's language. It is the same whenever it is tried, and its name at mail servers too."""
    with override(letter.user.language):
        subject = carried[0].occasion.title if len(carried) == 1 else _("What is new for you")
        paragraphs = [f"{notice.sentence}\n{settings.SITE_URL}{notice.path}" for notice in carried]
        paragraphs += [*_reasons(carried), f"{settings.SITE_URL}/notices/mails/"]
        return EmailMessage(
            subject=f"[{settings.COOP_NAME}] {subject}",
            body="\n\n".join(paragraphs) + "\n",
            to=[letter.user.email],
            headers={
                "Message-ID": f"<{letter.pk}@{urlsplit(settings.SITE_URL).hostname}>",
                "Auto-Submitted": "auto-generated",  # RFC 3834: no machine answers it
            },
        )


def _reasons(carried: list[Notice]) -> list[str]:
    """Why the reader gets this letter: each reason once, and where to choose."""
    always = dict.fromkeys(str(said) for notice in carried if (said := notice.occasion.always_mailed))
    chosen = any(notice.occasion.always_mailed is None for notice in carried)
    mine = [_("You chose to be mailed about this, at most once a day.")] if chosen else []
    return ["—", *always, *mine, _("You choose here what is mailed to you:")]
