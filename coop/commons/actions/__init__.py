"""What may be done with the commons."""

from coop.commons.actions.access import (
    fetch_file,
    grant_access,
    link_to_proposal,
    refuse_access,
    request_access,
    settle_fee,
    withdraw_request,
)
from coop.commons.actions.datasets import adopt_policy, open_dataset, publish_release

__all__ = [
    "adopt_policy",
    "fetch_file",
    "grant_access",
    "link_to_proposal",
    "open_dataset",
    "publish_release",
    "refuse_access",
    "request_access",
    "settle_fee",
    "withdraw_request",
]
