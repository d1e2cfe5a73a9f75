"""Every kind of event that people are told of: by whom it is told, to whom, in which words, and in which transaction."""

import ast
import re

import pytest
from django.db import transaction
from django.test import Client
from django.utils.translation import override

from coop.ground.clock import coop_now
from coop.notices.actions import tell
from coop.notices.letters import compose, write_letter
from coop.notices.models import MailChoice, Notice
from coop.notices.occasion import Occasion, occasions
from coop.work.models import Project
from tests.coop.notices.scenarios import SCENARIOS, play
from tests.structure.source import OURS, ROOT, files, nodes

KINDS = sorted(occasions())
each_kind = pytest.mark.parametrize("kind", KINDS)
LANGUAGES = ("en", "fr")

URGENT = re.compile(
    r"!|\b(urgent\w*|hurry|immediate\w*|right away|last chance|don.t miss|act now|only \d|running out|before it is too late|warning|reminder"
    r"|vite|dernière? (chance|heure)|ne manquez|dépêche\w*|immédiate\w*|tout de suite|maintenant|attention|rappel|plus que \d)\b",
    re.IGNORECASE,
)
AMOUNT = re.compile(r"\d[.,]\d\d|€|\bEUR\b|\bMGA\b|\bAr\b|5000|1234")


def test_every_kind_of_event_has_a_scenario_and_every_scenario_a_kind():
    assert set(SCENARIOS) == set(KINDS)


@each_kind
def test_every_kind_is_one_file_named_as_it_is_and_says_every_part(kind):
    occasion = occasions()[kind]

    assert occasion.name == kind and type(occasion).__module__.endswith(f".occasions.{kind}")
    assert isinstance(occasion, Occasion) and str(occasion.title) and str(occasion.told_to)


def told_in_the_source() -> set[str]:
    """The kinds that somebody tells: `tell(occasion=<kind>.OCCASION, …)`."""
    return {
        keyword.value.value.id
        for path in files(*OURS)
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tell"
        for keyword in node.keywords
        if keyword.arg == "occasion" and isinstance(keyword.value, ast.Attribute)
        if isinstance(keyword.value.value, ast.Name)
    }


def test_every_kind_is_told_by_somebody():
    assert told_in_the_source() == set(KINDS)


def test_nobody_but_these_files_and_the_scenarios_knows_a_kind_by_name():
    named = re.compile(rf"kind=[\"']({'|'.join(KINDS)})[\"']")
    found = [str(path.relative_to(ROOT)) for path in files(*OURS) if named.search(path.read_text(encoding="utf-8"))]

    assert not found


@pytest.mark.django_db
@each_kind
def test_it_is_told_to_those_whom_it_concerns_and_to_nobody_else(kind, clock):
    expected = play(kind, clock)

    assert expected.happened()
    assert {notice.user for notice in Notice.objects.filter(kind=kind)} == expected.readers


@pytest.mark.django_db
@each_kind
def test_what_happens_and_its_notice_are_kept_together_or_not_at_all(kind, clock, monkeypatch):
    written = Notice.objects.bulk_create

    def breaks(rows, **options):
        if any(row.kind == kind for row in rows):
            raise ConnectionError("the database went away")
        return written(rows, **options)

    monkeypatch.setattr(Notice.objects, "bulk_create", breaks)
    telling = SCENARIOS[kind](clock)
    expected = next(telling)

    with pytest.raises(ConnectionError):
        next(telling)

    assert not expected.happened()


@pytest.mark.django_db
@each_kind
def test_it_is_said_calmly_in_every_language_and_leads_its_reader_to_a_page(kind, clock):
    expected = play(kind, clock)
    notice = Notice.objects.filter(kind=kind).first()
    said = {}
    for language in LANGUAGES:
        with override(language):
            parts = (notice.sentence, notice.occasion.title, notice.occasion.told_to, notice.occasion.always_mailed)
            said[language] = [str(part) for part in parts if part is not None]

    assert not any(URGENT.search(text) for texts in said.values() for text in texts)
    assert all(english != french for english, french in zip(said["en"], said["fr"], strict=True))
    for reader in expected.readers:
        browser = Client()
        browser.force_login(reader)
        path = Notice.objects.get(kind=kind, user=reader).path
        assert browser.get(path).status_code == 200
        assert path in browser.get("/notices/").content.decode()


@pytest.mark.django_db
@each_kind
def test_a_mail_about_it_holds_no_amount_and_lies_in_its_reader_s_language(kind, clock):
    expected = play(kind, clock)
    reader = sorted(expected.readers, key=lambda user: user.email)[0]
    reader.language = "fr"
    reader.save()
    Notice.objects.filter(kind=kind, user=reader, mailed="").update(mailed="gathered")
    MailChoice.objects.create(user=reader, kind=kind, chosen_at=coop_now())
    clock.advance(days=40)

    letter = write_letter(user=reader.pk, now=coop_now())
    mail = compose(letter=letter, carried=list(letter.notices.filter(kind=kind)))

    with override("fr"):
        assert letter.notices.get(kind=kind).sentence in mail.body
    text = re.sub(r"\S*https?://\S+", "", mail.body)
    assert not AMOUNT.search(mail.subject + text) and not URGENT.search(mail.subject + text)
    assert mail.to == [reader.email]


def test_the_words_of_urgency_are_seen():
    assert URGENT.search("Last chance to vote") and URGENT.search("Votez maintenant") and URGENT.search("Paid!")
    assert AMOUNT.search("You receive 12.34") and not AMOUNT.search("period 3")


def test_nothing_is_told_outside_of_the_transaction_of_what_happened(committed_db, clock):
    with transaction.atomic():
        play("project_delivered", clock)
    notice = Notice.objects.get(kind="project_delivered")

    with pytest.raises(transaction.TransactionManagementError):
        tell(occasion=notice.occasion, of=Project.objects.get(), now=coop_now())


@pytest.mark.django_db
def test_what_is_told_twice_is_told_once(clock):
    play("project_delivered", clock)

    tell(occasion=occasions()["project_delivered"], of=Project.objects.get(), now=coop_now())

    assert Notice.objects.filter(kind="project_delivered").count() == 1
