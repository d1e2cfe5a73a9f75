"""Everything happens once that a co-operative does; then somebody tries to join the public log with what people are paid."""

import re
from datetime import timedelta

import pytest

from coop.audit.actions import seal_log
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
from payouts.models import BatchFile, MemberShare, NotPaid, PayoutItem, PayoutRun, PayoutStep, Period, RunVersion
from payouts.sharing import bundles
from payouts.sharing.approval import adjust_pay, approve_run
from payouts.sharing.objections import Correction, answer_objection, raise_objection
from payouts.sharing.periods import close_due_periods
from tests import make, money, votes
from tests.governance import public
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


def next_run(clock) -> PayoutRun:
    """The run of the period that is open, computed."""
    close_due_periods(now=coop_now())
    period = Period.objects.get(state=Period.State.OPEN)
    clock.advance(seconds=int((period.ends_at - coop_now()).total_seconds()) + 1)
    return money.run_of(period)


def corrected(run: PayoutRun, awa: Member, voahangy: Member, theo: Member) -> None:
    """Two object; one is right."""
    for member, more in ((voahangy, None), (awa, Correction("task", 600))):
        share = MemberShare.objects.get(run=run, member=member, version=run.current)
        objection = raise_objection(share=share, by=member.actor, reason="An hour is missing.", now=coop_now())
        answer_objection(objection=objection, by=theo.actor, answer="I looked.", correction=more, now=coop_now())
        run.refresh_from_db()


def approved(run: PayoutRun, by: Member, clock) -> PayoutRun:
    clock.advance(seconds=int((run.objections_until - coop_now()).total_seconds()) + 1)
    return approve_run(run=run, by=by.actor, now=coop_now())


def on_mobile_money(member: Member, number: int) -> None:
    details = {"operator": "mvola", "number": f"+2613400000{number:02}"}
    set_rail_details(member=member, rail="mobile_money", details=details, by=member.actor, now=coop_now())


def swept(hours: int = 0) -> None:
    for second in range(3):
        advance_payout_items(now=coop_now(), wall=coop_now() + timedelta(hours=hours, seconds=second))


def paid(run: PayoutRun, theo: Member, *, failed: Member | None = None, moved: Member | None = None) -> None:
    """All in a file are paid, but one whose payment fails, and one who moves before it is taken."""
    swept()
    if moved:
        on_mobile_money(moved, 77)
        swept()
    file = download_batch_file(file=BatchFile.objects.in_use().get(run=run), by=theo.actor, now=coop_now())
    said = [
        f"{item.key};failed;;closed" if item.member == failed else f"{item.key};paid;M{item.pk};"
        for item in PayoutItem.objects.filter(file=file)
    ]
    content = "\n".join(["reference;status;transaction_id;reason", *said]).encode()
    take_answer(file=file, content=content, by=theo.actor, now=coop_now())
    swept(hours=1)


def shared(project: Project, hanitra: Member) -> None:
    facts = {"title": "Polite", "summary": "Sentences.", "client_rights": "In the order.", "returns": "labels"}
    dataset = open_dataset(project=project, personal_data=False, by=hanitra.actor, now=coop_now(), **facts)
    stated = make.ASKED | {"until": (coop_now() + timedelta(days=200)).date()}
    asked = request_access(dataset=dataset, by=make.user("nadia").actor, now=coop_now(), **stated)
    withdraw_request(request=asked, by=asked.asked_by.actor, now=coop_now())


