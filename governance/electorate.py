"""Who votes under a procedure."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from coop.members.models import College, Member, Office, OfficeKind
from governance.tally import Procedure, Voters


def voters_at(procedure: Procedure, moment: datetime) -> QuerySet[Member]:
    """Those who would be on a roll frozen at `moment`: members long enough, of the college or office the procedure names."""
    members = Member.objects.on(moment).filter(admitted_at__lte=moment - timedelta(days=procedure.min_tenure_days))
    match procedure.voters:
        case Voters.ALL:
            return members
        case Voters.PRODUCERS:
            return members.filter(college=College.PRODUCER)
        case Voters.STEWARDS:
            terms = Office.objects.on(moment).filter(member=OuterRef("pk"), kind=OfficeKind.STEWARD)
            return members.filter(Exists(terms))
