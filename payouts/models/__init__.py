"""What payouts records."""

from payouts.models.inbox import InboxEvent
from payouts.models.items import BatchAnswer, BatchFile, PayoutItem, PayoutStep
from payouts.models.objections import Objection
from payouts.models.orders import Order
from payouts.models.periods import Period, RevenueLine
from payouts.models.rails import ExchangeRate, RailDetails, RailName
from payouts.models.runs import MemberShare, PaidTime, PayoutRun

__all__ = [
    "BatchAnswer",
    "BatchFile",
    "ExchangeRate",
    "InboxEvent",
    "MemberShare",
    "Objection",
    "Order",
    "PaidTime",
    "PayoutItem",
    "PayoutRun",
    "PayoutStep",
    "Period",
    "RailDetails",
    "RailName",
    "RevenueLine",
]
