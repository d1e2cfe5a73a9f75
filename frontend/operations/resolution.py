"""A resolution: text only."""

from django.http import QueryDict
from django.utils.translation import gettext as _

from frontend.operations._part import Change, Offer, Part, Section
from governance.operations.resolution import Resolution


class ResolutionPart(Part[Resolution]):
    """There is nothing to choose."""

    kind = Resolution
    place = 10

    def section(self) -> Section:
        """One link."""
        offer = Offer(_("A resolution: text only, no rule changes"), "kind=resolution")
        return Section(_("Say something together"), {"": [offer]})

    def chosen(self, query: QueryDict) -> Resolution | None:
        """`?kind=resolution`."""
        return Resolution() if query.get("kind") == "resolution" else None

    def in_words(self, change: Resolution, *, named: bool) -> Change:
        """Its title says all."""
        return Change(title=change.title())


PART = ResolutionPart()
