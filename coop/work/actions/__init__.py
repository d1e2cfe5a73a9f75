"""What may be done in the work market."""

from coop.work.actions.claims import claim, extend_lease, release, return_expired_leases
from coop.work.actions.clients import add_person, register_client
from coop.work.actions.consensus import finish_if_done, reckon_consensus, update_due_consensus
from coop.work.actions.contests import (
    answer_contest,
    contest_project_time,
    contest_time,
    decide_contest,
    draw_contests,
    heard_time,
)
from coop.work.actions.corrections import correct_time, freeze_time
from coop.work.actions.gold import draw_gold, state_truths
from coop.work.actions.halts import look_at_project
from coop.work.actions.imports import RowProblem, import_csv, import_json, import_rows
from coop.work.actions.paces import set_pace_factor, update_paces
from coop.work.actions.projects import (
    cancel_project,
    draft_project,
    fund_project,
    pause_project,
    quote_project,
    resume_project,
    revise_project,
)
from coop.work.actions.submissions import submit
from coop.work.actions.times import Times, account_of, bound_for, factor_of, free_seconds, proposed_times, seconds_since
from coop.work.actions.training import begin_reading, reading_bound
from coop.work.actions.waiting import count_due_waiting, count_if_due

__all__ = [
    "RowProblem",
    "Times",
    "account_of",
    "add_person",
    "answer_contest",
    "begin_reading",
    "bound_for",
    "cancel_project",
    "claim",
    "contest_project_time",
    "contest_time",
    "correct_time",
    "count_due_waiting",
    "count_if_due",
    "decide_contest",
    "draft_project",
    "draw_contests",
    "draw_gold",
    "extend_lease",
    "factor_of",
    "finish_if_done",
    "free_seconds",
    "freeze_time",
    "fund_project",
    "heard_time",
    "import_csv",
    "import_json",
    "import_rows",
    "look_at_project",
    "pause_project",
    "proposed_times",
    "quote_project",
    "reading_bound",
    "reckon_consensus",
    "register_client",
    "release",
    "resume_project",
    "return_expired_leases",
    "revise_project",
    "seconds_since",
    "set_pace_factor",
    "state_truths",
    "submit",
    "update_due_consensus",
    "update_paces",
]
