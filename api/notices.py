"""API: what is new for the person asking, and what of it is mailed."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import actor_of, has_scope, person_of
from coop.doors.limits import limits
from coop.ground.clock import coop_now
from coop.notices.actions import choosable, choose_mails, mark_read, send_again
from coop.notices.models import MailChoice, Notice

MOST_AT_ONCE = 200
"""How many notices one request calls read: as many as a page of the list holds."""


class NoticeData(serializers.ModelSerializer[Notice]):
    """One thing that the person was told, in the language asked for."""

    sentence = serializers.CharField()
    path = serializers.CharField(help_text="The page with more, from the root of the site.")

    class Meta:
        model = Notice
        fields = ["id", "kind", "about", "sentence", "path", "told_at", "read_at"]


class ReadBody(Body):
    notices = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=MOST_AT_ONCE)


class CountData(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="How many it changed.")


class MailsBody(Body):
    """The kinds that are mailed, gathered once a day; others are said in the list alone."""

    kinds = serializers.ListField(child=serializers.CharField(**limits(MailChoice, "kind")))


class MailsData(serializers.Serializer[Any]):
    kinds = serializers.ListField(child=serializers.CharField())
    choosable = serializers.ListField(child=serializers.CharField(), help_text="All other kinds are always mailed.")


class Notices(generics.ListAPIView[Notice]):
    """What I was told, newest first. Only I see it."""

    permission_classes = [has_scope("member")]
    serializer_class = NoticeData
    ordering = ("-told_at", "-pk")

    def get_queryset(self) -> Any:
        """One's own."""
        if getattr(self, "swagger_fake_view", False):
            return Notice.objects.none()
        return Notice.objects.of(self.request.user)


class Read(APIView):
    permission_classes = [has_scope("member")]

    @extend_schema(request=ReadBody, responses=CountData)
    @idempotent
    def post(self, request: Request) -> Response:
        """I have read these. Of others' nothing is touched."""
        serializer = ReadBody(data=request.data)
        serializer.is_valid(raise_exception=True)
        n = mark_read(by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response({"n": n})


class Mails(APIView):
    permission_classes = [has_scope("member")]

    @extend_schema(responses=MailsData)
    def get(self, request: Request) -> Response:
        """What is mailed to me."""
        return Response(_mails(request))

    @extend_schema(request=MailsBody, responses=MailsData)
    def put(self, request: Request) -> Response:
        """Have these kinds mailed from now on, and no others that can be chosen."""
        serializer = MailsBody(data=request.data)
        serializer.is_valid(raise_exception=True)
        choose_mails(by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(_mails(request))


class Again(APIView):
    permission_classes = [has_scope("member")]

    @extend_schema(request=None, responses=CountData)
    @idempotent
    def post(self, request: Request) -> Response:
        """Send the mails that may not have arrived once more."""
        return Response({"n": send_again(by=actor_of(request), now=coop_now())})


def _mails(request: Request) -> dict[str, Any]:
    kept = MailChoice.objects.filter(user=person_of(request)).values_list("kind", flat=True)
    return {"kinds": sorted(set(kept) & choosable()), "choosable": sorted(choosable())}


urlpatterns: list[URLPattern | URLResolver] = [
    path("notices/", Notices.as_view(), name="notices"),
    path("notices/read/", Read.as_view(), name="notices-read"),
    path("notices/mails/", Mails.as_view(), name="notices-mails"),
    path("notices/again/", Again.as_view(), name="notices-again"),
]
