"""What the commons records. No table here holds money except the fee a grant was given for; no contribution has a price or a weight."""

from coop.commons.models.access import AccessEvent, AccessRequest, Grant
from coop.commons.models.datasets import Contribution, Contributor, Dataset, UsePolicy
from coop.commons.models.releases import Release, ReleaseFile

__all__ = [
    "AccessEvent",
    "AccessRequest",
    "Contribution",
    "Contributor",
    "Dataset",
    "Grant",
    "Release",
    "ReleaseFile",
    "UsePolicy",
]
