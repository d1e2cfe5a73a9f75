"""What payouts records."""

from payouts.models.attempts import Attempt
from payouts.models.inbox import InboxEvent
from payouts.models.items import BatchAnswer, BatchFile, PayoutItem, PayoutStep
from payouts.models.orders import Order, Refund
from payouts.models.rails import ExchangeRate, RailDetails
from payouts.sharing.models import MemberShare, Objection, PaidTime, PayoutRun, Period, RevenueLine

__all__ = [
    "Attempt",
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
    "Refund",
    "RevenueLine",
]
