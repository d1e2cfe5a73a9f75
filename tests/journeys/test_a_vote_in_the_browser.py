"""A proposal from the first word to the counted result, in a real browser without JavaScript, on a phone."""

import pytest
from playwright.sync_api import expect

from coop.ground.clock import coop_now
from governance.actions.advancing import advance_proposals
from governance.models import Ballot, Proposal, State
from tests import make, votes
from tests.journeys.conftest import Visitor, look
from tests.votes import NO, YES

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("committed_db")]
PASSWORD = "correct horse battery staple"


def test_hanitra_proposes_votes_and_reads_the_result(visitor: Visitor, clock):
    hanitra = make.member("hanitra", password=PASSWORD)
    others = [make.member() for _ in range(5)]
    page = visitor.logged_in(hanitra.user.email, PASSWORD, phone=True, script=False)

    page.goto("/rules/work.redundancy/")
    page.get_by_role("link", name="Propose to change it").click()
    page.get_by_label("Answers per item").fill("5")
    page.get_by_label("Title", exact=True).fill("Five answers per item")
    page.get_by_label("What you propose, and why").fill("Three are not enough for handwriting.")
    page.get_by_label("Language of this text").select_option("en")
    page.get_by_role("button", name="Put it before the assembly").click()
    expect(page.get_by_text("in deliberation")).to_be_visible()
    page.get_by_label("Say something").fill("It costs more, and it is right more often.")
    page.get_by_role("button", name="Say it").click()
    clock.advance(days=1, minutes=1)
    advance_proposals(now=coop_now())

    page.reload()
    expect(page.get_by_text("Abstentions do not count").first).to_be_visible()
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Vote", exact=True).click()
    expect(page.get_by_text("You voted: Yes")).to_be_visible()
    ballot = Ballot.objects.get()
    votes.cast(ballot, zip(others, [YES, YES, NO, NO], strict=False))
    clock.advance(days=7, minutes=1)
    advance_proposals(now=coop_now())

    page.reload()
    page.get_by_role("link", name="All numbers, the hashes").click()
    expect(page.get_by_text("3 in favour, 2 against and 0 abstained, of 6 on the roll")).to_be_visible()
    expect(page.get_by_role("cell", name="Hanitra").or_(page.get_by_role("rowheader", name="Hanitra"))).to_be_visible()
    assert Proposal.objects.get().state == State.ADOPTED


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)])
def test_the_pages_of_the_assembly_look_right(visitor: Visitor, clock, language, phone):
    hanitra = make.member("hanitra", password=PASSWORD)
    others = [make.member() for _ in range(5)]
    decided = votes.open_vote(
        votes.set_rule("work.redundancy", 5), clock=clock, by=hanitra, title="Five answers per item"
    )
    votes.cast(decided, zip([hanitra, *others], [YES, YES, YES, NO, votes.ABSTAIN], strict=False))
    votes.carry_out(votes.close(decided, clock=clock), clock=clock)
    open_ = votes.open_vote(
        votes.set_rule("pay.hourly_floor", 1000), clock=clock, by=hanitra, title="Ten euros an hour"
    )
    draft = votes.draft(by=hanitra, title="Not ready")
    page = visitor.logged_in(hanitra.user.email, PASSWORD, language=language, phone=phone)

    for name, place in [
        ("proposals", "/proposals/"),
        ("choose", "/proposals/new/"),
        ("write-rule", "/proposals/new/?rule=pay.solidarity_share"),
        ("write-procedure", "/proposals/new/?rule=procedure.pay"),
        ("draft", f"/proposals/{draft.pk}/"),
        ("voting", f"/proposals/{open_.proposal_id}/"),
        ("decided", f"/proposals/{decided.proposal_id}/"),
        ("ballot", f"/ballots/{decided.pk}/"),
    ]:
        page.goto(place)
        look(page, f"governance-{name}")
