"""What travels: form bodies in, errors out."""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

Params = dict[str, Any]

API_VERSION = "2026-05-27.dahlia"


class StripeSays(Exception):
    """An error answer, in Stripe's shape. `kept` says whether an idempotency key remembers it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        kept: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        self.error: Params = {"type": type, "message": message}
        if code is not None:
            self.error["code"] = code
        if param is not None:
            self.error["param"] = param


def decode(body: str) -> Params:
    """Nested values from a form body: `a[b][0]=x` becomes {"a": {"b": {"0": "x"}}}, lists by `listed`."""
    out: Params = {}
    for name, value in urllib.parse.parse_qsl(body, keep_blank_values=True):
        keys = re.findall(r"[^\[\]]+", name)
        if name.endswith("[]"):
            keys.append("[]")
        into = out
        for key in keys[:-1]:
            into = into.setdefault(key, {})
            if not isinstance(into, dict):
                raise StripeSays(400, f"Invalid parameter: {name}", param=name)
        last = str(len(into)) if keys[-1] == "[]" else keys[-1]
        into[last] = value
    return out


def listed(value: Any) -> list[Any]:
    """The values of an indexed form field, in order."""
    if value is None or value == "":
        return []
    if isinstance(value, dict):
        return [value[key] for key in sorted(value, key=lambda k: int(k) if str(k).isdigit() else 0)]
    return [value]


def whole(params: Params, name: str, *, default: int | None = None, least: int | None = None) -> int:
    """An integer parameter, or the error Stripe would give."""
    raw = params.get(name)
    if raw is None:
        if default is None:
            raise missing(name)
        return default
    if not re.fullmatch(r"-?\d{1,15}", str(raw)):
        raise StripeSays(400, f"Invalid integer: {raw}", code="parameter_invalid_integer", param=name)
    number = int(raw)
    if least is not None and number < least:
        raise StripeSays(
            400, f"This value must be greater than or equal to {least}.", code="parameter_invalid_integer", param=name
        )
    return number


def missing(name: str) -> StripeSays:
    return StripeSays(400, f"Missing required param: {name}.", code="parameter_missing", param=name)


def only(params: Params, required: str, optional: str = "") -> None:
    """Refuse a missing or an unknown top-level parameter, as Stripe does."""
    needed = required.split()
    known = {*needed, *optional.split(), "expand"}
    for name in params:
        if name not in known:
            raise StripeSays(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    for name in needed:
        if params.get(name) in (None, ""):
            raise missing(name)
