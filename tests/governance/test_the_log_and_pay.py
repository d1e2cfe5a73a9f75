"""Everything happens once that a co-operative does; then somebody tries to join the public log with what people are paid."""

from datetime import timedelta

import pytest

from coop.audit.models import Entry
from coop.commons.actions import open_dataset, request_access, withdraw_request
from coop.ground.canonical import canonical_json
from coop.ground.clock import coop_now
from coop.members.actions import apply, end_membership
from coop.members.models import Member, OfficeKind, User
from coop.work import actions as work
from coop.work.models import Project
from governance.actions.drafting import withdraw_proposal
from governance.actions.founding import Charter, Founder, found
from governance.operations.admit import Admit
from governance.operations.appoint import Appoint
from payouts.actions import orders, payments, refunds
from payouts.actions.batch_files import download_batch_file, take_answer
from payouts.actions.execution import advance_payout_items
from payouts.actions.rail_details import set_rail_details
from payouts.ledger.actions import chain_transactions, close_account
from payouts.ledger.models import Account, Transaction
from payouts.models import BatchFile, MemberShare, PayoutItem, PayoutRun, PayoutStep, Period
from payouts.sharing import bundles
from payouts.sharing.approval import approve_run
from payouts.sharing.objections import answer_objection, raise_objection
from payouts.sharing.periods import close_due_periods
from tests import make, money, votes
from tests.payouts.paying import ariary

pytestmark = pytest.mark.django_db
FOUNDERS = ("hanitra", "theo", "awa", "voahangy")


def founded() -> list[Member]:
    offices = dict(zip(FOUNDERS, [(OfficeKind.STEWARD,), (OfficeKind.TREASURER,), (), ()], strict=True))
    charter = Charter(
        name="Les Canuts",
        founders=tuple(Founder(f"{name}@example.org", name.title(), "MG", offices=offices[name]) for name in FOUNDERS),
    )
    return list(found(charter=charter, now=coop_now()))


def admitted(clock) -> Member:
    facts = {"college": "producer", "country": "MG", "languages": ["mg"], "engagement": "unknown", "statement": ""}
    asked = apply(by=make.user("fara").actor, name="Fara", now=coop_now(), **facts)
    votes.decide(Admit(asked.pk), clock=clock, by=Member.objects.get(name="Awa"))
    return Member.objects.get(name="Fara")


def ordered(clara: User, theo: Member) -> Project:
    project = make.draft(items=2, by=clara, redundancy=5, seconds_per_answer=1800)
    work.revise_project(project=project, by=clara.actor, now=coop_now(), product="A dictionary")
    work.quote_project(project=project, by=clara.actor, now=coop_now())
    order = orders.place_order(project=project, method="bank_transfer", by=clara.actor, now=coop_now())
    payments.confirm_transfer(order=order, amount=order.amount, reference="FT-1", by=theo.actor, now=coop_now())
    work.pause_project(project=project, by=clara.actor, now=coop_now())
    work.resume_project(project=project, by=clara.actor, now=coop_now())
    return Project.objects.get(pk=project.pk)


def given_back(clara: User, theo: Member) -> None:
    project = make.quoted(client_=make.client(clara))
    order = orders.place_order(project=project, method="bank_transfer", by=clara.actor, now=coop_now())
    payments.confirm_transfer(order=order, amount=order.amount, reference="FT-2", by=theo.actor, now=coop_now())
    orders.cancel_order(order=order, by=clara.actor, now=coop_now())
    refunds.confirm_refund(order=order, reference="OUT-2", by=theo.actor, now=coop_now())


def worked(project: Project, members: list[Member], clock) -> None:
    for _item in range(2):
        clock.advance(hours=1)
        for member in members:
            make.answer(member, project, seconds=1800, at=coop_now())
    work.finish_if_done(project=project, now=coop_now())
    work.reckon_consensus(project=project, now=coop_now())


def approved(awa: Member, theo: Member, clock) -> PayoutRun:
    close_due_periods(now=coop_now())
    period = Period.objects.get(state=Period.State.OPEN)
    clock.advance(seconds=int((period.ends_at - coop_now()).total_seconds()) + 1)
    run = money.run_of(period)
    objection = raise_objection(
        share=money.share_of(run, awa), by=awa.actor, reason="An hour is missing.", now=run.computed_at
    )
    answer_objection(objection=objection, by=theo.actor, answer="It was after the end.", now=run.computed_at)
    clock.advance(days=30)
    return approve_run(run=run, by=theo.actor, now=coop_now())


