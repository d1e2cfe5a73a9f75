"""Where Stripe tells us that something happened. Stored raw and answered at once; a worker looks into it later."""

import time

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from coop.doors.problems import as_answer, problem
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from payouts.actions.inbox import receive_webhook


@csrf_exempt  # the signature says who it is
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """200 for an event that is Stripe's, ours and of now, however often it comes; 400 naming what is wrong with any other."""
    try:
        receive_webhook(
            payload=request.body,
            signature=request.headers.get("Stripe-Signature", ""),
            wall_time=int(time.time()),
            now=coop_now(),
        )
    except Refused as no:
        return as_answer(problem(status=400, code=no.code, detail=str(no)))
    return HttpResponse(status=200)


urlpatterns = [path("stripe/", stripe, name="stripe_webhook")]
