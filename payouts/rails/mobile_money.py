"""Mobile money: one file per run and operator, by a template; the operator's answer is another file.

The operators, their numbers and their templates are data (`operators.json`).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from coop.ground.cldr import country_name
from coop.ground.csv import UnreadableTable, read_table, write_table
from coop.ground.errors import Refused
from coop.ground.money import currency
from coop.ground.texts import gettext_noop
from payouts import exchange
from payouts.rails._rail import (
    LARGEST_ANSWER,
    Answer,
    Answers,
    BadRow,
    DetailField,
    Details,
    FileRail,
    Rate,
    Row,
    Sending,
)


@dataclass(frozen=True)
class Operator:
    """Who carries the money: the form of its numbers, its currency, its exponent and quantum, days until it arrives."""

    id: str
    title: str
    country: str
    number: str
    example: str
    currency: str
    exponent: int
    quantum: int
    days: int
    template: str


@functools.cache
def _data() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((Path(__file__).parent / "operators.json").read_text(encoding="utf-8"))
    return read


@functools.cache
def operators() -> dict[str, Operator]:
    """Every operator by its id."""
    return {id: Operator(id=id, **facts) for id, facts in _data()["operators"].items()}


def operators_in(country: str) -> list[Operator]:
    """Those that pay out in a country."""
    return [operator for operator in operators().values() if operator.country == country]


def normal_number(text: str) -> str:
    """A telephone number without spaces and punctuation; a leading 00 is a plus."""
    digits = re.sub(r"[\s().\-/]", "", text)
    return "+" + digits[2:] if digits.startswith("00") else digits


class MobileMoney(FileRail):
    """The rail."""

    name = "mobile_money"
    title = gettext_lazy("mobile money")

    def is_on(self) -> bool:
        return True

    def reaches(self, country: str) -> bool:
        return bool(operators_in(country))

    def in_words(self, country: str) -> list[str]:
        arrives = [
            f"{one.title} ({one.currency}): "
            + ngettext("the money arrives within %(n)s day.", "the money arrives within %(n)s days.", one.days)
            % {"n": one.days}
            for one in operators_in(country)
        ]
        return arrives or [_("We work with no mobile money operator there yet.")]

    def fields(self, country: str) -> tuple[DetailField, ...]:
        local = operators_in(country)
        examples = ", ".join(f"{one.title}: {one.example}" for one in local)
        choices = tuple((one.id, f"{one.title} ({one.currency})") for one in local)
        return (
            DetailField("operator", gettext_lazy("Operator"), choices=choices),
            DetailField("number", gettext_lazy("Telephone number"), examples),
        )

    def sends(self, details: Details, amount: int, *, pool: str, rate: Callable[[str], Rate | None]) -> Sending | None:
        operator = operators()[str(details["operator"])]
        found = rate(operator.currency)
        if found is None:
            return None
        done = exchange.convert(
            amount,
            rate=exchange.Rate(operator.currency, found.num, found.den),
            exponent=operator.exponent,
            quantum=operator.quantum,
            pool=pool,
        )
        return Sending(operator.currency, done.local, done.spent, found) if done.local else None

    def carrier(self, details: Details) -> str:
        return str(details["operator"])

    def carrier_title(self, carrier: str) -> str:
        operator = operators()[carrier]
        return f"{operator.title}, {country_name(operator.country)}"

    def address(self, details: Details) -> str:
        return str(details["number"])

    def write(self, carrier: str, rows: Sequence[Row]) -> bytes:
        return write_file(operators()[carrier], rows)

    def read(self, carrier: str, content: bytes, keys: Collection[str]) -> Answers:
        return read_answer(operators()[carrier], content, keys)

    def cleaned(self, details: Details, country: str) -> dict[str, str]:
        if not self.reaches(country):
            raise Refused(
                _("No mobile money operator we work with pays out in your country."),
                code="rail_does_not_reach_country",
                field="rail",
            )
        operator = operators().get(str(details.get("operator", "")))
        if operator is None or operator.country != country:
            raise Refused(
                _("Choose an operator of your country: %(operators)s.")
                % {"operators": ", ".join(o.title for o in operators_in(country))},
                code="operator_unknown",
                field="operator",
            )
        number = normal_number(str(details.get("number", "")))
        if not re.fullmatch(operator.number, number, re.ASCII):
            raise Refused(
                _("This is not a number of %(operator)s. Write it like %(example)s.")
                % {"operator": operator.title, "example": operator.example},
                code="number_invalid",
                field="number",
            )
        return {"operator": operator.id, "number": number}

    def masked(self, details: Details) -> str:
        number = str(details["number"])
        return f"{operators()[str(details['operator'])].title} {number[:4]}…{number[-3:]}"


RAIL = MobileMoney()


def write_file(operator: Operator, rows: Iterable[Row]) -> bytes:
    """The batch file: UTF-8, one line per row, in the operator's columns; amounts in the rail's own exponent."""
    template = _data()["templates"][operator.template]
    columns = template["columns"]
    cells = (_cells(row, operator, [field for _title, field in columns]) for row in rows)
    return write_table([title for title, _field in columns], cells, separator=template["delimiter"])


def _cells(row: Row, operator: Operator, fields: Sequence[str]) -> list[str]:
    values = {
        "key": row.key,
        "number": row.number.removeprefix("+"),
        "name": _harmless(row.name),
        "amount": written_amount(row.amount, operator),
        "currency": operator.currency,
    }
    return [values[field] for field in fields]


def written_amount(amount: int, operator: Operator) -> str:
    """ISO minor units as the rail writes them: whole, or with as many digits as its exponent."""
    per_unit = currency(operator.currency).minor_units // 10**operator.exponent
    units, rest = divmod(amount, per_unit)
    if rest or units % operator.quantum:
        raise ValueError(f"{amount} {operator.currency} is not a multiple of what {operator.id} can send")
    if operator.exponent == 0:
        return str(units)
    whole, part = divmod(units, int(10**operator.exponent))
    return f"{whole}.{part:0{operator.exponent}d}"


def read_answer(operator: Operator, content: bytes, keys: Iterable[str]) -> Answers:
    """The operator's answer about the rows with these keys. Every unusable line is named; nothing is guessed."""
    template = _data()["templates"][operator.template]
    asked = template["answer"]
    if len(content) > LARGEST_ANSWER:
        raise Refused(_("This file is too large to be an answer."), code="answer_too_large", field="file")
    try:
        table = read_table(content, wanted=list(asked_columns(asked)))
        missing = [asked[name] for name in ("key", "status") if asked[name] not in table.header]
        if missing:
            raise Refused(
                _("Line 1: the column “%(column)s” is missing.") % {"column": missing[0]},
                code="answer_columns_missing",
                field="file",
            )
        records = [(row.line, dict(zip(table.header, row.cells, strict=False))) for row in table.rows]
    except UnreadableTable as wrong:
        raise Refused(_(wrong.template) % wrong.params, code="answer_unreadable", field="file") from None
    expected, seen = set(keys), set[str]()
    rows, lines, bad = [], [], []
    for line, record in records:
        answer = _read_row(line, record, asked, expected, seen)
        if isinstance(answer, BadRow):
            bad.append(answer)
        else:
            seen.add(answer.key)
            rows.append(answer)
            lines.append(line)
    return Answers(tuple(rows), tuple(lines), tuple(bad))


