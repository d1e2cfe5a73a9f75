"""How each kind of notice comes about, by real actions: one scenario for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from coop.audit.actions import seal_log
from coop.ground.clock import coop_now, wall_now
from coop.members.actions import apply
from coop.members.models import Application, Member, User
from coop.notices.actions import tell
from coop.notices.letters import advance_letters
from coop.work import actions as work
from coop.work.actions.contests import contest_time, draw_contests
from coop.work.actions.times import halt_project
from coop.work.models import Contest, ContestSeat, Halt, Project, WaitingTime
from governance.actions.advancing import advance_proposals
from governance.models import Ballot, Proposal
from governance.occasions import membership_decided as decision
from governance.operations.admit import Admit
from payouts.actions.batch_files import download_batch_file, take_answer
from payouts.actions.execution import advance_payout_items, reserve_run
from payouts.models import Adjustment, BatchFile, NotPaid, Objection, PayoutItem, RunVersion
from payouts.sharing.approval import adjust_pay
from payouts.sharing.objections import answer_objection, raise_objection
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import advance_runs
from tests import make, money, votes
from tests.payouts.paying import approved_run, ariary, on_mvola, payable


@dataclass
class Expected:
    """Who is to be told, and whether the event has happened."""

    readers: set[User]
    happened: Callable[[], bool]


Scenario = Callable[[Any], Iterator[Expected]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(tell: Scenario) -> Scenario:
    """Named as the kind it is about. What comes before the `yield` is the stage, what comes after it the event."""
    SCENARIOS[tell.__name__] = tell
    return tell


def play(kind: str, clock: Any) -> Expected:
    """Let it happen; what is expected of it."""
    telling = SCENARIOS[kind](clock)
    expected = next(telling)
    for _more in telling:
        raise AssertionError("a scenario says once what is expected")
    return expected


@scenario
def paid(clock: Any) -> Iterator[Expected]:
    theo, hanitra = make.treasurer(), on_mvola(5000, "hanitra")
    ariary(theo)
    approved_run(theo)
    advance_payout_items(now=coop_now(), wall=wall_now())
    file, item = BatchFile.objects.get(), PayoutItem.objects.get()
    download_batch_file(file=file, by=theo.actor, now=coop_now())
    yield Expected({hanitra.user}, PayoutItem.objects.filter(state="paid").exists)
    answer = f"reference;status;transaction_id;reason\n{item.key};paid;M1;"
    take_answer(file=file, content=answer.encode(), by=theo.actor, now=coop_now())


@scenario
def not_paid(clock: Any) -> Iterator[Expected]:
    awa = payable(make.member("awa"), 5000)
    run = approved_run()
    yield Expected({awa.user}, NotPaid.objects.exists)
    reserve_run(run=run, now=coop_now())


def objected(awa: Member) -> Objection:
    run = money.ran(awa, make.member("hanitra"))
    return raise_objection(
        share=money.share_of(run, awa), by=awa.actor, reason="My seconds are missing.", now=run.computed_at
    )


@scenario
def objection_answered(clock: Any) -> Iterator[Expected]:
    awa, theo = make.member("awa"), make.treasurer()
    objection = objected(awa)
    yield Expected({awa.user}, Objection.objects.filter(answered_at__isnull=False).exists)
    answer_objection(objection=objection, by=theo.actor, answer="They come next time.", now=objection.raised_at)


@scenario
def pay_adjusted(clock: Any) -> Iterator[Expected]:
    awa, theo = make.member("awa"), make.treasurer()
    run = money.approved(money.ran(awa, make.member("hanitra")))
    yield Expected({awa.user}, Adjustment.objects.exists)
    adjust_pay(share=money.share_of(run, awa), amount=1234, reason="Forgotten.", by=theo.actor, now=run.approved_at)


@scenario
def statement_ready(clock: Any) -> Iterator[Expected]:
    awa, hanitra, theo = make.member("awa"), make.member("hanitra"), make.treasurer()
    period = money.first_period()
    money.worked(awa, hanitra)
    close_due_periods(now=period.ends_at)
    yield Expected({awa.user, hanitra.user}, RunVersion.objects.exists)
    assert advance_runs(now=period.ends_at) and theo


@scenario
def vote_asked(clock: Any) -> Iterator[Expected]:
    awa, hanitra = make.member("awa"), make.member("hanitra")
    proposal = votes.submit(by=awa)
    clock.advance(seconds=int((proposal.voting_from - coop_now()) / timedelta(seconds=1)) + 1)
    yield Expected({awa.user, hanitra.user}, Ballot.objects.exists)
    advance_proposals(now=coop_now())


@scenario
def proposal_passed(clock: Any) -> Iterator[Expected]:
    awa, hanitra = make.member("awa"), make.member("hanitra")
    ballot = votes.open_vote(clock=clock, by=awa)
    votes.cast(ballot, [(awa, votes.YES), (hanitra, votes.YES)])
    late = make.member("a latecomer")
    yield Expected({awa.user, hanitra.user, late.user}, Proposal.objects.filter(state="adopted").exists)
    votes.close(ballot, clock=clock)


def asked_to_join(mallory: User) -> Application:
    return apply(
        by=mallory.actor,
        name="Mallory",
        college="producer",
        country="FR",
        languages=["fr"],
        engagement="unknown",
        statement="I would like to.",
        now=coop_now(),
    )


@scenario
def membership_decided(clock: Any) -> Iterator[Expected]:
    mallory, awa = make.user("mallory"), make.member("awa")
    application = asked_to_join(mallory)
    yield Expected({mallory}, Application.objects.exclude(outcome="").exists)
    votes.decide(Admit(application=application.pk), clock=clock, by=awa)


@scenario
def project_delivered(clock: Any) -> Iterator[Expected]:
    clara, awa = make.requester("clara"), make.member("awa")
    project = make.live(items=1, redundancy=1, by=clara)
    make.answer(awa, project)
    yield Expected({clara}, Project.objects.filter(status="done").exists)
    work.finish_if_done(project=project, now=coop_now())


def stated_beyond_the_bound(clock: Any) -> WaitingTime:
    """Time that hanitra states for an item she slept on; others are there who may be drawn."""
    hanitra = make.member("hanitra")
    for _n in range(5):
        make.member()
    taken = work.claim(by=hanitra.actor, project=make.live(), now=coop_now())
    clock.advance(days=20)
    work.submit(assignment=taken, by=hanitra.actor, value={"choice": "yes"}, declared_seconds=5000, now=coop_now())
    return WaitingTime.objects.get()


@scenario
def time_contested(clock: Any) -> Iterator[Expected]:
    waiting, saholy = stated_beyond_the_bound(clock), make.steward("saholy")
    yield Expected({waiting.member.user}, Contest.objects.exists)
    contest_time(waiting=waiting, by=saholy.actor, reasons="The item is one word.", now=coop_now())


@scenario
def drawn_to_hear(clock: Any) -> Iterator[Expected]:
    waiting, saholy = stated_beyond_the_bound(clock), make.steward("saholy")
    contest_time(waiting=waiting, by=saholy.actor, reasons="The item is one word.", now=coop_now())
    seal_log(now=coop_now())
    expected = Expected(set(), ContestSeat.objects.exists)
    yield expected
    draw_contests(now=coop_now())
    expected.readers = {seat.member.user for seat in ContestSeat.objects.select_related("member__user")}
    assert len(expected.readers) == 2 and not expected.readers & {waiting.member.user, saholy.user}


@scenario
def contest_ended(clock: Any) -> Iterator[Expected]:
    waiting, saholy = stated_beyond_the_bound(clock), make.steward("saholy")
    contest = contest_time(waiting=waiting, by=saholy.actor, reasons="The item is one word.", now=coop_now())
    seal_log(now=coop_now())
    draw_contests(now=coop_now())
    hearing = contest.seats.all()[0].member
    yield Expected({waiting.member.user}, WaitingTime.objects.exclude(state="contested").exists)
    work.decide_contest(contest=contest, by=hearing.actor, refuses=False, words="", now=coop_now())


@scenario
def look_asked(clock: Any) -> Iterator[Expected]:
    steward, project = make.steward(), make.live(by=make.requester("clara"))
    yield Expected({steward.user}, Halt.objects.exists)
    halted(project)


@scenario
def project_halted(clock: Any) -> Iterator[Expected]:
    clara, steward = make.requester("clara"), make.steward()
    project = make.live(by=clara)
    yield Expected({clara}, lambda: Halt.objects.exists() and bool(steward))
    halted(project)


def halted(project: Project) -> None:
    with transaction.atomic():
        halt_project(project=project, reason=Halt.Reason.QUOTE, now=coop_now())


# -- letters


def decided(mallory: User | None = None) -> User:
    """Somebody's application is declined, of which they are always told by mail."""
    mallory = mallory or make.user("mallory")
    application = asked_to_join(mallory)
    type(application).objects.update(outcome="declined", decided_at=coop_now())
    application.refresh_from_db()
    with transaction.atomic():
        tell(occasion=decision.OCCASION, of=application, now=coop_now())
    return mallory


def sweep(*, hours: int = 0) -> int:
    """One round of the outbox, so many hours later by wall time; how many letters were sent."""
    return advance_letters(now=coop_now(), wall=wall_now() + timedelta(hours=hours)).sent
