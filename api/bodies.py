"""What is sent to the API: every field is one that is known, so that nothing misspelt is lost in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class Body(serializers.Serializer[Any]):
    """The body of a request. A field it doesn't have is refused by its name."""

    def to_internal_value(self, data: Any) -> Any:
        """As ever, once every field is known."""
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in self.fields]):
            raise serializers.ValidationError({str(name): [_("There is no such field here.")] for name in unknown})
        return super().to_internal_value(data)
