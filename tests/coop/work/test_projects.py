"""Orders: what must be stated, what is refused, what it costs, and when it can no longer be undone."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import translation

from coop.audit.models import Entry
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.rules.actions import amend_rule, head
from coop.rules.catalogue.work import CLOSED_CATEGORIES
from coop.work.actions import (
    add_person,
    cancel_project,
    claim,
    draft_project,
    fund_project,
    pause_project,
    quote_project,
    release,
    resume_project,
    revise_project,
)
from coop.work.actors import Requester
from coop.work.models import END_USES, Project, Quote, QuoteLine
from tests import make

pytestmark = pytest.mark.django_db


def set_rule(key, value):
    return amend_rule(
        key=key, value=value, effective_from=coop_now(), decision=uuid4(), supersedes=head(key), now=coop_now()
    )


@pytest.mark.parametrize("missing", ["purpose", "final_client", "end_use", "title", "product", "instructions"])
@pytest.mark.parametrize("blank", ["", "   "])
def test_what_it_is_for_and_for_whom_is_mandatory(missing, blank):
    with pytest.raises(ValidationError) as wrong:
        make.draft(**{missing: [] if missing == "end_use" else blank})

    assert list(wrong.value.message_dict) == [missing]


@pytest.mark.law
@pytest.mark.parametrize(
    ("change", "law"),
    [
        ({"purpose": " "}, "project_states_its_purpose"),
        ({"final_client": ""}, "project_names_its_final_client"),
        ({"end_use": []}, "project_states_its_end_use"),
        ({"end_use": ["fun"]}, "project_end_use_is_known"),
        ({"sold_as_automated": True}, "project_sold_as_automated_discloses_the_people"),
        ({"status": "quoted"}, "project_status_follows_its_timestamps"),
        ({"status": "done"}, 'does not go from status "draft" to "done"'),
        ({"status": "approved"}, 'does not go from status "draft" to "approved"'),
        ({"funded_answers": 5}, "project_funded_was_quoted"),
    ],
)
def test_the_database_states_it_too(change, law):
    project = make.draft()

    with pytest.raises(IntegrityError, match=law), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(**change)


def test_a_product_sold_as_automated_discloses_the_people_behind_it():
    with pytest.raises(ValidationError) as wrong:
        make.draft(sold_as_automated=True)

    assert list(wrong.value.message_dict) == ["disclosure"]
    assert make.draft(sold_as_automated=True, disclosure="Labelled by the members of Canut.").pk


@pytest.mark.parametrize("category", CLOSED_CATEGORIES)
def test_closed_categories_are_refused_by_name(category):
    with pytest.raises(Refused) as no:
        make.draft(end_use=["research", category])

    assert (no.value.code, no.value.field) == ("closed_category", "end_use")
    assert str(END_USES[category]) in str(no.value)
    assert not Project.objects.exists()


def test_a_category_closed_by_a_vote_meanwhile_refuses_the_quote():
    set_rule("work.closed_categories", [word for word in CLOSED_CATEGORIES if word != "military"])
    project = make.draft(items=1, end_use=["military"])
    set_rule("work.closed_categories", list(CLOSED_CATEGORIES))

    with pytest.raises(Refused) as no:
        quote_project(project=project, by=make.owner(project).actor, now=coop_now())

    assert no.value.code == "closed_category"


def test_a_chain_of_firms_is_refused_unless_the_rule_allows_its_depth():
    chained = make.client(beneficial_client="A bank", subcontract_chain=["Agency"])

    with pytest.raises(Refused) as no:
        make.draft(client_=chained)
    set_rule("work.subcontract_depth", 1)

    assert no.value.code == "subcontract_depth"
    assert make.draft(client_=chained).pk


def test_a_chain_says_on_whose_behalf():
    with pytest.raises(ValidationError) as wrong:
        make.client(subcontract_chain=["Agency"])

    with translation.override("fr"):
        (told,) = wrong.value.message_dict["beneficial_client"]
    assert "pour le compte de qui" in told


def test_an_unsound_template_is_told_with_its_field():
    with pytest.raises(ValidationError) as wrong:
        make.draft(template={**make.QUESTION, "media": "smell"})

    assert list(wrong.value.message_dict) == ["template.media"]


def test_only_those_who_act_for_a_client_order_for_it():
    project = make.draft()

    with pytest.raises(Refused) as no:
        draft_project(client=project.client, by=make.user("mallory").actor, now=coop_now())

    assert no.value.code == "not_your_client"


def test_a_quote_itemises_what_its_total_is_made_of():
    project = make.quoted(items=10)

    assert project.quote
    assert project.status == "quoted"
    assert project.quote.answers == 30
    assert sum(line.amount for line in project.quote.lines.all()) == project.quote.total
    assert project.price_per_answer == project.quote.price_per_answer
    assert project.rule_book == project.quote.rule_book
    assert Entry.objects.filter(kind="project.quoted", subject=f"project:{project.pk}").exists()


def test_asking_again_for_a_quote_gives_the_same_one_until_a_rule_changes_or_it_runs_out():
    project = make.quoted()
    clara = make.owner(project)

    again = quote_project(project=project, by=clara.actor, now=coop_now())
    set_rule("order.hourly_rate", 3600)
    dearer = quote_project(project=project, by=clara.actor, now=coop_now())

    assert again == project.quote
    assert dearer.total > again.total


@pytest.mark.law
def test_the_lines_of_a_quote_add_up_or_it_is_not_written(check_deferred):
    quote = make.quoted().quote
    check_deferred()

    QuoteLine.objects.create(quote=quote, position=99, key="tip", amount=5)
    with pytest.raises(IntegrityError, match="add up"):
        check_deferred()


@pytest.mark.law
def test_a_written_quote_is_never_edited():
    quote = make.quoted().quote

    with pytest.raises(DatabaseError), transaction.atomic():
        Quote.objects.filter(pk=quote.pk).update(total=1)


def test_nothing_to_quote_is_refused():
    project = make.draft()

    with pytest.raises(Refused) as no:
        quote_project(project=project, by=make.owner(project).actor, now=coop_now())

    assert no.value.code == "no_items"


def test_a_changed_order_loses_its_quote():
    project = make.quoted()

    revised = revise_project(project=project, by=make.owner(project).actor, now=coop_now(), seconds_per_answer=20)

    assert (revised.status, revised.quote, revised.price_per_answer) == ("draft", None, None)


def test_the_money_received_says_how_many_answers_may_be_asked():
    project = make.quoted(items=10)
    half = project.quote.total // 2

    funded = fund_project(project=project, received=half, by=PLATFORM, now=coop_now())

    assert funded.status == "live"
    assert funded.funded_answers == half * 30 // project.quote.total
    assert funded.funded_seq == funded.funded_answers // 3
    topped_up = fund_project(project=project, received=project.quote.escrow, by=PLATFORM, now=coop_now())
    assert topped_up.funded_answers == 30
    assert fund_project(project=project, received=half, by=PLATFORM, now=coop_now()).funded_answers == 30


def test_no_more_items_are_given_out_than_are_funded():
    project = make.quoted(items=10, redundancy=1)
    project = fund_project(project=project, received=project.quote.total * 3 // 10 + 1, by=PLATFORM, now=coop_now())
    member = make.member()

    taken = []
    for _ in range(5):
        assignment = claim(by=member.actor, project=project, now=coop_now())
        if assignment:
            taken.append(assignment.item.seq)
            release(assignment=assignment, by=member.actor, now=coop_now())

    assert taken == [1, 2, 3]


def test_an_order_can_be_cancelled_until_somebody_begins():
    project = make.live()

    cancelled = cancel_project(project=project, by=make.owner(project).actor, now=coop_now())

    assert cancelled.status == "cancelled"
    assert (
        cancel_project(project=project, by=make.owner(project).actor, now=coop_now()).cancelled_at
        == cancelled.cancelled_at
    )
    with pytest.raises(Refused) as no:
        claim(by=make.member().actor, project=project, now=coop_now())
    assert no.value.code == "project_not_live"
    with pytest.raises(Refused):
        fund_project(project=project, received=10**6, by=PLATFORM, now=coop_now())


def test_an_order_somebody_works_on_is_not_cancelled():
    project = make.live()
    member = make.member()
    assignment = claim(by=member.actor, project=project, now=coop_now())

    with pytest.raises(Refused) as no:
        cancel_project(project=project, by=make.owner(project).actor, now=coop_now())
    release(assignment=assignment, by=member.actor, now=coop_now())

    assert no.value.code == "work_began"
    assert cancel_project(project=project, by=make.owner(project).actor, now=coop_now()).status == "cancelled"


def test_a_paused_project_hands_out_nothing_until_it_is_resumed():
    project = make.live()
    clara, member = make.owner(project), make.member()
    pause_project(project=project, by=clara.actor, now=coop_now())

    with pytest.raises(Refused):
        claim(by=member.actor, project=project, now=coop_now())
    assert claim(by=member.actor, now=coop_now()) is None
    resume_project(project=project, by=clara.actor, now=coop_now())

    assert claim(by=member.actor, project=project, now=coop_now())


@pytest.mark.law
def test_what_was_recorded_is_never_deleted_by_the_application():
    project = make.live()

    for table in ("work_project", "work_item", "work_answer", "work_timeentry", "work_assignment"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
    assert Project.objects.get() == project


# --- who of a client it was


CHANGES = [revise_project, quote_project, pause_project, resume_project, cancel_project]


def test_the_log_says_who_of_a_client_it_was():
    clara, luis = make.requester(), make.user("luis")
    project = make.draft(items=3, by=clara)
    add_person(client=project.client, user=luis, role="editor", by=clara.actor, now=coop_now())

    revise_project(project=project, by=luis.actor, now=coop_now(), product="A dictionary")
    quote = quote_project(project=project, by=clara.actor, now=coop_now())
    fund_project(project=project, received=quote.escrow, by=PLATFORM, now=coop_now())
    pause_project(project=project, by=luis.actor, now=coop_now())
    resume_project(project=project, by=clara.actor, now=coop_now())
    cancel_project(project=project, by=luis.actor, now=coop_now())

    one, other = (Requester(person, project.client).stands_as for person in (clara, luis))
    acts = [(entry.kind, entry.as_data()["by"]) for entry in Entry.objects.about(f"project:{project.pk}")]
    assert one != other and str(project.client.pk) in one
    assert acts == [
        ("project.revised", other),
        ("project.quoted", one),
        ("project.funded", "platform"),
        ("project.paused", other),
        ("project.resumed", one),
        ("project.cancelled", other),
    ]


@pytest.mark.parametrize("change", CHANGES)
def test_who_does_not_order_for_the_client_changes_nothing_of_its_projects(change):
    project, viewer = make.live(), make.user("viewer")
    add_person(client=project.client, user=viewer, role="viewer", by=make.owner(project).actor, now=coop_now())

    for stranger in (viewer, make.user("mallory"), make.owner(make.draft(by=make.user("nadia")))):
        with pytest.raises(Refused) as no:
            change(project=project, by=stranger.actor, now=coop_now())
        assert no.value.code == "not_your_client"
