"""What a rule is: its kind, its bounds, the layer that may change it and when a change begins. Pure.

A rule's value is whole numbers, words from a list, or a table of them; never a float.
The layer says which procedure may change the rule; the effect says when an adopted change begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from coop.ground.texts import gettext_noop as _

RuleValue = Any
"""int | str | list[str] | dict[str, int | str], as the rule's type says."""


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


@dataclass(frozen=True)
class Cents:
    """An amount of euro cents in a sentence: said as money to people."""

    minor: int

    def __str__(self) -> str:
        return str(self.minor)


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
    levy: str = ""  # the fund this share of what can be distributed goes to; "" for what is no levy

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
                    _("“%(column)s” is not a column of this table."),
                    params={"column": name},
                    column=str(name),
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
            _("%(value)s is below the lowest allowed, %(lowest)s."),
            params={"value": value, "lowest": lowest},
        )
    if highest is not None and value > highest:
        raise InvalidValue(
            _("%(value)s is above the highest allowed, %(highest)s."),
            params={"value": value, "highest": highest},
        )
    return value


def _chosen(value: Any, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise InvalidValue(
            _("“%(value)s” is not one of: %(choices)s."),
            params={"value": value, "choices": ", ".join(choices)},
        )
    return value
