"""`Idempotency-Key` on every POST: asking twice does it once.

    class Order(APIView):
        @idempotent
        def post(self, request, project_id): ...

The key is written in the transaction of the action, so a second request with the same key waits for the first, then
gets its answer; where the first was refused or crashed nothing is kept and nothing happened. A view that must call
somebody else between two transactions is marked `@idempotent(spanning=True)`: its key is committed first, and a
repetition while it is under way is refused. Without the header nothing changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, overload

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api import actions
from api.permissions import person_of
from coop.ground.errors import Refused

Handler = TypeVar("Handler", bound=Callable[..., Any])
HEADER = "Idempotency-Key"
MARK = "takes_idempotency_key"


@overload
def idempotent(handler: Handler, /) -> Handler: ...
@overload
def idempotent(*, spanning: bool) -> Callable[[Handler], Handler]: ...
def idempotent(handler: Any = None, /, *, spanning: bool = False) -> Any:
    """Decorate a handler method of an API view (see the module)."""
    if handler is None:
        return lambda handler: _wrapped(handler, spanning)
    return _wrapped(handler, spanning)


def _wrapped(handler: Callable[..., Response], spanning: bool) -> Callable[..., Any]:
    @wraps(handler)
    def handle(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None or not request.user.is_authenticated:
            return handler(view, request, *args, **kwargs)
        if not key.strip() or len(key) > 255 or not key.isprintable():
            raise ValidationError({HEADER: [_("Give a key of 1 to 255 printable characters.")]})
        fingerprint = _fingerprint(request)
        if spanning:
            return _two_transactions(handler, view, request, key, fingerprint, args, kwargs)
        with transaction.atomic():
            held = actions.hold_key(caller=person_of(request), key=key, request_sha256=fingerprint)
            if held.status is not None:
                return _again(held)
            response = handler(view, request, *args, **kwargs)
            _keep(view, request, response, held, args, kwargs)
        return response

    setattr(handle, MARK, True)
    return handle


def _two_transactions(
    handler: Any, view: Any, request: Request, key: str, fingerprint: str, args: Any, kwargs: Any
) -> Any:
    held = actions.hold_key(caller=person_of(request), key=key, request_sha256=fingerprint, fresh_only=True)
    if held.status is not None:
        return _again(held)
    try:
        response = handler(view, request, *args, **kwargs)
    except BaseException:
        actions.release_key(held=held)
        raise
    _keep(view, request, response, held, args, kwargs)
    return response


def _fingerprint(request: Request) -> str:
    data = request.data  # parsed first, so that a malformed body is a 400 and keeps no key
    body = request._request.body if hasattr(request._request, "_body") else repr(data).encode()
    return hashlib.sha256(
        b"\n".join([str(request.method).encode(), request.get_full_path().encode(), body])
    ).hexdigest()


def _keep(view: Any, request: Request, response: Response, held: Any, args: Any, kwargs: Any) -> None:
    if not 200 <= response.status_code < 300:
        raise Refused(_("This request cannot be repeated under a key."), code="idempotency_not_possible")
    finished = view.finalize_response(request, response, *args, **kwargs)
    finished.render()
    actions.keep_answer(
        held=held, status=response.status_code, content_type=finished.get("Content-Type", ""), answer=finished.content
    )


def _again(held: Any) -> HttpResponse:
    answer = HttpResponse(bytes(held.answer), status=held.status, content_type=held.content_type or None)
    if not held.content_type:
        del answer["Content-Type"]  # it had no content
    answer["Idempotency-Replayed"] = "true"
    return answer
