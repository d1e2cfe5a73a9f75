"""The assembly in a browser without JavaScript."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.html import escape

from coop.ground.clock import coop_now
from coop.members.actions import apply
from coop.rules.actions import head
from coop.rules.catalogue import CATALOGUE
from governance.models import Proposal, State, Vote
from tests import make, votes
from tests.votes import NO, YES

pytestmark = pytest.mark.django_db

TEXT = {"title": "Five answers per item", "body": "Three are not enough.", "language": "en"}


def browser(person=None):
    """A browser in which this person is logged in, or nobody."""
    client = Client()
    if person:
        client.force_login(getattr(person, "user", person))
    return client


def form_of(page, number=0):
    """What a browser would send back: the fields of the page's form with the values it came with."""
    form = page.context["form"]
    return {
        form.add_prefix(name): form[name].value() for name in form.fields if form[name].value() not in (None, "", [])
    }


def errors(page):
    return re.search(r'class="error-summary".*?</div>', page.content.decode(), re.S).group(0)


@pytest.fixture
def awa():
    return make.member("awa")


def test_every_rule_of_the_catalogue_has_its_form(awa):
    client = browser(awa)

    assert "A resolution" in client.get("/proposals/new/").content.decode()
    for key, rule in CATALOGUE.items():
        page = client.get(f"/proposals/new/?rule={key}")
        assert page.status_code == 200
        assert page.context["form"]["base_version"].value() == head(key).number
        names = [f"value_{name}" for name in rule.columns] if rule.columns else ["value"]
        assert all(page.context["form"][name].value() is not None for name in names)


def test_the_form_shows_bounds_and_unit(awa):
    page = browser(awa).get("/proposals/new/?rule=pay.solidarity_share").content.decode()

    assert "from 0 to 3000: basis points of the distributable revenue" in page
    assert "Now: 3" in page


def test_a_rule_is_proposed_read_and_put_before_the_assembly(awa):
    client = browser(awa)
    place = "/proposals/new/?rule=work.redundancy"

    saved = client.post(place, form_of(client.get(place)) | TEXT | {"value": 5, "draft": ""}, follow=True)
    assert "Only you see it" in saved.content.decode()
    proposal = Proposal.objects.get()
    assert proposal.change_set == [{"op": "set_rule", "key": "work.redundancy", "base_version": 1, "new_value": 5}]
    assert browser().get(proposal.get_absolute_url()).status_code == 404

    submitted = client.post(f"{proposal.get_absolute_url()}submit/", follow=True).content.decode()
    assert "in deliberation" in submitted
    assert browser().get(proposal.get_absolute_url()).status_code == 200
    assert "proposed by Awa" in submitted
    assert "Awa" not in browser().get(proposal.get_absolute_url()).content.decode()


def test_a_table_a_list_and_a_choice_are_proposed_from_their_forms(awa):
    client = browser(awa)
    for key, changed, expected in [
        (
            "procedure.parameter",
            {"value_voting_days": 5},
            CATALOGUE["procedure.parameter"].default | {"voting_days": 5},
        ),
        ("work.consensus", {"value": "majority/2"}, "majority/2"),
        ("commons.red_lines", {"value": ["insurance"]}, ["insurance"]),
    ]:
        place = f"/proposals/new/?rule={key}"
        page = client.post(place, form_of(client.get(place)) | TEXT | changed | {"submit": ""})
        assert page.status_code == 302, page.content.decode()
        assert Proposal.objects.latest("drafted_at").change_set[0]["new_value"] == expected


def test_a_value_out_of_bounds_is_answered_with_the_field_and_loses_nothing(awa):
    place = "/proposals/new/?rule=work.redundancy"
    client = browser(awa)

    page = client.post(place, form_of(client.get(place)) | TEXT | {"value": 99, "submit": ""})

    assert page.status_code == 422
    assert "Answers per item: Ensure this value is less than or equal to 9" in errors(page)
    assert "Three are not enough." in page.content.decode()
    assert not Proposal.objects.exists()


def test_a_refusal_of_the_assembly_rules_stands_in_the_form(awa, clock):
    client = browser(awa)
    place = "/proposals/new/?rule=work.redundancy"
    old = form_of(client.get(place))
    votes.pass_rule("work.redundancy", 4, clock=clock, by=awa)
    client = browser(awa)

    page = client.post(place, old | TEXT | {"value": 5, "submit": ""})

    assert page.status_code == 422
    assert "written against version 1" in errors(page)
    assert Proposal.objects.count() == 1


def test_a_conflict_with_other_rules_names_the_field(awa):
    place = "/proposals/new/?rule=pay.hourly_cap"
    client = browser(awa)

    page = client.post(place, form_of(client.get(place)) | TEXT | {"value": 800, "submit": ""})

    assert page.status_code == 422
    assert "#id_value" in errors(page)


