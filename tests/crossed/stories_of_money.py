"""Periods and their runs, told by workers whose moments cross."""

from payouts.models import MemberShare
from payouts.sharing.objections import answer_objection, raise_objection
from payouts.sharing.periods import close_due_periods
from payouts.sharing.runs import approve_run, compute_run, draft_run, freeze_run
from tests import make, money
from tests.crossed.crossing import BLINK, reread, story


@story
def a_period_is_shared_out(crossing):
    hanitra, theo = make.member("hanitra"), make.treasurer()
    period = money.first_period()
    money.worked(hanitra)
    crossing.step(close_due_periods, period, due=period.ends_at + BLINK)
    run = crossing.step(draft_run, period, period=period)
    crossing.step(freeze_run, run, run=run)
    crossing.step(compute_run, run, run=run)
    objection = crossing.step(
        raise_objection, run, share=MemberShare.objects.get(run=run), by=hanitra.actor, reason="My seconds are missing."
    )
    crossing.step(answer_objection, objection, objection=objection, by=theo.actor, answer="They come next time.")
    crossing.step(approve_run, run, run=run, by=theo.actor, due=reread(run).objections_until)
