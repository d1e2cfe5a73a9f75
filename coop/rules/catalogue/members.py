"""Membership and offices. Pure."""

from coop.ground.texts import gettext_noop as _
from coop.rules.catalogue.rule import Kind, Layer, Rule

RULES = (
    Rule(
        key="members.term_days",
        kind=Kind.DAYS,
        default=365,
        lowest=90,
        highest=1460,
        unit=_("days"),
        title=_("Term of office"),
        explanation=_("How long stewards and treasurers serve."),
        layer=Layer.BYLAW,
        consumers=("governance.operations", "governance.actions.founding"),
    ),
)
