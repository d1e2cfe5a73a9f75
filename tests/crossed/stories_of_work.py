"""Orders and what is done for them, told by workers whose moments cross."""

from datetime import timedelta

from coop.audit.actions import seal_log
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.work.actions import (
    cancel_project,
    claim,
    contest_time,
    correct_time,
    count_due_waiting,
    decide_contest,
    draw_contests,
    extend_lease,
    finish_if_done,
    fund_project,
    look_at_project,
    pause_project,
    quote_project,
    release,
    resume_project,
    return_expired_leases,
    revise_project,
    submit,
)
from coop.work.models import WaitingTime
from tests import make
from tests.crossed.crossing import BLINK, reread, story


@story
def an_order_is_quoted_revised_paid_halted_and_done(crossing):
    project, hanitra = make.draft(items=1, redundancy=1), make.member("hanitra")
    by = make.owner(project).actor
    crossing.step(quote_project, project, project=project, by=by)
    crossing.step(revise_project, project, project=project, by=by, title="Kinder sentences")
    crossing.step(quote_project, project, project=project, by=by)
    total = reread(project).quote.escrow
    crossing.step(fund_project, project, project=project, received=total, by=PLATFORM)
    crossing.step(pause_project, project, project=project, by=by)
    crossing.step(resume_project, project, project=project, by=by)
    taken = crossing.step(claim, project, project=project, by=hanitra.actor)
    crossing.step(submit, taken, assignment=taken, by=hanitra.actor, value={"choice": "yes"})
    crossing.step(finish_if_done, project, project=project)


@story
def an_order_is_done_while_it_is_halted(crossing):
    project, hanitra = make.live(items=1, redundancy=1), make.member("hanitra")
    taken = claim(project=project, by=hanitra.actor, now=coop_now())
    crossing.step(pause_project, project, project=project, by=make.owner(project).actor)
    crossing.step(submit, taken, assignment=taken, by=hanitra.actor, value={"choice": "yes"})
    crossing.step(finish_if_done, project, project=project)


@story
def orders_are_cancelled_wherever_they_stand(crossing):
    halted = make.live()
    crossing.step(pause_project, halted, project=halted, by=make.owner(halted).actor)
    for project in (make.draft(items=1), make.quoted(), make.live(), halted):
        crossing.step(cancel_project, project, project=project, by=make.owner(project).actor)


@story
def an_item_is_given_back_or_forgotten(crossing):
    project = make.live(items=5, redundancy=1)
    back, late, never, again = (make.member() for _ in range(4))
    taken = claim(project=project, by=back.actor, now=coop_now())
    crossing.step(release, taken, assignment=taken, by=back.actor)
    forgotten = [claim(project=project, by=member.actor, now=coop_now()) for member in (late, never, again)]
    crossing.step(return_expired_leases, taken, due=max(one.lease_expires_at for one in forgotten) + BLINK)
    crossing.step(submit, forgotten[0], assignment=forgotten[0], by=late.actor, value={"choice": "yes"})
    crossing.step(release, forgotten[1], assignment=forgotten[1], by=never.actor)
    crossing.step(extend_lease, forgotten[2], assignment=forgotten[2], by=again.actor)


def state(crossing, member, project):
    """Time beyond the bound of an item, on the member's word."""
    taken = claim(project=project, by=member.actor, now=coop_now())
    word = {"value": {"choice": "yes"}, "declared_seconds": 5000}
    crossing.step(submit, taken, due=taken.leased_at + timedelta(hours=2), assignment=taken, by=member.actor, **word)
    return WaitingTime.objects.get(assignment=taken)


@story
def stated_time_is_corrected_or_counted(crossing):
    hanitra, project = make.member("hanitra"), make.live()
    corrected = state(crossing, hanitra, project)
    crossing.step(correct_time, corrected, assignment=corrected.assignment, by=hanitra.actor, declared_seconds=10)
    counted = state(crossing, make.member("awa"), project)
    crossing.step(count_due_waiting, counted, due=counted.counts_at + BLINK)


@story
def stated_time_is_contested_and_refused_or_counted(crossing):
    project, steward, _jury = make.live(), make.steward(), [make.member() for _ in range(3)]
    for refuses in (True, False):
        waiting = state(crossing, make.member(), project)
        contest = crossing.step(contest_time, waiting, waiting=waiting, by=steward.actor, reasons="It is one word.")
        seal_log(now=coop_now())
        crossing.step(draw_contests, waiting)
        word = {"contest": contest, "refuses": refuses, "words": "Seen."}
        for seat in contest.seats.all()[: 2 if refuses else 1]:
            crossing.step(decide_contest, waiting, by=seat.member.actor, **word)


@story
def an_order_that_takes_too_long_is_looked_at(crossing):
    hanitra, project = make.member("hanitra"), make.live(items=200, seconds_per_answer=1)
    while not (halt := project.open_halt):
        taken = claim(project=project, by=hanitra.actor, now=coop_now())
        done = taken.leased_at + timedelta(minutes=2)
        crossing.step(submit, taken, due=done, assignment=taken, by=hanitra.actor, value={"choice": "yes"})
    word = {"words": "The items are long.", "more_seconds": 0}
    crossing.step(look_at_project, halt, halt=halt, by=make.steward().actor, **word)
