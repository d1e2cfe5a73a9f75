"""A term of office: the office is chosen first, the member in the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import Http404, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.ground.clock import coop_now
from coop.ground.texts import by_letters
from coop.members.models import Member, OfficeKind
from frontend.forms.fields import ChoiceField, offer
from frontend.forms.governance import ProposalForm
from frontend.operations._part import Change, Offer, Part, Section
from governance.changes import ChangeSet
from governance.operations.appoint import Appoint

NOBODY = UUID(int=0)


class AppointmentForm(ProposalForm):
    """A proposal that gives a member a term of office."""

    member = ChoiceField(label=gettext_lazy("Member"))

    def __init__(self, *args: Any, office: str, members: Iterable[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office = office
        named = sorted(members, key=lambda member: (by_letters(member.name), member.log_pseudonym))
        offer(self, "member", [(str(member.log_pseudonym), member.name) for member in named])
        self.fields = {"member": self.fields.pop("member"), **self.fields}

    def changes(self) -> ChangeSet:
        """One operation: a term that begins when the decision is carried out."""
        return (Appoint(member=UUID(self.cleaned_data["member"]), office=self.office),)


class AppointPart(Part[Appoint]):
    """Who, and for which office."""

    kind = Appoint
    place = 20

    def section(self) -> Section:
        """The offices."""
        offers = [Offer(capfirst(str(label)), f"office={kind}") for kind, label in OfficeKind.choices]
        return Section(_("Give a member a term of office"), {"": offers})

    def chosen(self, query: QueryDict) -> Appoint | None:
        """`?office=`; the form asks for the member."""
        office = query.get("office")
        if office and office not in OfficeKind.values:
            raise Http404
        return Appoint(member=NOBODY, office=office) if office else None

    def in_words(self, change: Appoint, *, named: bool) -> Change:
        """Who would hold it."""
        holder = Member.objects.filter(log_pseudonym=change.member).first() if named else None
        return Change(title=change.title(), after=holder.name if holder else change.member.hex)

    def subject(self, change: Appoint) -> Change:
        """The office."""
        return Change(title=change.title())

    def form(self, change: Appoint, *, data: QueryDict | None, initial: dict[str, Any], is_draft: bool) -> ProposalForm:
        """The members, by name."""
        if is_draft:
            initial = {**initial, "member": change.member}
        return AppointmentForm(data, initial=initial, office=change.office, members=Member.objects.on(coop_now()))


PART = AppointPart()
