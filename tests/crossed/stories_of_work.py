"""Orders and what is done for them, told by workers whose moments cross."""

from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.work.actions import (
    cancel_project,
    claim,
    finish_if_done,
    fund_project,
    pause_project,
    quote_project,
    release,
    resume_project,
    return_expired_leases,
    revise_project,
    submit,
)
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
    back, late, never = make.member(), make.member(), make.member()
    taken = claim(project=project, by=back.actor, now=coop_now())
    crossing.step(release, taken, assignment=taken, by=back.actor)
    forgotten = [claim(project=project, by=member.actor, now=coop_now()) for member in (late, never)]
    crossing.step(return_expired_leases, taken, due=max(one.lease_expires_at for one in forgotten) + BLINK)
    crossing.step(submit, forgotten[0], assignment=forgotten[0], by=late.actor, value={"choice": "yes"})
    crossing.step(release, forgotten[1], assignment=forgotten[1], by=never.actor)
