"""Notices and letters, told by workers whose moments cross."""

from functools import partial

from coop.notices import letters
from coop.notices.actions import mark_read, send_again
from coop.notices.carrier import Handed
from coop.notices.models import Letter, Notice
from coop.notices.pauses import MOST_TRIES
from tests.coop.notices.scenarios import decided
from tests.crossed.crossing import reread, story


def written(crossing) -> Letter:
    """A letter to somebody whose application was declined."""
    mallory = decided()
    notice = Notice.objects.get(user=mallory)
    return crossing.step(letters.write_letter, notice, user=mallory.pk)


def tried(crossing, letter, handed) -> Letter:
    """The letter is tried, and this is what the mail server makes of it. By wall time its pause is over."""
    wall = (letter.next_try_at or letter.written_at) if letter.tries else letter.written_at

    def begin(*, now):
        letters._begin(letter, now, wall)

    def settle(*, now):
        letters._settle(letter, handed, reread(letter).tried_at, now, wall)

    crossing.step(begin, letter)
    if handed is not None:
        crossing.step(settle, letter)
    return reread(letter)


@story
def a_letter_is_sent_after_it_was_not_taken_once_and_its_reader_has_read_it(crossing):
    letter = tried(crossing, written(crossing), Handed.NOT_NOW)
    tried(crossing, letter, Handed.TAKEN)
    notice = Notice.objects.get()
    crossing.step(mark_read, notice, notices=[notice.pk], by=notice.user.actor)


@story
def a_letter_is_given_up_and_its_reader_asks_for_it_again(crossing):
    letter = tried(crossing, written(crossing), Handed.REFUSED)
    crossing.step(send_again, letter, by=letter.user.actor)
    for _n in range(MOST_TRIES):
        letter = tried(crossing, reread(letter), Handed.UNREACHABLE)


@story
def a_letter_is_lost_and_turns_out_to_have_been_sent(crossing):
    letter = tried(crossing, written(crossing), None)
    crossing.step(letters.call_lost, letter, letter=letter)
    settle = partial(letters._settle, letter, Handed.TAKEN, letter.tried_at, wall=letter.tried_at)
    settle.__name__ = "settle"
    crossing.step(settle, letter)


@story
def a_letter_that_broke_off_is_asked_for_again_by_who_did_not_get_it(crossing):
    letter = tried(crossing, written(crossing), Handed.BROKEN_OFF)
    crossing.step(send_again, letter, by=letter.user.actor)


@story
def a_letter_to_somebody_who_has_no_account_any_more_is_dropped(crossing):
    letter = written(crossing)
    type(letter.user).objects.update(is_active=False)
    tried(crossing, letter, None)
