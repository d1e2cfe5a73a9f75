"""How bodies are read: JSON that can be kept, or a 400 that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser

from coop.ground.strict_json import UnreadableJson, read_json


class StrictJSONParser(BaseParser):
    """JSON as `coop.ground.strict_json` reads it."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value. ParseError for what is no JSON, ValidationError at the field for what can't be kept."""
        try:
            return read_json(stream.read())
        except UnreadableJson as wrong:
            if wrong.field:
                raise ValidationError({wrong.field: [_(wrong.reason)]}) from None
            raise ParseError(_(wrong.reason)) from None
