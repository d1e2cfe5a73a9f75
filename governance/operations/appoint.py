"""Give a member a term of office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from coop.ground.canonical import instant
from coop.ground.errors import Refused
from coop.members.actions import begin_office
from coop.members.models import Member, OfficeKind
from coop.rules.actions import in_force
from governance.changes import Operation, Pseudonym, word
from governance.procedures import PARAMETER


@dataclass(frozen=True)
class Appoint(Operation):
    """Give a member, named by the log's pseudonym, a term of office that begins when the decision is carried out."""

    op: ClassVar[str] = "appoint"
    member: Pseudonym
    office: Annotated[str, word(gettext_noop("an office is named by a word"))]

    def title(self) -> str:
        """Which office."""
        office = OfficeKind(self.office).label if self.office in OfficeKind.values else self.office
        return _("A term of office as %(office)s") % {"office": office}

    def procedure(self) -> str:
        """As parameters."""
        return PARAMETER

    def check(self, *, now: datetime) -> None:
        """The member may begin a term now. Refused `unknown_member`, and as `_member`."""
        self._member(now)

    def apply(self, *, decision: UUID, now: datetime) -> dict[str, Any]:
        """Begin the term."""
        days = in_force(now).whole("members.term_days")
        term = begin_office(member=self._member(now), kind=self.office, term_days=days, decision=decision, now=now)
        return {"member": self.member.hex, "office": self.office, "ends_at": instant(term.ends_at)}

    def decline(self, *, decision: UUID, now: datetime) -> None:
        """Nothing follows."""

    def _member(self, now: datetime) -> Member:
        """Who may begin a term now. Refused `unknown_member`, `unknown_office`, `not_a_member`, `already_in_office`."""
        member = Member.objects.filter(log_pseudonym=self.member).first()
        if member is None:
            raise Refused(_("There is no such member."), code="unknown_member", field="member")
        if self.office not in OfficeKind.values:
            raise Refused(
                _("There is no office “%(office)s”.") % {"office": self.office}, code="unknown_office", field="office"
            )
        if not member.is_member_on(now):
            raise Refused(_("Only members hold an office."), code="not_a_member", field="member")
        if member.holds(self.office, now):
            raise Refused(_("This member holds the office already."), code="already_in_office", field="member")
        return member


KIND = Appoint
