"""Canonical JSON: the bytes that are hashed, signed and compared. Pure.

RFC 8785 for the values Canut records: text, whole numbers a double holds exactly, booleans, null, lists, and objects with ASCII keys.
Within that subset the RFC's order of keys (UTF-16 code units) and ours (code points) are the same.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LARGEST = 2**53 - 1


def canonical_json(value: Any) -> bytes:
    """The one UTF-8 serialisation of `value` (RFC 8785 subset). TypeError for floats and other types, ValueError for what has no exact form."""
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256_hex(payload: bytes) -> str:
    """SHA-256 (FIPS 180-4) of the bytes, 64 hexadecimal digits."""
    return hashlib.sha256(payload).hexdigest()


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    return sha256_hex(canonical_json(value))


def has_fingerprint(value: Any, digest: str) -> bool:
    """Whether `digest` is the fingerprint of `value`; what has no canonical form has none."""
    try:
        return fingerprint(value) == digest
    except (TypeError, ValueError):
        return False


def instant(moment: datetime) -> str:
    """The moment in UTC with microseconds, `2026-11-21T23:41:05.123456Z`. ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _check(value: Any) -> None:
    match value:
        case None | bool():
            return
        case str():
            value.encode()  # a lone surrogate has no UTF-8 form: UnicodeEncodeError is a ValueError
        case int():
            if abs(value) > LARGEST:
                raise ValueError(f"{value} is beyond what JSON numbers hold exactly")
        case list() | tuple():
            for item in value:
                _check(item)
        case Mapping():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise ValueError(f"the key {key!r} is not ASCII text")
                _check(item)
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")
