"""The OpenAPI description: what drf-spectacular reads from the views, and what is the same everywhere.

Problem answers, the Idempotency-Key header and the scopes are added here, so that no view repeats them.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from api.idempotency import HEADER, MARK
from api.permissions import HasScope, HoldsOffice, IsMember
from coop.doors.problems import MEDIA_TYPE

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details. `code` is the stable name of the refusal.",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "reason"],
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}
WHEN = {
    "400": "A field is missing or wrong; `errors` names each.",
    "401": "Nobody is logged in, or the token is not valid.",
    "403": "The token lacks the scope, or this is for others.",
    "404": "There is nothing here that you may see.",
    "409": "A rule refuses this; `code` names the refusal.",
    "429": "Too many requests; wait as `Retry-After` says.",
}


class Schema(AutoSchema):
    """One operation of the API."""

    def get_override_parameters(self) -> list[Any]:
        """The Idempotency-Key, where the handler takes one."""
        handler = getattr(self.view, self.method.lower(), None)
        if not getattr(handler, MARK, False):
            return []
        return [
            OpenApiParameter(
                HEADER,
                str,
                OpenApiParameter.HEADER,
                description="The same key and the same request get the same answer; another request under the key is refused (409).",
            )
        ]

    def get_operation_id(self) -> str:
        """`rules_read` is the whole list or document, `rules_retrieve` one of them by its id."""
        name: str = super().get_operation_id()
        if name.endswith("_retrieve") and not self.path.rstrip("/").endswith("}"):
            return name.removesuffix("_retrieve") + "_read"
        return name

    def get_description(self) -> str:  # type: ignore[override]  # spectacular dropped the arguments of DRF's own
        """The docstring, and who may ask."""
        said = [super().get_description() or ""]
        for permission in self.view.get_permissions():
            if isinstance(permission, HasScope):
                said.append(f"Scope: `{'` or `'.join(permission.scopes)}`.")
            elif isinstance(permission, IsMember):
                said.append("For members.")
            elif isinstance(permission, HoldsOffice):
                said.append(f"For those who hold the office: {' or '.join(permission.kinds)}.")
        return "\n\n".join(part for part in said if part)

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation, with the answers that say no."""
        operation = super().get_operation(*args, **kwargs)
        if operation:
            answers = operation.setdefault("responses", {})
            for status in self._refusals(operation):
                answers.setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
        return operation

    def _refusals(self, operation: dict[str, Any]) -> list[str]:
        statuses = ["400", "404", "429"]
        if self.get_auth() and {} not in self.get_auth():
            statuses += ["401", "403"]
        if self.method != "GET":
            statuses.append("409")
        return statuses


def add_problems(result: dict[str, Any], **_asked: Any) -> dict[str, Any]:
    """Post-processing: the problem answers that operations refer to."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {
        f"Problem{status}": {
            "description": said,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, said in WHEN.items()
    }
    _simplify(result)
    return result


def _simplify(node: Any) -> None:
    """Anything at all includes null: {"oneOf": [{}, {"type": "null"}]} would forbid it, because both match."""
    if isinstance(node, dict):
        if node.get("oneOf") == [{}, {"type": "null"}]:
            del node["oneOf"]
        for inner in node.values():
            _simplify(inner)
    elif isinstance(node, list):
        for inner in node:
            _simplify(inner)
