"""How each kind of proposal is decided. Pure."""

from collections.abc import Mapping

from coop.ground.texts import gettext_noop as _
from coop.rules.catalogue.rule import Column, Kind, Layer, Rule

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


RULES = (
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
