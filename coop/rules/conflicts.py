"""Rules that have to fit together, whatever each is alone. Pure."""

from collections.abc import Mapping

from coop.ground.texts import gettext_noop as _
from coop.rules.catalogue import levies
from coop.rules.catalogue.rule import Cents, InvalidValue, RuleValue

HIGHEST_LEVIES = 8000
"""In basis points: at least a fifth of what can be distributed is left to pay labour."""


def check_together(values: Mapping[str, RuleValue]) -> None:
    """InvalidValue, a sentence, where the values of all rules taken together can't work."""
    taken = sum(values[rule.key] for rule in levies())
    if taken > HIGHEST_LEVIES:
        raise InvalidValue(
            _("The shares taken before labour would add up to %(sum)s basis points; at most %(highest)s may be taken."),
            params={"sum": taken, "highest": HIGHEST_LEVIES},
        )
    floor, cap, rate = values["pay.hourly_floor"], values["pay.hourly_cap"], values["order.hourly_rate"]
    if cap and cap < floor:
        raise InvalidValue(
            _("The hourly cap (%(cap)s) would be below the hourly floor (%(floor)s)."),
            params={"cap": Cents(cap), "floor": Cents(floor)},
        )
    if rate < floor:
        raise InvalidValue(
            _("The hourly rate in quotes (%(rate)s) would be below the hourly floor (%(floor)s)."),
            params={"rate": Cents(rate), "floor": Cents(floor)},
        )
    for key, table in values.items():
        if key.startswith("procedure.") and 2 * table["num"] < table["den"]:
            raise InvalidValue(
                _("Less than half would be enough to decide: the majority has to be at least 1/2."), column="num"
            )
        if key.startswith("procedure.") and table["num"] >= table["den"]:
            raise InvalidValue(_("Nothing could ever pass: the majority has to be below the whole."), column="num")
        if key.startswith("procedure.") and table["quorum_num"] > table["quorum_den"]:
            raise InvalidValue(_("Nothing could ever pass: the quorum is more than everybody."), column="quorum_num")
