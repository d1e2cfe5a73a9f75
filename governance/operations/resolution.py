"""Say something together; nothing else changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from governance.changes import Operation
from governance.procedures import PARAMETER


@dataclass(frozen=True)
class Resolution(Operation):
    """A text that the assembly makes its own."""

    op: ClassVar[str] = "resolution"

    def title(self) -> str:
        """That nothing but words is decided."""
        return _("A resolution: the assembly says something, and no rule changes")

    def procedure(self) -> str:
        """As parameters."""
        return PARAMETER

    def check(self, *, now: datetime) -> None:
        """Anything may be said."""

    def apply(self, *, decision: UUID, now: datetime) -> dict[str, Any]:
        """The text stands in the proposal: there is nothing more to do."""
        return {}

    def decline(self, *, decision: UUID, now: datetime) -> None:
        """Nothing follows."""


KIND = Resolution
