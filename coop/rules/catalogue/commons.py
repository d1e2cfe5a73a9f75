"""Who may use the data. Pure."""

from coop.ground.texts import gettext_noop as _
from coop.rules.catalogue.rule import Kind, Layer, Rule

RED_LINES = ("insurance", "pharmaceutical", "surveillance", "military", "migration_control", "union_busting")

RULES = (
    Rule(
        key="commons.red_lines",
        kind=Kind.CHOICES,
        default=sorted(RED_LINES),
        choices=RED_LINES,
        title=_("Red lines of the commons"),
        explanation=_("Sectors and ends that never get access to the data of the commons."),
        layer=Layer.CONSTITUTION,
        consumers=("coop.commons.screen",),
    ),
    Rule(
        key="commons.grant_days",
        kind=Kind.DAYS,
        default=365,
        lowest=30,
        highest=1825,
        unit=_("days"),
        title=_("Longest access"),
        explanation=_("A grant ends after this at the latest; it can be asked for again."),
        layer=Layer.POLICY,
        consumers=("coop.commons.actions",),
    ),
    Rule(
        key="commons.request_days",
        kind=Kind.DAYS,
        default=60,
        lowest=14,
        highest=365,
        unit=_("days"),
        title=_("How long a request for data may wait"),
        explanation=_("A request that reaches no steward within this time is refused: silence means no."),
        layer=Layer.POLICY,
        consumers=("governance.commons",),
    ),
    Rule(
        key="commons.minimum_contributors",
        kind=Kind.WHOLE,
        default=5,
        lowest=5,
        highest=50,
        unit=_("persons"),
        title=_("Fewest makers of a release"),
        explanation=_("Data made by fewer persons is not released: it would tell who they are."),
        layer=Layer.POLICY,
        consumers=("coop.commons.actions",),
    ),
)
