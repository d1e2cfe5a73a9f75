"""What payouts records."""

from payouts.models.inbox import InboxEvent
from payouts.models.items import BatchAnswer, BatchFile, PayoutItem, PayoutStep
from payouts.models.orders import Order
from payouts.models.rails import ExchangeRate, RailDetails, RailName
from payouts.sharing.models import MemberShare, Objection, PaidTime, PayoutRun, Period, RevenueLine

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
