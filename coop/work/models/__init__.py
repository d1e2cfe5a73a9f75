"""What the work market records."""

from coop.work.models.assignments import Answer, Assignment, MemberProject, TimeEntry
from coop.work.models.clients import Client, ClientUser
from coop.work.models.gold import GoldDraw, GoldTruth
from coop.work.models.items import Consensus, ConsensusRound, Item, ItemImport
from coop.work.models.projects import END_USES, Project, Quote, QuoteLine
from coop.work.models.time import Contest, ContestSeat, Halt, PaceFactor, TimeCorrection, WaitingTime

__all__ = [
    "END_USES",
    "Answer",
    "Assignment",
    "Client",
    "ClientUser",
    "Consensus",
    "ConsensusRound",
    "Contest",
    "ContestSeat",
    "GoldDraw",
    "GoldTruth",
    "Halt",
    "Item",
    "ItemImport",
    "MemberProject",
    "PaceFactor",
    "Project",
    "Quote",
    "QuoteLine",
    "TimeCorrection",
    "TimeEntry",
    "WaitingTime",
]
