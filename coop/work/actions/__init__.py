"""What may be done in the work market."""

from coop.work.actions.claims import claim, release, return_expired_leases
from coop.work.actions.clients import add_person, register_client
from coop.work.actions.consensus import finish_if_done, reckon_consensus, update_due_consensus
from coop.work.actions.gold import draw_gold, state_truths
from coop.work.actions.imports import RowProblem, import_csv, import_json, import_rows
from coop.work.actions.projects import (
    cancel_project,
    draft_project,
    fund_project,
    pause_project,
    quote_project,
    resume_project,
    revise_project,
)
from coop.work.actions.submissions import Times, free_seconds, proposed_times, seconds_since, submit

__all__ = [
    "RowProblem",
    "Times",
    "add_person",
    "cancel_project",
    "claim",
    "draft_project",
    "draw_gold",
    "finish_if_done",
    "free_seconds",
    "fund_project",
    "import_csv",
    "import_json",
    "import_rows",
    "pause_project",
    "proposed_times",
    "quote_project",
    "reckon_consensus",
    "register_client",
    "release",
    "resume_project",
    "return_expired_leases",
    "revise_project",
    "seconds_since",
    "state_truths",
    "submit",
    "update_due_consensus",
]
