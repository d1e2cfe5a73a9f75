"""API: what members' answers say together, and how often that is right."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import actor_of, has_scope
from api.projects import editable, visible
from coop.ground.clock import coop_now
from coop.work import actions
from coop.work.models import Item
from coop.work.reading import gold_of, results, results_table
from coop.work.tasks import reckon_project

MOST_SHOWN = 100


class CsvRenderer(BaseRenderer):
    """Results as CSV: the view hands over the bytes."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """The bytes as they are; anything else (a problem) as JSON."""
        return data if isinstance(data, bytes) else JSONRenderer().render(data)


class Truth(Body):
    external_id = serializers.CharField()
    value = serializers.DictField(help_text="As an answer of this kind of task")


class NextItem(serializers.ModelSerializer[Item]):
    class Meta:
        model = Item
        fields = ["seq", "external_id", "payload"]


class GoldData(serializers.Serializer[Any]):
    """How far the measuring has come.

    `ready`: all answers are there, items can be drawn. `number` of them were asked for, from `least` to `most`; `stated` are, and `next` come
    next in the order drawn, which anybody who has the `seed` can draw again. Before the draw there is no seed.
    """

    ready = serializers.BooleanField()
    drawn = serializers.BooleanField()
    seed = serializers.CharField(allow_null=True)
    least = serializers.IntegerField()
    most = serializers.IntegerField()
    number = serializers.IntegerField(allow_null=True)
    stated = serializers.IntegerField()
    next = NextItem(many=True)


class Gold(APIView):
    permission_classes = [has_scope("requester")]

    @extend_schema(responses=GoldData)
    def get(self, request: Request, project_id: str) -> Response:
        """The items drawn by lot on which it is measured how often labels are right."""
        return Response(gold_of(visible(request, project_id), MOST_SHOWN))

    @extend_schema(request=Truth(many=True), responses={201: GoldData})
    @idempotent
    def post(self, request: Request, project_id: str) -> Response:
        """State what is true of the next items, in the order drawn and none left out. The same again changes nothing; another value is refused.

        Once all that were asked for are stated, and not before, each label of several answers has its confidence, and the project an
        interval. Both rest on what you state here: whether you read the labels before, nobody can see.
        """
        project = editable(request, project_id)
        serializer = Truth(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        truths = [(one["external_id"], one["value"]) for one in serializer.validated_data]
        actions.state_truths(project=project, truths=truths, by=actor_of(request), now=coop_now())
        reckon_project.delay_on_commit(str(project.pk))
        return Response(gold_of(project, MOST_SHOWN), status=201)


class NewDraw(Body):
    number = serializers.IntegerField(help_text="Of how many items you will state what is true: from `least` to `most`")


class DrawGold(APIView):
    permission_classes = [has_scope("requester")]

    @extend_schema(request=NewDraw, responses={201: GoldData})
    @idempotent
    def post(self, request: Request, project_id: str) -> Response:
        """Draw by lot so many items of a project that is done, once for ever. Asking again gives the same; another number is refused.

        Until the truth of all of them is stated, their labels are not among the results, and nothing measured is told.
        """
        project = editable(request, project_id)
        serializer = NewDraw(data=request.data)
        serializer.is_valid(raise_exception=True)
        actions.draw_gold(project=project, by=actor_of(request), now=coop_now(), **serializer.validated_data)
        return Response(gold_of(project, MOST_SHOWN), status=201)


class Results(APIView):
    permission_classes = [has_scope("requester")]
    renderer_classes = [JSONRenderer, CsvRenderer]

    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=["json", "csv"])],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, project_id: str) -> Response | HttpResponse:
        """The label of each item with the answers behind it, how far people agreed, and how sure labels are where gold items tell (else null).

        Accuracy and confidence rest on what the requester states is true of items drawn by lot (`accuracy_rests_on`); the requester can have
        read the labels before. While truths are being stated, the items drawn are left out, in JSON and CSV: `withheld` says how many.
        """
        project = visible(request, project_id)
        if request.accepted_renderer.format == "csv":
            answer = Response(results_table(project))
            answer["Content-Disposition"] = f'attachment; filename="results-{project.pk}.csv"'
            return answer
        return Response(results(project))


urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<uuid:project_id>/gold/", Gold.as_view()),
    path("projects/<uuid:project_id>/gold/draw/", DrawGold.as_view()),
    path("projects/<uuid:project_id>/results/", Results.as_view()),
]
