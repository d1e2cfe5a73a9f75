"""What is new for a member: in French, on a phone, without JavaScript, from the event to the mail."""

import pytest
from django.core import mail
from playwright.sync_api import expect

from coop.ground.clock import coop_now, wall_now
from coop.notices.letters import advance_letters
from governance.actions.advancing import advance_proposals
from payouts.actions.execution import reserve_run
from tests import make, votes
from tests.journeys.conftest import Visitor, look
from tests.payouts.paying import approved_run, payable

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("committed_db")]
PASSWORD = "correct horse battery staple"


def test_awa_reads_what_is_new_on_her_phone_and_chooses_what_is_mailed(visitor: Visitor, clock):
    awa = make.member("awa", password=PASSWORD)
    payable(awa, 5000)
    reserve_run(run=approved_run(), now=coop_now())
    page = visitor.logged_in(awa.user.email, PASSWORD, language="fr", phone=True, script=False)

    page.get_by_role("button", name="Français").click()  # from now on mails are French, too
    page.get_by_role("link", name="Ce qui est nouveau pour moi").first.click()
    expect(page.get_by_text("Vous n’avez pas été payé·e pour la période 2")).to_be_visible()
    page.get_by_role("button", name="J’ai lu ceci").click()
    expect(page.get_by_role("button", name="J’ai lu ceci")).to_have_count(0)
    page.get_by_role("link", name="Choisir ce qui m’est envoyé par courriel").click()
    page.get_by_label("Une proposition est adoptée").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_label("Une proposition est adoptée")).to_be_checked()
    ballot = votes.open_vote(clock=clock, by=awa, title="Cinq réponses")
    advance_letters(now=coop_now(), wall=wall_now())
    votes.cast(ballot, [(awa, votes.YES)])
    clock.advance(days=8)
    advance_proposals(now=coop_now())
    clock.advance(days=1)
    advance_letters(now=coop_now(), wall=wall_now())

    asked, passed = [sent for sent in mail.outbox if sent.to == [awa.user.email]]
    assert "Votre vote est demandé sur « Cinq réponses »" in asked.body
    assert "L’assemblée a adopté « Cinq réponses »." in passed.body


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)])
def test_the_pages_of_notices_look_right(visitor: Visitor, clock, language, phone):
    awa = make.member("awa", password=PASSWORD)
    payable(awa, 5000)
    reserve_run(run=approved_run(), now=coop_now())
    votes.open_vote(clock=clock, by=awa, title="A title that goes on for longer than a phone is wide, as titles do")
    page = visitor.logged_in(awa.user.email, PASSWORD, language=language, phone=phone)

    for name, path in [("home-with-news", "/"), ("notices", "/notices/"), ("notice-mails", "/notices/mails/")]:
        page.goto(path)
        look(page, name)
