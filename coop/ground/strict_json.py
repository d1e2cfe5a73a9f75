"""Reading JSON that comes from outside: what PostgreSQL or UTF-8 can't hold is refused by the place where it stands. Pure.

RFC 8259 lets a document say more than can be kept: a NUL (PostgreSQL's text has none), half of a surrogate pair (UTF-8 has none),
numbers beyond 64 bits, NaN, a field twice, and nesting without end. Every door reads JSON here, so none of them finds out later.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from coop.ground.texts import gettext_noop as _
from coop.ground.texts import unkeepable

DEEPEST = 50
LARGEST, SMALLEST = 2**63 - 1, -(2**63)

# Without one of these in the bytes no text or number can be at fault: most documents are looked at once, not twice.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\d{19}|[eE][+]?\d|NaN|Infinity")


class UnreadableJson(ValueError):
    """The document can't be kept; `reason` is a sentence and `field` the dotted path of the value at fault ("" is the whole)."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.reason = reason
        self.field = field


class _Unkeepable:
    """Stands in the document for a number that can't be kept, until its place is known."""


class _Repeating(dict[str, Any]):
    """Stands in the document for an object that says a field more than once, until its place is known."""

    twice = ""


def _read_object(pairs: list[tuple[str, Any]], repeating: list[_Repeating]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    repeating.append(_Repeating(value))
    counted = Counter(name for name, _value in pairs)
    repeating[-1].twice = next(name for name, times in counted.items() if times > 1)
    return repeating[-1]


def read_json(content: bytes) -> Any:
    """The value of a JSON document in UTF-8, with or without a byte order mark. UnreadableJson names what is wrong and where."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableJson(_("This is not text in UTF-8.")) from None
    repeating: list[_Repeating] = []
    try:
        value = json.loads(
            text,
            parse_int=_whole,
            parse_float=_fraction,
            parse_constant=lambda _name: _Unkeepable(),
            object_pairs_hook=lambda pairs: _read_object(pairs, repeating),
        )
    except RecursionError:
        raise UnreadableJson(_("This is nested more than 50 levels deep.")) from None
    except ValueError:
        raise UnreadableJson(_("This is not well-formed JSON.")) from None
    for path in _too_deep(value):
        raise UnreadableJson(_("This is nested more than 50 levels deep."), path)
    if _SUSPECT.search(content):
        _check(value, "")
    for path in _said_twice(value, "") if repeating else ():
        raise UnreadableJson(_("This field stands here twice."), path)
    return value


def _whole(digits: str) -> Any:
    if len(digits) > len(str(SMALLEST)):
        return _Unkeepable()
    number = int(digits)
    return number if SMALLEST <= number <= LARGEST else _Unkeepable()


def _fraction(digits: str) -> Any:
    number = float(digits)
    return number if math.isfinite(number) else _Unkeepable()


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(number), item) for number, item in enumerate(value))


def _too_deep(value: Any) -> Iterator[str]:
    """The path of a container beyond the deepest level allowed. Level by level, so that no depth of theirs is a depth of ours."""
    level = [("", value)] if isinstance(value, dict | list) else []
    for _depth in range(DEEPEST):
        level = [
            (f"{path}.{name}".lstrip("."), child)
            for path, parent in level
            for name, child in _children(parent)
            if isinstance(child, dict | list)
        ]
    yield from (path for path, _container in level)


def _said_twice(value: Any, path: str) -> Iterator[str]:
    """The path of each field that an object says more than once: one reader takes the first, another the last."""
    if isinstance(value, _Repeating):
        yield f"{path}.{value.twice}".lstrip(".")
    for name, child in _children(value):
        if isinstance(child, dict | list):
            yield from _said_twice(child, f"{path}.{name}".lstrip("."))


def _check(value: Any, path: str) -> None:
    if isinstance(value, _Unkeepable):
        raise UnreadableJson(_("This number is beyond what can be kept (64 bits)."), path)
    if isinstance(value, str):
        _check_text(value, path)
    for name, child in _children(value):
        if isinstance(value, dict):
            _check_text(name, path)
        _check(child, f"{path}.{name}".lstrip("."))


def _check_text(text: str, path: str) -> None:
    if reason := unkeepable(text):
        raise UnreadableJson(reason, path)
