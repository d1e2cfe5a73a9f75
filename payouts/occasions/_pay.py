"""What notices about a member's pay have in common. They hold no amount: the statement does, behind the reader's login."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from coop.members.models import Member
from coop.notices.occasion import Facts
from payouts.models import MemberShare


def reader(member: UUID) -> list[UUID]:
    """The person whose pay it is."""
    return list(Member.objects.filter(pk=member).values_list("user", flat=True))


def of_run(run: UUID, member: UUID, period: int) -> dict[str, Any]:
    """The period, and the member's statement in it, where there is one: who is paid what was left may not have worked."""
    statement = MemberShare.objects.live().filter(run=run, member=member).values_list("pk", flat=True).first()
    return {"period": period} | ({"statement": str(statement)} if statement else {})


def statement_path(facts: Facts) -> str:
    """The statement, or all of them."""
    return reverse("statement", args=[facts["statement"]]) if "statement" in facts else reverse("statements")
