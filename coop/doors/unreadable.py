"""Requests that nobody can keep, refused before a view reads them: NUL, half a surrogate pair, bytes that are no UTF-8.

Everything that a request says in text is looked at, in one place: its address, its query, its form, and the JSON that somebody
else's views read (ours read theirs with `coop.ground.strict_json`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from coop.ground.strict_json import UnreadableJson, read_json
from coop.ground.texts import gettext_noop, unkeepable

HEADLESS, TOKENS = "/_allauth/", "/identity/o/api/"
READ_STRICTLY = ("/api/", "/webhooks/")
"""Where bodies are no forms, and our own readers refuse what can't be kept."""
FORM, FORM_WITH_FILES = "application/x-www-form-urlencoded", "multipart/form-data"


class UnreadableRequest(BadRequest):
    """A request with something that can't be kept: `reason` is a sentence, `field` the name where it stands ("" is the whole)."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.reason = reason
        self.field = field


def reads_what_can_be_kept(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Raises UnreadableRequest, which the page of error 400 explains; answers it where a protocol of somebody else has its own form."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        try:
            _look_at(request)
        except UnreadableRequest as wrong:
            told = _as_its_protocol_says(request, wrong)
            if told is None:
                raise
            return told
        return get_response(request)

    return answer


def _look_at(request: HttpRequest) -> None:
    if reason := unkeepable(request.path):
        raise UnreadableRequest(_(reason), _("the address"))
    _look_at_pairs(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))
    if request.path.startswith(READ_STRICTLY):
        return
    if request.path.startswith(HEADLESS):  # allauth reads JSON there, whatever the body is said to be
        _look_at_json(request.body)
    elif request.content_type == FORM:
        _look_at_pairs(request.body)
    elif request.content_type == FORM_WITH_FILES:
        for name, values in request.POST.lists():
            for text in (name, *map(str, values)):
                _refuse(_shown(name), unkeepable(text))


def _look_at_json(body: bytes) -> None:
    try:
        if body:
            read_json(body)
    except UnreadableJson as wrong:
        raise UnreadableRequest(_(wrong.reason), wrong.field) from None


def _look_at_pairs(encoded: bytes) -> None:
    for name, value in _pairs(encoded):
        shown = _shown(name.decode(errors="replace"))
        for part in (name, value):
            try:
                _refuse(shown, unkeepable(part.decode()))
            except UnicodeDecodeError:
                _refuse(shown, gettext_noop("This is not text in UTF-8."))


def _pairs(encoded: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, value) of what is URL-encoded, as bytes."""
    for pair in encoded.split(b"&"):
        name, _equals, value = pair.replace(b"+", b" ").partition(b"=")
        yield unquote_to_bytes(name), unquote_to_bytes(value)


def _refuse(field: str, reason: str) -> None:
    if reason:
        raise UnreadableRequest(_(reason), field)


def _shown(name: str) -> str:
    """The name of a field as it can be printed."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)[:100]


def _as_its_protocol_says(request: HttpRequest, wrong: UnreadableRequest) -> HttpResponseBase | None:
    if request.path.startswith(HEADLESS):
        fault = {"message": wrong.reason, "code": "unreadable", "param": wrong.field}
        return JsonResponse({"status": 400, "errors": [fault]}, status=400)
    if request.path.startswith(TOKENS):  # RFC 6749, 5.2: the description is ASCII
        return JsonResponse({"error": "invalid_request", "error_description": f"unreadable: {wrong.field}"}, status=400)
    return None