def paid(run: PayoutRun, members: list[Member], theo: Member) -> None:
    ariary(theo)
    for n, member in enumerate(members):
        details = {"operator": "mvola", "number": f"+26134000000{n}"}
        set_rail_details(member=member, rail="mobile_money", details=details, by=member.actor, now=coop_now())
    for second in range(3):
        advance_payout_items(now=coop_now(), wall=coop_now() + timedelta(seconds=second))
    file = BatchFile.objects.get(run=run)
    download_batch_file(file=file, by=theo.actor, now=coop_now())
    said = [f"{item.key};paid;M{item.pk};" for item in PayoutItem.objects.filter(file=file)]
    content = "\n".join(["reference;status;transaction_id;reason", *said]).encode()
    take_answer(file=file, content=content, by=theo.actor, now=coop_now())
    for second in range(3):
        advance_payout_items(now=coop_now(), wall=coop_now() + timedelta(hours=1, seconds=second))


def shared(project: Project, hanitra: Member) -> None:
    facts = {"title": "Polite", "summary": "Sentences.", "client_rights": "In the order.", "returns": "labels"}
    dataset = open_dataset(project=project, personal_data=False, by=hanitra.actor, now=coop_now(), **facts)
    stated = make.ASKED | {"until": (coop_now() + timedelta(days=200)).date()}
    asked = request_access(dataset=dataset, by=make.user("nadia").actor, now=coop_now(), **stated)
    withdraw_request(request=asked, by=asked.asked_by.actor, now=coop_now())


@pytest.fixture
def journey(clock) -> list[Member]:
    """Founded, admitted, appointed, ordered, cancelled, worked, paid, shared, left: the members."""
    hanitra, theo, awa, voahangy = founded()
    fara = admitted(clock)
    votes.decide(Appoint(awa.log_pseudonym, "steward"), clock=clock, by=fara)
    withdraw_proposal(proposal=votes.submit(by=awa), by=awa.actor, now=coop_now())
    clara, members = make.requester(), [hanitra, theo, awa, voahangy, fara]
    project = ordered(clara, theo)
    given_back(clara, theo)
    worked(project, members, clock)
    run = approved(awa, theo, clock)
    paid(run, members, theo)
    shared(project, hanitra)
    end_membership(member=voahangy, by=voahangy.actor, now=coop_now())
    close_account(
        account=Account.objects.get(owner=voahangy.pseudonym.hex, code__endswith=":payable"),
        by=theo.actor,
        now=coop_now(),
    )
    chain_transactions(now=coop_now())
    assert PayoutRun.objects.get(pk=run.pk).state == PayoutRun.State.SETTLED
    return members


def spellings(values) -> set[bytes]:
    return {text.encode() for value in values for text in (value.hex, str(value))}


def test_nothing_in_the_log_can_be_joined_with_what_anybody_is_paid(journey):
    log = {entry: bytes(entry.canonical) for entry in Entry.objects.all()}
    paid_as = spellings(Member.objects.values_list("pseudonym", flat=True))

    kinds = {entry.kind for entry in log}
    assert {
        *("coop.founded", "member.admitted", "office.begun", "member.left", "proposal.submitted", "proposal.withdrawn"),
        *("decision.executed", "client.registered", "project.quoted", "project.paused", "order.placed", "order.paid"),
        *("order.cancelled", "order.refunded", "run.computed", "run.objection_raised", "run.objection_answered"),
        *("run.approved", "run.settled", "batch_file.answered", "dataset.opened", "access.requested", "account.closed"),
    } <= kinds, "the journey goes everywhere"
    assert not [(entry.kind, trace) for entry, text in log.items() for trace in paid_as if trace in text]


def test_nothing_of_pay_shows_how_anybody_stands_in_the_log(journey):
    logged_as = spellings(Member.objects.values_list("log_pseudonym", flat=True))
    logged_as |= spellings(User.objects.values_list("log_pseudonym", flat=True))

    published = [canonical_json(bundles.bundle(run)) for run in PayoutRun.objects.exclude(current=None)]
    kept = [*Transaction.objects.values_list("actor", "memo"), *PayoutStep.objects.values_list("by", "note")]
    kept += [*Account.objects.values_list("code", "owner"), *MemberShare.objects.values_list("pseudonym", "amount")]
    assert published and kept
    assert not [
        text for text in [*published, *(str(row).encode() for row in kept)] if any(t in text for t in logged_as)
    ]


def test_the_log_names_nobody(journey):
    people = [text for user in User.objects.all() for text in (user.email, user.name, user.pk.hex, str(user.pk))]
    people += [text for member in journey for text in (member.name, member.pk.hex, str(member.pk))]

    told = [bytes(entry.canonical).decode() for entry in Entry.objects.all()]
    assert not [(name, entry) for entry in told for name in people if name in entry]


def test_officers_answer_as_their_office(journey):
    by_kind = {entry.kind: entry.as_data()["by"] for entry in Entry.objects.order_by("pk")}

    treasurers = ("run.approved", "run.objection_answered", "batch_file.answered", "order.refunded")
    assert {by_kind[kind] for kind in treasurers} == {"office:treasurer"}
    assert by_kind["dataset.opened"] == "office:steward"
    assert by_kind["run.objection_raised"] == Member.objects.get(name="Awa").actor.stands_as
