"""Letters: what was chosen, once a day; each sent once; and what becomes of those that can't be sent."""

from datetime import timedelta
from email.header import decode_header, make_header

import pytest
from django.db import IntegrityError, transaction

from coop.ground.clock import coop_now, wall_now
from coop.ground.errors import Refused
from coop.members.actions import choose_language
from coop.notices import letters
from coop.notices.actions import choose_mails, mark_read, send_again
from coop.notices.carrier import Handed
from coop.notices.letters import send_letter, write_letter
from coop.notices.models import Letter, MailChoice, Notice
from coop.notices.pauses import MOST_TRIES, pause_after
from coop.notices.tasks import send_letters
from tests import make
from tests.coop.notices.scenarios import decided, play, sweep

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def standing():
    letter = Letter.objects.get()
    return letter.state, letter.trouble


def subject_of(mail):
    return str(make_header(decode_header(mail["Subject"])))


def delivered(clock, *, choosing):
    """A project of clara's is delivered; whether she had chosen to have that mailed."""
    clara = make.requester("clara")
    if choosing:
        choose_mails(kinds=["project_delivered"], by=clara.actor, now=coop_now())
    play("project_delivered", clock)
    return clara


def test_nothing_is_mailed_to_who_chose_nothing(clock, mail_server):
    delivered(clock, choosing=False)
    clock.advance(days=9)

    sweep()

    assert Notice.objects.exists() and not Letter.objects.exists() and mail_server.taken == []


def test_what_was_chosen_is_gathered_and_goes_out_once_a_day(clock, mail_server):
    clara = delivered(clock, choosing=True)
    project = make.live(items=1, redundancy=1, client_=make.Client.objects.get())
    make.answer(make.member("hanitra"), project)
    make.work.finish_if_done(project=project, now=coop_now())

    sweep()
    early = len(mail_server.taken)
    clock.advance(days=1)
    sweep()
    sweep()

    assert early == 0 and [to for to, _mail in mail_server.taken] == [clara.email]
    assert Notice.objects.filter(letter=Letter.objects.get()).count() == 2
    assert standing() == ("sent", "")


def test_what_was_read_or_is_not_chosen_any_more_is_not_mailed(clock, mail_server):
    clara = delivered(clock, choosing=True)
    mark_read(notices=[Notice.objects.get().pk], by=clara.actor, now=coop_now())
    clock.advance(days=1)

    sweep()
    Notice.objects.update(mailed="gathered")
    choose_mails(kinds=[], by=clara.actor, now=coop_now())
    sweep()

    assert mail_server.taken == [] and Notice.objects.get().mailed == ""


def test_what_must_be_mailed_goes_at_once_chosen_or_not_and_cannot_be_declined(clock, mail_server):
    mallory = decided()

    sweep()

    assert [to for to, _mail in mail_server.taken] == [mallory.email]
    with pytest.raises(Refused) as no:
        choose_mails(kinds=["membership_decided"], by=mallory.actor, now=coop_now())
    assert no.value.code == "unknown_notice"


def test_a_mail_lies_in_the_language_its_reader_chose(mail_server):
    mallory = make.user("mallory")
    choose_language(language="fr", by=mallory.actor, now=coop_now())
    decided(mallory)

    sweep()

    ((_to, mail),) = mail_server.taken
    assert "Votre candidature est décidée" in subject_of(mail)
    assert "toujours envoyé" in mail.get_payload(decode=True).decode()
    assert mail["Auto-Submitted"] == "auto-generated" and str(Letter.objects.get().pk) in mail["Message-ID"]


def test_a_language_that_we_do_not_speak_is_refused():
    with pytest.raises(Refused) as no:
        choose_language(language="xx", by=make.user("mallory").actor, now=coop_now())

    assert no.value.code == "language_unknown"


# -- sent once


