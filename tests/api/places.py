"""Endpoints for the tests of the API's own manners."""

from django.core.exceptions import ValidationError as DjangoValidationError
from django.urls import include, path
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.idempotency import idempotent
from api.permissions import IsMember, actor_of, has_scope, holds_office, member_of
from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.members.actions import apply

DONE: list[str] = []


class Row(serializers.Serializer):
    value = serializers.IntegerField(max_value=9)


class Order(serializers.Serializer):
    title = serializers.CharField()
    rows = Row(many=True)


class Refuse(APIView):
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        raise Refused("This ballot is closed.", code="ballot_closed", field="choice")

    def put(self, request: Request) -> Response:
        raise DjangoValidationError({"amount": ["Too much."]})

    def post(self, request: Request) -> Response:
        Order(data=request.data).is_valid(raise_exception=True)
        return Response({})


class Bug(APIView):
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        raise RuntimeError("a bug")


class ForWork(APIView):
    permission_classes = [has_scope("work"), IsMember]

    def get(self, request: Request) -> Response:
        return Response({"name": member_of(request).name})


class ForTreasurer(APIView):
    permission_classes = [has_scope("treasurer"), holds_office("treasurer")]

    def get(self, request: Request) -> Response:
        return Response({})


class Buy(APIView):
    permission_classes = [has_scope("requester")]

    @idempotent
    def post(self, request: Request) -> Response:
        if request.data.get("refuse"):
            raise Refused("No.", code="no")
        made = apply(
            by=actor_of(request),
            name="x",
            college="producer",
            country="MG",
            languages=["mg"],
            engagement="unknown",
            statement="",
            now=coop_now(),
        )
        return Response({"made": str(made.pk)}, status=201)

    @idempotent
    def patch(self, request: Request) -> Response:
        return Response(status=204)

    @idempotent(spanning=True)
    def put(self, request: Request) -> Response:
        if request.data.get("refuse"):
            raise Refused("No.", code="no")
        DONE.append("called")
        return Response({"n": len(DONE)}, status=201)


urlpatterns = [
    path("api/refuse/", Refuse.as_view()),
    path("api/bug/", Bug.as_view()),
    path("api/work/", ForWork.as_view()),
    path("api/treasurer/", ForTreasurer.as_view()),
    path("api/buy/", Buy.as_view()),
    path("", include("coop.urls")),
]

handler404 = "frontend.views.errors.not_found"
handler500 = "frontend.views.errors.failed"