def asked_columns(asked: Mapping[str, Any]) -> Iterable[str]:
    """The names of the columns that an answer may have."""
    return (column for column in asked.values() if isinstance(column, str))


def _read_row(
    line: int, record: dict[str, Any], asked: dict[str, Any], expected: set[str], seen: set[str]
) -> Answer | BadRow:
    key = str(record.get(asked["key"]) or "").strip()
    status = str(record.get(asked["status"]) or "").strip().casefold()
    if not key:
        return BadRow(line, gettext_noop("There is no reference."))
    if key not in expected:
        return BadRow(
            line, gettext_noop("The reference “%(key)s” is not in the file that was sent."), {"key": key[:80]}
        )
    if key in seen:
        return BadRow(line, gettext_noop("The reference “%(key)s” was answered on an earlier line."), {"key": key})
    reason = str(record.get(asked["reason"]) or "").strip()[:200]
    receipt = str(record.get(asked["receipt"]) or "").strip()[:80]
    if status in asked["paid"]:
        return Answer(key=key, became="paid", reference=receipt or key)
    if status in asked["returned"]:
        return Answer(key=key, became="returned", reference=receipt or key, reason=reason)
    if status in asked["failed"]:
        if not reason:
            return BadRow(line, gettext_noop("It failed, and no reason is given."))
        return Answer(key=key, became="failed", reference=receipt, reason=reason)
    return BadRow(
        line, gettext_noop("The status “%(status)s” is none of paid, failed and returned."), {"status": status[:40]}
    )


def _harmless(text: str) -> str:
    """A name that no spreadsheet takes for a formula, on one line."""
    return re.sub(r"[\r\n\t;,]+", " ", text).lstrip("=+-@ ").strip()[:60]
