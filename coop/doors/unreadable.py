"""Requests that nobody can keep, refused before a view reads them: NUL, half a surrogate pair, bytes that are no UTF-8.

Everything that a request says in text is looked at, in one place, and as its readers will read it, not as another decoding has it:
its headers and who asks, its cookies, its address, its query, its form, and the JSON that somebody else's views read (ours read
theirs with `coop.ground.strict_json`). It comes before the session, which a cookie names: a refusal asks the database nothing.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from coop.ground.strict_json import UnreadableJson, read_json
from coop.ground.texts import unkeepable

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
    _look_at_headers(request)
    for name, value in request.COOKIES.items():
        _refuse(_("the cookie %(name)s") % {"name": _shown(name)}, unkeepable(name + value))
    _refuse(_("the address"), unkeepable(request.path))
    _look_at_form(request.GET, request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))
    if request.path.startswith(READ_STRICTLY):
        return
    if request.path.startswith(HEADLESS):  # allauth reads JSON there, whatever the body is said to be
        _look_at_json(request.body)
    elif request.content_type == FORM and request.POST:
        _look_at_form(request.POST, request.body)
    elif request.content_type == FORM_WITH_FILES:
        _look_at_form(request.POST, b"")
        for name, files in request.FILES.lists():
            for file in files:
                _refuse(_shown(name), unkeepable(name + (file.name or "")))


def _look_at_headers(request: HttpRequest) -> None:
    for name, value in (request.content_params or {}).items():
        if name.lower() == "charset" and value.lower() not in ("utf-8", "utf8"):  # Django would read the query in it
            raise UnreadableRequest(_("Say this in UTF-8: no other charset is read."), "Content-Type")
    for name, value in request.headers.items():
        _refuse(name, unkeepable(value))
    scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        _refuse("Authorization", unkeepable(_decoded(credentials)))


def _decoded(credentials: str) -> str:
    """What Basic says; "" where it says nothing to anybody."""
    try:
        return b64decode(credentials).decode()
    except ValueError:
        return ""


def _look_at_json(body: bytes) -> None:
    try:
        if body:
            read_json(body)
    except UnreadableJson as wrong:
        raise UnreadableRequest(_(wrong.reason), wrong.field) from None


def _look_at_form(read: QueryDict, said: bytes) -> None:
    """What Django read (never more fields than DATA_UPLOAD_MAX_NUMBER_FIELDS); bytes only where it put something in their place."""
    replaced = not _is_utf_8(said)
    for name, values in read.lists():
        for text in (name, *map(str, values)):
            _refuse(_shown(name), unkeepable(text))
            replaced = replaced or "\N{REPLACEMENT CHARACTER}" in text
    for pair in said.split(b"&") if replaced else ():
        if not (_is_utf_8(pair) and _is_utf_8(unquote_to_bytes(pair))):
            name = unquote_to_bytes(pair.partition(b"=")[0].replace(b"+", b" ")).decode(errors="replace")
            raise UnreadableRequest(_("This is not text in UTF-8."), _shown(name))


def _is_utf_8(said: bytes) -> bool:
    try:
        said.decode()
    except UnicodeDecodeError:
        return False
    return True


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
    if request.path.startswith(TOKENS):
        described = f"unreadable: {_in_plain_ascii(wrong.field)}"
        return JsonResponse({"error": "invalid_request", "error_description": described}, status=400)
    return None


def _in_plain_ascii(text: str) -> str:
    """The text in the characters that RFC 6749, 5.2, lets a description have; the others are question marks."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "?" for c in text)
