"""Every changeable rule of the co-operative, declared once. Pure: no framework.

A rule's value is whole numbers, words from a list, or a table of them; never a float.
The layer says which procedure may change the rule; the effect says when an adopted change begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

RuleValue = Any
"""int | str | list[str] | dict[str, int | str], as the rule's type says."""


def _(text: str) -> str:
    """Marks a text for translation; the pages translate it."""
    return text


class Kind(StrEnum):
    WHOLE = "whole"
    BASIS_POINTS = "basis_points"
    PERMILLE = "permille"
    MINOR_UNITS = "minor_units"
    SECONDS = "seconds"
    DAYS = "days"
    CHOICE = "choice"
    CHOICES = "choices"
    TABLE = "table"


class Layer(StrEnum):
    PARAMETER = "parameter"
    PAY = "pay"
    POLICY = "policy"
    BYLAW = "bylaw"
    CONSTITUTION = "constitution"


class Effect(StrEnum):
    AT_ONCE = "at_once"
    NEXT_PERIOD = "next_period"


class InvalidValue(ValueError):
    """A value that the rule does not allow; the message is a sentence, `column` names the cell of a table."""

    def __init__(self, message: str, *, params: Mapping[str, Any] | None = None, column: str | None = None) -> None:
        super().__init__(message % (params or {}))
        self.template = message
        self.params = dict(params or {})
        self.column = column