@pytest.fixture
def journey(clock) -> list[Member]:
    """Founded, admitted, appointed, ordered, cancelled, worked, corrected, paid, adjusted, shared, left: the members."""
    hanitra, theo, awa, voahangy = founded()
    fara = admitted(clock)
    votes.decide(Appoint(awa.log_pseudonym, "steward"), clock=clock, by=fara)
    withdraw_proposal(proposal=votes.submit(by=awa), by=awa.actor, now=coop_now())
    clara, members = make.requester(), [hanitra, theo, awa, voahangy, fara]
    project = ordered(clara, theo)
    given_back(clara, theo)
    worked(project, members, clock)
    ariary(theo)
    for number, member in enumerate(members):
        on_mobile_money(member, number)
    run = next_run(clock)
    corrected(run, awa, voahangy, theo)
    paid(approved(run, hanitra, clock), theo, failed=hanitra, moved=fara)
    adjust_pay(share=money.share_of(run, awa), amount=250, reason="Too little.", by=theo.actor, now=coop_now())
    later = make.paid(items=3, redundancy=1, seconds_per_answer=1800)
    for member in (awa, fara, theo):
        clock.advance(hours=1)
        make.answer(member, later, seconds=900, at=coop_now())
    second = next_run(clock)
    paid(approved(second, hanitra, clock), theo)
    shared(project, hanitra)
    end_membership(member=voahangy, by=voahangy.actor, now=coop_now())
    close_account(
        account=Account.objects.get(owner=voahangy.pseudonym.hex, code__endswith=":payable"),
        by=theo.actor,
        now=coop_now(),
    )
    chain_transactions(now=coop_now())
    while seal_log(now=coop_now()):
        pass
    assert list(PayoutRun.objects.order_by("period__number").values_list("state", flat=True)) == ["closed", "settled"]
    assert {"held", "moved"} == set(NotPaid.objects.filter(run=run).values_list("why", flat=True))
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
        *("run.approved", "run.adjusted", "run.settled", "batch_file.withdrawn", "batch_file.answered"),
        *("dataset.opened", "access.requested", "account.closed"),
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

    assert {by_kind[kind] for kind in ("batch_file.answered", "order.refunded")} == {"office:treasurer"}
    assert by_kind["dataset.opened"] == "office:steward"


def test_the_log_does_not_tell_by_the_office_that_acts_whose_pay_was_changed(journey):
    changed = ("run.objection_raised", "run.objection_answered", "run.adjusted", "run.approved")

    assert {entry.as_data()["by"] for entry in Entry.objects.filter(kind__in=changed)} == {"member", "office"}


def test_nothing_that_anybody_may_read_joins_a_member_s_acts_or_name_with_their_pay(journey):
    read = public.everything()
    paid_as = {member.pseudonym.hex for member in journey}
    logged_as = {member.log_pseudonym.hex for member in journey}

    of_pay = [address for address, content in read.items() if public.identifiers(content) & paid_as]
    of_acts = [address for address, content in read.items() if public.identifiers(content) & logged_as]
    assert {"bundle", "shares.csv"} <= {address.strip("/").split("/")[-1] for address in of_pay}
    bundled = {(read[at]["run"], read[at]["version"]) for at in of_pay if at.endswith("/bundle/")}
    assert bundled == {(str(version.run_id), version.number) for version in RunVersion.objects.all()}
    assert len(bundled) == 3
    assert any(address.startswith("/api/v1/log/entries/") for address in of_acts)
    assert not set(of_pay) & set(of_acts)
    assert not [(at, member.name) for at in of_pay for member in journey if member.name in public.words(read[at])]
    assert public.joined(read.values(), paid_as, logged_as) == set()


def test_nobody_is_named_in_the_log_beside_a_run(journey):
    named = {member.log_pseudonym.hex for member in Member.objects.all()}
    named |= {user.log_pseudonym.hex for user in User.objects.all()}
    in_pay = set()
    for version in RunVersion.objects.all():
        in_pay |= public.identifiers({**bundles.bundle_of(version), "rule_book": None, "log": None})
    in_pay -= {project.hex for project in Project.objects.values_list("pk", flat=True)}

    told = {entry: public.identifiers(entry.as_data()) for entry in Entry.objects.all()}
    assert not [(entry.kind, ids & named) for entry, ids in told.items() if ids & in_pay and ids & named]


def test_no_identifier_of_a_change_of_pay_stands_in_the_log(journey):
    changes = set()
    for version in RunVersion.objects.all():
        changes |= public.identifiers([version.inputs["corrections"], version.inputs["adjustments"]])

    assert changes
    assert not [entry.kind for entry in Entry.objects.all() if public.identifiers(entry.as_data()) & changes]


def test_the_log_says_of_a_run_no_sum_no_number_and_no_operator(journey):
    about = Entry.objects.filter(subject__startswith="run:")

    told = [(entry.kind, value) for entry in about for value in entry.as_data()["payload"].values()]
    assert {"run.reserved", "run.settled", "batch_file.written"} <= set(about.values_list("kind", flat=True))
    assert not [
        (kind, value)
        for kind, value in told
        if not (isinstance(value, bool) or re.fullmatch("[0-9a-f]{64}", str(value)))
    ]
