"""An objection to a statement was answered: told to who raised it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coop.notices.occasion import Facts, Occasion
from payouts.models import Objection
from payouts.occasions import _pay


class ObjectionAnswered(Occasion[Objection]):
    """It was upheld or rejected. The answer itself is on the statement."""

    name = "objection_answered"
    title = gettext_lazy("Your objection is answered")
    told_to = gettext_lazy("the member who raised it")

    def about(self, row: Objection) -> str:
        return f"objection:{row.pk}"

    def audience(self, row: Objection) -> list[UUID]:
        return _pay.reader(row.share.member_id)

    def facts(self, row: Objection) -> dict[str, Any]:
        share = row.share
        return _pay.of_run(share.run_id, share.member_id, share.run.period.number) | {"upheld": bool(row.upheld)}

    def sentence(self, facts: Facts) -> str:
        if facts["upheld"]:
            return _("Your objection for period %(period)d was upheld: your statement is corrected.") % facts
        return (
            _("Your objection for period %(period)d was rejected: your statement stays as it is. Why is said there.")
            % facts
        )

    def path(self, facts: Facts) -> str:
        return _pay.statement_path(facts)


OCCASION = ObjectionAnswered()
