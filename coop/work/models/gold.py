"""Items drawn by lot whose truth the requester states; they only measure how often labels are right."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coop.ground.moments import Dated
from coop.members.models import User
from coop.work.gold import drawn
from coop.work.models.items import Item
from coop.work.models.projects import Project


class GoldDraw(Dated):
    """The one lot of a project: its seed gives the order of the items (`coop.work.gold`). No second draw replaces one that displeased."""

    project = models.OneToOneField(Project, models.PROTECT, related_name="gold_draw")
    seed = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seed__regex="^[0-9a-f]{64}$"), name="gold_draw_has_a_whole_seed"),
        ]

    def __str__(self) -> str:
        return f"drawn {self.drawn_at:%Y-%m-%d}"

    def next_items(self, number: int) -> list[Item]:
        """So many of the items that come next, in the order drawn; fewer where no more are left."""
        stated = self.truths.count()
        order = drawn(self.seed, self.project.items.values_list("seq", flat=True))[stated : stated + number]
        found = {item.seq: item for item in self.project.items.filter(seq__in=order)}
        return [found[seq] for seq in order]


class GoldTruth(Dated):
    """What the requester states of the item that was drawn at this place, before or after its answers; said once, it stays."""

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
