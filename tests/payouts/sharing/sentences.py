"""Reads the sentences of a statement back into quantities: what a member with a pencil would do, units and all."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

UNITS = {
    "cents": ("money",),
    "h": ("time",),
    "min": ("time",),
    "s": ("time",),
    "(seconds × thousandths)": ("time", "thousandths"),
    "thousandths": ("thousandths",),
}
SECONDS = {"h": 3600, "min": 60}
MONEY = re.compile(r"€(\d[\d,]*)\.(\d\d)")
PERCENT = re.compile(r"(\d+)(?:\.(\d+))?\u00a0%")
CLOCK = re.compile(r"(?<=\d h) (?=\d\d min)|(?<=\d min) (?=\d\d s)")
NUMBER = re.compile(rf"(\d+(?:/\d+)?) ({'|'.join(map(re.escape, UNITS))})(?!\w)|(\d+)")
ALLOWED = re.compile(r"(?:Quantity\('[\w/×() ]*','[\w/×() ]*'\)|[+\-*/() ])+")


@dataclass(frozen=True)
class Quantity:
    """A number of a kind: money, time, thousandths, any of them over others, or a bare number. Kinds are added to their like only."""

    number: Fraction
    kind: tuple[tuple[str, int], ...] = ()

    @classmethod
    def said(cls, number: str, unit: str) -> Quantity:
        return cls(Fraction(number) * SECONDS.get(unit, 1), _kind(Counter(UNITS.get(unit, ()))))

    def __neg__(self) -> Quantity:
        return Quantity(-self.number, self.kind)

    def __abs__(self) -> Quantity:
        return Quantity(abs(self.number), self.kind)

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.number + self._like(other), self.kind)

    def __sub__(self, other: Quantity) -> Quantity:
        return self + -other

    def __mul__(self, other: Quantity) -> Quantity:
        powers = Counter(dict(self.kind))
        powers.update(dict(other.kind))
        return Quantity(self.number * other.number, _kind(powers))

    def __truediv__(self, other: Quantity) -> Quantity:
        return self * Quantity(1 / other.number, _kind(Counter({unit: -power for unit, power in other.kind})))

    def __le__(self, other: Quantity) -> bool:
        return self.number <= self._like(other)

    def __lt__(self, other: Quantity) -> bool:
        return self.number < self._like(other)

    def floor(self) -> Quantity:
        return Quantity(Fraction(self.number.numerator // self.number.denominator), self.kind)

    def _like(self, other: Quantity) -> Fraction:
        assert self.kind == other.kind, f"{self} and {other} are not of one kind"
        return other.number


def _kind(powers: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((unit, power) for unit, power in powers.items() if power))


def cents(number: int | Fraction) -> Quantity:
    return Quantity(Fraction(number), _kind(Counter(["money"])))


def seconds(number: int) -> Quantity:
    return Quantity(Fraction(number), _kind(Counter(["time"])))


def weighted(number: int, times: int = 1) -> Quantity:
    """Seconds × thousandths, so many times thousandths."""
    return Quantity(Fraction(number), _kind(Counter(time=1, thousandths=times)))


def reckoned(text: str) -> Quantity:
    """What the arithmetic in a piece of a sentence makes, in minor units, seconds and thousandths. Words are passed over, 20 % is 20/100."""
    text = PERCENT.sub(lambda found: f"({found[1]}{found[2] or ''}/1{'0' * len(found[2] or '')}00)", text)
    text = MONEY.sub(lambda found: f"{found[1].replace(',', '')}{found[2]} cents", text)
    text = CLOCK.sub(" + ", text)
    text = re.sub(r"(\d+ h \+ \d+ min|\d+ min \+ \d+ s)", r"(\1)", text)
    parts, end = [], 0
    for found in NUMBER.finditer(text):
        parts += [_operators(text[end : found.start()]), f"Quantity('{found[1] or found[3]}','{found[2] or ''}')"]
        end = found.end()
    expression = "".join((*parts, _operators(text[end:])))
    if not ALLOWED.fullmatch(expression):
        raise AssertionError(f"more than arithmetic in {text!r}")
    made = eval(expression, {"__builtins__": {}, "Quantity": Quantity.said})
    assert isinstance(made, Quantity)
    return made


def _operators(text: str) -> str:
    """What stands between numbers, without its words."""
    return re.sub(r"[^\W\d]+", "", text.replace("×", "*").replace("−", "-"))