def test_a_draft_is_written_anew(awa):
    client = browser(awa)
    draft = votes.draft(votes.set_rule("work.redundancy", 5), by=awa)
    place = f"{draft.get_absolute_url()}edit/"
    page = client.get(place)
    assert page.context["form"]["value"].value() == 5

    client.post(
        place, form_of(page) | {"value": 7, "title_fr": "Sept", "body_fr": "Trois ne suffisent pas.", "draft": ""}
    )

    draft.refresh_from_db()
    assert draft.change_set[0]["new_value"] == 7
    assert draft.texts["fr"]["title"] == "Sept"
    assert client.get(place.replace("/edit", "/withdraw")).status_code == 405


def test_an_application_is_put_to_the_vote(awa):
    fara = make.user("fara")
    asked = apply(
        by=fara.actor,
        name="Fara",
        college="producer",
        country="MG",
        languages=["mg"],
        engagement="unknown",
        statement="",
        now=coop_now(),
    )
    place = f"/proposals/new/?admit={asked.pk}"
    client = browser(awa)

    assert "Fara" in client.get(place).content.decode()
    client.post(place, TEXT | {"submit": ""})

    proposal = Proposal.objects.get()
    assert proposal.change_set == [{"op": "admit", "application": str(asked.pk)}]
    assert "Fara" in client.get(proposal.get_absolute_url()).content.decode()
    assert "Fara" not in browser().get(proposal.get_absolute_url()).content.decode()


def test_a_member_is_proposed_for_an_office(awa):
    client = browser(awa)
    place = "/proposals/new/?office=steward"

    assert client.post(place, TEXT | {"submit": ""}).status_code == 422
    client.post(place, TEXT | {"member": str(awa.log_pseudonym), "submit": ""})

    change = {"op": "appoint", "member": awa.log_pseudonym.hex, "office": "steward"}
    proposal = Proposal.objects.get()
    assert proposal.change_set == [change]
    assert "<strong>Awa</strong>" in client.get(proposal.get_absolute_url()).content.decode()
    assert "Awa" not in browser().get(proposal.get_absolute_url()).content.decode()


def test_members_talk_about_a_proposal_and_visitors_do_not_listen(awa):
    proposal = votes.submit(by=awa)
    place = proposal.get_absolute_url()

    browser(make.member("hanitra")).post(f"{place}posts/", {"body": "Why <b>five</b>?"})

    assert "Why &lt;b&gt;five&lt;/b&gt;?" in browser(awa).get(place).content.decode()
    assert "five" not in browser().get(place).content.decode()
    assert browser(awa).post(f"{place}posts/", {"body": " "}).status_code == 422


def test_a_member_votes_and_changes_her_vote_without_a_script(awa, clock):
    ballot = votes.open_vote(clock=clock, by=awa)
    client, place = browser(awa), ballot.proposal.get_absolute_url()
    assert "Do abstentions count?" in client.get(place).content.decode()

    first = client.post(f"/ballots/{ballot.pk}/vote/", {"choice": "no"}, follow=True).content.decode()
    assert "Your vote was recorded: No" in first and "You voted: <strong>No</strong>" in first
    client.post(f"/ballots/{ballot.pk}/vote/", {"choice": "yes"})

    assert Vote.objects.get().choice == YES
    assert client.post(f"/ballots/{ballot.pk}/vote/", {"choice": "perhaps"}).status_code == 422


def test_a_vote_that_is_refused_says_why(awa, clock):
    ballot = votes.open_vote(clock=clock, by=awa)
    latecomer = make.member("theo")

    assert "not on the roll" in browser(latecomer).get(ballot.proposal.get_absolute_url()).content.decode()
    refused = browser(latecomer).post(f"/ballots/{ballot.pk}/vote/", {"choice": "yes"})
    assert refused.status_code == 422 and "not on the roll" in refused.content.decode()
    clock.advance(days=8)
    late = browser(awa).post(f"/ballots/{ballot.pk}/vote/", {"choice": "yes"})
    assert late.status_code == 422 and "This ballot is closed" in late.content.decode()


