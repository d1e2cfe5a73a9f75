"""What the platform records about itself."""

from django.db import models


class Heartbeat(models.Model):
    """When a part of the platform last proved that it works, by the machine's clock."""

    part = models.CharField(max_length=20, primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(part=""), name="heartbeat_names_its_part")]

    def __str__(self) -> str:
        return self.part
