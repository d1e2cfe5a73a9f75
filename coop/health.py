"""Whether the platform works: the database answers, and background tasks are carried and run.

This is about the machines, so it goes by the machine's clock and not by the co-operative's.
"""

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from coop.models import Heartbeat

LATE_AFTER = timedelta(seconds=60)


def record_heartbeat(*, part: str) -> None:
    """Note that `part` of the platform works at this moment."""
    Heartbeat.objects.update_or_create(part=part, defaults={"beat_at": Now()})


def silent_for(part: str) -> timedelta | None:
    """How long ago `part` last gave a sign; None if it never did."""
    age = ExpressionWrapper(Now() - F("beat_at"), output_field=DurationField())
    return Heartbeat.objects.filter(part=part).values_list(age, flat=True).first()


@never_cache
def health(_request: HttpRequest) -> JsonResponse:
    """Web, database and background work; 503 when tasks have not run for a minute."""
    silence = silent_for("work")
    late = silence is None or silence > LATE_AFTER
    seconds = None if silence is None else int(silence.total_seconds())
    return JsonResponse(
        {"database": "ok", "work": "late" if late else "ok", "work_silent_seconds": seconds},
        status=503 if late else 200,
    )


@never_cache
def health_web(_request: HttpRequest) -> JsonResponse:
    """This process and the database only: for a load balancer, which should not drop pages when tasks are late."""
    silent_for("work")
    return JsonResponse({"database": "ok"})
