"""Never twice, never lost:

1. the key and the exact request are written before the call, and no transaction is open across it;
2. a definite no burns the key: recorded, and the epoch raised, in one commit;
3. an unknown outcome is asked again under the same key, for twenty hours after the first try;
4. after that it is never asked again: the rail's own list is read, and what is there adopted, proved absent, or held for a person.

`now` is the co-operative's clock; `wall` is wall time, by which the rail's keys age. Whoever locks an attempt and what it is
about locks the attempt first. Source: Stripe's documents on idempotent requests; our simulation of 2,000 crash-filled runs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction

from coop.ground.actor import PLATFORM, Actor
from payouts import sealing, troubles
from payouts.models.attempts import Attempt
from payouts.rails import Declined, Found, LookupFailed, Outcome, Sent, Unknown

KEY_LIVES = timedelta(hours=20)
"""How long after its first try a key may be used again. Stripe keeps one for 24 hours."""
QUIET = timedelta(minutes=10)
"""How long after the last try the rail's list is believed: no request is under way for longer."""
EMPTY_PAUSE = timedelta(minutes=5)
"""How long a rail whose balance is too small is left alone."""
LONGEST_PAUSE = 600  # seconds between two tries

State = Attempt.State
Step = Literal["nothing", "sent", "burnt", "empty", "dropped", "held", "unknown"]
"""What one step came to."""


@dataclass(frozen=True)
class Again:
    """After a definite no: ask again under another key, after a pause. `empty` says that the rail as a whole can't now."""

    pause: timedelta = timedelta(0)
    empty: bool = False


@dataclass(frozen=True)
class Look:
    """After a definite no: somebody else may have done it, so look before another key is used."""


@dataclass(frozen=True)
class Drop:
    """After a definite no, or in place of a request that is not wanted any more: nothing more is asked."""

    why: str = ""


@dataclass(frozen=True)
class Act:
    """When something came about, by the co-operative's clock, and by whom."""

    now: datetime
    by: Actor = PLATFORM


class Errand(ABC):
    """What differs by purpose. `ask` and `find` are called with no transaction open; all else inside one, the attempt locked."""

    purpose: str
    rail: str
    lone = True
    """Whether more than one in the rail's list waits for a person. Where nothing moves before somebody is given the first, no."""

    @abstractmethod
    def request(self, attempt: Attempt) -> bytes | Drop:
        """The exact request, to be written before it is asked; or that there is nothing to ask any more, and why."""

    @abstractmethod
    def ask(self, request: bytes, key: str) -> Outcome:
        """Ask once, under this key."""

    @abstractmethod
    def find(self, attempt: Attempt) -> list[Found]:
        """All that the rail's own list shows of it; LookupFailed when it can't be asked."""

    @abstractmethod
    def fits(self, attempt: Attempt, found: Found) -> bool:
        """Whether this is exactly what was asked."""

    @abstractmethod
    def declined(self, attempt: Attempt, no: Declined) -> Again | Look | Drop:
        """What follows from a definite no."""

    @abstractmethod
    def done(self, attempt: Attempt, act: Act) -> None:
        """It happened, under `attempt.reference`: write and book what follows."""

    def moved(self, attempt: Attempt, step: str, act: Act) -> None:  # noqa: B027 most record nothing of it
        """Anything else that happened: asked, unknown, burnt, held, dropped. `attempt.trouble` says why."""


def prepare(*, errand: Errand, subject: UUID) -> Attempt:
    """Something to be asked, from now on; within the transaction that decides it. Doing it twice changes nothing."""
    attempt, _new = Attempt.objects.get_or_create(
        purpose=errand.purpose, subject=subject, defaults={"rail": errand.rail}
    )
    return attempt


def advance(*, attempt: Attempt, errand: Errand, now: datetime, wall: datetime, patient: bool = True) -> Step:
    """One step: ask, or look up. A person who waits is not patient: the pause between two tries is not kept for them."""
    begun, looks = _begin(attempt, errand, now, wall, patient)
    if begun is None:
        return "nothing"
    if looks:
        try:
            found = errand.find(begun)
        except LookupFailed:
            return "unknown"
        return _after_looking(begun, errand, found, now, wall)
    outcome = errand.ask(begun.request(), begun.key)
    return _after_asking(begun, errand, outcome, now, wall)


@transaction.atomic
def _begin(
    attempt: Attempt, errand: Errand, now: datetime, wall: datetime, patient: bool
) -> tuple[Attempt | None, bool]:
    """Write what is about to be done, before it is done, and say whether it is a look. None when another worker does it."""
    waiting = Attempt.objects.due(wall) if patient else Attempt.objects.open()
    locked = waiting.select_for_update(skip_locked=True).filter(pk=attempt.pk).first()
    if locked is None:
        return None, False
    now = locked.not_before(now)
    wall = locked.wall_not_before(wall)
    if locked.must_look(wall):
        return (locked if _is_quiet(locked, wall) else None), True
    if locked.state == State.WAITING:
        request = errand.request(locked)
        if isinstance(request, Drop):
            drop(attempt=locked, errand=errand, why=request.why, act=Act(now))
            return None, False
        locked.sealed_request = sealing.seal(request, about=locked.key)
        locked.state, locked.first_try_at, locked.look_after = State.ASKING, wall, wall + KEY_LIVES
        errand.moved(locked, "submitting", Act(now))
    locked.tries += 1
    locked.last_try_at = wall
    locked.next_try_at = wall + timedelta(seconds=min(2**locked.tries, LONGEST_PAUSE))
    locked.save(
        update_fields=[
            *("state", "sealed_request", "first_try_at", "look_after"),
            *("tries", "last_try_at", "next_try_at"),
        ]
    )
    return locked, False