def test_a_worker_that_dies_after_the_server_took_it_does_not_send_it_twice(mail_server, monkeypatch):
    decided()
    with monkeypatch.context() as dying:
        dying.setattr(letters, "_settle", lambda *_args: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            sweep()
    under_way = standing()

    sweep(hours=1)
    sweep(hours=100)

    assert under_way == ("sending", "") and standing() == ("unknown", "broken_off")
    assert len(mail_server.taken) == 1


def test_a_connection_that_breaks_at_the_end_of_a_mail_leaves_it_unknown_and_it_is_not_sent_again(mail_server):
    decided()
    mail_server.after_data = None

    sweep()
    mail_server.after_data = 250
    sweep(hours=100)

    assert standing() == ("unknown", "broken_off") and len(mail_server.taken) == 1


def test_a_worker_that_comes_back_late_and_knows_that_it_was_taken_says_so(mail_server, monkeypatch):
    decided()
    kept = []
    with monkeypatch.context() as slow:
        slow.setattr(letters, "_settle", lambda *given: kept.append(given))
        sweep()
    sweep(hours=1)

    letters._settle(*kept[0])

    assert standing() == ("sent", "")


def test_what_was_sent_is_not_sent_again_by_anybody(mail_server):
    mallory = decided()
    sweep()
    letter = Letter.objects.get()

    assert send_letter(letter=letter, now=coop_now(), wall=wall_now()) is None
    assert send_again(by=mallory.actor, now=coop_now()) == 0
    with pytest.raises(IntegrityError, match="does not go from state"), transaction.atomic():
        Letter.objects.update(state="waiting", ended_at=None)


def test_a_notice_goes_into_one_letter_and_into_none_to_somebody_else():
    mallory = decided()
    letter = write_letter(user=mallory.pk, now=coop_now())
    other = Letter.objects.create(user=mallory, written_at=coop_now())
    to_awa = Letter.objects.create(user=make.user("awa"), written_at=coop_now())

    with pytest.raises(IntegrityError, match="stays in it"), transaction.atomic():
        letter.notices.update(letter=other)
    play_again = Notice.objects.create(
        user=mallory, kind="paid", about="payment:1", facts={}, told_at=coop_now(), mailed="at_once"
    )
    with pytest.raises(IntegrityError, match="somebody else"), transaction.atomic():
        Notice.objects.filter(pk=play_again.pk).update(letter=to_awa)


def test_a_worker_that_comes_back_from_an_earlier_try_does_not_end_the_later_one(mail_server, monkeypatch):
    mallory = decided()
    kept = []
    with monkeypatch.context() as slow:
        slow.setattr(letters, "_settle", lambda *given: kept.append(given))
        sweep()
        sweep(hours=1)
        send_again(by=mallory.actor, now=coop_now())
        sweep(hours=1)
    (letter, _taken, *earlier), (_same, *later) = kept

    letters._settle(letter, Handed.NOT_NOW, *earlier)
    letters._settle(letter, *later)
    sweep(hours=100)

    assert standing() == ("sent", "") and len(mail_server.taken) == 2


# -- tried again, and given up


def test_a_server_that_cannot_be_reached_is_tried_later_and_later_and_then_given_up(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    decided()
    seen, hours = [], 0
    for _n in range(MOST_TRIES):
        sweep(hours=hours)
        seen.append(standing()[0])
        hours += 25

    sweep(hours=1000)

    assert seen == ["waiting"] * (MOST_TRIES - 1) + ["given_up"]
    assert standing() == ("given_up", "unreachable") and Letter.objects.get().tries == MOST_TRIES


def test_the_pauses_grow_and_end():
    pauses = [pause_after(tries) for tries in range(1, MOST_TRIES + 1)]

    assert pauses[-1] is None and sorted(pauses[:-1]) == pauses[:-1] and len(set(pauses)) == MOST_TRIES


def test_before_its_pause_is_over_a_letter_is_not_tried(mail_server):
    mallory = decided()
    mail_server.answers[mallory.email] = 450

    sweep()
    sweep()

    assert mail_server.asked == 1 and standing() == ("waiting", "not_now")


@pytest.mark.parametrize(
    ("code", "state", "trouble"), [(550, "given_up", "refused"), (450, "waiting", "not_now"), (250, "sent", "")]
)
def test_a_no_for_good_ends_it_and_a_no_for_now_does_not(mail_server, code, state, trouble):
    mallory = decided()
    mail_server.answers[mallory.email] = code

    sweep()

    assert standing() == (state, trouble)


@pytest.mark.parametrize(("code", "state"), [(554, "given_up"), (451, "waiting")])
def test_a_no_to_what_the_mail_says_is_one_too(mail_server, code, state):
    decided()
    mail_server.after_data = code

    sweep()

    assert standing()[0] == state and mail_server.taken == []


def test_a_server_that_does_not_know_us_as_sender_gives_up_no_reader(mail_server):
    decided()
    mail_server.sender_answer = 550

    sweep()
    mail_server.sender_answer = 250
    sweep(hours=1)

    assert standing() == ("sent", "")


def test_one_server_that_is_away_costs_the_others_no_try(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    decided(make.user("one"))
    decided(make.user("two"))

    sweep()

    assert sorted(Letter.objects.values_list("tries", flat=True)) == [0, 1]


def test_the_operator_is_told_by_the_task_when_no_mail_can_leave(settings, mail_server):
    decided()
    send_letters()
    settings.EMAIL_PORT = 9
    decided(make.user("two"))

    with pytest.raises(ConnectionError, match="could not be reached"):
        send_letters()

    send_letters()  # the pause is not over, and nothing is asked


def test_its_reader_has_what_was_given_up_sent_again(mail_server):
    mallory = decided()
    mail_server.answers[mallory.email] = 550
    sweep()
    mail_server.answers.clear()

    assert send_again(by=make.user("awa").actor, now=coop_now()) == 0
    assert send_again(by=mallory.actor, now=coop_now()) == 1
    sweep()

    assert standing() == ("sent", "") and len(mail_server.taken) == 1


def test_who_has_no_account_any_more_gets_no_mail(mail_server):
    mallory = decided()
    mallory.is_active = False
    mallory.save()

    sweep()

    assert standing() == ("dropped", "") and mail_server.taken == []


def test_choices_are_kept_as_they_were_made():
    clara = make.requester("clara")

    for kinds in (["paid", "not_paid"], ["paid"], ["paid"], []):
        choose_mails(kinds=kinds, by=clara.actor, now=coop_now())
        assert sorted(MailChoice.objects.values_list("kind", flat=True)) == sorted(kinds)
