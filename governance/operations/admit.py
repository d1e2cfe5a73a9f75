"""Admit the person who made an application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from coop.ground.errors import Refused
from coop.members.actions import admit, decline_application
from coop.members.models import Application
from coop.notices.actions import tell
from governance.changes import Identifier, Operation
from governance.occasions import membership_decided
from governance.procedures import ADMISSION


@dataclass(frozen=True)
class Admit(Operation):
    """Admit the person who made this application."""

    op: ClassVar[str] = "admit"
    application: Identifier

    def title(self) -> str:
        """That somebody would join."""
        return _("Admit a member")

    def procedure(self) -> str:
        """Admissions have one of their own."""
        return ADMISSION

    def check(self, *, now: datetime) -> None:
        """The application is there and undecided. Refused `unknown_application`, `application_closed`."""
        application = Application.objects.filter(pk=self.application).first()
        if application is None:
            raise Refused(_("There is no such application."), code="unknown_application", field="application")
        if application.outcome:
            raise Refused(_("This application is already decided."), code="application_closed", field="application")

    def apply(self, *, decision: UUID, now: datetime) -> dict[str, Any]:
        """Admit. Refused `application_closed`, `already_member`."""
        member = admit(application=Application.objects.get(pk=self.application), decision=decision, now=now)
        self._tell(now)
        return {"member": member.log_pseudonym.hex}

    def decline(self, *, decision: UUID, now: datetime) -> None:
        """The application is declined."""
        decline_application(application=Application.objects.get(pk=self.application), decision=decision, now=now)
        self._tell(now)

    def _tell(self, now: datetime) -> None:
        """Tell the person what was decided; who took the application back meanwhile did it themselves."""
        decided = Application.objects.get(pk=self.application)
        if decided.outcome != Application.Outcome.WITHDRAWN:
            tell(occasion=membership_decided.OCCASION, of=decided, now=now)


KIND = Admit
