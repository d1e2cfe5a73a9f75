"""The page of what is new: only one's own, calm, read when its reader says so, and the choice of what is mailed."""

import re

import pytest
from django.test import Client

from coop.ground.clock import coop_now
from coop.members.actions import end_membership
from coop.members.models import User
from coop.notices.letters import advance_letters
from coop.notices.models import Letter, MailChoice, Notice
from tests import make, money
from tests.coop.notices.scenarios import play

pytestmark = pytest.mark.django_db
LOUD = re.compile(r'class="[^"]*\b(bad|danger|warm|blink|count)\b')


def at(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def clara(clock) -> User:
    """Whose project was delivered."""
    clara = make.requester("clara")
    play("project_delivered", clock)
    return clara


def content(page) -> str:
    return page.content.decode().split('<main id="content"')[1].split("</main>")[0]


def test_a_person_reads_what_is_new_and_a_visitor_is_asked_who_they_are(clara):
    page = at(clara).get("/notices/")

    assert "“Polite sentences” has all its answers." in content(page)
    assert Client().get("/notices/").status_code == 302


def test_nobody_sees_or_reads_what_somebody_else_is_told(clara):
    mallory = at(make.user("mallory"))

    assert "Polite sentences" not in mallory.get("/notices/").content.decode()
    assert mallory.post("/notices/read/", {"notices": [str(Notice.objects.get().pk)]}).status_code == 404
    assert Notice.objects.get().read_at is None


def test_to_look_reads_nothing_and_to_say_so_does(clara):
    reader = at(clara)
    reader.get("/notices/")
    looked = Notice.objects.get().read_at

    reader.post("/notices/read/", {"notices": [str(Notice.objects.get().pk)]})

    assert looked is None and Notice.objects.get().read_at is not None
    assert ">new<" not in content(reader.get("/notices/")) and "I have read these" not in content(
        reader.get("/notices/")
    )


def test_what_came_after_the_page_was_shown_stays_new(clara):
    reader = at(clara)
    shown = re.findall(r'name="notices" value="([^"]+)"', reader.get("/notices/").content.decode())
    Notice.objects.create(
        user=clara, kind="project_delivered", about="project:2", facts=Notice.objects.get().facts, told_at=coop_now()
    )

    reader.post("/notices/read/", {"notices": shown})

    assert Notice.objects.unread().get().about == "project:2"


def test_nothing_is_counted_or_red_on_the_page_nor_on_the_first_one(clara):
    page, home = content(at(clara).get("/notices/")), content(at(clara).get("/"))

    assert not LOUD.search(page) and "!" not in re.sub(r"<[^>]*>", "", page)
    assert "What's new for me" in home.replace("&#x27;", "'") and not LOUD.search(home)


def test_when_all_is_read_the_first_page_says_nothing_of_it(clara):
    reader = at(clara)
    reader.post("/notices/read/", {"notices": [str(Notice.objects.get().pk)]})

    assert "See what" not in content(reader.get("/")) and "/notices/" not in content(reader.get("/"))


def test_a_person_chooses_what_is_mailed_and_what_must_be_is_no_choice(clara):
    reader = at(clara)
    page = content(reader.get("/notices/mails/"))

    answer = reader.post("/notices/mails/", {"kinds": ["paid"]})

    assert answer.status_code == 302 and MailChoice.objects.get(user=clara).kind == "paid"
    assert 'value="vote_asked"' not in page and "always mailed" in page and " checked" not in page
    assert 'value="paid"' in (again := content(reader.get("/notices/mails/"))) and again.count(" checked") == 1


def test_a_kind_that_is_none_is_refused_at_the_form(clara):
    assert at(clara).post("/notices/mails/", {"kinds": ["vote_asked"]}).status_code == 422


def test_a_mail_that_may_not_have_arrived_is_said_and_can_be_sent_again(clara):
    now = coop_now()
    Letter.objects.create(user=clara, written_at=now)
    Letter.objects.update(state="sending", tries=1, tried_at=now)
    Letter.objects.update(state="unknown", trouble="broken_off", ended_at=now)
    reader = at(clara)

    page = content(reader.get("/notices/"))
    answer = reader.post("/notices/again/", follow=True)

    assert "nobody knows whether it arrived" in page and clara.email in page
    assert "1 mail is sent again." in answer.content.decode()
    assert Letter.objects.get().state == "waiting"


def test_the_language_of_a_page_becomes_that_of_the_mails(clara):
    at(clara).post("/i18n/setlang/", {"language": "fr", "next": "/"})

    clara.refresh_from_db()
    assert clara.language == "fr"
    assert "this language: French" in at(clara).get("/notices/mails/").content.decode()


def test_whoever_signs_up_on_a_french_page_is_written_to_in_french(client: Client):
    client.post("/i18n/setlang/", {"language": "fr", "next": "/"})
    words = "silk-worms-and-looms"
    client.post("/accounts/signup/", {"email": "nova@example.org", "password1": words, "password2": words})

    assert User.objects.get(email="nova@example.org").language == "fr"


def test_a_notice_of_a_kind_that_we_do_not_have_any_more_is_left_out(clara):
    Notice.objects.create(user=clara, kind="gone", about="x:1", facts={}, told_at=coop_now(), mailed="at_once")

    page = at(clara).get("/notices/")
    advance_letters(now=coop_now(), wall=coop_now())

    assert page.status_code == 200 and not Letter.objects.exists()


def test_who_has_left_still_reads_the_statement_that_a_notice_leads_to(clock):
    awa = make.member("awa")
    run = money.ran(awa, make.member("hanitra"))
    statement = f"/statements/{money.share_of(run, awa).pk}/"
    end_membership(member=awa, by=awa.actor, now=coop_now())

    assert at(awa.user).get(statement).status_code == 200
    assert at(make.user("mallory")).get(statement).status_code == 404
    assert at(awa.user).post(statement, {"reason": "Too little."}).status_code == 302