def _is_quiet(attempt: Attempt, wall: datetime) -> bool:
    """Whether no request of this key can be under way any more, so that the list is to be believed."""
    return attempt.last_try_at is None or wall >= attempt.last_try_at + QUIET


@transaction.atomic
def _after_asking(asked: Attempt, errand: Errand, outcome: Outcome, now: datetime, wall: datetime) -> Step:
    attempt = _still(asked)
    if attempt is None:
        return "nothing"
    now = attempt.not_before(now)
    wall = attempt.wall_not_before(wall)
    if isinstance(outcome, Sent):
        return _adopt(attempt, errand, outcome.reference, Act(now))
    attempt.trouble = _why(outcome)
    if isinstance(outcome, Declined):
        verdict = errand.declined(attempt, outcome)
        if isinstance(verdict, Again):
            _burn(attempt, errand, Act(now), again_at=wall + verdict.pause)
            return "empty" if verdict.empty else "burnt"
        if isinstance(verdict, Drop):
            _end(attempt, errand, State.DROPPED, Act(now))
            return "dropped"
    if isinstance(outcome, Declined) or outcome.settled:  # the rail will say the same again: look instead
        attempt.look_after = min(attempt.look_after or wall, wall)
    attempt.save(update_fields=["trouble", "look_after"])
    errand.moved(attempt, "unknown", Act(now))
    return "unknown"


def _why(no: Declined | Unknown) -> str:
    return troubles.as_said(f"{no.code}: {no.message}" if isinstance(no, Declined) else no.message)


@transaction.atomic
def _after_looking(looked: Attempt, errand: Errand, found: list[Found], now: datetime, wall: datetime) -> Step:
    attempt = _still(looked)
    if attempt is None:
        return "nothing"
    now = attempt.not_before(now)
    wall = attempt.wall_not_before(wall)
    standing = [one for one in found if not one.returned]
    if not standing:
        attempt.trouble = ""
        _burn(attempt, errand, Act(now), again_at=wall)
        return "burnt"
    if _explains(attempt, errand, standing):
        return _adopt(attempt, errand, standing[0].reference, Act(now))
    _keep_for_a_person(attempt, errand, [one.reference for one in standing], Act(now))
    return "held"


def _explains(attempt: Attempt, errand: Errand, standing: list[Found]) -> bool:
    """Whether what the list shows is what was asked, and nothing besides."""
    return (len(standing) == 1 or not errand.lone) and errand.fits(attempt, standing[0])


def _still(before: Attempt) -> Attempt | None:
    """The attempt, locked, if nobody else has finished this try in the meantime."""
    attempt = Attempt.objects.select_for_update().get(pk=before.pk)
    return attempt if (attempt.state, attempt.epoch) == (State.ASKING, before.epoch) else None


def is_taken(attempt: Attempt, reference: str) -> bool:
    """Whether something else that was asked already has this answer."""
    return Attempt.objects.filter(rail=attempt.rail, reference=reference).exclude(pk=attempt.pk).exists()


def _adopt(attempt: Attempt, errand: Errand, reference: str, act: Act) -> Step:
    if is_taken(attempt, reference):
        _keep_for_a_person(attempt, errand, [reference], act)
        return "held"
    _finish(attempt, errand, reference, act)
    return "sent"


def _finish(attempt: Attempt, errand: Errand, reference: str, act: Act) -> None:
    attempt.state, attempt.reference, attempt.trouble = State.DONE, reference, ""
    attempt.save(update_fields=["state", "reference", "trouble"])
    errand.done(attempt, act)


def _burn(attempt: Attempt, errand: Errand, act: Act, *, again_at: datetime) -> None:
    """Nothing was or will be done under this key: the next try has another."""
    errand.moved(attempt, "burnt", act)
    _renew(attempt, again_at)


def _renew(attempt: Attempt, again_at: datetime | None) -> None:
    attempt.state, attempt.epoch, attempt.reference, attempt.tries = State.WAITING, attempt.epoch + 1, "", 0
    attempt.sealed_request = attempt.first_try_at = attempt.last_try_at = attempt.look_after = None
    attempt.next_try_at = again_at
    attempt.save(
        update_fields=[
            *("state", "epoch", "reference", "trouble", "tries", "next_try_at"),
            *("sealed_request", "first_try_at", "last_try_at", "look_after"),
        ]
    )


def _keep_for_a_person(attempt: Attempt, errand: Errand, listed: Iterable[str], act: Act) -> None:
    """It may have happened, in a way nobody asked for: a person has to find out."""
    attempt.trouble = troubles.kept(troubles.UNLIKE, ", ".join(listed))
    _end(attempt, errand, State.HELD, act)


def _end(attempt: Attempt, errand: Errand, state: Attempt.State, act: Act) -> None:
    attempt.state = state
    attempt.save(update_fields=["state", "trouble"])
    errand.moved(attempt, str(state.value), act)


# --- what a person or another fact decides; each within the caller's transaction, the attempt locked by `lock`


def lock(*, purpose: str, subject: UUID) -> Attempt | None:
    """The attempt for this, locked; before what it is about."""
    return Attempt.objects.select_for_update().filter(purpose=purpose, subject=subject).first()


def conclude(*, attempt: Attempt, errand: Errand, reference: str, act: Act) -> None:
    """A person found it at the rail, under this reference, while it was held."""
    _finish(attempt, errand, reference, act)


def drop(*, attempt: Attempt, errand: Errand, why: str, act: Act) -> None:
    """It is not wanted any more, or a person says that it did not happen: nothing more is asked."""
    attempt.trouble = why[:300]
    _end(attempt, errand, State.DROPPED, act)


def lapse(*, attempt: Attempt) -> None:
    """What was done is of no use any more (a page that expired unpaid): it may be asked again, under another key."""
    _renew(attempt, None)