@dataclass(frozen=True)
class Column:
    """One cell of a table rule: a bounded whole number, or a word from a list."""

    lowest: int | None = None
    highest: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule: what it is called, what it may be, who may change it, when a change begins, and who reads it."""

    key: str
    kind: Kind
    default: RuleValue
    title: str
    explanation: str
    unit: str = ""
    lowest: int | None = None
    highest: int | None = None
    choices: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    columns: Mapping[str, Column] | None = None
    layer: Layer = Layer.PARAMETER
    effect: Effect = Effect.AT_ONCE
    consumers: tuple[str, ...] = ()

    def validated(self, value: RuleValue) -> RuleValue:
        """The value in its stored form. InvalidValue, a sentence with the bound that was crossed, where the rule does not allow it."""
        match self.kind:
            case Kind.CHOICE:
                return _chosen(value, self.choices)
            case Kind.CHOICES:
                return self._choices(value)
            case Kind.TABLE:
                return self._table(value)
            case _:
                return _bounded(value, self.lowest, self.highest)

    def _choices(self, value: RuleValue) -> list[str]:
        if not isinstance(value, list):
            raise InvalidValue(_("This rule takes a list of words."))
        chosen = {_chosen(word, self.choices) for word in value}
        for word in self.required:
            if word not in chosen:
                raise InvalidValue(_("“%(word)s” can't be taken out of this list."), params={"word": word})
        return sorted(chosen)

    def _table(self, value: RuleValue) -> dict[str, int | str]:
        columns = self.columns or {}
        if not isinstance(value, dict):
            raise InvalidValue(_("This rule takes a table."))
        for name in value:
            if name not in columns:
                raise InvalidValue(
                    _("“%(column)s” is not a column of this table."), params={"column": name}, column=str(name)
                )
        table: dict[str, int | str] = {}
        for name, column in columns.items():
            if name not in value:
                raise InvalidValue(_("The column “%(column)s” is missing."), params={"column": name}, column=name)
            try:
                table[name] = (
                    _chosen(value[name], column.choices)
                    if column.choices
                    else _bounded(value[name], column.lowest, column.highest)
                )
            except InvalidValue as wrong:
                raise InvalidValue(wrong.template, params=wrong.params, column=name) from None
        return table


def _bounded(value: Any, lowest: int | None, highest: int | None) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidValue(_("This takes a whole number."))
    if lowest is not None and value < lowest:
        raise InvalidValue(
            _("%(value)s is below the lowest allowed, %(lowest)s."), params={"value": value, "lowest": lowest}
        )
    if highest is not None and value > highest:
        raise InvalidValue(
            _("%(value)s is above the highest allowed, %(highest)s."), params={"value": value, "highest": highest}
        )
    return value


def _chosen(value: Any, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise InvalidValue(
            _("“%(value)s” is not one of: %(choices)s."), params={"value": value, "choices": ", ".join(choices)}
        )
    return value


def _share(
    key: str, default: int, highest: int, title: str, explanation: str, consumer: str = "payouts.waterfall"
) -> Rule:
    """A share of the distributable revenue, in basis points, that begins with a payout period."""
    return Rule(
        key=key,
        kind=Kind.BASIS_POINTS,
        default=default,
        lowest=0,
        highest=highest,
        unit=_("basis points of the distributable revenue"),
        title=title,
        explanation=explanation,
        effect=Effect.NEXT_PERIOD,
        consumers=(consumer,),
    )


PROCEDURE_COLUMNS: Mapping[str, Column] = {
    "voters": Column(choices=("all", "producers", "stewards")),
    "num": Column(lowest=1, highest=100),
    "den": Column(lowest=2, highest=100),
    "base": Column(choices=("yes_no", "valid", "roll")),
    "quorum_kind": Column(choices=("approval", "participation", "none")),
    "quorum_num": Column(lowest=0, highest=100),
    "quorum_den": Column(lowest=1, highest=100),
    "deliberation_days": Column(lowest=0, highest=60),
    "voting_days": Column(lowest=1, highest=60),
    "timelock_days": Column(lowest=0, highest=60),
    "expiry_days": Column(lowest=1, highest=365),
    "min_tenure_days": Column(lowest=0, highest=365),
}


def _procedure(name: str, title: str, layer: Layer, **changed: int | str) -> Rule:
    """How a kind of proposal is decided. It is changed by the procedure of its own layer, never by a weaker one."""
    value: dict[str, int | str] = {
        "voters": "all",
        "num": 1,
        "den": 2,
        "base": "yes_no",
        "quorum_kind": "approval",
        "quorum_num": 1,
        "quorum_den": 5,
        "deliberation_days": 1,
        "voting_days": 7,
        "timelock_days": 2,
        "expiry_days": 30,
        "min_tenure_days": 0,
    }
    return Rule(
        key=f"procedure.{name}",
        kind=Kind.TABLE,
        default=value | changed,
        columns=PROCEDURE_COLUMNS,
        title=title,
        explanation=_("Who votes, which majority and quorum decide, and how many days each step lasts."),
        layer=layer,
        consumers=("governance.actions",),
    )


CLOSED_CATEGORIES = (
    "surveillance",
    "biometric_identification",
    "military",
    "migration_control",
    "union_busting",
    "fake_engagement",
)
RED_LINES = ("insurance", "pharmaceutical", "surveillance", "military", "migration_control", "union_busting")

_RULES = (
    # -- pay
    Rule(
        key="pay.hourly_floor",
        kind=Kind.MINOR_UNITS,
        default=900,
        lowest=100,
        highest=10_000,
        unit=_("euro cents per hour"),
        title=_("Hourly floor"),
        explanation=_(
            "No counted hour is paid less. What a period can't pay of it stays owed and is paid first in the next one."
        ),
        layer=Layer.PAY,
        effect=Effect.NEXT_PERIOD,
        consumers=("payouts.waterfall", "coop.work.rates"),
    ),
    Rule(
        key="pay.hourly_cap",
        kind=Kind.MINOR_UNITS,
        default=6000,
        lowest=0,
        highest=100_000,
        unit=_("euro cents per hour; 0 means no cap"),
        title=_("Hourly cap"),
        explanation=_("No counted hour is paid more; what is left over strengthens the stabilisation reserve."),
        layer=Layer.PAY,
        effect=Effect.NEXT_PERIOD,
        consumers=("payouts.waterfall",),
    ),
    _share(
        "pay.solidarity_share",
        300,
        3000,
        _("Solidarity share"),
        _("Goes to the solidarity fund: sickness, care, hardship."),
    ),
    _share(
        "pay.reserve_share",
        500,
        3000,
        _("Stabilisation reserve share"),
        _("Goes to the reserve that pays the floor in a thin period."),
    ),
    _share(
        "pay.commons_operations_share",
        1000,
        4000,
        _("Commons and operations share"),
        _("Runs the platform and its commons."),
    ),
    _share(
        "pay.social_contributions_share",
        200,
        4000,
        _("Social contributions share"),
        _("Set aside for the contributions that members' status calls for."),
    ),
    _share(
        "pay.equal_base_share",
        1000,
        10_000,
        _("Equal base share"),
        _("Shared equally among all who worked; the rest by counted time."),
    ),
    Rule(
        key="pay.reserve_draw_limit",
        kind=Kind.BASIS_POINTS,
        default=5000,
        lowest=0,
        highest=10_000,
        unit=_("basis points of the reserve"),
        title=_("Limit of a draw on the reserve"),
        explanation=_("The most a period may take from the stabilisation reserve to pay the floor."),
        effect=Effect.NEXT_PERIOD,
        consumers=("payouts.waterfall",),
    ),
    Rule(
        key="pay.seniority_step_permille",
        kind=Kind.PERMILLE,
        default=0,
        lowest=0,
        highest=100,
        unit=_("thousandths per full year"),
        title=_("Seniority step"),
        explanation=_("Each full year of membership adds this to the weight of counted time, up to twice the weight."),
        effect=Effect.NEXT_PERIOD,
        consumers=("payouts.waterfall",),
    ),
    Rule(
        key="pay.kind_weights",
        kind=Kind.TABLE,
        default={
            "task": 1000,
            "pilot": 1000,
            "training": 1000,
            "standby": 500,
            "review": 1000,
            "jury": 1000,
            "assembly": 1000,
        },
        columns={
            kind: Column(lowest=1, highest=2000)
            for kind in ("task", "pilot", "training", "standby", "review", "jury", "assembly")
        },
        unit=_("thousandths"),
        title=_("Weight of each kind of time"),
        explanation=_("How much an hour of each kind of work counts. Never by country."),
        layer=Layer.PAY,
        effect=Effect.NEXT_PERIOD,
        consumers=("payouts.waterfall",),
    ),
    Rule(
        key="pay.share_strategy",
        kind=Kind.CHOICE,
        default="clamped_weight/1",
        choices=("clamped_weight/1", "clamped_equal/1"),
        title=_("How the labour pool is shared"),
        explanation=_("By counted time between floor and cap, or equally among all who worked between floor and cap."),
        layer=Layer.PAY,
        effect=Effect.NEXT_PERIOD,
        consumers=("payouts.waterfall",),
    ),
    Rule(
        key="pay.period_days",
        kind=Kind.DAYS,
        default=30,
        lowest=7,
        highest=92,
        unit=_("days"),
        title=_("Length of a payout period"),
        explanation=_("Revenue is pooled and shared once per period."),
        effect=Effect.NEXT_PERIOD,
        consumers=("payouts.actions.periods",),
    ),
    Rule(
        key="pay.objection_days",
        kind=Kind.DAYS,
        default=3,
        lowest=0,
        highest=30,
        unit=_("days"),
        title=_("Objection window of a payout run"),
        explanation=_("How long the computed lines are published before the treasurer may approve the run."),
        effect=Effect.NEXT_PERIOD,
        consumers=("payouts.actions.runs",),
    ),
    Rule(
        key="payout.minimum",
        kind=Kind.MINOR_UNITS,
        default=100,
        lowest=1,
        highest=5000,
        unit=_("euro cents"),
        title=_("Smallest payout"),
        explanation=_("Less than this stays payable and is sent with the next run."),
        effect=Effect.NEXT_PERIOD,
        consumers=("payouts.actions.execution",),
    ),
    Rule(
        key="reports.minimum_group",
        kind=Kind.WHOLE,
        default=5,
        lowest=5,
        highest=20,
        unit=_("persons"),
        title=_("Smallest group in public reports"),
        explanation=_("Figures about fewer persons are not published."),
        layer=Layer.POLICY,
        consumers=("payouts.reports",),
    ),
    # -- orders
    Rule(
        key="order.hourly_rate",
        kind=Kind.MINOR_UNITS,
        default=1800,
        lowest=100,
        highest=20_000,
        unit=_("euro cents per hour"),
        title=_("Hourly rate in quotes"),
        explanation=_("What a requester's quote counts per hour of work; never below the hourly floor."),
        consumers=("coop.work.rates",),
    ),
    Rule(
        key="order.standby_rate",
        kind=Kind.BASIS_POINTS,
        default=500,
        lowest=0,
        highest=5000,
        unit=_("basis points of the work"),
        title=_("Stand-by in quotes"),
        explanation=_("Pays the time members wait for work."),
        consumers=("coop.work.rates",),
    ),
    Rule(
        key="order.disputes_rate",
        kind=Kind.BASIS_POINTS,
        default=200,
        lowest=0,
        highest=3000,
        unit=_("basis points of the work"),
        title=_("Disputes in quotes"),
        explanation=_("Pays juries and reviews."),
        consumers=("coop.work.rates",),
    ),
    Rule(
        key="order.training_seconds",
        kind=Kind.SECONDS,
        default=120,
        lowest=0,
        highest=7200,
        unit=_("seconds per expected member"),
        title=_("Paid training in quotes"),
        explanation=_("Time to read the instructions, for each member expected to work on the order."),
        consumers=("coop.work.rates",),
    ),
    Rule(
        key="order.declared_duration_permille",
        kind=Kind.PERMILLE,
        default=1500,
        lowest=1000,
        highest=3000,
        unit=_("thousandths of the declared duration"),
        title=_("Caution on declared durations"),
        explanation=_("Before a pilot, the requester's declared duration is multiplied by this."),
        consumers=("coop.work.rates",),
    ),
    Rule(
        key="order.rail_fee_rate",
        kind=Kind.BASIS_POINTS,
        default=150,
        lowest=0,
        highest=1000,
        unit=_("basis points of the quote"),
        title=_("Payment fees in quotes"),
        explanation=_("Covers what payment providers take."),
        consumers=("coop.work.rates",),
    ),
    Rule(
        key="order.buffer",
        kind=Kind.BASIS_POINTS,
        default=1000,
        lowest=0,
        highest=5000,
        unit=_("basis points of the quote"),
        title=_("Escrow buffer"),
        explanation=_("Paid on top of the quote into escrow, and refunded if unused."),
        consumers=("coop.work.rates",),
    ),
    Rule(
        key="order.quote_days",
        kind=Kind.DAYS,
        default=30,
        lowest=1,
        highest=180,
        unit=_("days"),
        title=_("Validity of a quote"),
        explanation=_("An older quote has to be reckoned again."),
        consumers=("coop.work.actions",),
    ),
    # -- work
    Rule(
        key="work.consensus",
        kind=Kind.CHOICE,
        default="dawid_skene/1",
        choices=("dawid_skene/1", "majority/1"),
        title=_("How answers are brought together"),
        explanation=_("The algorithm that makes one label out of several answers."),
        layer=Layer.POLICY,
        consumers=("coop.work.quality",),
    ),
    Rule(
        key="work.allocation",
        kind=Kind.CHOICE,
        default="weighted_lottery/1",
        choices=("weighted_lottery/1", "oldest_first/1"),
        title=_("How open work is offered"),
        explanation=_("Which project a member who did not choose one is offered first. Money never buys priority."),
        layer=Layer.POLICY,
        consumers=("coop.work.allocation",),
    ),
    Rule(
        key="work.redundancy",
        kind=Kind.WHOLE,
        default=3,
        lowest=1,
        highest=9,
        unit=_("answers per item"),
        title=_("Answers per item"),
        explanation=_("How many members label each item unless the order says otherwise."),
        consumers=("coop.work.actions",),
    ),
    Rule(
        key="work.lease_seconds",
        kind=Kind.SECONDS,
        default=1200,
        lowest=60,
        highest=86_400,
        unit=_("seconds"),
        title=_("How long an item is kept for a member"),
        explanation=_("Afterwards it is offered to others too; late work is still paid."),
        consumers=("coop.work.actions",),
    ),
    Rule(
        key="work.live_leases",
        kind=Kind.WHOLE,
        default=1,
        lowest=1,
        highest=50,
        unit=_("items"),
        title=_("Items a member may hold at once"),
        explanation=_("Nobody stocks up on work."),
        consumers=("coop.work.actions",),
    ),
    Rule(
        key="work.weekly_cap_seconds",
        kind=Kind.SECONDS,
        default=126_000,
        lowest=3600,
        highest=172_800,
        unit=_("seconds per week"),
        title=_("Weekly cap"),
        explanation=_("The most counted time of one member in seven days while work is scarce, so that it is shared."),
        layer=Layer.PAY,
        consumers=("coop.work.actions",),
    ),
    Rule(
        key="work.scarce_open_items",
        kind=Kind.WHOLE,
        default=200,
        lowest=0,
        highest=1_000_000,
        unit=_("open items"),
        title=_("When work is scarce"),
        explanation=_("The weekly cap holds while fewer items than this are open in all projects together."),
        layer=Layer.PAY,
        consumers=("coop.work.actions",),
    ),
    Rule(
        key="work.consensus_seconds",
        kind=Kind.SECONDS,
        default=60,
        lowest=1,
        highest=86_400,
        unit=_("seconds"),
        title=_("How often consensus is reckoned"),
        explanation=_("The least time between two reckonings of a project that is still being worked on."),
        consumers=("coop.work.actions",),
    ),
    Rule(
        key="work.pause_limit_seconds",
        kind=Kind.SECONDS,
        default=300,
        lowest=30,
        highest=3600,
        unit=_("seconds"),
        title=_("Pause that is counted without asking"),
        explanation=_("A longer pause is shown to the member, who decides whether it was work."),
        layer=Layer.PAY,
        consumers=("coop.work.actions",),
    ),
    Rule(
        key="work.subcontract_depth",
        kind=Kind.WHOLE,
        default=0,
        lowest=0,
        highest=3,
        unit=_("firms between the client and the co-operative"),
        title=_("Depth of subcontracting"),
        explanation=_("Orders that come through a longer chain are refused."),
        layer=Layer.BYLAW,
        consumers=("coop.work.actions",),
    ),
    Rule(
        key="work.closed_categories",
        kind=Kind.CHOICES,
        default=sorted(CLOSED_CATEGORIES),
        choices=CLOSED_CATEGORIES,
        title=_("Closed categories of work"),
        explanation=_("Orders for these ends are refused; only the constitution's procedure can open one."),
        layer=Layer.CONSTITUTION,
        consumers=("coop.work.actions",),
    ),
    # -- commons
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
    # -- members
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
        consumers=("governance.enactment", "governance.actions.founding"),
    ),
    # -- how decisions are made
    _procedure("parameter", _("Deciding on parameters and resolutions"), Layer.PARAMETER),
    _procedure("pay", _("Deciding on pay and safety"), Layer.PAY, voters="producers", voting_days=14),
    _procedure("policy", _("Deciding on policies"), Layer.POLICY, num=2, den=3, base="valid"),
    _procedure(
        "bylaw",
        _("Deciding on bylaws"),
        Layer.BYLAW,
        num=2,
        den=3,
        base="valid",
        quorum_num=1,
        quorum_den=3,
        voting_days=14,
        timelock_days=7,
    ),
    _procedure(
        "constitution",
        _("Deciding on the constitution"),
        Layer.CONSTITUTION,
        num=3,
        den=4,
        base="valid",
        quorum_num=1,
        quorum_den=2,
        deliberation_days=30,
        voting_days=30,
        timelock_days=14,
        expiry_days=60,
    ),
    _procedure("admission", _("Admitting members"), Layer.BYLAW, quorum_num=1, quorum_den=10, timelock_days=0),
    _procedure(
        "stewards",
        _("Stewards deciding on access to data"),
        Layer.BYLAW,
        voters="stewards",
        quorum_num=1,
        quorum_den=2,
        timelock_days=1,
    ),
)

CATALOGUE: Mapping[str, Rule] = {rule.key: rule for rule in _RULES}
"""Every rule by its key."""
