"""Items drawn by lot whose truth the requester states; they only measure how often labels are right."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from coop.ground.moments import Dated
from coop.members.models import User
from coop.work.calibration import FEWEST_GOLD
from coop.work.gold import drawn
from coop.work.models.items import Item
from coop.work.models.projects import Project


class GoldDraw(Dated):
    """The one lot of a project: its seed gives the order of the items (`coop.work.gold`), the first `number` of which are gold.

    No second draw replaces one that displeased. The answers given until then make the labels that are measured.
    """

    project = models.OneToOneField(Project, models.PROTECT, related_name="gold_draw")
    seed = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seed__regex="^[0-9a-f]{64}$"), name="gold_draw_has_a_whole_seed"),
            models.CheckConstraint(condition=Q(number__gte=FEWEST_GOLD), name="gold_draw_tells_something"),
        ]

    def __str__(self) -> str:
        return f"drawn {self.drawn_at:%Y-%m-%d}"

    def next_items(self, number: int) -> list[Item]:
        """So many of the gold items that come next, in the order drawn; fewer where no more are left."""
        stated = self.truths.count()
        order = self._gold()[stated : stated + number]
        found = {item.seq: item for item in self.project.items.filter(seq__in=order)}
        return [found[seq] for seq in order]

    def is_stated(self) -> bool:
        """Whether the truth of all gold items is stated. Nothing is measured before: nobody stops where it looks best."""
        return self.truths.filter(place=self.number).exists()

    def truths_if_stated(self) -> dict[int, Any]:
        """{item id: what is true of it} of all gold items in the order drawn; empty before all are stated."""
        return dict(self.truths.order_by("place").values_list("item_id", "value")) if self.is_stated() else {}

    def withheld(self) -> frozenset[int]:
        """The numbers of the items whose labels are shown to nobody now: of all gold ones, until all are stated."""
        return frozenset() if self.is_stated() else frozenset(self._gold())

    def _gold(self) -> list[int]:
        return drawn(self.seed, self.project.items.values_list("seq", flat=True))[: self.number]


class GoldTruth(Dated):
    """What the requester states of the item that was drawn at this place; said once, it stays."""

    draw = models.ForeignKey(GoldDraw, models.PROTECT, related_name="truths", db_index=False)
    place = models.PositiveIntegerField()
    item = models.OneToOneField(Item, models.PROTECT, related_name="gold_truth")
    value = models.JSONField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    stated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "place"], name="gold_truth_one_for_each_place"),
            models.CheckConstraint(condition=Q(place__gte=1), name="gold_truth_places_begin_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.value}"
