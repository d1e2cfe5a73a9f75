"""Admitting a member: chosen among the applications that wait."""

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from coop.members.models import Application
from frontend.operations._part import Change, Offer, Part, Section, identifier
from frontend.templatetags.formats import country
from governance.operations.admit import Admit


class AdmitPart(Part[Admit]):
    """The application says everything."""

    kind = Admit
    place = 30

    def section(self) -> Section | None:
        """Who waits."""
        waiting = Application.objects.waiting().order_by("applied_at")
        offers = [Offer(one.name, f"admit={one.pk}", f"({country(one.country)})") for one in waiting]
        return Section(_("Admit a member"), {"": offers}) if offers else None

    def chosen(self, query: QueryDict) -> Admit | None:
        """`?admit=` and an application that waits."""
        asked = identifier(query.get("admit"))
        return Admit(get_object_or_404(Application.objects.waiting(), pk=asked).pk) if asked else None

    def in_words(self, change: Admit, *, named: bool) -> Change:
        """Who would join."""
        asked = Application.objects.filter(pk=change.application).first()
        return Change(title=change.title(), after=asked.name if asked and named else str(change.application))


PART = AdmitPart()
