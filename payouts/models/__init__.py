"""What payouts records."""

from payouts.models.periods import Period, RevenueLine
from payouts.models.runs import MemberShare, PaidTime, PayoutRun

__all__ = ["MemberShare", "PaidTime", "PayoutRun", "Period", "RevenueLine"]