def test_the_result_is_shown_with_numbers_a_picture_hashes_and_the_way_to_check(awa, clock):
    others = [make.member() for _ in range(3)]
    ballot = votes.open_vote(votes.set_rule("work.redundancy", 5), clock=clock, by=awa)
    votes.cast(ballot, [(awa, YES), (others[0], YES), (others[1], NO)])
    before = browser().get(f"/ballots/{ballot.pk}/").content.decode()
    assert "There is no result before it is closed" in before and "<svg" not in before.split("</header>")[1]
    proposal = votes.carry_out(votes.close(ballot, clock=clock), clock=clock)

    page = browser().get(f"/ballots/{ballot.pk}/").content.decode()

    assert "2 in favour, 1 against and 0 abstained, of 4 on the roll" in page
    assert "<svg viewBox" in page and "canut-verify" in page and proposal.ballot.bundle_sha256 in page
    assert "Awa" not in page and "Awa" in browser(awa).get(f"/ballots/{ballot.pk}/").content.decode()
    bundle = browser().get(f"/ballots/{ballot.pk}/bundle.json")
    assert bundle.json()["format"] == "canut-ballot/2" and "attachment" in bundle["Content-Disposition"]
    assert "adopted and carried out" in browser().get(proposal.get_absolute_url()).content.decode()


def test_a_decision_that_could_not_be_carried_out_says_why(awa, clock):
    ballots = [votes.open_vote(votes.set_rule("work.redundancy", n), clock=clock, by=awa) for n in (5, 7)]
    for ballot in ballots:
        votes.cast(ballot, [(awa, YES)])
    votes.carry_out(votes.close(ballots[0], clock=clock), clock=clock)
    failed = votes.carry_out(votes.close(ballots[1], clock=clock), clock=clock)

    page = browser().get(failed.get_absolute_url()).content.decode()

    assert "could not be carried out" in page and escape(failed.enactment.failure["en"]) in page
    assert failed.enactment.failure_code == "stale_base" and "stale_base" not in page


def test_the_list_shows_what_is_under_way_what_was_decided_and_ones_own_drafts(awa, clock):
    votes.decide(clock=clock, by=awa)
    votes.submit(by=awa, title="Under discussion")
    votes.draft(by=awa, title="Not ready")

    assert "Not ready" in browser(awa).get("/proposals/").content.decode()
    visitor = browser().get("/proposals/").content.decode()
    assert "Under discussion" in visitor and "adopted and carried out" in visitor and "Not ready" not in visitor


def test_mallory_finds_nothing_to_write_and_no_draft(awa, clock):
    draft = votes.draft(by=awa).get_absolute_url()
    ballot = votes.open_vote(clock=clock, by=awa)
    open_ = ballot.proposal.get_absolute_url()
    mallory = browser(make.user("mallory"))

    for place in (draft, f"{draft}edit/", "/proposals/new/", "/proposals/new/?rule=work.redundancy"):
        assert mallory.get(place).status_code == 404
    for place in (
        f"{draft}submit/",
        f"{draft}withdraw/",
        f"{open_}withdraw/",
        f"{open_}posts/",
        f"/ballots/{ballot.pk}/vote/",
    ):
        assert mallory.post(place, {"choice": "yes", "body": "hm"}).status_code == 404
        assert browser().post(place, {"choice": "yes"}).headers["Location"].startswith("/accounts/login/")
    assert not Vote.objects.exists()
    for place in (f"/ballots/{ballot.pk}/bundle.json", f"/ballots/{uuid4()}/", f"/proposals/{uuid4()}/"):
        assert mallory.get(place).status_code == 404


def test_another_members_draft_and_proposal_stay_hers(awa):
    draft, proposal = votes.draft(by=awa), votes.submit(by=awa)
    theo = browser(make.member("theo"))

    for action in ("edit/", ""):
        assert theo.get(f"{draft.get_absolute_url()}{action}").status_code == 404
    for action in ("submit/", "withdraw/", "posts/"):
        assert theo.post(f"{draft.get_absolute_url()}{action}", {"body": "hm"}).status_code == 404
    refused = theo.post(f"{proposal.get_absolute_url()}withdraw/", follow=True)
    assert [message.level_tag for message in refused.context["messages"]] == ["error"]
    assert set(Proposal.objects.values_list("state", flat=True)) == {State.DRAFT, State.DELIBERATION}


def test_unknown_things_to_propose_are_not_there(awa):
    for query in ("rule=pay.bribes", "office=king", f"admit={uuid4()}", "admit=me", "request=x"):
        assert browser(awa).get(f"/proposals/new/?{query}").status_code == 404


@pytest.mark.parametrize("base", ["99999999999999999999", "9007199254740992", "-1"])
def test_a_number_that_cannot_be_kept_is_refused_by_its_field_in_the_readers_language(client, base):
    client.force_login(make.member("awa").user)
    text = {"title": "T", "body": "b", "language": "en", "value": "5", "base_version": base, "submit": ""}

    answer = client.post("/proposals/new/?rule=pay.solidarity_share", text, headers={"Accept-Language": "fr"})

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Version de la r\N{LATIN SMALL LETTER E WITH GRAVE}gle" in page
    assert 'href="#id_base_version"' not in page
