"""What payouts records."""

from payouts.models.attempts import Attempt
from payouts.models.inbox import InboxEvent
from payouts.models.items import BatchAnswer, BatchFile, NotPaid, PayoutItem, PayoutStep
from payouts.models.orders import Order, Refund
from payouts.models.rails import ExchangeRate, RailDetails
from payouts.sharing.corrections import Adjustment, Objection
from payouts.sharing.models import (
    MemberShare,
    PaidTime,
    PayoutRun,
    Period,
    RevenueLine,
    RunVersion,
)

__all__ = [
    "Adjustment",
    "Attempt",
    "BatchAnswer",
    "BatchFile",
    "ExchangeRate",
    "InboxEvent",
    "MemberShare",
    "NotPaid",
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
    "RunVersion",
]
